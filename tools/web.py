"""Web search: one question out through Tavily, citable passages back.

Knows what may leave (a short question, never an address or coded data) and what is fit to come in
(cleaned text, safe addresses, bounded sizes). Fetches no page itself. Every fault of the service
is a `ToolError` in plain words, and no key is ever in one.
"""

import asyncio
import hashlib
import importlib
import json
import re
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from .addresses import safe_url
from .documents import Passage
from .errors import SettingsError, ToolError
from .text import clean
from .tool import Tool, ToolResult

TAVILY_URL = "https://api.tavily.com"
QUERY_LIMIT = 400
"""Characters of a query; Tavily takes no more."""
TEXT_LIMIT = 4_000
"""Characters of one result."""
_TITLE_LIMIT = 200

WEB = "web_search"
"""The tool's name."""
_DESCRIPTION = (
    "Searches the public web. Use it for facts that the user's documents cannot hold: current "
    "events, prices and rates of today, other companies, general knowledge. Returns short excerpts "
    "of pages with their addresses. The query is a short question or a few keywords in plain "
    "words; it must hold no address, no coded data, and nothing private from the documents."
)

_ADDRESS = re.compile(r"[a-z][a-z0-9+.\-]*://|\bwww\.|\b[\w-]+(?:\.[a-z]{2,})+/\S*[?=]", re.I)
_HEX = re.compile(r"(?:[0-9a-f]{2}[:%]?){13,}", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9+/=_-]{25,}")


def web_tool(
    api_key: str, base_url: str | None = None, max_results: int = 5, timeout: float = 10
) -> Tool:
    """Return the tool `web_search`, which asks Tavily at `base_url` (None: Tavily's own).

    `timeout` is in seconds for one search, its one retry included. Raises `SettingsError` without
    a key: Tavily's client would send the queries out all the same, unnoticed.
    """
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise SettingsError("web search needs a Tavily key: set TAVILY_API_KEY, or turn it off")
    if max_results < 1:
        raise SettingsError(f"max_results {max_results}: expected at least 1")
    url = (base_url or TAVILY_URL).rstrip("/")
    # Loaded by name when a search is made: it brings an HTTP stack that other runs never need.
    client = partial(importlib.import_module, f"{__package__}.tavily_client")

    async def run(arguments: dict[str, Any]) -> ToolResult:
        query = _checked(arguments)
        try:
            async with asyncio.timeout(timeout):
                found = await client().search(query, key, url, max_results)
        except TimeoutError:
            raise ToolError(f"the web search did not answer within {timeout:g} s") from None
        return _result(query, found, max_results)

    parameters = {
        "type": "object",
        "properties": {
            "query": {
                "type": "string",
                "description": "what to look for, in plain words",
                "maxLength": QUERY_LIMIT,
            }
        },
        "required": ["query"],
        "additionalProperties": False,
    }
    return Tool(WEB, _DESCRIPTION, parameters, "read", run)


def check_query(query: str) -> str:
    """Return the query as it may leave; `ToolError` for one that could carry data out."""
    text = " ".join(clean(query)[0].split())
    if not text:
        raise ToolError("the web query is empty: say in plain words what to look for")
    if len(text) > QUERY_LIMIT:
        raise ToolError(
            f"the web query has {len(text)} characters; at most {QUERY_LIMIT} are sent. Ask a "
            "shorter question"
        )
    if _ADDRESS.search(text):
        raise ToolError("a web query must not hold an address: say in plain words what to look for")
    if _HEX.search(text) or any(_looks_coded(run) for run in _RUN.findall(text)):
        raise ToolError(
            "a web query must not hold coded data (a long run of letters and digits): say in plain "
            "words what to look for"
        )
    return text


def _checked(arguments: dict[str, Any]) -> str:
    query = arguments.get("query")
    if not isinstance(query, str) or set(arguments) != {"query"}:
        raise ToolError("web_search takes one argument, `query`, a string")
    return check_query(query)


def _looks_coded(run: str) -> bool:
    """Base64 mixes cases and digits; a long word and words joined by hyphens do not."""
    digits = any(letter.isdigit() for letter in run)
    inner_capitals = any(
        here.isupper() and before.islower() for before, here in zip(run, run[1:], strict=False)
    )
    letters = [part for part in re.split(r"[-_/+=]", run) if part]
    longest = max(map(len, letters), default=0)
    return longest > 16 and digits and inner_capitals or longest > 24 and (digits or inner_capitals)


def _result(query: str, found: list[Any], max_results: int) -> ToolResult:
    passages: list[Passage] = []
    seen: set[str] = set()
    removed = left_out = 0
    for item in found:
        if len(passages) == max_results:
            break
        passage, invisible = _passage(item)
        removed += invisible
        if passage is None:
            left_out += 1
        elif passage.url not in seen:
            seen.add(str(passage.url))
            passages.append(passage)
    content = "" if passages else f"The web search for {query!r} found nothing usable."
    return ToolResult(
        content=content,
        passages=tuple(passages),
        data={"query": query, "left_out": left_out, "removed_characters": removed},
    )


def _passage(item: Any) -> tuple[Passage | None, int]:
    """A result as a passage, or None when it has no text or no safe address."""
    if not isinstance(item, dict) or not isinstance(item.get("content"), str):
        return None, 0
    url = safe_url(item.get("url"))
    text, removed = clean(item["content"])
    text = _cut(text.strip())
    if url is None or not text:
        return None, removed
    host = urlsplit(url).hostname or ""
    title, more = _line(item.get("title"), _TITLE_LIMIT)
    date, _ = _line(item.get("published_date"), 40)
    digest = hashlib.blake2b(json.dumps([url, text]).encode(), digest_size=4).hexdigest()
    passage = Passage(
        id=f"web-{digest}",
        document=title or host,
        document_id="web",
        title=title or host,
        page=None,
        page_label=None,
        text=text,
        header=host,
        url=url,
        date=date or None,
    )
    return passage, removed + more


def _line(value: Any, limit: int) -> tuple[str, int]:
    if not isinstance(value, str):
        return "", 0
    text, removed = clean(value[: limit * 4])
    return " ".join(text.split())[:limit], removed


def _cut(text: str) -> str:
    """The text up to `TEXT_LIMIT`, at a word's end where there is one near."""
    if len(text) <= TEXT_LIMIT:
        return text
    text = text[:TEXT_LIMIT]
    head, space, _ = text.rpartition(" ")
    return head if space and len(head) > TEXT_LIMIT - 100 else text
