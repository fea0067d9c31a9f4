"""The wire to Tavily: one search, one retry, bounded; its faults in plain words.

Loaded when a search is made, for it brings an HTTP stack that nothing else needs. Knows nothing of
what may be asked or of passages.
"""

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

from .addresses import is_private
from .errors import ToolError

_BODY_LIMIT = 4_000_000
"""Bytes of the service's answer."""


async def search(query: str, key: str, url: str, max_results: int) -> list[Any]:
    """The service's results; one retry when the service or the connection failed."""
    for last in (False, True):
        try:
            return await _once(query, key, url, max_results)
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


async def _once(query: str, key: str, url: str, max_results: int) -> list[Any]:
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
