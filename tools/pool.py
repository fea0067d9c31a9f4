"""The parent's side of reading files in child processes: start, ask, give up, start again.

Knows how a child can end (killed for CPU time, out of memory, crashed, hung) and says so in words.
A page that ends a child is left out and the file goes on after it, a limited number of times.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from .errors import DocumentError
from .folder import open_regular, show
from .paged import SourcePages
from .scratch import Scratch
from .source import MAX_CHARACTERS, MEMORY, OPEN_SECONDS, PAGE_SECONDS, SourceInfo, SourcePage

SILENCE_SECONDS = 20.0
"""Wall time without a finished page after which a child is ended."""

MAX_ENDED = 2
"""Pages of one file that may end a child before the rest of the file is left out."""

_PROGRAM = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[2]);"
    "from workings.tools.child import main; main(int(sys.argv[1]), int(sys.argv[3]))"
)


class FileText:
    """What came back for one file: its id and info once it was opened, pages by number, notes."""

    def __init__(self, scratch: Scratch | None) -> None:
        self.key = ""
        self.info = SourceInfo(0)
        self.pages = SourcePages(scratch)
        self.notes: list[str] = []


class Child:
    """One reading process, started when it is first needed and kept for the next file."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._buffer = b""
        self._stopped = False

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """End the work at once, from another thread; `close` is still to be called."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self, *, kill: bool = False) -> int | None:
        """End the process; return its code when it had ended by itself."""
        process, line = self._process, self._line
        self._process = self._line = None
        self._buffer = b""
        if line is not None:
            line.close()
        if process is None:
            return None
        if kill:
            process.kill()
        try:
            return process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def read(self, path: Path, root: Path, scratch: Scratch | None = None) -> FileText:
        """Read a file page by page. Raises `DocumentError` when nothing of it can be read.

        With a scratch the pages of a long file lie there, not in memory.
        """
        result, ended, first = FileText(scratch), 0, 1
        while True:
            reason = self._read_from(path, root, first, result)
            if reason is None:
                return result
            if not result.key:
                raise DocumentError(f"{show(path.name)} {reason}.", path)
            last = max(first - 1, result.pages.last)
            ended += 1
            if last >= first and result.pages.page(last).draft:
                first = last + 1  # it ended in the second try at this page: keep the first
            else:
                result.pages.put(SourcePage(last + 1, str(last + 1), "", failed=reason))
                first = last + 2
            if first > result.info.pages:
                return result
            if ended >= MAX_ENDED:
                result.notes.append(f"pages {first} to {result.info.pages} were not read")
                return result

    def _read_from(self, path: Path, root: Path, first: int, result: FileText) -> str | None:
        """Ask for the pages from `first` on; return None when done, else why it stopped."""
        line = self._start()
        request = json.dumps({"first": first, "ending": path.suffix.lower()}).encode()
        descriptor = open_regular(path, root)
        try:
            socket.send_fds(line, [request], [descriptor])
        except OSError:
            return self._ended()
        finally:
            # The child has its own copy by now.
            os.close(descriptor)
        while True:
            try:
                message = self._receive(line)
            except TimeoutError:
                self.close(kill=True)
                return f"took more than {SILENCE_SECONDS:.0f} seconds without an end"
            if message is None:
                return self._ended()
            kind = message.pop("kind")
            if kind == "open":
                result.key = message["id"]
                result.info = SourceInfo(**message["info"])
            elif kind == "page":
                page = SourcePage(**message)
                if result.pages.characters + len(page.text) > MAX_CHARACTERS:
                    self.close(kill=True)
                    result.notes.append(
                        f"only the first {MAX_CHARACTERS:,} characters were kept "
                        f"(to page {page.number - 1})"
                    )
                    return None
                result.pages.put(page)
            elif kind == "error":
                return str(message["reason"])
            else:
                pages = result.info.pages
                if message.get("stopped", pages) < pages:
                    result.notes.append(
                        f"pages {message['stopped'] + 1} to {pages} were not read: "
                        "those before them took far too long"
                    )
                return None

    def _start(self) -> socket.socket:
        if self._line is not None:
            return self._line
        if self._stopped:
            raise DocumentError("Reading was stopped.")
        ours, theirs = socket.socketpair()
        with theirs:
            search = json.dumps([str(Path(entry).absolute()) for entry in sys.path])
            parent = str(os.getpid())
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, str(theirs.fileno()), search, parent],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # No secret of ours, no setting of the caller's, no look-up of a home.
                env={"LC_ALL": "C.UTF-8", "HOME": "/"},
            )
        ours.settimeout(SILENCE_SECONDS)
        self._line = ours
        return ours

    def _receive(self, line: socket.socket) -> dict[str, Any] | None:
        parts = [self._buffer]
        while b"\n" not in parts[-1]:
            try:
                part = line.recv(1 << 16)
            except ConnectionError:
                return None
            if not part:
                return None
            parts.append(part)
        message, _, self._buffer = b"".join(parts).partition(b"\n")
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def _ended(self) -> str:
        """Say in words how the child ended."""
        code = self.close()
        if code == -signal.SIGXCPU:
            return f"takes more than {OPEN_SECONDS} s to open or {PAGE_SECONDS} s for one page"
        if code in (-signal.SIGABRT, -signal.SIGKILL, -signal.SIGTRAP):
            return f"needs more than {MEMORY / 1e6:.0f} MB of memory, or broke the reading library"
        return f"broke the reading library (code {code})"
