"""One evaluation of a gold set: what each case gave, with its verdicts and the id of its trace.

On disk a folder: `evaluation.json` (what was evaluated and how) and `rows.jsonl`, one row for each
case and repeat, appended as they end. Knows nothing of how cases are asked (`evals.running`) or
of statistics (`evals.stats`).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from ..tools.documents import Frozen
from ..tools.errors import GoldError
from .checks import Verdict

FORMAT = "workings-evaluation/1"


class PageRef(Frozen):
    """A page by the name of its document; `page` counts from 1, None where there are no pages."""

    document: str
    page: int | None


class Row(Frozen):
    """One case, asked once."""

    case: str
    """Id of the gold case."""
    repeat: int = 0
    """0 for the first asking; part of every key."""
    question: str
    tags: tuple[str, ...] = ()
    group: str | None = None
    """What leaks between cases: the document, the company. Intervals are clustered by it."""
    trace: str | None = None
    """Id of the run's trace; None where there is none."""
    text: str = ""
    refused: bool = False
    error: str | None = None
    """Why there is no answer: a case that crashes is a row, not a lost evaluation."""
    verdicts: tuple[Verdict, ...] = ()
    tools: tuple[str, ...] = ()
    """Names of the tools that were called, in order."""
    retrieved: tuple[PageRef, ...] = ()
    """Pages in the order they were shown to the model, each once."""
    cited: tuple[PageRef, ...] = ()
    requests: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    """None: not counted, as by a model that is rules. Never 0 for not counted."""
    cost_usd: float | None = None
    """None: not known. Never 0 for not known."""
    seconds: float = 0.0

    @property
    def key(self) -> tuple[str, int]:
        """What names the row within its evaluation."""
        return self.case, self.repeat

    @property
    def tokens(self) -> int | None:
        """Read and written; None: not counted."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens

    def value(self, metric: str) -> float | None:
        """The value of a metric; None when it is unscored or was not measured."""
        return next((v.value for v in self.verdicts if v.metric == metric), None)


class Evaluation(Frozen):
    """Rows and what they were made with."""

    id: str
    gold: str
    """File name of the gold set."""
    gold_hash: str
    """Content hash of its cases."""
    model: str
    settings: dict[str, Any] = {}
    """What else may differ between two evaluations: k, pack, prompts' hash, temperature, ..."""
    metrics: tuple[str, ...] = ("correct",)
    """Names, the primary one first."""
    repeats: int = 1
    cases: int = 0
    """How many the gold set has; 0: not known."""
    created: str = ""
    """ISO 8601, UTC."""
    rows: tuple[Row, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every case was asked as often as it was to be."""
        return len(self.rows) >= self.cases * self.repeats

    def save(self, folder: str | Path) -> None:
        """Write both files. Raises `GoldError` when the folder does not take them."""
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "evaluation.json").write_bytes(self.head())
            (folder / "rows.jsonl").write_bytes(b"".join(map(line, self.rows)))
        except OSError as error:
            raise GoldError(f"{folder}: cannot be written ({error.strerror})", folder) from None

    def head(self) -> bytes:
        """`evaluation.json`: everything but the rows."""
        facts = self.model_dump(mode="json", exclude={"rows"})
        return orjson.dumps({"format": FORMAT, **facts}, option=orjson.OPT_INDENT_2)

    @classmethod
    def load(cls, folder: str | Path, *, rows: bool = True) -> "Evaluation":
        """Read a folder. A last line that was cut off (killed while writing) is left out.

        Without `rows` only what was evaluated and how.
        Raises `GoldError` naming file and line when it is not an evaluation of this format.
        """
        folder = Path(folder)
        head = folder / "evaluation.json"
        try:
            facts = orjson.loads(head.read_bytes())
            body = (folder / "rows.jsonl").read_bytes() if rows else b""
        except OSError as error:
            raise GoldError(
                f"{folder}: not an evaluation ({error.strerror}: {error.filename})", folder
            ) from None
        except orjson.JSONDecodeError as error:
            raise GoldError(f"{head}: not JSON ({error})", head) from None
        if not isinstance(facts, dict) or facts.pop("format", None) != FORMAT:
            raise GoldError(f"{head}: expected the format {FORMAT!r}", head)
        found = tuple(_rows(body, folder / "rows.jsonl"))
        try:
            return cls.model_validate({**facts, "rows": found})
        except ValidationError as error:
            raise GoldError(f"{head}: {error.errors()[0]['msg']}", head) from None


def line(row: Row) -> bytes:
    """A row as one line of `rows.jsonl`."""
    return orjson.dumps(row.model_dump(mode="json")) + b"\n"


def _rows(body: bytes, path: Path) -> Iterable[Row]:
    lines = body.split(b"\n")
    for number, content in enumerate(lines[:-1], 1):
        try:
            yield Row.model_validate_json(content)
        except ValidationError as error:
            said = error.errors()[0]["msg"]
            where = f"{path.parent.name}/{path.name} line {number}"
            raise GoldError(f"{where}: {said}", path, number) from None
