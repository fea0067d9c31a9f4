"""The flake ledger: cases that pass and fail though nothing changed, and those set aside.

One file of JSON lines beside the evaluations, only ever appended to: what each evaluation saw of
each case, and who quarantined or released a case and why. Knows nothing of how cases are asked.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson
from pydantic import ValidationError

from ..tools.documents import Frozen
from ..tools.errors import GoldError
from .columns import Columns, columns_of
from .evaluation import Evaluation
from .stats import pass_hat_k

FILE = "flakes.jsonl"
_PASSING = 0.5


class Seen(Frozen):
    """What one evaluation saw of one case."""

    kind: Literal["seen"] = "seen"
    case: str
    evaluation: str
    metric: str
    setup: str
    """Hash of model, settings, gold set and question: runs of one setup should agree."""
    passes: int
    runs: int
    created: str = ""


class Mark(Frozen):
    """A case set aside, or taken back."""

    kind: Literal["quarantine", "release"]
    case: str
    reason: str
    created: str = ""


class History(Frozen):
    """All that is known of a case."""

    case: str
    seen: tuple[Seen, ...]
    """In the order it was recorded."""
    quarantined: str | None = None
    """The reason; None: it counts."""

    @property
    def flicker(self) -> float | None:
        """Chance that two runs of one setup disagree, pooled over setups; None: never run twice.

        2 c (n - c) / (n (n - 1)) for c passes of n runs: the unbiased Gini-Simpson index, E. H.
        Simpson, "Measurement of diversity", Nature 163 (1949). A fair coin has 0.5.
        """
        pairs = [(c * (n - c), n * (n - 1)) for c, n in self._setups().values()]
        total = sum(all_ for _, all_ in pairs)
        return 2 * sum(split for split, _ in pairs) / total if total else None

    def pass_hat_k(self, k: int) -> float | None:
        """Chance that k runs of the latest setup all pass; None with fewer runs than k."""
        if not self.seen:
            return None
        passes, runs = self._setups()[self.seen[-1].setup]
        return pass_hat_k(passes, runs, k)

    def _setups(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for one in self.seen:
            passes, runs = found.get(one.setup, (0, 0))
            found[one.setup] = (passes + one.passes, runs + one.runs)
        return found


class Flakes:
    """The ledger of a folder of evaluations. Nothing is written until something is recorded."""

    def __init__(self, folder: str | Path):
        self.path = Path(folder) / FILE
        self._seen: dict[str, list[Seen]] = {}
        self._evaluations: set[tuple[str, str]] = set()
        self._aside: dict[str, str] = {}
        for entry in _read(self.path):
            self._take(entry)

    @property
    def quarantined(self) -> Mapping[str, str]:
        """Cases that are set aside, with the reason: what `compare` leaves out."""
        return dict(self._aside)

    def history(self, case: str) -> History:
        """What is known of a case; without entries where nothing is."""
        return History(
            case=case,
            seen=tuple(self._seen.get(case, ())),
            quarantined=self._aside.get(case),
        )

    def flaky(self, least: float = 0.0) -> tuple[History, ...]:
        """Cases with more flicker than `least`, and all in quarantine; the worst first."""
        known = [self.history(case) for case in {**self._seen, **self._aside}]
        kept = [one for one in known if (one.flicker or 0.0) > least or one.quarantined]
        return tuple(sorted(kept, key=lambda one: (-(one.flicker or 0.0), one.case)))

    def record(self, evaluation: Evaluation | Columns, metric: str | None = None) -> int:
        """Enter what an evaluation saw (its primary metric); how many cases. Twice changes nothing.

        Raises `GoldError` when the metric is unknown or the file cannot be written.
        """
        columns = columns_of(evaluation) if isinstance(evaluation, Evaluation) else evaluation
        if metric is None:
            if not columns.metrics:
                raise GoldError(f"evaluation {columns.id} measured no metric")
            metric = columns.metrics[0]
        if (columns.id, metric) in self._evaluations:
            return 0
        values = columns.column(metric)
        counts: dict[str, list[int]] = {}
        for case, value, error in zip(
            columns.cases, values.tolist(), columns.errors.tolist(), strict=True
        ):
            if value == value or error:  # NaN is unscored; an error is a failure
                count = counts.setdefault(case, [0, 0])
                count[0] += value >= _PASSING
                count[1] += 1
        setup = _setup(columns)
        entries = [
            Seen(
                case=case,
                evaluation=columns.id,
                metric=metric,
                setup=setup,
                passes=passes,
                runs=runs,
                created=columns.created,
            )
            for case, (passes, runs) in counts.items()
        ]
        self._append(entries)
        return len(entries)

    def quarantine(self, case: str, reason: str, created: str = "") -> None:
        """Set a case aside. Raises `GoldError` without a reason."""
        if not reason.strip():
            raise GoldError(f"case {case!r}: a quarantine needs a reason; say why it is set aside")
        self._append([Mark(kind="quarantine", case=case, reason=reason.strip(), created=created)])

    def release(self, case: str, reason: str = "", created: str = "") -> None:
        """Take a case back. Raises `GoldError` when it is not in quarantine."""
        if case not in self._aside:
            there = ", ".join(self._aside) or "none"
            raise GoldError(f"case {case!r} is not in quarantine (there: {there})")
        self._append([Mark(kind="release", case=case, reason=reason.strip(), created=created)])

    def _append(self, entries: Iterable[Seen | Mark]) -> None:
        entries = list(entries)
        body = b"".join(orjson.dumps(entry.model_dump(mode="json")) + b"\n" for entry in entries)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab+") as out:
                _drop_torn(out)
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise GoldError(f"{self.path}: cannot be written ({error.strerror})") from None
        for entry in entries:
            self._take(entry)

    def _take(self, entry: Seen | Mark) -> None:
        if isinstance(entry, Seen):
            self._seen.setdefault(entry.case, []).append(entry)
            self._evaluations.add((entry.evaluation, entry.metric))
        elif entry.kind == "quarantine":
            self._aside[entry.case] = entry.reason
        else:
            self._aside.pop(entry.case, None)


def _drop_torn(file: BinaryIO) -> None:
    """Cut off a last line that has no end, so that what comes next stands on a line of its own."""
    file.seek(0)
    body = file.read()
    if not body.endswith(b"\n"):
        file.truncate(body.rfind(b"\n") + 1)


def _read(path: Path) -> Iterable[Seen | Mark]:
    """The entries; a last line that was cut off is left out."""
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror})", path) from None
    for number, content in enumerate(body.split(b"\n")[:-1], 1):
        try:
            facts = orjson.loads(content)
            kind = Seen if facts["kind"] == "seen" else Mark
            yield kind.model_validate(facts)
        except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError) as error:
            said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise GoldError(f"{path.name} line {number}: {said}", path, number) from None


def _setup(columns: Columns) -> str:
    facts: dict[str, Any] = {
        "model": columns.model,
        "settings": columns.settings,
        "gold": columns.gold_hash,
    }
    text = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(text).hexdigest()[:16]
