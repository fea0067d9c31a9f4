"""Gold cases from documents, by code alone: rows of tables and sentences that hold one number.

A case is kept when its evidence stands on the page word for word and the document gives no other
answer. Knows an index; knows nothing of models (`evals.generate_asking`).
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..tools.documents import Document, Passage
from ..tools.evidence import Shown
from ..tools.index import Index
from ..tools.quotes import find_quote
from ..tools.sentences import sentences
from ..tools.tables import Row, counts, rows, size
from .gold import GoldCase, plain_question
from .quantities import numbers, unit

_PLENTY = 20
"""Candidates for each case that is wanted, and documents at least, after which no more are read."""
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d", re.IGNORECASE)
_LABEL = re.compile(r"[A-Z][^\d|:;?]{3,70}[^\W\d_)]\)?")
_NOT_MONEY = re.compile(r"\b(?:per|average|ratio|rate|margin|number|days|shares|index)\b|%", re.I)
_DEFINES = re.compile(
    r"^[\"\u201c]?(?:(?:The|An?) )?(?P<term>[A-Z][\w-]+(?: [\w-]+){0,4})[\"\u201d]? "
    r"(?:means|is defined as|refers to) (?P<meaning>[^.]{25,240})\.$"
)
_DIGITS = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w-])")
_REFERS = re.compile(
    r"\b(?:notes?|sections?|pages?|chapters?|figures?|tables?|items?|parts?|versions?|software|no\.?"
    r"|articles?|clauses?)\s*$",
    re.IGNORECASE,
)
"""What stands before a number that counts nothing."""
_RANGE = re.compile(r"(?:between|within|after|less|more|later|under|over|up|from|in|of)\b", re.I)
"""How the label of a row begins that is a part of another."""
_BLANK = "____"


@dataclass(frozen=True)
class Candidate:
    """A case that may be kept, and what kind it is of."""

    case: GoldCase
    kind: str
    """`row`, `number` or `term`."""


def generate(
    index: Index, n: int, *, documents: Collection[str] | None = None, seed: int = 0
) -> tuple[GoldCase, ...]:
    """Up to `n` cases from the documents (ids; None: all), the same for the same seed and index.

    Documents and kinds take turns. Fewer come back where the documents hold no more.
    """
    chosen = [d for d in index.documents if documents is None or d.id in documents]
    chosen.sort(key=lambda document: order_of(seed, document.id))
    found: list[Candidate] = []
    for read, document in enumerate(chosen):
        if read >= _PLENTY and len(found) >= _PLENTY * n:
            break
        found += candidates(index, document)
    return pick(found, n, seed)


def candidates(index: Index, document: Document) -> list[Candidate]:
    """What can be asked of one document, in the order of its pages."""
    read = pages_of(index, document)
    return [*_of_rows(document, read), *_of_sentences(document, read)]


def pages_of(index: Index, document: Document) -> list[Sequence[Passage]]:
    """The passages of a document page by page."""
    return [index.page(document.id, number) for number in range(1, document.pages + 1)]


def pick(found: Iterable[Candidate], n: int, seed: int) -> tuple[GoldCase, ...]:
    """`n` cases: no question twice, documents and kinds by turns, in an order of the seed's."""
    turns: dict[tuple[str, str], list[GoldCase]] = defaultdict(list)
    seen = set()
    for candidate in sorted(found, key=lambda item: order_of(seed, item.case.id)):
        question = plain_question(candidate.case.question)
        if question not in seen:
            seen.add(question)
            turns[candidate.case.document or "", candidate.kind].append(candidate.case)
    queues = [turns[key] for key in sorted(turns, key=lambda key: order_of(seed, "\n".join(key)))]
    kept: list[GoldCase] = []
    while len(kept) < n and any(queues):
        for queue in queues:
            if queue and len(kept) < n:
                kept.append(queue.pop(0))
    return tuple(kept)


def case_id(kind: str, question: str) -> str:
    """An id that is the question's own, so that the same question has the same."""
    found = hashlib.blake2b(question.encode("utf-8", "surrogatepass"), digest_size=5)
    return f"{kind}-{found.hexdigest()}"


def order_of(seed: int, key: str) -> bytes:
    """Where something comes in the order of a seed: a hash, so that it is the same anywhere."""
    text = f"{seed}\n{key}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest()


@dataclass(frozen=True)
class _Cell:
    """A number of a table under a year."""

    passage: Passage
    row: Row
    year: str
    text: str
    value: float | int
    unit: str | None

    @property
    def amount(self) -> float:
        """The number on the scale of its unit."""
        return self.value * (unit(self.unit).scale or 1.0)


