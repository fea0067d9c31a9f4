"""One passage instead of a search: for asking again with it alone.

Knows a tool and a passage. Knows nothing of why.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .documents import Passage
from .errors import SettingsError
from .index import Index
from .tool import Tool, ToolResult

_SEARCHING = ("search_documents", "read_page", "find_rows", "web_search")
"""Tools that bring passages."""


def only(tools: Mapping[str, Tool], passage: Passage) -> dict[str, Tool]:
    """The same tools, where whatever is searched for the one passage is found and nothing else."""
    kept = {name: item for name, item in tools.items() if name not in _SEARCHING}

    async def found(arguments: dict[str, Any]) -> ToolResult:
        return ToolResult(passages=(passage,))

    search = tools["search_documents"]
    return {search.name: replace(search, run=found), **kept}


def passage_of(index: Index, id: str) -> Passage:
    """The passage of an id. Raises `SettingsError`, naming those of its page, for no such one."""
    start, _, rest = id.partition("-")
    page, _, _ = rest.partition("-")
    owner = next((d for d in index.documents if start and d.id.startswith(start)), None)
    if owner is None or not page.isdecimal() or not 1 <= int(page) <= owner.pages:
        raise SettingsError(
            f"only = {id!r}: no passage has this id; `workings search QUERY --explain` shows ids"
        )
    there = index.page(owner.id, int(page))
    for passage in there:
        if passage.id == id:
            return passage
    known = ", ".join(passage.id for passage in there) or "none"
    raise SettingsError(f"only = {id!r}: no passage has this id; those of its page are {known}")
