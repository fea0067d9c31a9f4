"""What a document is called, when it is of and what kind it is.

Learned from file names, titles and first pages; general, without knowledge of any one trade.
Knows nothing of questions or ranking; the same readings of years, quarters, dates and types serve
for questions (`tools/prior.py`).
"""

import re
from collections import Counter
from collections.abc import Sequence

from .documents import Document, Page
from .lexical import terms, words

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
_TYPE = re.compile(
    "|".join(rf"(?P<t{n}>\b(?:form )?(?:{p})\b)" for n, (_, p) in enumerate(_TYPES)), re.I
)
_COMPANY = re.compile(
    r"(?<![\w&])((?:[A-Z0-9][\w&.'’-]*)(?:[ \t]+(?:[A-Z0-9&][\w&.'’-]*|of|and|the)){0,4}?),?[ \t]+"
    r"(?:Inc|Incorporated|Corp|Corporation|Company|Co|Ltd|Limited|plc|LLC|LLP|AG|SE|GmbH|S\.A|N\.V"
    r"|B\.V|INC|INCORPORATED|CORP|CORPORATION|COMPANY|LTD|LIMITED|PLC)\b(?!\s+(?i:by))"
)
"""A name before the letters that make it a company's."""
_TICKER = re.compile(r"\b(?:NYSE|NASDAQ|Nasdaq|LSE|ASX|TSX|Xetra|XETRA)\s?:\s?([A-Z]{2,5})\b")
_NO_NAME_WORDS = """
    new york stock exchange nasdaq bank trust auditors securities commission united states the a of
    and this our its parent registrant holding each every such any former public limited liability
    washington form documents"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
"""Names of nothing but these are of no document: every filing has them."""

_FILLER_WORDS = """
    dated date final draft copy version v rev form filed the of for and inc corp corporation co
    company companies ltd limited plc llc group holdings sa ag nv"""
_FILLER = frozenset(_FILLER_WORDS.split())


def profile(document: Document, pages: Sequence[Page]) -> dict[str, str]:
    """Names, periods and type of a document, as `Document.metadata`.

    Keys (absent when nothing was found): `names` (separated by `; `), `ticker`, `year`, `quarter`,
    `date` (ISO), `type`. What the file name says counts before the title, the title before the
    pages.
    """
    stem = document.name.rsplit(".", 1)[0] if "." in document.name else document.name
    readable = " ".join(filter(None, _SPLIT.split(_CAMEL.sub(" ", stem))))
    opening = "\n".join(page.text for page in pages[:2])[:6000]
    found: dict[str, str] = {}
    names = _names(readable, document.title, opening)
    if names:
        found["names"] = "; ".join(names)
    tickers = Counter(_TICKER.findall(opening)).most_common(1)
    if tickers:
        found["ticker"] = tickers[0][0]
    for source in (readable, stem, document.title, opening[:2500]):
        of_file = source is not opening and len(source) < 300
        years = _YEARS.findall(source.replace("_", " "))
        if not years and of_file:
            years = [year for year in _fiscal(source)] or re.findall(rf"{_YEAR}(?=Q[1-4])", source)
        if not of_file:
            years = _OF_PERIOD.findall(source)
        if years and "year" not in found:
            found["year"] = Counter(years).most_common(1)[0][0]
        quarter = quarters_in(source) if of_file else ()
        if quarter and "quarter" not in found:
            found["quarter"] = quarter[0]
        dates = sorted(dates_in(source)) if of_file else []
        if dates and "date" not in found:
            found["date"] = dates[0]
        kind = _first_type(source[:400])
        if kind and "type" not in found:
            found["type"] = kind
    return found


def _names(readable: str, title: str, opening: str) -> list[str]:
    """Names in file name and title, period and type words left out, as the pages spell them too."""
    names: list[str] = []
    sources = [readable]
    if title:
        sources.append(title)
    for source in sources:
        kept = [word for word in words(_without_periods(source)) if word not in _FILLER]
        if not 1 <= len(kept) <= _NAME_WORDS or not any(_tells(word) for word in kept):
            continue
        if _NO_NAME.issuperset(kept):
            continue
        spelled = _spelled(kept, opening)
        for name in (" ".join(kept), spelled):
            if name and name not in names:
                names.append(name)
    company = _company(opening)
    if company and company not in names:
        names.append(company)
    return names


def _company(opening: str) -> str:
    """The company that the first pages name most often, and more than once; without its `Inc.`."""
    counted: Counter[str] = Counter()
    for match in _COMPANY.finditer(opening):
        kept = [word for word in words(match[1].replace(".com", " ")) if word not in _FILLER]
        if kept and not _NO_NAME.issuperset(kept) and any(map(_tells, kept)):
            counted[" ".join(kept)] += 1
    name, count = counted.most_common(1)[0] if counted else ("", 0)
    return name if count > 1 else ""


def _tells(word: str) -> bool:
    return len(word) > 1 and any(map(str.isalpha, word)) and bool(terms(word))


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


def _fiscal(text: str) -> list[str]:
    return [year if len(year) == 4 else f"20{year}" for year in _FISCAL.findall(text)]


def years_in(text: str) -> set[int]:
    """Years from 1980 to 2049 that stand alone, also as FY2022 and FY22."""
    return {int(year) for year in _YEARS.findall(text) + _fiscal(text)}


def quarters_in(text: str) -> tuple[str, ...]:
    """`1` to `4` for each quarter named, in order."""
    return tuple(
        _ORDINALS.get(part.lower(), part)
        for match in _QUARTER.findall(text)
        for part in match
        if part
    )


def dates_in(text: str) -> set[str]:
    """Whole dates, as ISO."""
    found = {"-".join(parts) for parts in _ISO.findall(text)}
    for month, day, year, day2, month2, year2 in _DATE.findall(text):
        number = _MONTHS.index((month or month2).lower()) + 1
        found.add(f"{year or year2}-{number:02d}-{int(day or day2):02d}")
    return found


def types_in(text: str) -> frozenset[str]:
    """Types of document that are named."""
    return frozenset(_type_of(match) for match in _TYPE.finditer(text))


def _first_type(text: str) -> str | None:
    match = _TYPE.search(text)
    return _type_of(match) if match else None


def _type_of(match: re.Match[str]) -> str:
    return _TYPES[int((match.lastgroup or "t0")[1:])][0]
