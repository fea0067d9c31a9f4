"""All records of a trace file at once, its whole chain of checksums held against them.

For those who need a whole record or none: the first thing that is not as it has to be is refused,
and `graphs.records` names it. Knows what `graphs.lines` knows of a line.
"""

from hashlib import blake2b
from typing import Any

import orjson
from pydantic_core import from_json

from .lines import VALUE_LIMIT, parse

_HEAD = b',"sum":"'
_TAIL = len(_HEAD) + 16 + 2


class Broken(ValueError):
    """The file is no whole chain of records."""


def chained(data: bytes) -> tuple[list[bytes], list[Any]]:
    """The bytes of each record, and what they hold. Raises `Broken`, and `ValueError`.

    An integer of more than 64 bits may come as a float: `exact` reads a record as it is.
    """
    lines = data.split(b"\n")
    if lines.pop():
        raise Broken("the last line has no end")
    bodies = []
    previous = b""
    for line in lines:
        body = line[:-_TAIL] + b"}"
        total = blake2b(previous + body, digest_size=8).hexdigest().encode()
        if line[-_TAIL:] != _HEAD + total + b'"}':
            raise Broken("a line does not fit to the one before it")
        previous = total
        bodies.append(body)
    whole = b"[%s]" % b",".join(bodies)
    # so few bytes cannot hold more values than are taken: they need not be counted
    records = orjson.loads(whole) if len(whole) <= VALUE_LIMIT else parse(whole)
    if len(records) != len(bodies):
        raise Broken("a line is not one record")
    return bodies, records


def exact(body: bytes) -> Any:
    """What a record holds, to the last digit. Raises `ValueError`."""
    return from_json(body, allow_inf_nan=False)
