"""Values of a trace without what is empty, or stands elsewhere in it, and as they are.

Knows what a result, the answer and a tool call hold (docs/trace.md); knows nothing of files, lines
and blobs. Of a value that has another form nothing is left out.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

from pydantic import JsonValue
from pydantic_core import from_json

from .answer import Answer, Citation
from .canonical import canonical, plain
from .steps import ToolStep

_RESULT: dict[str, Any] = {"content": "", "data": None, "expression": None}
_RESULT_NAMES = {*_RESULT, "passages"}
_PASSAGE: dict[str, Any] = {"date": None, "header": "", "url": None}
_CITED = ("document", "page", "page_label", "url")
"""What a citation says of its passage."""
_SAID = 300
"""Characters of a text that a citation says by the id of its passage."""
_CITATIONS = 1000
"""Citations of an answer that may say so: one that stands in a line has but few."""
_PASSAGE_NAMES = {
    *_PASSAGE,
    "document",
    "document_id",
    "id",
    "page",
    "page_label",
    "text",
    "title",
}


def short_result(
    result: dict[str, JsonValue],
) -> tuple[dict[str, Any], list[dict[str, JsonValue]]] | None:
    """A tool's result and its passages without what is empty; None for one of another form."""
    passages = result.get("passages")
    if result.keys() != _RESULT_NAMES or type(passages) is not list:
        return None
    for passage in passages:
        if type(passage) is not dict or passage.keys() != _PASSAGE_NAMES:
            return None
        if type(passage["id"]) is not str:  # by which it is found again
            return None
    short = _without(result, _RESULT)
    del short["passages"]
    return short, [_without(cast(dict[str, JsonValue], passage), _PASSAGE) for passage in passages]


def whole_result(
    record: Mapping[str, Any], result: Mapping[str, Any], passages: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The result that `short_result` was given, as `record` holds it in these two parts."""
    if "whole" in record:
        return {**result}
    if "n" in record:  # written before 2026-11-23, with all that is empty
        return {**result, "passages": passages} if "passages" in record else {**result}
    return {**_RESULT, **result, "passages": [{**_PASSAGE, **passage} for passage in passages]}


def short_call(step: ToolStep, asked: Mapping[str, str]) -> dict[str, JsonValue]:
    """What a tool is asked; `asked` are the arguments of requests as models wrote them, by id."""
    raw = step.raw_arguments
    if asked.get(step.request_id) == raw and step.arguments is not None:
        try:
            if canonical(from_json(raw, allow_inf_nan=False)) == canonical(step.arguments):
                return {"request_id": step.request_id}
        except (ValueError, TypeError):
            pass  # it was read in another way
    call: dict[str, JsonValue] = {"request_id": step.request_id, "raw_arguments": raw}
    if step.arguments is not None:
        call["arguments"] = step.arguments
    return call


def whole_call(call: dict[str, Any], asked: Mapping[str, str]) -> dict[str, Any]:
    """The call that `short_call` was given. Raises `KeyError` and `ValueError`."""
    if "raw_arguments" in call:
        return call
    raw = asked.get(call["request_id"])
    if raw is None:
        raise ValueError(f"no model asked for the call {call['request_id']!r:.40}")
    arguments = from_json(raw, allow_inf_nan=False)
    return {**call, "raw_arguments": raw, "arguments": arguments}


def short_answer(
    answer: Answer,
    question: str,
    calculations: Sequence[bytes],
    passages: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """An answer to this question.

    `calculations`, in canonical form, are what nodes wrote; `passages`, by id, what tools found.
    """
    short = plain(answer)
    if "citations" in short:
        short["citations"] = [_short_citation(item, passages) for item in answer.citations]
    if short.get("question") == question:
        del short["question"]
    told = short.get("calculations")
    if told and canonical(told) == b"[%s]" % b",".join(calculations):
        del short["calculations"]
    return short


def whole_answer(
    answer: Mapping[str, Any],
    question: str,
    calculations: Sequence[JsonValue],
    passages: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The answer that `short_answer` was given, as JSON. Raises `KeyError`."""
    whole: dict[str, Any] = {"question": question}
    if calculations:
        whole["calculations"] = [*calculations]
    whole |= answer
    if "citations" in answer:
        citations = answer["citations"]
        if type(citations) is not list or not all(type(item) is dict for item in citations):
            raise ValueError(f"citations are {citations!r:.40}: expected a list of objects")
        if sum("document" not in item for item in citations) > _CITATIONS:
            raise ValueError(f"more than {_CITATIONS:,} citations do not say what they cite")
        whole["citations"] = [_whole_citation(item, passages) for item in citations]
    return whole


def reckoned(places: Sequence[int], found: Callable[[int], list[JsonValue]]) -> list[JsonValue]:
    """What the nodes of these records reckoned.

    Raises `ValueError`, also for one that is named twice, and what `found` raises.
    """
    if type(places) is not list or not all(type(place) is int for place in places):
        raise ValueError(f"calculated is {places!r:.40}: expected numbers of records")
    if any(later <= place for place, later in pairwise(places)):
        raise ValueError(f"the records that reckon are not in order: {places!r:.60}")
    return [item for place in places for item in found(place)]


def _short_citation(
    citation: Citation, passages: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    short = dict(citation.__dict__)
    if _cited(passages.get(citation.passage)) == {name: short[name] for name in _CITED}:
        for name in _CITED:
            del short[name]
    return short


def _whole_citation(
    citation: dict[str, Any], passages: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    if "document" in citation:
        return citation
    cited = _cited(passages.get(citation.get("passage", "")))
    if cited is None:
        raise ValueError(f"no passage {citation.get('passage')!r:.40} was found to be cited")
    return {**citation, **cited}


def _cited(passage: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a citation says of its passage; None where that is too long to be said by its id."""
    if passage is None:
        return None
    cited = {name: passage.get(name) for name in _CITED}
    for value in cited.values():
        if not (
            value is None
            or (type(value) is int and abs(value) < 2**63)
            or (type(value) is str and len(value) <= _SAID)
        ):
            return None
    return cited


def _without(value: dict[str, JsonValue], empty: Mapping[str, Any]) -> dict[str, JsonValue]:
    return {name: item for name, item in value.items() if name not in empty or item != empty[name]}
