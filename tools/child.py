"""The child process that reads one file after another, under limits of memory and CPU time.

Started by `tools/pool.py` with no environment and one socket. A request is a line of JSON with the
open file beside it; the answers are lines of JSON, one a page, so that what was read before a
crash is not lost. Knows no paths: it gets an open file and its ending, never a name.
"""

import ctypes
import json
import os
import resource
import signal
import socket
import time
from dataclasses import asdict
from typing import Any

from .errors import DocumentError
from .folder import content_id
from .formats import FORMATS, Format
from .source import FILE_SECONDS, MEMORY, OPEN_SECONDS, PAGE_SECONDS, SECONDS_A_PAGE

_PR_SET_PDEATHSIG = 1


def main(descriptor: int, parent: int) -> None:
    """Serve requests until the parent (process id) closes the socket or dies."""
    _die_with(parent)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who closes the socket
    loaded: set[Format] = set()
    with socket.socket(fileno=descriptor) as line:
        while True:
            request, files, _, _ = socket.recv_fds(line, 4096, 1)
            if not request:
                return
            asked = json.loads(request)
            form = FORMATS[asked["ending"]]
            if form not in loaded:
                _limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)
                form.load()
                loaded.add(form)
                _limit(resource.RLIMIT_AS, _mapped() + MEMORY)
            _serve(line, form, asked["first"], files[0])


def _serve(line: socket.socket, form: Format, first: int, descriptor: int) -> None:
    try:
        with os.fdopen(descriptor, "rb") as file:
            _allow(OPEN_SECONDS)
            data = file.read()
        source = form.open(data)
        _send(line, "open", {"id": content_id(data), "info": asdict(source.info)})
        _allow(PAGE_SECONDS)
        start = time.process_time()
        for count, page in enumerate(source.pages(first), start=1):
            _send(line, "page", asdict(page))
            _allow(PAGE_SECONDS)
            if time.process_time() - start > FILE_SECONDS + SECONDS_A_PAGE * count:
                _send(line, "done", {"stopped": page.number})
                return
        _send(line, "done", {})
    except DocumentError as error:
        _send(line, "error", {"reason": str(error)})
    except OSError as error:
        _send(line, "error", {"reason": f"cannot be read: {error.strerror or error}"})
    except MemoryError:
        _send(line, "error", {"reason": f"needs more than {MEMORY / 1e6:.0f} MB of memory"})


def _send(line: socket.socket, kind: str, body: dict[str, Any]) -> None:
    line.sendall(json.dumps({"kind": kind, **body}).encode() + b"\n")


def _mapped() -> int:
    """Return the address space that is in use already."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 500_000_000  # not Linux: leave room for the interpreter and the libraries


def _allow(seconds: int) -> None:
    """Let this process use so many more CPU seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)


def _limit(kind: int, value: int) -> None:
    """Set the soft limit only, so that the CPU limit can move on with the work."""
    hard = resource.getrlimit(kind)[1]
    bounds = [each for each in (value, hard) if each != resource.RLIM_INFINITY]
    resource.setrlimit(kind, (min(bounds, default=resource.RLIM_INFINITY), hard))


def _die_with(parent: int) -> None:
    """Have the system end this process when its parent ends, however it ends (Linux only).

    Elsewhere the closed socket ends it, after the page in hand.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit  # it died before we asked
