"""What a process opens, seen from outside: it runs under strace, and the log is read afterwards."""

import os
import re

_OPENED = re.compile(rb'open(?:at)?\([^"]*"((?:[^"\\]|\\.)*)"[^=]*= (\d+)')
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)")


def traced(command, log):
    """The command that runs this one, and all that it starts, under strace."""
    calls = "trace=open,openat,socket,connect,execve"
    return ["strace", "-f", "--seccomp-bpf", "-s", "4096", "-o", str(log), "-e", calls, *command]


def outside(log, *allowed):
    """Paths that were opened and lie in none of the allowed places; sockets that reach out."""
    places = [os.fsencode(str(place)) for place in allowed]
    found = set()
    for line in log.read_bytes().splitlines():
        if b"connect(" in line and b"AF_INET" in line:
            found.add("a connection")
        match = _OPENED.search(line)
        if match is None:
            continue
        path = _ESCAPE.sub(_byte, match[1])
        if not path.startswith(b"/"):
            continue  # a relative name is below a folder that was opened by its whole name
        if not any(path == place or path.startswith(place + b"/") for place in places):
            found.add(path.decode(errors="replace"))
    return sorted(found)


def _byte(match):
    if match[1].isdigit():
        return bytes([int(match[1], 8)])
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"f": b"\f", b"v": b"\v"}.get(match[1], match[1])
