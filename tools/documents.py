"""What was read: documents, pages, passages and hits. Knows nothing of files or of ranking.

Every page number is the 1-based physical page; `page_label` is what is printed on it.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["pdf", "md", "txt", "html", "docx", "xlsx", "csv", "web"]


class Frozen(BaseModel):
    """The base of every public type: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Frozen):
    """One page of a document, cleaned."""

    number: int
    label: str
    text: str


class Document(Frozen):
    """A source that was read."""

    id: str
    """blake2b-128 of the file's bytes, in hex: the same file is the same document anywhere."""
    name: str
    """The file name, as a person knows it; what citations show."""
    path: str
    """Where it was read from: absolute, for our own bookkeeping; never shown to a model."""
    title: str
    kind: Kind
    pages: int
    metadata: dict[str, str] = {}
    """Names, dates and type found in the file name, its properties and first pages."""
    notes: tuple[str, ...] = ()
    """What a reader should know: pages without text, characters removed, fallback used."""


class Passage(Frozen):
    """A citable piece of one page (or of one web result)."""

    id: str
    """Stable for the same file and chunker: document id (8 hex), page and ordinal."""
    document: str
    """The document's name; for the web the page's title."""
    document_id: str
    title: str
    page: int | None
    page_label: str | None
    text: str
    """Exactly as on the page: quotes are looked for here."""
    header: str = ""
    """Ours, for ranking and for the model's orientation; never quoted."""
    url: str | None = None
    date: str | None = None


class Hit(Frozen):
    """A passage with its score for one query."""

    passage: Passage
    score: float
    parts: dict[str, float] = {}
    """The addends of the score by name: lexical, dense, prior, ..."""
