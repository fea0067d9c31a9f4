"""What a document is called, when it is of and what kind it is; and which of them a question names.

Learned from file names, titles and first pages; general, without knowledge of any one trade.
Knows nothing of passages or of scores of text.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .documents import Document, Page
from .lexical import terms, words

NAME, PERIOD, TYPE = 1.0, 0.6, 0.3
"""What each is worth: a name that fits; the right period instead of a wrong one; the type."""

_NAME_WORDS = 5
"""A title longer than this is a description, not a name."""

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT = re.compile(r"[^\w&]+|_+")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_YEAR = r"(?:19[89]\d|20[0-4]\d)"
_FISCAL = re.compile(rf"\b(?:fy|cy|fiscal(?: year)?)\s?'?({_YEAR}|\d\d)\b", re.I)
_YEARS = re.compile(rf"(?<![\d.,$]){_YEAR}(?![\d,]|\.\d)")
_QUARTER = re.compile(
    rf"\bq([1-4])\b|(?<=\d)q([1-4])(?!\d)|\b([1-4])q(?={_YEAR}|\d\d|\b)"
    r"|\b(first|second|third|fourth)[- ]quarter\b",
    re.I,
)
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4"}
_ISO = re.compile(rf"({_YEAR})-(\d\d)-(\d\d)")
_DATE = re.compile(
    rf"\b({'|'.join(_MONTHS)})\s+(\d{{1,2}}),?\s+({_YEAR})"
    rf"|\b(\d{{1,2}})\s+({'|'.join(_MONTHS)}),?\s+({_YEAR})",
    re.I,
)
_OF_PERIOD = re.compile(
    r"(?:year|quarter|period|months?|date of report|report|as of|dated?|effective)\b"
    r"[^\n.]{0,60}?"
    rf"\n?[^\n.]{{0,20}}?\b({_YEAR})\b",
    re.I,
)
_TYPES: tuple[tuple[str, str], ...] = (
    ("10-K", r"10-?ks?|annual report"),
    ("10-Q", r"10-?qs?|quarterly report"),
    ("8-K", r"8-?ks?|current report"),
    ("earnings", r"earnings (?:release|report|call)|earnings|press release"),
    ("transcript", r"transcript"),
    ("policy", r"polic(?:y|ies)"),
    ("proposal", r"proposal|rfp|rfq|request for (?:proposals?|quotations?|information)"),
    ("contract", r"contract|agreement"),
    ("datasheet", r"data ?sheet|product sheet|specification"),
    ("manual", r"manual|handbook|user guide|guide"),
    ("minutes", r"minutes"),
    ("invoice", r"invoice"),
    ("presentation", r"presentation|slides"),
)
_TYPE_PATTERNS = tuple(
    (kind, re.compile(rf"\b(?:form )?(?:{pattern})\b", re.I)) for kind, pattern in _TYPES
)
_FILLER_WORDS = """
    dated date final draft copy version v rev form filed the of for and inc corp corporation co
    company companies ltd limited plc llc group holdings sa ag nv"""
_FILLER = frozenset(_FILLER_WORDS.split())


@dataclass(frozen=True)
class Naming:
    """What a question names: a score for each document, and the words that did the naming."""

    scores: Mapping[str, float]
    """Document id -> at most `NAME + PERIOD / 2 + TYPE`; below 0 when only its period is wrong."""
    consumed: frozenset[str]
    """Stems of the words that named a document: they say little about the page."""


def profile(document: Document, pages: Sequence[Page]) -> dict[str, str]:
    """Names, periods and type of a document, as `Document.metadata`.

    Keys (absent when nothing was found): `names` (separated by `; `), `year`, `quarter`, `date`
    (ISO), `type`. What the file name says counts before the title, the title before the pages.
    """
    stem = document.name.rsplit(".", 1)[0] if "." in document.name else document.name
    readable = " ".join(filter(None, _SPLIT.split(_CAMEL.sub(" ", stem))))
    opening = "\n".join(page.text for page in pages[:2])[:6000]
    found: dict[str, str] = {}
    names = _names(readable, document.title, opening)
    if names:
        found["names"] = "; ".join(names)
    for source in (readable, stem, document.title, opening[:2500]):
        of_file = source is not opening and len(source) < 300
        years = _YEARS.findall(source.replace("_", " "))
        if not years and of_file:
            years = [year for year in _fiscal(source)] or re.findall(rf"{_YEAR}(?=Q[1-4])", source)
        if not of_file:
            years = _OF_PERIOD.findall(source)
        if years and "year" not in found:
            found["year"] = Counter(years).most_common(1)[0][0]
        quarter = _quarters(source) if of_file else ()
        if quarter and "quarter" not in found:
            found["quarter"] = quarter[0]
        dates = sorted(_dates(source)) if of_file else []
        if dates and "date" not in found:
            found["date"] = dates[0]
        kind = _first_type(source)
        if kind and "type" not in found:
            found["type"] = kind
    return found


def naming(question: str, documents: Collection[Document]) -> Naming:
    """Which documents a question names, by name, period and type, and by how much."""
    tables = {document.id: _name_table(document) for document in documents}
    frequency = Counter(
        word for table in tables.values() for word in {word for name in table for word in name}
    )
    rarity = {word: math.log(1 + len(tables) / count) for word, count in frequency.items()}
    asked = _Asked(question)
    names: dict[str, float] = {}
    consumed: set[str] = set()
    for document in documents:
        best = 0.0
        for name in tables[document.id]:
            score, used = asked.fit(name, rarity)
            if score >= 0.5:
                consumed |= used
            best = max(best, score)
        names[document.id] = best
    years, quarters = _question_years(question), set(_quarters(question))
    dates, kinds = _dates(question), _types(question)
    scores: dict[str, float] = {}
    for document in documents:
        total = NAME * names[document.id] + TYPE * (document.metadata.get("type") in kinds)
        if (years or dates) and "year" in document.metadata:
            # Centred, so that a document of no known period stands between right and wrong ones.
            total += PERIOD * (_period_fit(document.metadata, years, quarters, dates) - 0.5)
            consumed |= {document.metadata["year"]} & {str(year) for year in years}
        scores[document.id] = total
    return Naming(scores, frozenset(consumed))


def _names(readable: str, title: str, opening: str) -> list[str]:
    """Names in file name and title, period and type words left out, as the pages spell them too."""
    names: list[str] = []
    sources = [readable]
    if title:
        sources.append(title)
    for source in sources:
        kept = [word for word in words(_without_periods(source)) if word not in _FILLER]
        if not 1 <= len(kept) <= _NAME_WORDS or not any(map(str.isalpha, "".join(kept))):
            continue
        spelled = _spelled(kept, opening)
        for name in (" ".join(kept), spelled):
            if name and name not in names:
                names.append(name)
    return names


def _without_periods(text: str) -> str:
    text = re.sub(rf"{_YEAR}[-_ ]\d\d[-_ ]\d\d", " ", text.replace("_", " "))
    text = re.sub(rf"{_YEAR}\s?Q[1-4]|Q[1-4]\s?{_YEAR}|\b[1-4]Q\d\d", " ", text, flags=re.I)
    text = _FISCAL.sub(" ", text)
    text = re.sub(r"\b(?:10-?[kq]|8-?k)\b", " ", text, flags=re.I)
    text = re.sub(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b|\bq[1-4]\b|\bearnings\b", " ", text, flags=re.I)
    return _YEARS.sub(" ", text)


def _spelled(squashed: list[str], opening: str) -> str:
    """`americanexpress` as `american express`, when the first pages write it as several words."""
    target = "".join(squashed)
    if len(target) < 5:
        return ""
    page = [word for word in words(opening) if word != "and"]
    for start in range(len(page)):
        joined = ""
        for stop in range(start, min(start + 5, len(page))):
            joined += page[stop]
            if joined == target and stop > start:
                return " ".join(page[start : stop + 1])
            if not target.startswith(joined):
                break
    return ""


def _name_table(document: Document) -> list[tuple[str, ...]]:
    names = document.metadata.get("names", "").split("; ")
    return [tuple(name.split()) for name in names if name]


class _Asked:
    """A question as the names of documents see it."""

    def __init__(self, question: str) -> None:
        plain = re.sub(r"['’]s\b|['’](?=\s|$)", "", question)
        self.words = words(plain)
        self.stems = [_stem(word) for word in self.words]
        self._stem_set = set(self.stems)
        self._squashed: dict[str, tuple[str, ...]] = {}
        for start in range(len(self.words)):
            for stop in range(start + 1, min(start + 5, len(self.words)) + 1):
                run = [word for word in self.words[start:stop] if word != "and"]
                self._squashed.setdefault("".join(run), tuple(self.words[start:stop]))
        self._short = [
            token.lower()
            for token in re.findall(r"\b[^\W\d_]+(?:&[^\W\d_]+)?\b", plain)
            if 2 <= len(token) <= 8 and sum(map(str.isupper, token)) >= 2
        ]

    def fit(self, name: tuple[str, ...], rarity: Mapping[str, float]) -> tuple[float, set[str]]:
        """How well the question names `name` (0 to 1), and the stems that do it."""
        squashed = "".join(word for word in name if word != "and")
        if squashed in self._squashed:
            return 1.0, {_stem(word) for word in self._squashed[squashed]}
        for token in self._short:
            if _abbreviates(token, name):
                return 1.0, {_stem(word) for word in words(token)}
        stems = [_stem(word) for word in name]
        weights = [rarity.get(word, 1.0) for word in name]
        matched = [stem in self._stem_set for stem in stems]
        covered = sum(weight for weight, hit in zip(weights, matched, strict=True) if hit)
        share = covered / sum(weights)
        return share * share, {stem for stem, hit in zip(stems, matched, strict=True) if hit}


def _abbreviates(token: str, name: tuple[str, ...]) -> bool:
    """Whether a token is made of beginnings of the name's words, with `n` or `&` for and."""
    if len(name) < 2:
        return False

    def fits(rest: str, parts: tuple[str, ...]) -> bool:
        if not parts:
            return not rest
        if len(parts) < len(name) and rest[:1] in ("n", "&") and fits(rest[1:], parts):
            return True
        head = parts[0]
        return any(
            rest.startswith(head[:size]) and fits(rest[size:], parts[1:])
            for size in range(1, min(len(head), 4) + 1)
        )

    return fits(token, name)