def _of_rows(document: Document, read: Sequence[Sequence[Passage]]) -> Iterator[Candidate]:
    """A look-up for each label and year that has one amount in all of the document."""
    places: dict[tuple[str, str], list[_Cell]] = defaultdict(list)
    for page in read:
        for cell in _cells(page):
            places[cell.row.label.casefold(), cell.year].append(cell)
    for (_, year), cells in places.items():
        # The most exact one is asked for; one that was rounded is the same, another is another.
        best = max(cells, key=lambda cell: len(re.sub(r"\D", "", cell.text)))
        if any(abs(c.amount - best.amount) > 0.006 * abs(best.amount) for c in cells):
            continue
        label = best.row.label
        said = label[0].lower() + label[1:] if label[1].islower() else label
        heading = best.row.section.split(" / ")[-1].strip()
        if " " not in label and heading:
            # Alone a word may be a place or a segment: of what it tells, its heading says.
            said = f'"{label}" (under "{heading[:60]}")'
        question = f"What was {said} in {year} according to {document.name}?"
        yield Candidate(
            GoldCase(
                id=case_id("row", question),
                question=question,
                value=best.value,
                unit=best.unit,
                document=document.name,
                pages=tuple(sorted({cell.passage.page or 1 for cell in cells})),
                evidence=best.row.line,
                tags=("generated", "table"),
            ),
            "row",
        )


def _cells(page: Sequence[Passage]) -> Iterator[_Cell]:
    """The numbers under years of a page's tables, with labels that can be asked for."""
    by_id = {passage.id: passage for passage in page}
    for row in rows([_shown(passage) for passage in page]):
        years = [cell.column.strip() for cell in row.cells]
        dated = [year for year in years if _YEAR.fullmatch(year)]
        passage = by_id[row.passage.id]
        if len(dated) < 2 or len(set(years)) < len(years) or not _LABEL.fullmatch(row.label):
            continue
        if _RANGE.match(row.label):
            continue
        if find_quote(row.line, passage.text) is None:
            continue
        for cell, year in zip(row.cells, years, strict=True):
            digits = size(row, cell)
            if not digits or not _YEAR.fullmatch(year) or cell.text.strip() not in row.line:
                continue
            value = float(digits) if "." in digits else int(digits)
            its_unit = "%" if cell.percent else row.unit or None
            if not cell.percent and (counts(row) or _NOT_MONEY.search(row.label)):
                its_unit = None
            yield _Cell(passage, row, year, cell.text, value, its_unit)


def _of_sentences(document: Document, read: Sequence[Sequence[Passage]]) -> Iterator[Candidate]:
    """Sentences with a number left out, and terms by what they mean."""
    texts = [plain_question(passage.text) for page in read for passage in page]
    for page in read:
        for passage in page:
            for sentence in sentences(passage.text):
                flat = " ".join(sentence.split())
                if not 8 <= len(flat.split()) <= 40 or find_quote(flat, passage.text) is None:
                    continue
                case = _term(document, passage, flat) or _number(document, passage, flat, texts)
                if case is not None:
                    yield case


def _number(
    document: Document, passage: Passage, sentence: str, texts: Sequence[str]
) -> Candidate | None:
    """A sentence without its only number, where no other fills the gap in the document."""
    held = numbers(sentence)
    digits = _DIGITS.findall(sentence)
    if len(held) != 1 or len(digits) != 1 or _YEAR.fullmatch(digits[0]):
        return None
    before, _, after = sentence.partition(digits[0])
    if (
        _REFERS.search(before)
        or len(before.split()) < 3
        or not sentence[0].isupper()
        or not sentence.endswith(".")
    ):
        return None
    gap = re.compile(
        rf"{re.escape(plain_question(before))}\s?(\S+?)\s?{re.escape(plain_question(after))}"
    )
    if len({match for text in texts for match in gap.findall(text)}) != 1:
        return None
    value, its_unit = held[0]
    words = after.split()
    scale = "%" if its_unit.scale == 0.01 else None
    if its_unit.scale not in (None, 0.01) or its_unit.currency or "-" in before[-2:]:
        return None  # the scale is in the words around the gap: which side has it is unclear
    if words and its_unit.time and unit(words[0]).time:
        scale = words[0].strip(".,;")
    question = f'What number is left out in {document.name}: "{before}{_BLANK}{after}"?'
    case = GoldCase(
        id=case_id("number", question),
        question=question,
        value=int(value) if value.is_integer() else value,
        unit=scale,
        document=document.name,
        pages=(passage.page,) if passage.page else (),
        evidence=sentence,
        tags=("generated", "cloze"),
    )
    return Candidate(case, "number")


def _term(document: Document, passage: Passage, sentence: str) -> Candidate | None:
    """What a document calls that which it defines."""
    match = _DEFINES.match(sentence)
    if match is None or match["term"].casefold() in match["meaning"].casefold():
        return None
    question = f'Which term does {document.name} define as "{match["meaning"]}"?'
    case = GoldCase(
        id=case_id("term", question),
        question=question,
        answer=match["term"],
        contains=(match["term"],),
        document=document.name,
        pages=(passage.page,) if passage.page else (),
        evidence=sentence,
        tags=("generated", "definition"),
    )
    return Candidate(case, "term")


def _shown(passage: Passage) -> Shown:
    return Shown(
        id=passage.id,
        document=passage.document,
        text=passage.text,
        page=str(passage.page or ""),
        title=passage.title,
        header=passage.header,
    )
