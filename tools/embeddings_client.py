"""Embeddings from a service that speaks `/v1/embeddings`: asked in batches, retried, checked.

Knows the wire and what can be wrong with an answer. Nothing that a service sends is used unless it
is one finite vector of the known length for every text, told apart by its `index`. What was made is
kept by `tools/journal.py`, so that an update that broke off does not pay twice.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx  # noqa: TID251 (a model client is one of the places that may speak HTTP)
import numpy as np

from .addresses import is_private
from .embedders import Vectors
from .errors import ProviderError
from .secrets import scrub

BATCH = 32
"""Texts a request: what small servers take, too."""
ATTEMPTS = 5
PATIENCE = 60.0
"""Seconds for one answer."""
LONGEST_WAIT = 30.0
"""Seconds between two attempts, whatever the service asks for."""
_FIRST_WAIT = 0.5
_BODY_LIMIT = 64_000_000
_QUOTED = 160
_LARGEST = 65_536
"""Numbers in a vector."""


class ServedEmbedder:
    """A model behind an address, as `http://host:port/v1`.

    `id` names it in an index (`compatible:NAME`); the key is sent to that address only and stands
    in no error. `dimension` None: one text is embedded to learn it, when it is first needed.
    """

    batch = BATCH
    """Texts a request: every answer is kept at once, however quick it came."""

    hash = "as served"
    """The weights are not ours to see."""

    def __init__(
        self,
        id: str,
        address: str,
        api_key: str = "",
        dimension: int | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.id = id
        self._model = id.partition(":")[2]
        self._address = f"{address.rstrip('/')}/embeddings"
        self._key = api_key
        self._dimension = dimension
        self._wait = wait
        host = urlsplit(address).hostname or ""
        self._private = is_private(host)
        self._service = f"the embedding service at {host}"

    @property
    def dimension(self) -> int:
        """Length of a vector. Raises `ProviderError` when the service must be asked and fails."""
        if self._dimension is None:
            self._dimension = self._request(["dimension"]).shape[1]
        return self._dimension

    def embed(self, texts: list[str]) -> Vectors:
        """One unit vector a text; a zero vector for a blank one. Raises `ProviderError`."""
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        for start in range(0, len(rows), self.batch):
            chosen = rows[start : start + self.batch]
            out[chosen] = self._checked([texts[row] for row in chosen])
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, lengths, out=out, where=lengths > 0)
        return out

    def _checked(self, texts: list[str]) -> Vectors:
        found = self._request(texts)
        if found.shape[1] != self.dimension:
            raise self._unusable(
                f"vectors of {found.shape[1]} numbers, expected {self.dimension}: another model is"
                " served now. Serve the one before, or rebuild the index"
            )
        return found

    def _request(self, texts: list[str]) -> Vectors:
        """The vectors of one batch, asked for again while that may help."""
        for attempt in range(ATTEMPTS):
            try:
                return self._once(texts)
            except ProviderError as error:
                if not error.retryable or attempt == ATTEMPTS - 1:
                    raise
                wished = error.retry_after
                pause = _FIRST_WAIT * 2**attempt if wished is None else wished
                self._wait(min(pause, LONGEST_WAIT))
        raise AssertionError("unreachable")

    def _once(self, texts: list[str]) -> Vectors:
        headers = {"Accept-Encoding": "identity"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            with (
                # A local server is never reached through the proxy that the environment names; a
                # redirect is not followed, so that the key goes nowhere else.
                httpx.Client(trust_env=not self._private, timeout=PATIENCE) as client,
                client.stream(
                    "POST",
                    self._address,
                    headers=headers,
                    json={"model": self._model, "input": texts},
                ) as response,
            ):
                body = b"".join(self._pieces(response))
                status, told = response.status_code, response.headers
        except httpx.TimeoutException:
            raise ProviderError(
                f"{self._service} did not answer in {PATIENCE:.0f} seconds. {_AGAIN}",
                "timeout",
                retryable=True,
            ) from None
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise ProviderError(
                f"{self._service} cannot be reached ({type(error).__name__}). Check that it runs"
                f" and the address. {_AGAIN}",
                "connection",
                retryable=True,
            ) from None
        if status != 200:
            raise self._refused(status, told, body)
        return self._vectors(body, len(texts))

    def _pieces(self, response: httpx.Response) -> Iterator[bytes]:
        size = 0
        for piece in response.iter_raw():
            size += len(piece)
            if size > _BODY_LIMIT:
                raise self._unusable(f"more than {_BODY_LIMIT:,} bytes")
            yield piece

    def _refused(self, status: int, headers: Any, body: bytes) -> ProviderError:
        where = f"{self._service} (HTTP {status})"
        if status in (401, 403):
            return ProviderError(f"{where} refused the key. Check the key.", "auth")
        said = scrub(" ".join(body.decode("utf-8", "replace").split()), self._key)[:_QUOTED]
        quote = f": {said!r}" if said else ""
        if status == 429 and "quota" in said:
            return ProviderError(f"{where}: quota or credit is used up. Check the plan.", "quota")
        if status == 429:
            text = f"{where} allows no more requests for now. {_AGAIN}"
            return ProviderError(text, "rate_limit", True, _seconds(headers))
        if status == 408 or status >= 500:
            return ProviderError(
                f"{where} failed{quote}. {_AGAIN}", "server", True, _seconds(headers)
            )
        if status == 404:
            return ProviderError(
                f"{where} does not know the model {self._model!r} or has no /embeddings{quote}."
                " Check the name and the address.",
                "not_found",
            )
        if 300 <= status < 400:
            return ProviderError(
                f"{where} answered with a redirect, which was not followed. Check the address.",
                "bad_response",
            )
        return ProviderError(f"{where} did not take the request{quote}.", "bad_request")

    def _vectors(self, body: bytes, count: int) -> Vectors:
        try:
            answer = json.loads(body)
            rows = answer["data"]
            given = [(row["index"], row["embedding"]) for row in rows]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise self._unusable("no list of embeddings with their index") from None
        if len(given) != count:
            raise self._unusable(f"{len(given)} embeddings for {count} texts")
        by_index = {place: vector for place, vector in given if type(place) is int}
        if by_index.keys() != set(range(count)):
            raise self._unusable("embeddings whose index is missing, twice there or out of range")
        vectors = [by_index[place] for place in range(count)]
        try:
            lengths = {len(vector) for vector in vectors}
            found = np.array(vectors, dtype=np.float32)
        except (ValueError, TypeError, OverflowError):
            lengths, found = set(map(_length, vectors)), np.zeros((0, 0), dtype=np.float32)
        if len(lengths) > 1:
            raise self._unusable(f"vectors of different lengths ({sorted(lengths)})")
        if found.shape[0] != count or found.ndim != 2 or not 0 < found.shape[1] <= _LARGEST:
            raise self._unusable("embeddings that are not lists of numbers")
        if not np.isfinite(found).all():
            raise self._unusable("vectors with values that are not numbers (NaN or infinite)")
        return found

    def _unusable(self, what: str) -> ProviderError:
        return ProviderError(
            f"{self._service} sent {what}. Nothing of it was used.", "bad_response"
        )


_AGAIN = "The same command goes on where it stopped."


def _length(vector: Any) -> int:
    return len(vector) if isinstance(vector, list) else 0


def _seconds(headers: Any) -> float | None:
    """What Retry-After asks for, when it is a usable number."""
    try:
        seconds = float(headers.get("retry-after"))
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < float("inf") else None
