"""Canary secrets through whole runs: none stands in what is written, shown of a trace, or raised.

Not counted, and said in docs/trace.md: the index, which is a copy of the documents; the answer as
it is given to the one who asked for it; and what no rule can know for a secret.
"""

import io
import json
import sys
import traceback

import pytest
from canaries import ALL, KNOWN, NEEDLES, assistant, documents, found, imported, whole_run, written
from fake_provider import FakeProvider, says, status
from workings.agent.cli import main
from workings.evals.exporting import FORMATS
from workings.evals.replay import replay
from workings.graphs.store import TraceStore
from workings.tools.errors import WorkingsError


def test_the_canaries_are_what_they_seem():
    assert found(ALL) == sorted(NEEDLES)
    assert len({*NEEDLES.values()}) == len(NEEDLES) >= 12


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("WORKINGS_MODEL", "WORKINGS_API_KEY", "WORKINGS_HOME", "OPENAI_API_KEY",
                 "WORKINGS_BASE_URL", "TAVILY_API_KEY"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def docs(tmp_path):
    return documents(tmp_path / "docs")


def looked_at(home, capsys, monkeypatch):
    """Everything that the commands print of every trace."""
    told = []
    for item in TraceStore(home / "traces").list():
        walk = "\n".join(["list", *["request all", "response", "state", "diff", "next"] * 9])
        commands = [
            ["trace", "show", item.id, "--full"], ["trace", "show", item.id, "--json"],
            ["replay", item.id], ["replay", item.id, "--json"], ["replay", item.id, "--lenient"],
            ["replay", item.id, "--step"], ["replay", item.id, "--step", "--json"],
            ["trace", "diff", item.id, item.id],
            *(["trace", "export", item.id, "--format", name] for name in FORMATS),
        ]  # fmt: skip
        for command in commands:
            monkeypatch.setattr(sys, "stdin", io.StringIO(walk))
            main([*command, "--home", str(home)])
            out, err = capsys.readouterr()
            told.append((command, out + err))
    main(["trace", "list", "--home", str(home)])
    main(["trace", "verify", "--home", str(home)])
    out, err = capsys.readouterr()
    return [*told, (["list, verify"], out + err)]


@pytest.mark.parametrize("drafts", [False, True])
def test_no_canary_is_left_by_a_whole_run(home, docs, drafts, capsys, monkeypatch):
    made, answer = whole_run(home, docs, drafts)
    assert made.not_recorded is None
    assert found(answer.text) or answer.struck  # it did get there
    assert {*written(home)} == set()
    assert found(answer.trace.model_dump_json()) == []
    assert found(capsys.readouterr().err) == []
    replay(answer.trace).raise_for_divergence()
    assert replay(TraceStore(home / "traces").load(answer.trace.id)).status == "identical"
    for command, text in looked_at(home, capsys, monkeypatch):
        assert found(text) == [], command
    assert {*written(home)} == set()


@pytest.mark.parametrize("code", [400, 401, 403, 404, 429, 500])
def test_an_error_that_echoes_the_key_leaves_none(home, docs, code):
    with FakeProvider(status(code, f"wrong key {KNOWN}: {ALL}", retry_after="0")) as fake:
        made = assistant(home, docs, fake)
        with pytest.raises(WorkingsError) as caught:
            made.ask("What are the keys of the vault?")
    told = str(caught.value) + repr(vars(caught.value))
    assert found(told) == []
    assert found("".join(traceback.format_exception(caught.value, chain=False))) == []
    assert {*written(home)} == set()


def test_a_reply_of_the_wrong_form_is_quoted_without_them(home, docs):
    with FakeProvider(says(ALL)) as fake:
        made = assistant(home, docs, fake, "structured")
        with pytest.raises(WorkingsError, match="it wrote '.redacted:sk") as caught:
            made.ask("What are the keys of the vault?")
    assert found(str(caught.value)) == [] and {*written(home)} == set()


def test_the_command_line_prints_none(home, docs, capsys, monkeypatch):
    with FakeProvider(echo_key=True) as fake:
        for name, value in (
            ("BASE_URL", fake.url),
            ("API_KEY", KNOWN),
            ("MODEL", "compatible:any"),
        ):
            monkeypatch.setenv(f"WORKINGS_{name}", value)
        assert main(["ask", "What are the keys?", "--docs", str(docs), "--home", str(home)]) == 3
        main(["doctor", "--home", str(home)])
    out, err = capsys.readouterr()
    assert "api key" in err.lower() and found(out + err) == []
    assert {*written(home)} == set()


def test_imported_runs_hold_none(home, tmp_path, capsys, monkeypatch):
    # a configured key is known to the runs that use it, not to an import
    known = {name for name in NEEDLES if not name.startswith("configured")} | {"a half of one"}
    (tmp_path / "run.json").write_text(json.dumps(imported()))
    assert main(["trace", "import", str(tmp_path / "run.json"), "--home", str(home)]) == 0
    out, err = capsys.readouterr()
    assert known & {*found(out + err)} == set()
    assert {leak for leak in written(home) if leak[1] in known} == set()
    for command, text in looked_at(home, capsys, monkeypatch):
        assert known & {*found(text)} == set(), command
