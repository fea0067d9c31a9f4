"""Rows, cells and column headers in the text of a page, as pdfium keeps them: one line a row.

Knows lines and numbers. Knows nothing of questions. A cell keeps the verbatim line it stands in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .evidence import Shown
from .headers import MONEY, header_of, headers_in, title_of, unit_in
from .periods import years

_TAIL = re.compile(
    r"(?:(?:[$\u20ac\u00a3]|EUR|USD)\s*)?"
    r"(?:\(\s*[-\u2212]?\s*[$\u20ac\u00a3]?\s*\d[\d,]*(?:\.\d+)?\s*%?\s*\)\s*%?"
    r"|[-\u2212\u2013+]?[$\u20ac\u00a3]?\d[\d,]*(?:\.\d+)?(?:\s?(?:%|pp|x))?"
    r"|[-\u2013\u2014](?=\s|$)|n/a|nil)"
    r"\s*$",
    re.IGNORECASE,
)


_SPECIFICATION = re.compile(
    r"^(?P<label>[A-Z\u2022][^.;?]{1,60}?)\s*[:|]?\s+(?:up to |about |approx\.? |max\.? |min\.? )?"
    r"(?P<sign>[$\u20ac\u00a3]|EUR|USD|GBP)?\s?(?P<number>[-\u2212]?\d[\d,]*(?:\.\d+)?)\s?"
    r"(?P<unit>%|\u00b0\s?[CF]|[^\W\d_][^\W\d_.-]*(?:/[^\W\d_]+)?(?:\s[^\W\d_/]+){0,2})?$"
)


@dataclass(frozen=True)
class Cell:
    """One number of a row. `text` is as printed; `column` its header, empty when unknown."""

    text: str
    column: str = ""

    @property
    def number(self) -> str:
        """The number for the calculator: no commas, a minus for parentheses; empty for a dash."""
        found = re.search(r"\d[\d,]*(?:\.\d+)?", self.text)
        if not found:
            return ""
        negative = "(" in self.text or re.match(r"\s*[$\u20ac\u00a3]?\s*[-\u2212\u2013]", self.text)
        return ("-" if negative else "") + found.group().replace(",", "")

    @property
    def percent(self) -> bool:
        """Whether it is printed with a percent sign."""
        return "%" in self.text


_COST = re.compile(
    r"\b(?:costs?|expenses?|research|marketing|selling|administrat\w+|purchases?|payments?|paid|"
    r"repayments?|depreciation|amorti[sz]ation|tax|acquisitions?|additions|dividends?|interest|"
    r"salaries|provision for|expenditures?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    passage: Shown
    line: str
    """Verbatim, to be quoted."""
    label: str
    cells: tuple[Cell, ...]
    section: str = ""
    """Headings above it on the page, nearest last."""
    unit: str = ""
    """Such as `thousands of euros`; empty when the page does not say."""


_COUNTED = re.compile(r"\b(?:number of|employees|headcount|staff|stations|shares)\b", re.IGNORECASE)


def counts(row: Row) -> bool:
    """Whether a row counts people or things rather than money: its label or its table says so."""
    return bool(_COUNTED.search(row.label) or _COUNTED.match(row.section.split(" / ")[-1]))


def size(row: Row, cell: Cell) -> str:
    """The number of a cell; of a cost printed in parentheses its size."""
    costs = "(" in cell.text and _COST.search(row.label)
    return cell.number.lstrip("-") if costs else cell.number


def rows(passages: Sequence[Shown]) -> list[Row]:
    """Every table row of the passages, with headers taken from the same page where need be."""
    found: list[Row] = []
    for passage in passages:
        siblings = [
            other
            for other in passages
            if other is not passage
            and other.document == passage.document
            and other.page == passage.page
            and other.page
        ]
        found.extend(_rows_of(passage, siblings))
    return found


def _rows_of(passage: Shown, siblings: Sequence[Shown]) -> list[Row]:
    around = "\n".join([passage.header, passage.text, *(other.text for other in siblings)])
    page_unit = unit_in(around)
    columns: tuple[str, ...] = ()
    borrowed: list[tuple[str, ...]] = [
        header
        for text in (*(other.text for other in siblings), passage.header)
        for header in headers_in(text)
    ]
    section: list[str] = []
    fresh = True
    """No row was seen since the last heading."""
    found: list[Row] = []
    pending = ""
    piped: list[str] = []
    unit = unit_in(passage.header) or page_unit
    words: list[str] = []
    lines = [line for line in map(str.strip, passage.text.splitlines()) if line]
    for place, line in enumerate(lines):
        parts = _parts(lines, place)
        if parts:
            if any(re.search(r"[^\W\d_]|\d", part) for part in parts):
                if not piped and not _is_data(parts):
                    piped = parts
                    continue
                piped = piped or [""]
                found.append(_piped_row(passage, line, parts, piped, " / ".join(section)))
            continue
        piped = []
        if "|" in line:
            continue  # a running header or footer
        header = header_of(line)
        if header:
            columns, pending = header, ""
            unit = unit_in(line) or unit
            title = title_of(line)
            if title:
                section = [title] if not fresh else [*section[-1:], title]
                fresh = True
            continue
        label, numbers = split_row(line)
        specified = None if numbers else _SPECIFICATION.match(line)
        if specified and len(specified["label"].split()) <= 6:
            name = MONEY.get((specified["sign"] or "").lower(), "")
            found.append(
                Row(
                    passage=passage,
                    line=line,
                    label=specified["label"].strip(),
                    cells=(Cell(specified["number"]),),
                    section=" / ".join(section),
                    unit=specified["unit"] or name,
                )
            )
            continue
        if not numbers:
            if len(line) <= 110 and line[-1] not in ".;," and not line.endswith("?"):
                if not _heads(line):
                    pass
                elif line.endswith(":"):
                    section = [*section[:1], line]
                else:
                    section = [*section[-1:], line] if fresh else [line]
                fresh = True
                words = line.split()
                if unit_in(line):  # another table begins, with headers that are words
                    columns, borrowed = (), []
                unit = unit_in(line) or unit
                pending = line if len(line.split()) <= 12 else ""
            else:
                pending = ""
            continue
        if not label or len(label) > 140:
            continue
        full = label
        if label.lower() in ("total", "totals", "group", "sum") and section:
            full = f"{label} {section[-1]}"
        fresh = False
        if pending and label[:1].islower():
            full = f"{pending} {label}"
        usable = columns or next((head for head in borrowed if len(head) <= len(numbers)), ())
        if not usable and len(words) >= len(numbers) >= 2:
            usable = tuple(words[-len(numbers) :])
        found.append(
            Row(
                passage=passage,
                line=line,
                label=full,
                cells=_aligned(numbers, usable),
                section=" / ".join(part for part in section if part != full),
                unit=unit,
            )
        )
    return found


def _heads(line: str) -> bool:
    """Whether a line without numbers heads what follows, rather than being an item or a wrap."""
    return len(line.split()) <= 14 and not re.match(r"[a-z\u2022\u25aa\u25cf*-]", line)


def _parts(lines: Sequence[str], place: int) -> list[str]:
    """The cells of a line of a marked table: `| a | b |`, or `a | b` beside another such line.

    A line that stands alone between others is a running title: none.
    """
    line = lines[place]
    if line.startswith("|"):
        return [part.strip(" *") for part in line.strip("|").split("|")]
    marks = line.count(" | ")
    beside = (lines[near] for near in (place - 1, place + 1) if 0 <= near < len(lines))
    if not marks or all(other.count(" | ") != marks for other in beside):
        return []
    return [part.strip() for part in line.split(" | ")]


def _is_data(parts: Sequence[str]) -> bool:
    """Whether a first line is no header: its cells are amounts (a year may head a column)."""
    return any(
        re.match(r"[-(\u2212$\u20ac\u00a3]*\d", part) and not years(part) for part in parts[1:]
    )


def _piped_row(
    passage: Shown, line: str, parts: Sequence[str], head: Sequence[str], section: str
) -> Row:
    cells = tuple(
        Cell(part, head[place] if place < len(head) else "")
        for place, part in enumerate(parts[1:], start=1)
    )
    told = f"{parts[0]} {' '.join(head[1:2]) if len(parts) == 2 else ''}"
    inside = re.search(r"\b(euros|dollars|hours|days|months|kg|%)\b", told)
    return Row(passage, line, parts[0], cells, section, inside.group(1) if inside else "")


def split_row(line: str) -> tuple[str, list[str]]:
    """A line as a label and the numbers that end it; no numbers when it is not such a line."""
    numbers: list[str] = []
    rest = line.rstrip()
    while True:
        match = _TAIL.search(rest)
        if not match or match.start() == 0 and not rest.strip():
            break
        before = rest[: match.start()]
        if before and not before[-1].isspace() and before[-1] not in "$\u20ac\u00a3:|":
            break
        numbers.insert(0, match.group().strip())
        rest = before.rstrip().rstrip("|").rstrip()
        if not rest:
            break
    label = rest.rstrip(" :$\u20ac\u00a3|.\u2026")
    if not numbers or not any(any(map(str.isdigit, number)) for number in numbers):
        return line, []
    if not re.search(r"[^\W\d_]{2}", label):
        return "", numbers if len(numbers) > 1 else []
    listed = len(numbers) == 1 and re.fullmatch(r"[$\u20ac\u00a3]?\d{1,3}(?:,\d{3})+", numbers[0])
    if listed and len(label.split()) <= 14 and label.count(",") <= 1 and ". " not in label:
        return label, numbers
    if len(numbers) == 1 and (len(label.split()) > 9 or re.search(r"[.;,]\s", label)):
        return line, []  # a sentence that happens to end in a number
    if len(numbers) == 1 and re.search(
        r"\b(?:of|in|on|page|and|or|to|than|by|section|item|note)$", label, re.I
    ):
        return line, []
    return label, numbers


def _aligned(numbers: Sequence[str], columns: Sequence[str]) -> tuple[Cell, ...]:
    """Numbers under their headers, from the left; a leading note number is left out."""
    if not columns:
        return tuple(Cell(number) for number in numbers)
    extra = len(numbers) - len(columns)
    if (
        extra > 0
        and re.fullmatch(r"\d{1,2}", numbers[0])
        and not re.fullmatch(r"\d{1,2}", numbers[1])
    ):
        numbers = numbers[1:]
        extra -= 1
    names = [*columns, *[""] * max(0, extra)]
    if extra < 0:
        names = [""] * len(numbers)
    return tuple(Cell(number, name) for number, name in zip(numbers, names, strict=False))
