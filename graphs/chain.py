"""All records of a trace file at once, its whole chain of checksums held against them.

For those who need a whole record or none: the first thing that is not as it has to be is refused,
and `graphs.records` names it. Knows what `graphs.lines` knows of a line.
"""

from hashlib import blake2b
from typing import Any

import orjson
from pydantic_core import from_json

from .canonical import canonical
from .lines import VALUE_LIMIT, parse

_TAIL = len(b',"sum":"0123456789abcdef"}')
_EMPTY = blake2b(digest_size=8)
"""Copied for every line, which takes less time than to set one up."""
LIMIT = 8_000_000
"""Bytes of a file that is taken at once: copies of it are made, and 512 MB are the bound."""
_WRITES = b',"writes":"'
_LONG = 200
"""Bytes of a record from which it pays to leave something out."""


class Broken(ValueError):
    """The file is no whole chain of records."""


def chained(data: bytes) -> tuple[list[bytes], list[Any]]:
    """The bytes of each record, and what they hold. Raises `Broken`, and `ValueError`.

    Of a node's record the values are left out: they are there for a person to see. A record has to
    be canonical, and to begin where its line does.
    """
    if len(data) > LIMIT:
        raise Broken("it is too long to be taken at once")
    lines = data.split(b"\n")
    if lines.pop():
        raise Broken("the last line has no end")
    bodies, short = [], []
    previous = b""
    for line in lines:
        body = line[:-_TAIL] + b"}"
        sum = _EMPTY.copy()
        sum.update(previous + body)
        previous = sum.hexdigest().encode()
        if not line.endswith(b',"sum":"%s"}' % previous):
            raise Broken("a line does not fit to the one before it")
        bodies.append(body)
        short.append(brief(body) if len(body) > _LONG else body)
    if not bodies:
        raise Broken("it has no line")
    whole = b"[%s]" % b",".join(short)
    # so few bytes cannot hold more values than are taken: they need not be counted
    if len(whole) <= VALUE_LIMIT:
        records = orjson.loads(whole)
        if [orjson.dumps(record, option=orjson.OPT_SORT_KEYS) for record in records] == short:
            return bodies, records
    # of an integer of more than 64 bits orjson makes a float
    records = parse(whole)
    if list(map(canonical, records)) != short:
        raise Broken("a line is not one record as it is written")
    return bodies, records


def brief(body: bytes) -> bytes:
    """The record of a node without the values that it wrote; another record as it is."""
    # quotes within a text are written otherwise, and what is between is a hash
    if body[-29:-18] == _WRITES:
        end = 29
    elif body[-45:-34] == _WRITES:
        end = 45  # older traces have longer ones
    else:
        return body
    start = body.find(b',"values":{') if b'"t":"node"' in body else 0
    if start <= 0:
        return body
    short = body[:start] + body[-end:]
    # where there is another object, or a text that looks so, the values may be a part of that
    return short if short.count(b"{") == 1 else body


def exact(body: bytes) -> Any:
    """What a record holds, to the last digit. Raises `ValueError`."""
    return from_json(body, allow_inf_nan=False)
