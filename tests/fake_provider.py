"""A server on loopback that speaks OpenAI's chat protocol, or breaks it, as a test says.

with FakeProvider(says("4"), status(500)) as fake:   # one reply a request; the last one stays
    model = make_model("compatible:any", base_url=fake.url)
fake.requests[0].body["messages"]
"""

import json
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


@dataclass(frozen=True)
class Reply:
    """What to send: `events` when the client streams, else `body`; `end` says how it stops."""

    code: int = 200
    body: Any = b""
    events: tuple[Any, ...] = ()
    end: str = "done"  # done | close | reset | hang
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "model": "fake-1", "choices": [choice]}


def answer(message: dict[str, Any], finish: str | None = "stop", **extra: Any) -> Reply:
    """A whole assistant message, plain or streamed in pieces of four characters."""
    message = {"role": "assistant", "content": None, **message}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion", "model": "fake-1", "choices": [choice]}
    events: list[Any] = [chunk({"role": "assistant", "content": ""})]
    text = message["content"] or ""
    events += [chunk({"content": text[i : i + 4]}) for i in range(0, len(text), 4)]
    if message.get("refusal"):
        events.append(chunk({"refusal": message["refusal"]}))
    for index, call in enumerate(message.get("tool_calls") or ()):
        function = call["function"]
        head = {"name": function["name"], "arguments": ""}
        events.append(chunk({"tool_calls": [{"index": index, "id": call["id"], "function": head}]}))
        raw = function["arguments"]
        for start in range(0, len(raw), 5):
            piece = {"arguments": raw[start : start + 5]}
            events.append(chunk({"tool_calls": [{"index": index, "function": piece}]}))
    events.append(chunk({}, finish))
    events.append({**chunk({}), "choices": [], "usage": USAGE})
    return Reply(body={"usage": USAGE, **body, **extra}, events=tuple(events))


def says(text: str, finish: str = "stop") -> Reply:
    return answer({"content": text}, finish)


def calls(*pairs: tuple[str, str], finish: str = "tool_calls") -> Reply:
    """Tool calls as (name, raw arguments)."""
    made = [
        {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": raw}}
        for n, (name, raw) in enumerate(pairs)
    ]
    return answer({"tool_calls": made}, finish)


def status(code: int, message: str = "no", kind: str = "error", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(code, {"error": {"message": message, "type": kind, "code": kind}}, headers=named)


class FakeProvider:
    """The server. `echo_key` answers 401 with the whole key in it, as some services do."""

    def __init__(self, *replies: Reply, echo_key: bool = False):
        self.replies = list(replies)
        self.echo_key = echo_key
        self.requests: list[Request] = []
        self.gone = threading.Event()
        """Set when a client closed a connection that was held open."""
        self.leave = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def next(self, request: Request) -> Reply:
        self.requests.append(request)
        if self.echo_key:
            return status(401, f"Incorrect API key: {request.headers.get('authorization')}")
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def __enter__(self) -> "FakeProvider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(fake: FakeProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, json.loads(raw or b"{}"))
            reply = fake.next(request)
            self.close_connection = True
            try:
                if request.body.get("stream") and reply.events:
                    self._stream(reply)
                else:
                    self._plain(reply)
            except OSError:
                fake.gone.set()

        def _plain(self, reply: Reply) -> None:
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            if reply.end == "reset" and not body:
                return self._reset()
            self.send_response(reply.code)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.end == "hang":
                return self._hang()
            self.wfile.write(body)

        def _stream(self, reply: Reply) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            for event in reply.events:
                data = event if isinstance(event, bytes) else json.dumps(event).encode()
                self.wfile.write(b"data: " + data + b"\n\n")
            if reply.end == "done":
                self.wfile.write(b"data: [DONE]\n\n")
            elif reply.end == "reset":
                self.wfile.flush()
                self._reset()
            elif reply.end == "hang":
                self.wfile.flush()
                self._hang()

        def _hang(self) -> None:
            """Hold the connection open until the client goes or the test ends."""
            self.connection.settimeout(0.05)
            while not fake.leave.is_set():
                try:
                    if not self.connection.recv(1):
                        fake.gone.set()
                        return
                except TimeoutError:
                    continue

        def _reset(self) -> None:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    return Handler
