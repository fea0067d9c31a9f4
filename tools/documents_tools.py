"""The tools over documents: find passages or rows, read a page. They know the index only."""

import asyncio
from typing import Annotated

from pydantic import Field

from .documents import Document
from .errors import SettingsError, ToolError
from .folder import show
from .index import Index
from .retrieval import RetrievalOptions
from .rows_tool import rows_tool
from .spans import Dates, dates_between
from .tool import Tool, ToolResult, tool

Pages = Annotated[str | None, Field(description="only these physical pages, as FIRST-LAST")]
Day = Annotated[str | None, Field(description="dated then: YEAR, YEAR-MONTH or YEAR-MONTH-DAY")]
"""Told in the schema, not in the description: models that are shown the description alone cannot
use them."""


def document_tools(
    index: Index,
    documents: frozenset[str] | None,
    k: int,
    options: RetrievalOptions | None = None,
) -> tuple[Tool, ...]:
    """`search_documents`, `read_page`, `find_rows` over these documents (None: all of the index).

    `k` is how many passages a search returns. A document outside `documents` does not exist for
    any of them.
    """

    def visible() -> list[Document]:
        return [d for d in index.documents if documents is None or d.id in documents]

    async def search_documents(
        query: str,
        document: str | None = None,
        pages: Pages = None,
        since: Day = None,
        until: Day = None,
    ) -> ToolResult:
        """Find passages in the loaded documents.

        query: what to look for, in the words the documents would use, with the names and the period
        that matter. document: the name of one document to look in; leave it out to look in all.
        Returns the best passages with document and page.
        """
        only = documents
        if document is not None and document.strip():
            only = frozenset({index.resolve(document, documents).id})
        if not query.strip():
            raise ToolError("query is empty: say what to look for.")
        among = page_range(pages) if pages and pages.strip() else None
        dates = _dates(since, until)
        hits = await asyncio.to_thread(
            index.search, query, k, only, options, pages=among, dates=dates
        )
        if not hits:
            return ToolResult(content=_nothing(query, visible()))
        return ToolResult(
            passages=tuple(hit.passage for hit in hits),
            data=[
                {"passage": hit.passage.id, "score": round(hit.score, 6), "parts": dict(hit.parts)}
                for hit in hits
            ],
        )

    async def read_page(document: str, page: int) -> ToolResult:
        """Read one whole page of a loaded document.

        document: its name. page: the physical page, counted from 1, as given with each passage.
        """
        found = index.resolve(document, documents)
        passages = await asyncio.to_thread(index.page, found.id, page)
        if not passages:
            return ToolResult(
                content=f"Page {page} of {show(found.name)} has no text; it may be a scan."
            )
        return ToolResult(passages=passages)

    return (
        tool(search_documents, effect="read"),
        tool(read_page, effect="read"),
        rows_tool(index, documents),
    )


def page_range(text: str) -> tuple[int, int]:
    """`12` or `10-40` as first and last page. Raises `ToolError` for anything else."""
    first, _, last = text.replace("\u2013", "-").partition("-")
    try:
        span = int(first), int(last or first)
    except ValueError:
        span = 0, 0
    if not 1 <= span[0] <= span[1]:
        raise ToolError(f"pages {text[:40]!r}: expected a page or FIRST-LAST, counted from 1.")
    return span


def _dates(since: str | None, until: str | None) -> Dates | None:
    try:
        return dates_between(since or None, until or None)
    except SettingsError as error:
        raise ToolError(str(error)) from None


def _nothing(query: str, documents: list[Document]) -> str:
    if not documents:
        return "There are no documents to search."
    names = ", ".join(show(document.name) for document in documents[:20])
    more = f" and {len(documents) - 20} more" if len(documents) > 20 else ""
    return f"Nothing fits {query[:200]!r} in {names}{more}."
