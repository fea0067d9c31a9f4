"""Web search: one question out through Tavily, citable passages back.

Knows what may leave (a short question, never an address or coded data) and what is fit to come in
(cleaned text, safe addresses, bounded sizes). Fetches no page itself. Every fault of the service
is a `ToolError` in plain words, and no key is ever in one.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import httpx  # noqa: TID251 (web search is one of the places that may speak HTTP)
from tavily import AsyncTavilyClient
from tavily.errors import (
    BadRequestError,
    ForbiddenError,
    InvalidAPIKeyError,
    UsageLimitExceededError,
)
from tavily.errors import TimeoutError as TavilyTimeout

from .addresses import is_private, safe_url
from .documents import Passage
from .errors import SettingsError, ToolError
from .text import clean
from .tool import Tool, ToolResult

TAVILY_URL = "https://api.tavily.com"
QUERY_LIMIT = 400
"""Characters of a query; Tavily takes no more."""
TEXT_LIMIT = 4_000
"""Characters of one result."""
_BODY_LIMIT = 4_000_000
"""Bytes of the service's answer."""
_TITLE_LIMIT = 200

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

    async def run(arguments: dict[str, Any]) -> ToolResult:
        query = _checked(arguments)
        try:
            async with asyncio.timeout(timeout):
                found = await _ask(query, key, url, max_results)
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
    return Tool("web_search", _DESCRIPTION, parameters, "read", run)


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


async def _ask(query: str, key: str, url: str, max_results: int) -> list[Any]:
    """The service's results; one retry when the service or the connection failed."""
    for last in (False, True):
        try:
            return await _search(query, key, url, max_results)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status >= 500 and not last:
                continue
            raise ToolError(_status(status)) from None
        except httpx.TransportError:
            if not last:
                continue
            raise ToolError("the web search service cannot be reached") from None
        except InvalidAPIKeyError:
            raise ToolError(_status(401)) from None
        except ForbiddenError:
            raise ToolError(
                "the web search service refuses: the plan's limit is used up or the key may not "
                "search. Web search is not available in this run"
            ) from None
        except UsageLimitExceededError:
            raise ToolError("the web search service allows no more searches for now") from None
        except BadRequestError:
            raise ToolError(
                "the web search service refused the query: ask a shorter, plainer question"
            ) from None
        except TavilyTimeout:
            raise ToolError("the web search did not answer in time") from None
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            raise ToolError("the web search service sent something unreadable") from None
    raise AssertionError("unreachable")


async def _search(query: str, key: str, url: str, max_results: int) -> list[Any]:
    async with httpx.AsyncClient(
        base_url=url,
        follow_redirects=False,
        # A local server is never reached through the proxy that the environment names.
        trust_env=not is_private(urlsplit(url).hostname or ""),
        timeout=httpx.Timeout(None),
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_bound]},
    ) as http:
        client = AsyncTavilyClient(api_key=key, api_base_url=url, client=http)
        answer = await client.search(query, max_results=max_results, search_depth="basic")
    results = answer.get("results")
    if not isinstance(results, list):
        raise ValueError("no list of results")
    return results


def _status(status: int) -> str:
    if status == 401:
        return (
            "the web search service refused its key. Web search is not available in this run: use "
            "the documents, or say that it could not be looked up"
        )
    if 300 <= status < 400:
        return f"the web search service answered with a redirect (HTTP {status}), not followed"
    return f"the web search service failed (HTTP {status})"


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


async def _bound(response: httpx.Response) -> None:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ToolError("the web search service compressed its answer though asked not to")
    if isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = _Bounded(response.stream)


class _Bounded(httpx.AsyncByteStream):
    """A response body that ends with a named error when it is too large."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > _BODY_LIMIT:
                raise ToolError(
                    f"the web search service sent more than {_BODY_LIMIT:,} bytes; nothing of it "
                    "was used"
                )
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