def _stem(word: str) -> str:
    found = terms(word)
    return found[0] if found else word


def _fiscal(text: str) -> list[str]:
    return [year if len(year) == 4 else f"20{year}" for year in _FISCAL.findall(text)]


def _question_years(question: str) -> set[int]:
    return {int(year) for year in _YEARS.findall(question) + _fiscal(question)}


def _quarters(text: str) -> tuple[str, ...]:
    return tuple(
        _ORDINALS.get(part.lower(), part)
        for match in _QUARTER.findall(text)
        for part in match
        if part
    )


def _dates(text: str) -> set[str]:
    found = {"-".join(parts) for parts in _ISO.findall(text)}
    for month, day, year, day2, month2, year2 in _DATE.findall(text):
        number = _MONTHS.index((month or month2).lower()) + 1
        found.add(f"{year or year2}-{number:02d}-{int(day or day2):02d}")
    return found


def _types(text: str) -> frozenset[str]:
    return frozenset(kind for kind, pattern in _TYPE_PATTERNS if pattern.search(text))


def _first_type(text: str) -> str | None:
    starts = [(m.start(), kind) for kind, pattern in _TYPE_PATTERNS if (m := pattern.search(text))]
    return min(starts)[1] if starts else None


def _period_fit(
    metadata: Mapping[str, str], years: set[int], quarters: set[str], dates: set[str]
) -> float:
    """1 for the latest year (or the very date) asked about; less for a year near it."""
    if metadata.get("date") and metadata["date"] in dates:
        return 1.0
    if not years or not metadata.get("year"):
        return 0.0
    year, latest = int(metadata["year"]), max(years)
    fit = 1.0 if year == latest else 0.5 if year in years or year == latest + 1 else 0.0
    quarter = metadata.get("quarter")
    if quarters:
        return fit if quarter in quarters else fit * 0.5
    return fit * 0.6 if quarter and quarter != "4" else fit
