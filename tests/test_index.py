import os
import shutil
import signal
import sys
import tempfile
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from reportlab.pdfgen import canvas
from workings.tools.embedders import WordLlama
from workings.tools.errors import SettingsError, ToolError
from workings.tools.index import Index


class Letters:
    """A tiny embedder: how often each letter stands in the text."""

    id = "letters"
    dimension = 26
    hash = "1"

    def embed(self, texts: list[str]) -> np.ndarray:
        rows = [[text.lower().count(chr(97 + n)) for n in range(26)] for text in texts]
        counts = np.array(rows, dtype=np.float32).reshape(len(texts), 26)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "apples.md").write_text("# Apples\n\nApples are red and grow on trees.\n")
    (folder / "bridges.txt").write_text("Bridges carry roads over rivers.\n")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "index"


def fresh(home: Path, **options: bool) -> Index:
    return Index.open(home, Letters(), **options)


def names(index: Index) -> list[str]:
    return [document.name for document in index.documents]


def answers(index: Index) -> list[object]:
    return [index.search(q, 5) for q in ("red apples", "roads over rivers", "cats")]


def test_an_index_never_written_is_empty_and_writes_nothing(home):
    index = fresh(home)
    assert index.documents == () and index.search("anything") == []
    assert not home.exists()


def test_what_was_indexed_is_found_again_after_opening(docs, home):
    report = fresh(home).update([docs])
    assert len(report.added) == 2 and report.documents == 2 and report.skipped == ()
    hits = fresh(home).search("which fruit grows on trees", 1)
    assert hits[0].passage.document == "apples.md" and hits[0].passage.page == 1
    assert set(hits[0].parts) == {"lexical", "headings", "dense", "figures", "prior"}
    assert hits[0].score == pytest.approx(sum(hits[0].parts.values()))


def test_a_pdf_keeps_its_pages(docs, home):
    pdf = canvas.Canvas(str(docs / "two.pdf"))
    for text in ("The first page speaks of whales.", "The second page speaks of zebras."):
        pdf.drawString(72, 700, text)
        pdf.showPage()
    pdf.save()
    index = fresh(home)
    index.update([docs])
    assert index.search("zebras", 1)[0].passage.page == 2
    assert "whales" in index.page("two", 1)[0].text
    assert index.page("two.pdf", 2) == index.page("TWO", 2)


def test_an_unchanged_folder_writes_nothing(docs, home):
    fresh(home).update([docs])
    before = (home / "CURRENT").read_bytes()
    report = fresh(home).update([docs])
    assert len(report.unchanged) == 2 and report.added == ()
    assert (home / "CURRENT").read_bytes() == before


def test_a_changed_file_loses_its_old_text(docs, home):
    index = fresh(home)
    index.update([docs])
    (docs / "bridges.txt").write_text("Cats sleep all day.\n")
    report = index.update([docs])
    assert [Path(p).name for p in report.changed] == ["bridges.txt"]
    assert index.search("cats", 1)[0].passage.document == "bridges.txt"
    assert not any("rivers" in hit.passage.text for hit in index.search("rivers", 10))


def test_a_removed_file_is_gone_and_another_folder_stays(docs, home, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "cats.txt").write_text("Cats sleep.\n")
    index = fresh(home)
    index.update([docs, other])
    (docs / "apples.md").unlink()
    assert [Path(p).name for p in index.update([docs]).removed] == ["apples.md"]
    assert names(fresh(home)) == ["bridges.txt", "cats.txt"]


def test_a_renamed_file_has_its_new_name(docs, home):
    index = fresh(home)
    index.update([docs])
    (docs / "bridges.txt").rename(docs / "rivers.txt")
    index.update([docs])
    assert names(index) == ["apples.md", "rivers.txt"]
    assert index.search("roads", 1)[0].passage.document == "rivers.txt"


def test_the_same_content_under_two_paths_is_one_document(docs, home):
    shutil.copy(docs / "apples.md", docs / "copy.md")
    index = fresh(home)
    report = index.update([docs])
    assert report.documents == 2 and [Path(p).name for p in report.duplicates] == ["copy.md"]
    assert index.select([docs / "copy.md"]) == index.select([docs / "apples.md"]) != frozenset()
    (docs / "apples.md").unlink()
    index.update([docs])
    assert names(index) == ["bridges.txt", "copy.md"]


def test_contents_do_not_depend_on_the_way_to_them(docs, home, tmp_path):
    straight = fresh(home)
    straight.update([docs])
    bent = fresh(tmp_path / "bent")
    bent.update([docs / "bridges.txt"])
    (docs / "apples.md").rename(tmp_path / "aside.md")
    (docs / "apples.md").write_text("Cats.\n")
    bent.update([docs])
    (tmp_path / "aside.md").rename(docs / "apples.md")
    bent.update([docs])
    assert answers(bent) == answers(straight) and bent.fingerprint == straight.fingerprint


