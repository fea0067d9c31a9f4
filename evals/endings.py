"""How the ends of two runs differ: answers, errors, and what of them has a meaning.

Knows answers; knows nothing of the way to them.
"""

from collections.abc import Mapping
from typing import Any

from ..graphs.canonical import canonical
from ..graphs.trace import Trace
from .compare import Change, first_difference
from .divergence import Severity

_LINE = 200


def endings(before: Trace, after: Trace, timed: bool = False) -> list[tuple[Change, Severity]]:
    """What differs in how the two runs ended: at most one change.

    `timed`: the second run took its own time and requests, so usage says nothing.
    """
    pairs = (
        ("/answer", before.answer, after.answer),
        ("/error", before.error, after.error),
    )
    for path, old_end, new_end in pairs:
        old = None if old_end is None else old_end.model_dump(mode="json")
        new = None if new_end is None else new_end.model_dump(mode="json")
        if timed and old is not None and new is not None and "usage" in old:
            new = {**new, "usage": old["usage"]}
        if old == new or canonical(old) == canonical(new):
            continue
        if old is None or new is None:
            return [(Change("answer_changed", "", ending(before), ending(after)), "behavioural")]
        meant_old, meant_new = meaning(old), meaning(new)
        if canonical(meant_old) == canonical(meant_new):
            difference = first_difference(old, new, path)
            assert difference is not None
            return [(Change("non_semantic", *difference), "benign")]
        difference = first_difference(meant_old, meant_new, path)
        assert difference is not None
        return [(Change("answer_changed", *difference), "behavioural")]
    return []


def meaning(document: Mapping[str, Any]) -> dict[str, Any]:
    """What of an answer or error matters to who asked: not the usage, not the white space."""
    kept = {key: value for key, value in document.items() if key != "usage"}
    if isinstance(kept.get("text"), str):
        kept["text"] = " ".join(kept["text"].split())
    return kept


def ending(trace: Trace) -> str:
    """How a run ended, in one line."""
    if trace.error is not None:
        return f"{trace.error.type}: {trace.error.message}"[:_LINE]
    if trace.answer is not None:
        said = "refused" if trace.answer.refused else "answered"
        return f"{said}: {' '.join(trace.answer.text.split())}"[:_LINE]
    return "(no answer)"
