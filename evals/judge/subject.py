"""What a judge is shown: a question with what is to be judged of it. All of it is data.

Knows where its parts come from (a gold case, an answer and its run); knows no rubric.
"""

import re
from typing import Literal

from ...graphs.answer import Answer
from ...graphs.steps import ToolStep
from ...graphs.trace import Trace
from ...tools.documents import Frozen
from ..gold import GoldCase
from ..markers import without_markers_and_space
from ..metrics.metric import trace_of

Part = Literal["question", "reference", "answer", "other", "passages"]
PARTS: tuple[Part, ...] = ("question", "reference", "passages", "answer", "other")
"""In the order in which they are shown."""

NO_ANSWER = "The documents do not hold an answer; a right answer says so and gives none."
"""The reference of a case in which a refusal is expected."""

_AFTER_STOP = re.compile(r"([.!?\u2026]+[\"'\u201d\u2019)]*)((?:\s*\[\d+\])+)")


class Subject(Frozen):
    """What is judged. Empty: not given."""

    question: str = ""
    reference: str = ""
    answer: str = ""
    other: str = ""
    """Another answer, to be compared with `answer`."""
    passages: tuple[str, ...] = ()

    def lacks(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """Those of the parts that are not given."""
        return tuple(part for part in parts if not any(map(str.strip, self.texts(part))))

    def texts(self, part: Part) -> tuple[str, ...]:
        """The texts of a part; those of passages are several."""
        value: str | tuple[str, ...] = getattr(self, part)
        return (value,) if isinstance(value, str) else value


def subject_of(case: GoldCase, answer: Answer, cited_only: bool = False) -> Subject:
    """The subject of an answer to a gold case.

    Passages as they were found; `cited_only`: those that are cited, where any is.
    """
    trace = trace_of(answer)
    found = passages_of(trace) if trace is not None else {}
    if cited_only and answer.citations:
        found = {item.passage: found.get(item.passage, item.quote) for item in answer.citations}
    return Subject(
        question=case.question,
        reference=reference_of(case),
        answer=spoken(answer),
        passages=tuple(text for text in found.values() if text.strip()),
    )


def reference_of(case: GoldCase) -> str:
    """What a case expects, in words; empty where it says nothing that can be said in words."""
    if case.refusal:
        return NO_ANSWER
    if case.answer is not None:
        return case.answer
    if case.value is not None:
        return f"{case.value:g} {case.unit or ''}".strip()
    return "; ".join(item.replace("|", " or ") for item in case.contains)


def spoken(answer: Answer) -> str:
    """The answer's text without its markers; of a refusal also the reason."""
    text = answer.text
    if answer.refused and answer.reason and answer.reason not in text:
        text = f"{text} {answer.reason}".strip()
    # a marker behind the full stop belongs to the sentence before it
    return without_markers_and_space(_AFTER_STOP.sub(r"\2\1", text)).strip()


def passages_of(trace: Trace) -> dict[str, str]:
    """Texts of the passages that the tools gave, by id, in the order of calls and ranks."""
    found: dict[str, str] = {}
    for step in trace.steps:
        passages = step.result.get("passages") if isinstance(step, ToolStep) and step.result else ()
        for passage in passages if isinstance(passages, list) else ():
            if isinstance(passage, dict):
                found.setdefault(str(passage.get("id")), str(passage.get("text")))
    return found
