"""Vectors by size, words of many rows, and large files that are checked as they are read."""

import numpy as np
import pytest
from inverted import lexical
from test_index import Letters, answers, docs, home, names  # noqa: F401 - two are fixtures
from workings.tools.blocks import BLOCK, Array, Texts
from workings.tools.errors import SettingsError
from workings.tools.index import Index
from workings.tools.lexical import highest
from workings.tools.rows_build import joined
from workings.tools.scratch import Column, Scratch
from workings.tools.vector_changes import Moves, revised
from workings.tools.vectors import Flat, Scale, load

SMALL = Scale(sq8=1000, ivf=3000)
NONE = np.zeros(0, dtype=np.int32)


def clustered(count, seed=3):
    """Unit vectors around 40 centres."""
    drawn = np.random.default_rng(seed)
    centres = drawn.standard_normal((40, 32))
    values = centres[drawn.integers(0, 40, count)] + 0.5 * drawn.standard_normal((count, 32))
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def exact(values):
    return Flat(Array(values), values.shape[1])


def changed(old, places, values, placed, scale=SMALL):
    """The table of what `revised` writes."""
    with Scratch.in_memory() as scratch:
        fresh = Column(scratch, "<f4", values.shape[1])
        fresh.append(values)
        parts = revised(old, Moves(places, placed), fresh, scale, scratch)
        files = {name: joined(part) for name, part in parts.items()}

    def array(name, dtype, columns=None):
        values = np.frombuffer(files[name], dtype)
        return Array(values if columns is None else values.reshape(-1, columns))

    kind, dimension = files["vectors.txt"].decode().split()
    return load(kind, int(dimension), array)


def table(values, scale=SMALL):
    empty = exact(np.zeros((0, values.shape[1]), dtype=np.float32))
    return changed(empty, NONE, values, np.arange(len(values), dtype=np.int32), scale)


def found(kept, queries, rows=None):
    return [set(kept.nearest(query, 10, rows).tolist()) for query in queries]


def recall(kept, values, queries, rows=None):
    best = found(exact(values), queries, rows)
    return np.mean([len(a & b) / 10 for a, b in zip(best, found(kept, queries, rows), strict=True)])


@pytest.mark.parametrize(("count", "kind"), [(999, "flat"), (2999, "sq8"), (6000, "ivf-sq8")])
def test_the_way_of_keeping_follows_from_the_size(count, kind):
    values, queries = clustered(count), clustered(50, seed=4)
    kept = table(values)
    assert kept.kind == kind and len(kept) == count
    assert recall(kept, values, queries) >= (1 if kind == "flat" else 0.95)
    some = np.arange(0, count, 7, dtype=np.int32)
    assert all(set(some.tolist()) >= each for each in found(kept, queries, some))
    assert recall(kept, values, queries, some) >= (1 if kind == "flat" else 0.95)
    assert np.allclose(kept.cosines(some, queries[0]), values[some] @ queries[0], atol=0.02)


def test_few_cells_are_looked_into_and_enough_are(monkeypatch):
    monkeypatch.setattr("workings.tools.compressed._PROBED", 0.1)
    monkeypatch.setattr("workings.tools.compressed._LISTED", 500)
    values, queries = clustered(6000), clustered(50, seed=4)
    kept = table(values)
    assert 0.8 < recall(kept, values, queries) < 1
    some = np.arange(0, 6000, 3, dtype=np.int32)
    assert recall(kept, values, queries, some) > 0.8
    assert all(len(each) == 10 for each in found(kept, queries, some))


