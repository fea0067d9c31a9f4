"""Judges as a program or a command gets them: a model by its name, records under the home.

Judging itself is `evals.judge`, which is handed a model.
"""

from collections.abc import Iterable
from pathlib import Path

from langchain_core.language_models.chat_models import BaseChatModel

from ..evals.evaluation import Row
from ..evals.judge.calibration import Calibrations
from ..evals.judge.judge import Judge
from ..evals.judge.metric import Judges
from ..evals.judge.rubric import Rubric
from ..graphs.answer import Answer, Usage
from ..graphs.model import ChatModel
from ..graphs.store import TraceStore
from ..graphs.trace import Trace
from ..tools.errors import TraceError
from .models import make_model
from .pricing import price
from .settings import Settings, load_settings

FOLDER = "judge"


def make_judge(
    rubric: str | Rubric = "correctness",
    *,
    model: str | BaseChatModel | ChatModel | None = None,
    votes: int = 1,
    temperature: float | None = None,
    settings: Settings | None = None,
) -> Judge:
    """A judge: `model` as for an `Assistant` (the settings' one), its runs kept in HOME/judge.

    Raises `SettingsError`: unknown rubric, a model that cannot judge.
    """
    settings = settings or load_settings()
    judge = Rubric.load(rubric) if isinstance(rubric, str) else rubric
    return Judge(
        make_model(model or settings.model, settings),
        judge,
        votes=votes,
        temperature=temperature,
        store=judge_traces(settings.home),
        price=price,
    )


def make_judges(
    model: str | BaseChatModel | ChatModel | None = None,
    *,
    votes: int = 1,
    settings: Settings | None = None,
) -> Judges:
    """The judges of an evaluation, for `evaluate(..., judge=...)`."""
    settings = settings or load_settings()
    return Judges(
        make_model(model or settings.model, settings),
        votes=votes,
        store=judge_traces(settings.home),
        price=price,
    )


def judge_traces(home: Path) -> TraceStore:
    """Where the runs of judges are kept: not among those that answer."""
    return TraceStore(home / FOLDER / "traces")


def calibrations(home: Path) -> Calibrations:
    """The calibrations that are kept."""
    return Calibrations(home / FOLDER)


def answer_of(row: Row, home: Path, evaluation: str) -> Answer:
    """The answer of an evaluation's row, with its run where that is still kept."""
    return answer_in(row, (home / "traces", home / "evaluations" / evaluation / "traces"))


def answer_in(row: Row, folders: Iterable[Path]) -> Answer:
    """The answer of a row, with its run where one of the folders holds it."""
    for folder in folders if row.trace is not None else ():
        path = folder / f"{row.trace}.jsonl"
        if not path.is_file():
            continue
        try:
            trace = Trace.load(path)
        except TraceError:
            continue
        if trace.answer is not None:
            return trace.answer.with_trace(trace)
    return Answer(
        question=row.question, text=row.text, refused=row.refused, usage=Usage(model="unknown")
    )
