"""What a run tells a face while it happens. Knows nothing of how a face shows it."""

from dataclasses import dataclass
from typing import Literal

from .answer import Answer
from .steps import Step


@dataclass(frozen=True)
class StepEvent:
    """A step began (no result yet) or ended."""

    step: Step
    finished: bool
    kind: Literal["step"] = "step"


@dataclass(frozen=True)
class TextEvent:
    """A sentence of the answer, verified."""

    text: str
    kind: Literal["text"] = "text"


@dataclass(frozen=True)
class DraftEvent:
    """Raw model text, not verified; only for those who ask for it."""

    text: str
    kind: Literal["draft"] = "draft"


@dataclass(frozen=True)
class AnswerEvent:
    """The whole answer; the last event of a run."""

    answer: Answer
    kind: Literal["answer"] = "answer"


Event = StepEvent | TextEvent | DraftEvent | AnswerEvent
