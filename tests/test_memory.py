"""An index is built and changed in memory that does not grow with what is in it."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from test_index import Letters, docs, home  # noqa: F401 - two are fixtures
from workings.tools import (
    building,
    chunks,
    inverting,
    lexical_build,
    paged,
    readers,
    rows_build,
    scratch,
    vector_changes,
)  # fmt: skip
from workings.tools.documents import Document
from workings.tools.errors import SettingsError
from workings.tools.folder import find_files
from workings.tools.index import Index
from workings.tools.scratch import Scratch
from workings.tools.source import SourcePage
from workings.tools.spool import Spool
from workings.tools.vectors import Scale

PROGRAM = """
import gc, json, sys
from pathlib import Path
import numpy as np
from workings.tools import inverting
from workings.tools.index import Index

inverting.RUN, inverting.TERMS = 40_000, 5_000
folder = Path(sys.argv[1])

class Sums:
    id, dimension, hash = "sums", 256, "1"
    def embed(self, texts):
        seeds = np.array([len(text) % 97 for text in texts], dtype=np.float32)
        made = 1 + np.outer(seeds, np.arange(256, dtype=np.float32))
        return made / np.linalg.norm(made, axis=1, keepdims=True)

def memory(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024

def grown(work):
    gc.collect()
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    passages = work().passages
    return memory("VmHWM") - before, passages

def docs(name, count):
    drawn = np.random.default_rng(count)
    (folder / name).mkdir()
    for n in range(count):
        lines = [f"w{a} w{b} x{n}y{i} costs 5,000" for i, (a, b) in
            enumerate(drawn.integers(0, 4000, (3000, 2)).tolist())]
        (folder / name / f"{n}.txt").write_text("\\n".join(lines))
    return folder / name

def update(home, path):
    index = Index.open(folder / home, Sums())
    return lambda: index.update([path])

small, large, more = docs("small", 4), docs("large", 16), folder / "more.txt"
more.write_text("One more file.")
update("warm", small)()
found = [grown(update("a", small)), grown(update("b", large)), grown(update("b", more))]
print(json.dumps(found))
"""


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux counts a peak anew"
)
def test_four_times_the_passages_take_no_more_memory(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path], capture_output=True, text=True, check=True
    )
    (small, few), (large, many), (one_more, _) = json.loads(done.stdout)
    assert many > 3.9 * few and many > 1400
    # In megabytes. Held in memory as a whole, the larger one takes 40 more than the smaller.
    assert large < small + 10
    assert one_more < 10


@pytest.fixture
def tiny_pieces(monkeypatch):
    """Everything that is done piece by piece is done in pieces of a few."""
    for module, name in (
        (inverting, "RUN"), (inverting, "TERMS"), (inverting, "MERGED"),
        (building, "EMBEDDED"), (building, "_COPIED"), (vector_changes, "_CHUNK"),
        (lexical_build, "_MOST_WORDS"), (rows_build, "_MOST_LABELS"), (scratch, "PIECE"),
        (paged, "HELD"), (readers, "LONG_TEXT"), (chunks, "_LINES_OF"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 7)
    monkeypatch.setattr(inverting, "_READ_AHEAD", 7)


def written(place, folder, scale):
    """The bytes of an index after some updates."""
    index = Index.open(place, Letters(), scale=scale)
    found = []
    for step in sorted(folder.iterdir()):
        index.update([step])
        (path,) = place.glob("gen-*/parts.bin")
        found.append(path.read_bytes())
    index.remove([sorted(folder.iterdir())[0]])
    (path,) = place.glob("gen-*/parts.bin")
    return [*found, path.read_bytes()]


@pytest.fixture
def steps(tmp_path):
    drawn = np.random.default_rng(3)
    for step in "abc":
        folder = tmp_path / "steps" / step
        folder.mkdir(parents=True)
        for number in range(3):
            words = ["".join(map(chr, row)) for row in drawn.integers(97, 123, (60, 3)).tolist()]
            lines = [" ".join(drawn.choice(words, 9)) + f" {n},000" for n in range(60)]
            (folder / f"{number}.md").write_text("# Net sales\n\n" + "\n".join(lines))
    (tmp_path / "steps" / "b" / "none.txt").write_text(" \n ")
    return tmp_path / "steps"


@pytest.mark.parametrize("scale", [Scale(), Scale(sq8=5, ivf=20)])
def test_the_size_of_the_pieces_does_not_show_in_the_files(steps, tmp_path, scale, request):
    whole = written(tmp_path / "whole", steps, scale)
    request.getfixturevalue("tiny_pieces")
    assert written(tmp_path / "pieces", steps, scale) == whole


def test_pages_on_disk_are_those_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(paged, "HELD", 50)
    path = tmp_path / "long.txt"
    path.write_text("\n\n".join(f"Paragraph {n}. " + "word " * 300 for n in range(40)))
    found = find_files([path])[0]
    (near,) = readers.read_all(found)
    with Scratch(tmp_path / "scratch", ValueError) as place:
        (far,) = readers.read_all(found, scratch=place)
        assert far.document == near.document and len(far.pages) == len(near.pages) > 5
        assert list(far.pages) == list(near.pages) and far.pages[::3] == near.pages[::3]
        far.close()
    assert not (tmp_path / "scratch").exists()


def test_what_was_dropped_of_a_mapped_file_is_read_again(tmp_path):
    with Scratch(tmp_path / "scratch", ValueError) as place:
        column = scratch.Column(place, "<i4", 4)
        for start in range(0, 400_000, 100_000):
            column.append(np.arange(start, start + 100_000))
        values = np.frombuffer(column.mapped().data[1:], dtype="<i4").reshape(-1, 4)
        assert resident(values.sum) - resident(lambda: scratch.drop(values)) > 1000
        assert values[-1].tolist() == column.part(99_999, 100_000)[0].tolist()


def resident(work):
    """Kilobytes of mapped files in memory after some work."""
    work()
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile"))


def test_a_page_that_is_sent_again_replaces_the_first(monkeypatch):
    monkeypatch.setattr(paged, "HELD", 3)
    pages = paged.SourcePages(Scratch.in_memory())
    for number, text in ((1, "one"), (2, "draft"), (2, "second"), (3, ""), (2, "third")):
        pages.put(SourcePage(number, str(number), text))
    assert [page.text for page in pages] == ["one", "third", ""] and pages.last == 3


def test_a_long_text_is_read_by_a_child_as_it_is_read_here(tmp_path, monkeypatch):
    path = tmp_path / "long.md"
    path.write_bytes(b"# Title\r\n\r\nText \x1b[31mred\n" * 300)
    here = readers.read(path)
    monkeypatch.setattr(readers, "LONG_TEXT", 10)
    assert readers.read(path) == here


@pytest.mark.parametrize("text", ["", "a", "a\r\nb\rc\n\nd\x0be\u2028f", "\r\n" * 9, "abc" * 9])
def test_lines_told_apart_piece_by_piece_are_those_of_the_whole(text, monkeypatch):
    for size in range(1, 9):
        monkeypatch.setattr(chunks, "_LINES_OF", size)
        assert list(chunks.each_line(text)) == text.splitlines(keepends=True)


def test_nothing_under_way_is_left_when_an_update_fails(docs, home):  # noqa: F811
    class Broken(Letters):
        def embed(self, texts):
            raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        Index.open(home, Broken()).update([docs])
    assert not list(home.glob("tmp-*")) and not Index.open(home, Letters()).documents


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
@pytest.mark.parametrize("words", [5, 20_000])
def test_a_disk_that_is_full_from_the_first_byte_is_said(words, docs, home, monkeypatch):  # noqa: F811
    (docs / "more.txt").write_text("Hello there. " * words)

    def full(_):
        return open("/dev/full", "r+b", buffering=1 << 16)

    monkeypatch.setattr(Scratch, "_made", full)
    with pytest.raises(SettingsError, match="cannot be written: No space left"):
        Index.open(home, Letters()).update([docs])


def test_nothing_is_read_any_more_when_an_update_was_stopped(docs, home):  # noqa: F811
    for number in range(12):
        (docs / f"{number}.html").write_text(f"<p>Number {number}</p>" + "<p>More.</p>" * 2000)

    def stop(*_):
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        Index.open(home, Letters()).update([docs], stop)
    assert threading.active_count() == before and not list(home.glob("tmp-*"))


def test_of_two_readings_of_one_content_the_last_counts(tmp_path):
    spool = Spool(Scratch.in_memory())
    for name in ("first.txt", "last.txt"):
        document = Document(
            id="ab" * 16, name=name, path=name, title="T", kind="txt", pages=1, metadata={}
        )
        spool.add(document, [])
    (body,) = spool.read("ab" * 16)
    assert b"last.txt" in body and len(spool) == 1