def test_the_fingerprint_tells_content_and_embedder_apart_not_paths(docs, home, tmp_path):
    first = fresh(home)
    first.update([docs])
    moved = tmp_path / "moved"
    shutil.copytree(docs, moved)
    second = fresh(tmp_path / "second")
    second.update([moved])
    assert first.fingerprint == second.fingerprint
    (moved / "more.txt").write_text("More.\n")
    second.update([moved])
    assert first.fingerprint != second.fingerprint


def test_an_unreadable_file_is_named_and_stops_no_other(docs, home):
    (docs / "broken.pdf").write_bytes(b"this is no pdf")
    report = fresh(home).update([docs])
    assert report.documents == 2 and [s.path.name for s in report.skipped] == ["broken.pdf"]


@pytest.mark.parametrize("make", [False, True])
def test_a_missing_or_empty_folder_is_refused(home, tmp_path, make):
    folder = tmp_path / "none"
    if make:
        folder.mkdir()
    with pytest.raises(SettingsError):
        fresh(home).update([folder])


def test_a_folder_that_became_empty_is_news_not_an_error(docs, home):
    index = fresh(home)
    index.update([docs])
    for file in docs.iterdir():
        file.unlink()
    assert len(index.update([docs]).removed) == 2 and index.documents == ()
    assert fresh(home).search("apples") == []


