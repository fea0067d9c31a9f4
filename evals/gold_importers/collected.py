"""What an import comes to: cases, and all that could not be carried over, with the reason.

Knows how the records of other programs become cases: which field is the question, what is expected,
what is said besides. Knows no single format.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ...tools.errors import GoldError
from ..gold import GoldCase

QUESTIONS = ("question", "query", "input", "prompt", "user_input", "user_query", "text", "messages")
"""Names of fields that hold a question, the likeliest first."""
EXPECTED = (
    "expected", "ideal", "answer", "reference", "reference_answer", "ground_truth", "output",
    "expected_output", "correct_answer", "correct_label", "label", "target", "response", "messages",
)  # fmt: skip
OURS = ("document", "pages", "unit", "tolerance", "group", "evidence", "note", "tags", "tools")
"""Fields of ours that records or their metadata may name as we do."""
SHORT = 8
"""Words of an expected answer that is looked for in what is answered."""
_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?\s?%?")


@dataclass(frozen=True)
class Left:
    """Something that was not carried over."""

    place: str
    """Where it stood: a line, a test."""
    what: str
    why: str


@dataclass
class Collected:
    """Cases as they are found. An id that is taken gets a number after it."""

    prefix: str
    """What ids begin with where a record has none."""
    cases: dict[str, GoldCase] = field(default_factory=dict)
    """By id."""
    left: list[Left] = field(default_factory=list)

    def leave(self, place: str, what: str, why: str) -> None:
        """Say what is not carried over."""
        self.left.append(Left(place, what, why))

    def add(self, place: str, fields: Mapping[str, Any], id: object = None) -> None:
        """Make a case of fields, or say why there is none."""
        wanted = str(id).strip() if id is not None else ""
        name = wanted or f"{self.prefix}-{len(self.cases) + 1:03d}"
        unique, number = name, 2
        while unique in self.cases:
            unique, number = f"{name}-{number}", number + 1
        if unique != name:
            self.leave(place, f"id {name!r}", f"is there twice; this one is {unique!r}")
        given = {name: value for name, value in fields.items() if value not in (None, (), [])}
        try:
            text = json.dumps({"id": unique, **given})
            self.cases[unique] = GoldCase.model_validate_json(text, strict=True)
        except ValidationError as error:
            item = error.errors()[0]
            about = f"{item['loc'][0]}: " if item["loc"] else ""
            said = f"{about}{item['msg'].removeprefix('Value error, ')}"
            self.leave(place, "the case", said)


def question_in(record: Any) -> tuple[str | None, list[str]]:
    """The question of an input, and the names of what else it holds.

    A text; the last message of a user; the field that is named as one; the only text there is.
    """
    if isinstance(record, str):
        return record.strip() or None, []
    if isinstance(record, Sequence):
        return _asked(record)
    if not isinstance(record, Mapping):
        return None, []
    for name in QUESTIONS:
        if name in record:
            question, more = question_in(record[name])
            if question is not None:
                return question, [*more, *(key for key in record if key != name)]
    texts = [key for key, value in record.items() if isinstance(value, str) and value.strip()]
    if len(texts) == 1:
        return record[texts[0]].strip(), [key for key in record if key != texts[0]]
    return None, list(record)


def _asked(messages: Sequence[Any]) -> tuple[str | None, list[str]]:
    """The last user's message; the others are told as `system message` and so on."""
    found, more = None, []
    for message in reversed(messages):
        role = _role(message)
        content = said_in(message)
        if found is None and role in ("user", "human") and content:
            found = content
        else:
            more.append(f"{role or 'unknown'} message")
    return found, more[::-1]


def _role(message: Any) -> str:
    return str(message.get("role", message.get("type", ""))) if isinstance(message, Mapping) else ""


def said_in(message: Any) -> str:
    """The text of a message, also where it is made of parts."""
    if not isinstance(message, Mapping):
        return message if isinstance(message, str) else ""
    content = message.get("content", message.get("data", ""))
    if isinstance(content, Mapping):
        content = content.get("content", "")
    if isinstance(content, str):
        return content.strip()
    parts = content if isinstance(content, Sequence) else ()
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return "\n".join(text for text in texts if isinstance(text, str)).strip()


def expected_in(record: Any) -> tuple[Any, list[str]]:
    """What is expected (a text, a number, a list of texts, None), and what else is there."""
    if not isinstance(record, Mapping):
        if isinstance(record, Sequence) and not isinstance(record, str) and record:
            if isinstance(record[-1], Mapping):
                return said_in(record[-1]) or None, []
            return list(record), []
        return record, []
    if _role(record):
        return said_in(record) or None, []
    for name in EXPECTED:
        if name in record:
            found, more = expected_in(record[name])
            if found is not None:
                return found, [*more, *(key for key in record if key != name)]
    if len(record) == 1:
        return expected_in(next(iter(record.values())))
    return None, list(record)


def expectation(expected: Any) -> dict[str, Any] | None:
    """The fields of a case that say what is expected; None where it is nothing that one can be.

    A number, also as text, is a `value`. A text is the `answer`, and one of a few words is looked
    for in what is answered, since answers here are sentences. Of a list of texts either will do.
    """
    if isinstance(expected, bool):
        expected = "yes" if expected else "no"
    if isinstance(expected, int | float):
        return {"value": expected}
    if isinstance(expected, str) and expected.strip():
        text = expected.strip()
        if _NUMBER.fullmatch(text):
            digits = text.rstrip("% ").replace(",", "")
            value = float(digits) if "." in digits else int(digits)
            return {"answer": text, "value": value, "unit": "%" if text.endswith("%") else None}
        short = len(text.split()) <= SHORT and "|" not in text
        return {"answer": text, "contains": [text] if short else []}
    if isinstance(expected, list) and expected:
        texts = [str(item).strip() for item in expected if isinstance(item, str | int | float)]
        if len(texts) < len(expected) or not all(texts) or any("|" in text for text in texts):
            return None
        return expectation(texts[0]) if len(texts) == 1 else {"contains": ["|".join(texts)]}
    return None


def metadata_in(record: Any, collected: Collected, place: str) -> dict[str, Any]:
    """Fields of ours that metadata names; other single values become tags `name:value`."""
    if not isinstance(record, Mapping):
        if record not in (None, "", [], {}):
            collected.leave(place, "metadata", f"is no object: {str(record)[:60]!r}")
        return {}
    found: dict[str, Any] = {}
    tags: list[str] = []
    for name, value in record.items():
        if name == "page" and isinstance(value, int):
            found["pages"] = [value]
        elif name in OURS and value is not None:
            found[name] = value
        elif isinstance(value, str | int | float | bool) and str(value).strip():
            tags.append(f"{name}:{str(value).strip()}")
        elif value not in (None, "", [], {}):
            collected.leave(place, f"metadata {name!r}", "is no single value, so it can be no tag")
    own = found.pop("tags", [])
    found["tags"] = [*([own] if isinstance(own, str) else own), *tags]
    return found


def records_in(document: Any, path: Any, *names: str) -> list[Any]:
    """A list of records, or the one that stands under one of the names. Raises `GoldError`."""
    if isinstance(document, Mapping):
        document = next((document[name] for name in names if name in document), document)
    if not isinstance(document, list):
        wanted = " or ".join(repr(name) for name in names)
        raise GoldError(f"{path.name}: expected a list of records, or one under {wanted}", path)
    return document
