"""What a judge is worth: its verdicts held against people's labels, and the record of that.

Knows labels and verdicts; asks no model. A calibration holds for one setup: rubric, model,
sampling and votes. Another wording is another judge.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from ...tools.documents import Frozen
from ...tools.errors import GoldError
from ..estimate import Estimate, wilson
from ..labels import Key, Label, agreed, passes
from ..stats import corrected_rate, kappa

FILE = "calibrations.jsonl"
LEAST = 0.4
"""The lower limit of kappa from which a judge is trusted with a gate: above `fair` in the words of
J. Landis and G. Koch, Biometrics 33 (1977)."""


class Setup(Frozen):
    """Which judge it is."""

    metric: str
    """`judge:correctness`."""
    rubric: str
    """Name, version and content hash."""
    model: str
    votes: int
    setup: str
    """Content hash of rubric, model, sampling and votes."""


class Calibration(Frozen):
    """A judge against people, over answers that both judged; a pass is a value of 0.5 or more."""

    judge: Setup
    evaluation: str
    labels: str
    """File name."""
    created: str
    """ISO 8601, UTC."""
    n: int
    unscored: int
    """Labelled, but without a verdict: not in any figure."""
    disputed: int
    """People disagree on them: left out."""
    true_pass: int
    """People pass, the judge passes; and so on."""
    false_fail: int
    false_pass: int
    true_fail: int
    kappa: Estimate
    agreement: Estimate
    sensitivity: Estimate
    """Share of what people pass that the judge passes."""
    specificity: Estimate
    """Share of what people fail that the judge fails."""

    def corrected(self, passed: int, n: int) -> Estimate:
        """The true pass rate behind `passed` of `n` by this judge (Rogan-Gladen)."""
        return corrected_rate(
            passed,
            n,
            true_passes=(self.true_pass, self.true_pass + self.false_fail),
            true_fails=(self.true_fail, self.true_fail + self.false_pass),
        )

    def objection(self, least: float = LEAST) -> str | None:
        """Why the judge is not to be trusted with a gate; None: it is."""
        low = self.kappa.low
        if low is None or self.kappa.value is None:
            return f"its agreement with people is not known: {self.kappa.method} (n={self.n})"
        if low < least:
            return (
                f"its kappa with people is {self.kappa.value:.2f}, and may be as low as {low:.2f}"
                f" (n={self.n}); {least:g} is wanted"
            )
        return None


def calibrate(
    judged: Mapping[Key, float | None],
    labels: Sequence[Label],
    judge: Setup,
    *,
    evaluation: str = "",
    source: str = "",
    created: str = "",
) -> Calibration:
    """Hold a judge's values against labels. Raises `GoldError` where no answer has both."""
    known, disputed = agreed(labels)
    both = [key for key in known if key in judged]
    scored = [key for key in both if judged[key] is not None]
    if not scored:
        why = "the judge gave no verdict on any of them" if both else "they label other cases"
        raise GoldError(f"{len(known)} labels and no answer that was labelled and judged: {why}")
    pairs = [(passes(known[key].value), passes(judged[key])) for key in scored]
    true_pass, false_fail = pairs.count((True, True)), pairs.count((True, False))
    false_pass, true_fail = pairs.count((False, True)), pairs.count((False, False))
    return Calibration(
        judge=judge,
        evaluation=evaluation,
        labels=source,
        created=created,
        n=len(pairs),
        unscored=len(both) - len(scored),
        disputed=len(disputed),
        true_pass=true_pass,
        false_fail=false_fail,
        false_pass=false_pass,
        true_fail=true_fail,
        kappa=kappa([human for human, _ in pairs], [machine for _, machine in pairs]),
        agreement=wilson(true_pass + true_fail, len(pairs)),
        sensitivity=wilson(true_pass, true_pass + false_fail),
        specificity=wilson(true_fail, true_fail + false_pass),
    )


class Calibrations:
    """The calibrations that are kept in a folder, one a line; the last of a setup counts."""

    def __init__(self, folder: str | Path):
        self.path = Path(folder) / FILE
        self.all = tuple(_read(self.path))

    def of(self, setup: str) -> Calibration | None:
        """The last calibration of a judge, by the hash of its setup."""
        return next((one for one in reversed(self.all) if one.judge.setup == setup), None)

    def add(self, calibration: Calibration) -> None:
        """Keep one. Raises `GoldError` when it cannot be written."""
        body = orjson.dumps(calibration.model_dump(mode="json")) + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab+") as out:
                out.seek(0)
                before = out.read()
                if not before.endswith(b"\n"):  # a line that was cut off
                    out.truncate(before.rfind(b"\n") + 1)
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise GoldError(f"{self.path}: cannot be written ({error.strerror})") from None
        self.all = (*self.all, calibration)


def _read(path: Path) -> list[Calibration]:
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror})", path) from None
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(Calibration.model_validate_json(line))
        except ValidationError as error:
            said = error.errors()[0]["msg"]
            raise GoldError(f"{path.name} line {number}: {said}", path, number) from None
    return found