def test_every_flipped_byte_is_refused(docs, home):
    fresh(home).update([docs])
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "lock"]
    flips = 0
    for path in files:
        data = path.read_bytes()
        for place in range(0, len(data), max(1, len(data) // 60)):
            path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            with pytest.raises(SettingsError, match="--rebuild"):
                fresh(home)
            flips += 1
        path.write_bytes(data[: len(data) // 2])
        if data:
            with pytest.raises(SettingsError, match="--rebuild"):
                fresh(home)
        path.write_bytes(data)
    assert flips > 150 and len(fresh(home).documents) == 2


def test_a_missing_file_is_refused_and_rebuild_heals(docs, home):
    fresh(home).update([docs])
    for path in sorted(p for p in home.rglob("*") if p.is_file() and p.name != "lock"):
        data = path.read_bytes()
        path.unlink()
        with pytest.raises(SettingsError, match="damaged"):
            fresh(home)
        path.write_bytes(data)
    (home / "CURRENT").unlink()
    fresh(home, rebuild=True).update([docs])
    assert names(fresh(home)) == ["apples.md", "bridges.txt"]


def test_another_embedder_is_refused(docs, home):
    fresh(home).update([docs])
    other = Letters()
    other.hash = "2"
    with pytest.raises(SettingsError, match=r"embedder.*--rebuild"):
        Index.open(home, other)


def test_a_kill_at_any_write_leaves_the_old_or_the_new(docs, home, tmp_path):
    fresh(home).update([docs])
    old = fresh(home).fingerprint
    kept = tmp_path / "kept"
    shutil.copytree(home, kept)
    (docs / "cats.txt").write_text("Cats sleep.\n")
    seen = set()
    for moment in range(1, 200):
        status = killed_update(home, docs, moment)
        index = fresh(home)
        assert names(index) in (["apples.md", "bridges.txt"],) or (
            names(index) == ["apples.md", "bridges.txt", "cats.txt"]
        )
        assert index.search("roads over rivers", 1)[0].passage.document == "bridges.txt"
        seen.add(index.fingerprint == old)
        if status == 0:
            break
        fresh(home).update([docs])
        assert len(fresh(home).documents) == 3
        shutil.rmtree(home)
        shutil.copytree(kept, home)
    assert seen == {True, False} and 8 < moment < 199


def killed_update(home: Path, docs: Path, moment: int) -> int:
    """Update in a child that kills itself before its `moment`-th change to the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        changes = 0

        def hook(event: str, arguments: tuple) -> None:
            nonlocal changes
            writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
            if writes or event in ("os.rename", "os.mkdir", "os.rmdir", "os.remove"):
                changes += 1
                if changes == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(hook)
            fresh(home).update([docs])
            os._exit(0)
        except BaseException:
            os._exit(3)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status


def test_a_full_disk_is_said_and_the_old_index_answers(docs, home):
    import resource

    index = fresh(home)
    index.update([docs])
    (docs / "long.txt").write_text("\n".join(f"Line {n} of many." for n in range(3000)))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
        with pytest.raises(SettingsError, match="cannot be written.*still answers"):
            index.update([docs])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    for opened in (index, fresh(home)):
        assert names(opened) == ["apples.md", "bridges.txt"]
        assert opened.search("roads", 1)[0].passage.document == "bridges.txt"
    assert not list(home.glob("tmp-*"))


def test_two_writers_lose_nothing(home, tmp_path):
    folders = []
    for n in range(6):
        folder = tmp_path / f"docs{n}"
        folder.mkdir()
        (folder / f"file{n}.txt").write_text(f"Document number {n}.\n")
        folders.append(folder)
    # Each has opened before any has written: none may write back what it read then.
    indexes = [fresh(home) for _ in folders]
    threads = [
        threading.Thread(target=index.update, args=([folder],))
        for index, folder in zip(indexes, folders, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fresh(home).documents) == 6


def test_select_knows_files_and_folders(docs, home, tmp_path):
    index = fresh(home)
    index.update([docs])
    assert len(index.select([docs])) == 2
    assert len(index.select([docs / "apples.md"])) == 1
    assert index.select([tmp_path / "elsewhere"]) == frozenset()


def test_a_wrong_document_or_page_says_what_there_is(docs, home):
    index = fresh(home)
    index.update([docs])
    with pytest.raises(ToolError, match=r"aples.*apples\.md"):
        index.page("aples.md", 1)
    with pytest.raises(ToolError, match="1 to 1"):
        index.page("apples.md", 2)


def test_the_default_embedder_gives_unit_vectors_and_opens_nothing_else():
    embedder = WordLlama()
    vectors = embedder.embed(["the red apple", "", "an apple, red", "tax law"])
    assert vectors.shape == (4, 256) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1, 1], atol=1e-5)
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[3]
    assert len(embedder.hash) == 32
    assert not any(name.partition(".")[0] == "wordllama" for name in sys.modules)


def test_a_file_that_became_unreadable_is_removed_and_named(docs, home):
    (docs / "bridges.txt").rename(docs / "bridges.pdf")
    pdf = canvas.Canvas(str(docs / "bridges.pdf"))
    pdf.drawString(72, 700, "Bridges carry roads.")
    pdf.save()
    index = fresh(home)
    index.update([docs])
    (docs / "bridges.pdf").write_bytes(b"%PDF-1.4 cut off")
    report = index.update([docs])
    assert [Path(p).name for p in report.removed] == ["bridges.pdf"]
    assert [s.path.name for s in report.skipped] == ["bridges.pdf"]
    assert names(fresh(home)) == ["apples.md"]


def test_progress_is_told_of_each_file(docs, home):
    told = []
    fresh(home).update([docs], lambda done, total, name: told.append((done, total, name)))
    assert told == [(1, 2, told[0][2]), (2, 2, told[1][2])]
    assert {name for _, _, name in told} == {"apples.md", "bridges.txt"}


def test_readers_never_see_a_half_written_index(docs, home):
    writer = fresh(home)
    writer.update([docs])
    stop = threading.Event()

    def write() -> None:
        for n in range(15):
            (docs / "changing.txt").write_text(f"Version {n} of the cats.\n")
            writer.update([docs])
        stop.set()

    thread = threading.Thread(target=write)
    thread.start()
    opened = 0
    while not stop.is_set() or not opened:
        index = fresh(home)
        assert len(index.documents) in (2, 3)
        assert index.search("roads over rivers", 1)[0].passage.document == "bridges.txt"
        opened += 1
    thread.join()


def in_child(work) -> int:
    """Run in a forked child, which exits with 0 when nothing was raised; its process id."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return child


def test_writers_and_readers_in_processes_lose_and_tear_nothing(docs, home, tmp_path):
    fresh(home).update([docs])

    def write(n: int) -> None:
        folder = tmp_path / f"docs{n}"
        folder.mkdir()
        for m in range(4):
            (folder / f"file{n}-{m}.txt").write_text(f"Document number {n} {m}.\n")
            fresh(home).update([folder])

    def read() -> None:
        for _ in range(25):
            index = fresh(home)
            assert index.search("roads over rivers", 1)[0].passage.document == "bridges.txt"
            assert 2 <= len(index.documents) <= 14

    children = [in_child(lambda n=n: write(n)) for n in range(3)]
    children += [in_child(read) for _ in range(2)]
    assert [os.waitstatus_to_exitcode(os.waitpid(c, 0)[1]) for c in children] == [0] * 5
    assert len(fresh(home).documents) == 14


def test_a_read_only_folder_answers_and_refuses_only_what_changes_it(docs, home):
    fresh(home).update([docs])
    home.parent.chmod(0o755)
    for path in [home, *home.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    top = Path(tempfile.gettempdir()).resolve()
    # What is imported late is imported now: the clone may lie where nobody else may look.
    assert fresh(home).search("roads", 1) and fresh(home).update([docs]).unchanged

    def work() -> None:
        if os.geteuid() == 0:
            for folder in home.parents:
                if folder.is_relative_to(top) and folder != top:
                    folder.chmod(0o755)
            os.seteuid(65534)
        index = fresh(home)
        assert index.search("roads", 1)[0].passage.document == "bridges.txt"
        assert len(index.update([docs]).unchanged) == 2
        with pytest.raises(SettingsError, match="cannot be written.*still answers"):
            index.update([docs / "apples.md", docs.parent / "more"])
        assert names(fresh(home)) == ["apples.md", "bridges.txt"]

    more = docs.parent / "more"
    more.mkdir()
    (more / "cats.txt").write_text("Cats sleep.\n")
    child = in_child(work)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755)
