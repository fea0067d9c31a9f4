"""ChatOpenAI as we need it: for OpenAI itself and for any server that speaks its protocol.

Knows transport: one host for the key, no redirects, no retries of its own, no answer larger than
any honest one, and raw tool arguments kept. Imported only when such a model is chosen (it costs a
second).
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from langchain_core.language_models import LanguageModelInput
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from openai import BaseModel

from ..tools.errors import ProviderError

_BODY_LIMIT = 4_000_000
"""Bytes of a plain answer: 200,000 characters, each as long as JSON can make it, and the rest."""
_STREAM_LIMIT = 64_000_000
"""Bytes of a streamed answer, in which an event of 300 bytes may hold a single letter."""

_SPACES = bytes.maketrans(b"\r\n", b"  ")


def build(
    name: str, base_url: str, api_key: str, service: str, *, official: bool, loopback: bool
) -> ChatOpenAI:
    """Return the client. `official`: OpenAI itself, otherwise a server that speaks its protocol."""

    async def key() -> str:
        # Given as a coroutine the key is in no attribute, and no blocking client is built.
        return api_key

    return _Client(
        model=name,
        base_url=base_url,
        api_key=key,
        max_retries=0,
        stream_usage=True,
        stream_chunk_timeout=None,
        # Some names make LangChain choose OpenAI's newer protocol, which few other servers speak.
        use_responses_api=None if official else False,
        http_async_client=_http(api_key, service, official, loopback),
        official=official,
        service=service,
    )


class _Client(ChatOpenAI):
    """ChatOpenAI that hands on what the service sent, also where LangChain would repair it."""

    official: bool
    service: str

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        # Named `response_format`, it would send the reply through openai's own parsers, which
        # raise on answers that were cut off and lose what had arrived.
        if "messages" in payload and "response_format" in payload:
            body = {**(payload.get("extra_body") or {})}
            body["response_format"] = payload.pop("response_format")
            payload["extra_body"] = body
        # Not every compatible server knows OpenAI's newer name.
        if not self.official and "max_completion_tokens" in payload:
            payload["max_tokens"] = payload.pop("max_completion_tokens")
        return payload

    def _convert_chunk_to_generation_chunk(
        self,
        chunk: dict[str, Any],
        default_chunk_class: type,
        base_generation_info: dict[str, Any] | None,
    ) -> ChatGenerationChunk | None:
        if chunk.get("choices") is None:
            chunk = {**chunk, "choices": []}
        _as_delta(chunk["choices"])
        delta = _delta(chunk)
        _tidy_calls(delta.get("tool_calls"))
        generation = super()._convert_chunk_to_generation_chunk(
            chunk, default_chunk_class, base_generation_info
        )
        if generation is not None and delta.get("refusal"):
            generation.message.additional_kwargs["refusal"] = str(delta["refusal"])
        return generation

    def _create_chat_result(
        self, response: Any, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        whole = response.model_dump(warnings=False) if isinstance(response, BaseModel) else response
        if not isinstance(whole, dict):
            found = {str: "text", list: "a list", type(None): "null"}.get(type(whole), "a value")
            raise ProviderError(
                f"{self.service} sent {found} where a JSON object was expected. Check that the "
                "base URL is that of its API (often it ends with /v1).",
                "bad_response",
            )
        if not whole.get("choices") and not whole.get("error"):
            raise ProviderError(f"{self.service} sent an answer without any choices.", "empty")
        # LangChain parses the arguments, which loses duplicate keys and fails on a bare string.
        calls, refusal = _take(whole, "tool_calls"), _take(whole, "refusal")
        result = super()._create_chat_result(whole, generation_info)
        for name, value in (("tool_calls", calls), ("refusal", refusal)):
            if value:
                result.generations[0].message.additional_kwargs[name] = value
        return result


def _as_delta(choices: list[Any]) -> None:
    """Read the whole message of a server that cannot stream as one large piece."""
    for choice in choices:
        if isinstance(choice, dict) and choice.get("delta") is None and choice.get("message"):
            choice["delta"] = choice["message"]


def _take(answer: dict[str, Any], name: str) -> Any:
    """Take a field out of the answer's message."""
    choices = answer.get("choices")
    message = choices[0].get("message") if choices and isinstance(choices[0], dict) else None
    return message.pop(name, None) if isinstance(message, dict) else None


