"""The whole chain at once refuses what the reader refuses line by line."""

from hashlib import blake2b

import pytest
from pydantic_core import from_json
from workings.graphs.chain import Broken, chained, exact
from workings.graphs.lines import seal


def sealed(*records):
    lines, previous = [], ""
    for record in records:
        line, previous = seal(record, previous)
        lines.append(line)
    return b"".join(lines)


FILE = sealed({"n": 0, "t": "a"}, {"n": 1, "text": '\n, {"sum":"x"}'}, {"n": 2})


def test_a_whole_chain_is_read_as_it_is():
    bodies, records = chained(FILE)
    assert records == [from_json(body) for body in bodies]
    assert [record["n"] for record in records] == [0, 1, 2]


@pytest.mark.parametrize("place", range(len(FILE)))
def test_every_turned_bit_is_seen(place):
    for bit in range(8):
        turned = bytearray(FILE)
        turned[place] ^= 1 << bit
        with pytest.raises(ValueError):
            chained(bytes(turned))


@pytest.mark.parametrize("cut", range(1, len(FILE)))
def test_every_cut_is_a_whole_prefix_or_refused(cut):
    if FILE[:cut].endswith(b"\n"):
        assert len(chained(FILE[:cut])[1]) < 3
        return
    with pytest.raises(Broken):
        chained(FILE[:cut])


def test_a_line_that_is_two_records_is_refused():
    for lines_before in (b"", sealed({"n": 0})):
        previous = lines_before[-19:-3]
        two = b'{"n":1},{"n":2}'
        total = blake2b(previous + two, digest_size=8).hexdigest()
        line = two[:-1] + b',"sum":"' + total.encode() + b'"}\n'
        with pytest.raises(ValueError):
            chained(lines_before + line)


def test_a_long_integer_is_read_to_the_last_digit():
    bodies, _ = chained(sealed({"n": 2**70}))
    assert exact(bodies[0]) == {"n": 2**70}
