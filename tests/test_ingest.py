import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from workings.agent.cli import main
from workings.tools.folder import Skipped
from workings.tools.index import Index
from workings.tools.ingest import Reading
from workings.tools.journal import Journal, Remembering
from workings.tools.left_out import LeftOut


class Counting:
    """An embedder that can break down, and says what it was asked."""

    id, dimension, hash = "counting", 4, "1"

    def __init__(self, breaks_after=10**9):
        self.breaks_after = breaks_after
        self.texts = []

    def embed(self, texts):
        if len(self.texts) + len(texts) > self.breaks_after:
            raise RuntimeError("the embedding server is gone")
        self.texts.extend(texts)
        rows = [[len(text), text.count("a"), text.count("e"), 1.0] for text in texts]
        made = np.array(rows, dtype=np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)


@pytest.fixture
def docs(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("ash", "birch", "cedar", "elm"):
        (folder / f"{name}.md").write_text(f"# {name}\n\nThe {name} is a tree of its own.")
    return folder


def names(index):
    return [document.name for document in index.documents]


def test_an_update_whose_embedder_broke_reads_nothing_twice(docs, tmp_path, monkeypatch):
    home = tmp_path / "index"
    with pytest.raises(RuntimeError, match="server is gone"):
        Index.open(home, Counting(breaks_after=0)).update([docs])
    assert (home / "journal").is_dir()

    def nothing(files, scratch):
        assert not files
        yield from ()

    monkeypatch.setattr("workings.tools.ingest.read_all", nothing)
    report = Index.open(home, Counting()).update([docs])
    assert report.resumed == report.documents == 4
    assert not (home / "journal").exists()


def test_vectors_of_a_slow_embedder_are_not_made_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("workings.tools.journal.WORTH_KEEPING", -1.0)
    monkeypatch.setattr("workings.tools.journal.BATCH", 2)
    texts = [f"text {n} " + "a" * n for n in range(7)]
    first = Counting(breaks_after=4)
    with pytest.raises(RuntimeError):
        Remembering(first, Journal(tmp_path)).embed(texts)
    again, journal = Counting(), Journal(tmp_path)
    journal.begin()
    vectors = Remembering(again, journal).embed(texts)
    assert again.texts == texts[4:]
    assert np.array_equal(vectors, Counting().embed(texts))


def test_a_torn_or_changed_record_counts_as_not_written(docs, tmp_path):
    home = tmp_path / "index"
    with pytest.raises(RuntimeError):
        Index.open(home, Counting(breaks_after=0)).update([docs])
    (kept,) = (home / "journal").iterdir()
    data = kept.read_bytes()
    resumed = set()
    for change in (data[:-1], data[: len(data) // 2], data[:30], b"", data.replace(b"own", b"OWN")):
        copy = tmp_path / "copy"
        shutil.copytree(home, copy)
        (copy / "journal" / kept.name).write_bytes(change)
        index = Index.open(copy, Counting())
        resumed.add(index.update([docs]).resumed)
        text = index.page("ash.md", 1)[0].text
        assert len(index.documents) == 4 and "of its own" in text
        shutil.rmtree(copy)
    assert resumed == {3, 2, 1, 0} or resumed == {3, 1, 0} or resumed == {3, 2, 0}


def test_a_killed_update_is_taken_up_by_the_next(docs, tmp_path):
    home = tmp_path / "index"
    program = (
        "import os, signal, sys; from pathlib import Path; from workings.tools.index import Index\n"
        "def watch(now):\n"
        "    if now.files == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Index.open(Path(sys.argv[1])).update([sys.argv[2]], watch=watch)"
    )
    done = subprocess.run([sys.executable, "-c", program, home, docs], check=False)
    assert done.returncode == -signal.SIGKILL
    assert Index.open(home).documents == ()
    assert Index.open(home).update([docs]).resumed == 3


def test_reading_is_told_in_files_bytes_and_pages(docs, tmp_path):
    told: list[Reading] = []
    Index.open(tmp_path / "index", Counting()).update([docs], watch=told.append)
    assert [now.files for now in told] == [1, 2, 3, 4]
    assert told[-1].size == told[-1].size_in_all and told[-1].pages == 4


def test_a_document_is_removed_by_path_folder_name_or_id(docs, tmp_path):
    index = Index.open(tmp_path / "index", Counting())
    index.update([docs])
    assert [d.name for d in index.remove([docs / "ash.md"]).documents] == ["ash.md"]
    assert [d.name for d in index.remove(["birch.md"]).documents] == ["birch.md"]
    key = index.documents[0].id
    assert [d.id for d in index.remove([key]).documents] == [key]
    assert index.search("ash birch cedar", 9) and names(index) == ["elm.md"]
    assert len(index.remove([docs]).documents) == 1 and index.documents == ()


def test_content_under_two_paths_stays_unless_it_is_to_go_everywhere(docs, tmp_path):
    shutil.copy(docs / "ash.md", docs / "zash.md")
    index = Index.open(tmp_path / "index", Counting())
    index.update([docs])
    told = index.remove([docs / "ash.md"])
    assert told.documents == () and [d.name for d in told.elsewhere] == ["zash.md"]
    index.update([docs])
    assert len(index.remove([docs / "ash.md"], everywhere=True).documents) == 1
    assert "zash.md" not in names(index)


def test_what_was_left_out_is_kept_by_folder(docs, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "good.txt").write_text("good")
    (other / "bad.pdf").write_bytes(b"")
    (docs / "empty.txt").write_bytes(b"")
    index = Index.open(tmp_path / "index", Counting())
    index.update([docs])
    index.update([other])
    assert [item.path.name for item in index.left_out] == ["empty.txt", "bad.pdf"]
    (docs / "empty.txt").write_text("no more")
    index.update([docs])
    assert index.left_out == (Skipped(other / "bad.pdf", "is empty (0 bytes)"),)
    (tmp_path / "index" / "left-out.json").write_bytes(b"[{")
    assert LeftOut(tmp_path / "index").read() == ()


def run(capsys, *arguments):
    code = main([*map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_forgetting_lists_and_then_deletes_the_runs_that_hold_it(docs, tmp_path, capsys):
    home = tmp_path / "home"
    for tree in ("ash", "elm"):
        question = f"What is the {tree}?"
        assert run(capsys, "ask", question, "--docs", docs / f"{tree}.md", "--home", home)[0] == 0
    command = ("index", "--remove", "ash.md", "--forget", "--home", home)
    code, _, told = run(capsys, *command)
    assert code == 2 and "What is the ash?" in told and "What is the elm?" not in told
    code, out, _ = run(capsys, *command, "--yes", "--json")
    assert code == 0 and len(json.loads(out)["traces_deleted"]) == 1
    left = [path.read_bytes() for path in (home / "traces").rglob("*") if path.is_file()]
    assert not any(b"The ash is a tree" in data for data in left)
    assert any(b"The elm is a tree" in data for data in left)


def test_the_report_names_what_was_left_out_and_how_to_read_scans(tmp_path, capsys):
    from reportlab.pdfgen.canvas import Canvas

    docs = tmp_path / "docs"
    docs.mkdir()
    canvas = Canvas(str(docs / "a scan.pdf"))
    for _ in range(3):
        canvas.showPage()
    canvas.drawString(50, 700, "One page with words")
    canvas.save()
    (docs / "zero.pdf").write_bytes(b"")
    home = tmp_path / "home"
    assert run(capsys, "index", docs, "--home", home)[0] == 0
    code, out, _ = run(capsys, "index", "--report", "--home", home)
    assert code == 0
    assert "zero.pdf: is empty (0 bytes)" in out
    assert "3 pages without text (scanned?): 1-3" in out
    assert f"ocrmypdf --skip-text -- '{docs / 'a scan.pdf'}'" in out


def test_a_file_that_vanishes_or_empties_while_it_is_read_stops_no_other(
    docs, tmp_path, monkeypatch
):
    from workings.tools import ingest

    def read_all(files, scratch):
        (docs / "ash.md").unlink()
        (docs / "elm.md").write_bytes(b"")
        return whole(files, scratch=scratch)

    whole = ingest.read_all
    monkeypatch.setattr(ingest, "read_all", read_all)
    index = Index.open(tmp_path / "index", Counting())
    report = index.update([docs])
    assert names(index) == ["birch.md", "cedar.md"]
    assert {i.path.name: i.reason for i in report.skipped} == {
        "ash.md": "cannot be opened: no such file or directory",
        "elm.md": "is empty (0 bytes)",
    }


def test_no_reading_process_outlives_a_killed_parent(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.pdf").write_bytes(b"%PDF-1.4 junk")
    program = (
        "import sys; from pathlib import Path; from workings.tools.pool import Child\n"
        "from workings.tools.errors import DocumentError\n"
        "child, path = Child(), Path(sys.argv[1])\n"
        "try: child.read(path, path.parent)\n"
        "except DocumentError: pass\n"
        "print(child._process.pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, docs / "a.pdf"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with parent:
        child = Path("/proc") / parent.stdout.readline().decode().strip()
        assert b"workings.tools.child" in (child / "cmdline").read_bytes()
        os.kill(parent.pid, signal.SIGKILL)
    for _ in range(100):
        if not child.exists() or b"Z" in (child / "stat").read_bytes().rsplit(b")", 1)[1][:3]:
            return
        signal.sigtimedwait([], 0.05)
    raise AssertionError("the reading process is still there")