def _delta(chunk: dict[str, Any]) -> dict[str, Any]:
    choices = chunk["choices"]
    delta = choices[0].get("delta") if choices and isinstance(choices[0], dict) else None
    return delta if isinstance(delta, dict) else {}


def _tidy_calls(calls: Any) -> None:
    """Fill in what some servers leave out and LangChain would drop the whole call for."""
    for position, call in enumerate(calls if isinstance(calls, list) else ()):
        if call.get("index") is None:
            call["index"] = position
        function = call.get("function") or {}
        arguments = function.get("arguments")
        if arguments is not None and not isinstance(arguments, str):
            function["arguments"] = json.dumps(arguments, ensure_ascii=False)
        call["function"] = function


def _http(api_key: str, service: str, official: bool, loopback: bool) -> httpx2.AsyncClient:
    async def address(request: httpx2.Request) -> None:
        # The openai package adds these from the environment; they belong to OpenAI alone.
        if not official:
            request.headers.pop("OpenAI-Organization", None)
            request.headers.pop("OpenAI-Project", None)
        request.headers["Authorization"] = f"Bearer {api_key}"
        request.headers["Accept-Encoding"] = "identity"

    async def bound(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ProviderError(
                f"{service} compressed its answer though it was asked not to.", "bad_response"
            )
        kind = response.headers.get("content-type", "")
        if response.is_success and "text/html" in kind:
            raise ProviderError(
                f"{service} sent a web page instead of an answer. Check the base URL, and that no "
                "sign-in page stands between.",
                "bad_response",
            )
        if isinstance(response.stream, httpx2.AsyncByteStream):
            asked = b'"stream":true' in response.request.content
            limit = _STREAM_LIMIT if asked else _BODY_LIMIT
            # A server that cannot stream answers with the whole message as JSON.
            whole = asked and response.is_success and "json" in kind
            response.stream = _Bounded(response.stream, limit, service, as_event=whole)

    return httpx2.AsyncClient(
        follow_redirects=False,
        # A local server is never reached through the proxy that the environment names.
        trust_env=not loopback,
        timeout=httpx2.Timeout(None, connect=10.0),
        # A pooled connection belongs to one event loop and may have been closed at the other end;
        # a new one costs little beside a model's answer.
        limits=httpx2.Limits(max_keepalive_connections=0),
        event_hooks={"request": [address], "response": [bound]},
    )


class _Bounded(httpx2.AsyncByteStream):
    """A response body that ends with a named error: too large, or broken off.

    `as_event` makes one server-sent event of a plain JSON body.
    """

    def __init__(
        self, stream: httpx2.AsyncByteStream, limit: int, service: str, *, as_event: bool
    ) -> None:
        self._stream = stream
        # The openai package reads on after the last event by iterating anew. The connection below
        # spins for ever when it is read past its end, so there is one iterator, ended once.
        self._pieces = self._read(limit, service, as_event)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces

    async def _read(self, limit: int, service: str, as_event: bool) -> AsyncIterator[bytes]:
        size = 0
        if as_event:
            yield b"data: "
        try:
            async for piece in self._stream:
                size += len(piece)
                if size > limit:
                    raise ProviderError(
                        f"{service} sent more than {limit:,} bytes; the rest was not read.",
                        "bad_response",
                    )
                # A line end in JSON is only layout, in an event it would end it.
                yield piece.translate(_SPACES) if as_event else piece
        except httpx2.TimeoutException:
            raise
        except httpx2.TransportError as error:
            # Still a ReadError, which the openai package forgives after the last event.
            raise httpx2.ReadError(str(error)) from ProviderError(
                f"the connection to {service} broke in the middle of the answer.", "truncated"
            )
        if as_event:
            yield b"\n\ndata: [DONE]\n\n"

    async def aclose(self) -> None:
        await self._stream.aclose()