@pytest.mark.parametrize("before", [500, 2000, 5000])
def test_rows_that_move_keep_their_vectors(before):
    values, more = np.split(clustered(before + 3500), [before])
    places = np.arange(before, dtype=np.int32) // 2
    places[1::2] = -1
    kept = changed(table(values), places, more, np.arange(3500, dtype=np.int32) + before // 2)
    expected = np.concatenate([values[::2], more])
    rows = np.arange(len(expected), dtype=np.int32)
    for query in clustered(5, seed=4):
        assert np.abs(kept.cosines(rows, query) - expected @ query).mean() < 0.01
    assert recall(kept, expected, clustered(20, seed=4)) >= 0.9


def test_a_compressed_index_that_shrinks_still_answers():
    values = clustered(2000)
    places = np.full(2000, -1, dtype=np.int32)
    places[:100] = np.arange(100)
    kept = changed(table(values), places, np.zeros((0, 32), np.float32), NONE)
    assert kept.kind == "sq8" and len(kept) == 100
    none = changed(kept, np.full(100, -1, np.int32), np.zeros((0, 32), np.float32), NONE)
    assert none.kind == "flat" and len(none) == 0


def test_common_words_of_a_long_query_change_no_best_row():
    drawn = np.random.default_rng(5)
    vocabulary = [f"w{n}" for n in range(300)]
    share = 1 / np.arange(1, 301)
    texts = [" ".join(drawn.choice(vocabulary, 12, p=share / share.sum())) for _ in range(3000)]
    words = lexical(*texts)
    for number in range(20):
        query = {f"w{n}": 1.0 for n in (0, 1, 2, 20 + number, 90 + number, 200 + number)}
        exact = words.scores(query)
        rough = words.scores(query, many=1000, budget=600)
        assert (rough <= exact + 1e-6).all() and (rough < exact - 1e-6).any()
        best = set(np.argsort(-exact)[:20].tolist())
        assert len(best & set(highest(rough, 60).tolist())) == 20
        some = np.arange(0, 3000, 5, dtype=np.int32)
        assert (words.scores_of(query, some) == exact[some]).all()


def test_the_highest_of_many_are_the_highest(monkeypatch):
    monkeypatch.setattr("workings.tools.lexical.MANY", 1000)
    values = np.random.default_rng(6).standard_normal(200_000).astype(np.float32)
    assert set(highest(values, 500).tolist()) == set(np.argsort(-values)[:500].tolist())
    few = np.zeros(200_000, dtype=np.float32)
    few[[5, 70_000]] = 1
    assert sorted(highest(few, 500).tolist()) == [5, 70_000]


def test_a_text_is_found_where_it_stands_and_not_elsewhere():
    texts = Texts.of(sorted(f"t{n}".encode() for n in range(50)))
    assert all(texts.find(texts[place]) == place for place in range(50))
    assert texts.find(b"t") is None and texts.find(b"zz") is None
    assert Texts.of(()).find(b"t") is None


@pytest.fixture
def large(docs, home):  # noqa: F811
    """An index that is mapped, as from 200,000 passages on."""
    drawn = np.random.default_rng(8)
    vocabulary = ["".join(chr(97 + c) for c in word) for word in drawn.integers(0, 26, (300, 9))]
    lines = [" ".join(drawn.choice(vocabulary, 25)) for _ in range(2500)]
    (docs / "long.txt").write_text("\n".join(lines))
    opened(home).update([docs])
    return home


def opened(folder, **options):
    return Index.open(folder, Letters(), scale=Scale(sq8=2, ivf=4), **options)


def test_a_large_index_answers_as_a_small_one(docs, home, tmp_path):  # noqa: F811
    small = Index.open(tmp_path / "small", Letters())
    small.update([docs])
    mapped = Index.open(home, Letters(), scale=Scale(sq8=2, ivf=100))
    assert "sq8" in mapped.update([docs]).vectors
    pairs = zip(answers(small), answers(mapped), strict=True)
    for mine, theirs in pairs:
        assert [hit.passage for hit in mine] == [hit.passage for hit in theirs]
    assert mapped.documents == small.documents and mapped.fingerprint == small.fingerprint


def test_a_turned_bit_of_a_large_index_is_refused_when_it_is_read(large):
    before = answers(opened(large))
    (path,) = large.glob("gen-*/parts.bin")
    data = path.read_bytes()
    assert len(data) > BLOCK
    refused = 0
    for place in range(0, len(data), BLOCK // 4):
        path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        try:
            assert answers(opened(large)) == before
        except SettingsError as error:
            assert "--rebuild" in str(error)
            refused += 1
        with pytest.raises(SettingsError, match="damaged.*--rebuild"):
            opened(large).verify()
    path.write_bytes(data)
    assert refused and "all as they were written" in opened(large).verify()


def test_an_open_large_index_answers_while_it_is_replaced(large, docs):  # noqa: F811
    reader = opened(large)
    (docs / "long.txt").unlink()
    opened(large).update([docs])
    assert "long.txt" in names(reader) and len(answers(reader)[0]) == 5
    assert names(opened(large)) == ["apples.md", "bridges.txt"]
