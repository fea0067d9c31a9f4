"""Files that are no good trace, given to every command: a sentence, an exit code, and no harm."""

import io
import json
import shutil
import sys

import pytest
from recorded_runs import make
from test_store import BEGIN, forged
from workings.agent.cli import main
from workings.evals.exporting import export
from workings.graphs.store import TraceStore

COMMANDS = {
    "replay": ["replay", "PATH"],
    "replay json": ["replay", "PATH", "--json"],
    "lenient": ["replay", "PATH", "--lenient"],
    "fork": ["replay", "PATH", "--from", "1", "--edit", "x"],
    "step": ["replay", "--step", "PATH"],
    "show": ["trace", "show", "PATH"],
    "verify": ["trace", "verify", "PATH"],
    "diff": ["trace", "diff", "GOOD", "PATH"],
    "otel": ["trace", "export", "PATH", "--format", "otel", "-o", "OUT"],
    "openai": ["trace", "export", "PATH", "--format", "openai", "-o", "OUT"],
    "bundle": ["trace", "export", "PATH", "--format", "bundle", "-o", "OUT"],
    "import": ["trace", "import", "PATH", "--out", "IMPORTED"],
}


@pytest.fixture
async def good(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = TraceStore(tmp_path / "home" / "traces", fsync=False)
    return store.path((await make("calculation", store)).id)


@pytest.fixture
def run(good, tmp_path, capsys, monkeypatch):
    """Run a command on a file: its exit code, and all that it said."""

    def one(command, path, *more):
        names = {"PATH": path, "GOOD": good, "OUT": tmp_path / "o", "IMPORTED": tmp_path / "i"}
        given = [str(names.get(word, word)) for word in command]
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        code = main([*given, "--home", str(tmp_path / "home"), *more])
        out, err = capsys.readouterr()
        (tmp_path / "o").unlink(missing_ok=True)
        shutil.rmtree(tmp_path / "i", ignore_errors=True)
        return code, " ".join((out + err).split())

    return one


def written(good, tmp_path, content, blobs=True):
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    if blobs:
        shutil.copytree(good.parent / "blobs", folder / "blobs", dirs_exist_ok=True)
    path = folder / "x.jsonl"
    path.write_bytes(content)
    return path


def bad(name, good, tmp_path):
    """A file that is no good trace."""
    data = good.read_bytes()
    lines = data.splitlines(keepends=True)
    edited = [*lines[:3], lines[3].replace(b"agent", b"AGENT"), *lines[4:]]
    mixed = [*lines[:4], lines[4].replace(b"\n", b"\r\n"), *lines[5:]]
    whole = export(good, "bundle").splitlines(keepends=True)[:-1]
    contents = {
        "empty": b"",
        "text": b"hello\n",
        "no whole line": lines[0][:80],
        "edited": b"".join(edited),
        "crlf": data.replace(b"\n", b"\r\n"),
        "mixed": b"".join(mixed),
        "long line": b"".join(whole) + b'{"n":1,"t":"' + b"a" * 60_000_000 + b'"}\n',
        "no blobs": data,
        "deep": b'{"n":0,"t":' + b"[" * 100_000 + b"\n",
    }
    if name == "version":
        return forged(tmp_path / "in" / "x.jsonl", {**BEGIN, "format": "workings-trace/2"})
    path = written(good, tmp_path, contents.get(name, b""), blobs=name != "no blobs")
    if name == "1 GB":
        with path.open("wb") as file:
            file.truncate(1 << 30)
    return path


# what is said; where an import looks for other formats too, it says something of its own
SAID = {
    "empty": ("x.jsonl has no whole line", "the file is empty"),
    "text": ("x.jsonl, line 1: it does not end in", "not JSON that we accept"),
    "no whole line": ("x.jsonl has no whole line", "not JSON that we accept"),
    "edited": ("x.jsonl, line 4: its checksum does not fit", ""),
    "crlf": ('x.jsonl, line 1: it does not end in `,"sum":"<16 hex>"}` but in a carriage', ""),
    "mixed": ('x.jsonl, line 5: it does not end in `,"sum":"<16 hex>"}` but in a carriage', ""),
    "long line": ("line 21 is longer than 50,000,000 bytes", ""),
    "no blobs": ("x.jsonl, line 1 (run.start): blob", ""),
    "version": ("line 1 (run.start): format is 'workings-trace/2'; this version reads", ""),
    "1 GB": ("x.jsonl is longer than 100,000,000 bytes", "is longer than 500,000,000 bytes"),
    "deep": ("x.jsonl, line 1: it does not end in", "not JSON that we accept"),
}


@pytest.mark.parametrize("name", SAID)
def test_a_bad_file_is_refused_in_a_sentence_by_every_command(name, run, good, tmp_path):
    path = bad(name, good, tmp_path)
    before = (path.stat().st_mtime_ns, path.stat().st_size)
    traces = sorted(good.parent.glob("*.jsonl"))
    for label, command in COMMANDS.items():
        code, said = run(command, path)
        usual, importing = SAID[name]
        plain = said.replace('\\"', '"')
        assert (importing if label == "import" and importing else usual) in plain, (label, said)
        # a check that finds something answers no; nothing else can answer
        assert code == (1 if label == "verify" else 2), (label, said)
        assert "Traceback" not in said and "unexpected" not in said
    assert (path.stat().st_mtime_ns, path.stat().st_size) == before
    assert sorted(good.parent.glob("*.jsonl")) == traces


def test_a_cut_file_is_a_prefix_and_said_aloud(run, good, tmp_path):
    path = written(good, tmp_path, good.read_bytes()[:-150])
    for label, command in COMMANDS.items():
        code, said = run(command, path)
        assert code == (label == "verify"), (label, said)
        assert "torn" in said, (label, said)


def test_unknown_records_are_reported_and_kept(run, tmp_path):
    end = {"t": "run.end", "status": "done", "records": 3}
    path = forged(tmp_path / "in" / "x.jsonl", BEGIN, {"t": "weather", "sun": True}, end)
    before = path.read_bytes()
    for label, command in COMMANDS.items():
        code, said = run(command, path)
        if label not in ("bundle", "fork", "step"):
            assert "of unknown type 'weather'" in said, (label, said)
    assert path.read_bytes() == before
    assert b'"sun":true' in export(path, "bundle")


def test_folders_missing_files_and_steps_that_are_not_there(run, good, tmp_path):
    for label, command in COMMANDS.items():
        code, said = run(command, tmp_path)
        assert "is a folder" in said or "is not a regular file" in said, (label, said)
        assert code == (1 if label == "verify" else 2)
        code, said = run(command, tmp_path / "none.jsonl")
        assert "there is no" in said and code == (1 if label == "verify" else 2), (label, said)
    code, said = run(["replay", "GOOD", "--from", "99", "--edit", "x"], good)
    assert code == 2 and "has no step 99: its steps are 1 to 6" in said


def test_a_gold_file_with_unknown_ids_says_which(run, good, tmp_path):
    gold = tmp_path / "gold.jsonl"
    rows = [
        {"id": "nobody", "question": "Who was that?", "answer": "nobody"},
        {"id": good.stem, "question": "What was revenue in 2024?", "answer": "467 million"},
    ]
    gold.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, said = run(["replay", "GOOD", "--gold", str(gold)], good)
    assert "no run for 1 gold case: nobody" in said
    gold.write_text(json.dumps(rows[0]) + "\n")
    code, said = run(["replay", "GOOD", "--gold", str(gold)], good)
    assert code == 2 and "(nobody)" in said


def test_an_output_that_cannot_be_written_is_said(run, good, tmp_path):
    (tmp_path / "file").write_text("in the way")
    inside = str(tmp_path / "file" / "inside")
    for command in (
        ["replay", "GOOD", "--junit", inside],
        ["trace", "export", "GOOD", "--format", "otel", "-o", inside],
        ["trace", "import", "GOOD", "--out", inside],
    ):
        code, said = run(command, good)
        assert code == 2 and "ot a directory" in said, (command, said)
    assert (tmp_path / "file").read_text() == "in the way"
