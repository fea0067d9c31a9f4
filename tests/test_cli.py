"""The command line as a person or a program meets it: output, exit codes, faults in a sentence."""

import json
import signal
import socket
import subprocess
import sys
import time

import pytest
from foreground import popen
from workings.agent.cli import main

CONTRACT = """The contract between Arden and Belmar ends on 31 March 2027.

The monthly fee is 1,200 euros. The notice period is three months.
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty working directory with one document, and no setting from outside."""
    for name in ("WORKINGS_MODEL", "WORKINGS_BASE_URL", "WORKINGS_API_KEY", "WORKINGS_HOME",
                 "WORKINGS_DEBUG", "OPENAI_API_KEY", "TAVILY_API_KEY"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "contract.txt").write_text(CONTRACT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def workings(capsys):
    """Run a command: exit code, stdout, stderr."""

    def run(*arguments):
        capsys.readouterr()
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return code, out, err

    return run


QUESTION = "When does the contract between Arden and Belmar end?"
ASK = ("ask", QUESTION, "--docs", "docs")


def process(*arguments, **options):
    command = [sys.executable, "-m", "workings", *arguments]
    return popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def test_help_imports_nothing_heavy():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "workings", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    heavy = {"langgraph", "langchain_core", "langsmith", "openai", "faiss", "numpy", "rich",
             "pydantic", "wordllama", "httpx"}  # fmt: skip
    assert imported & heavy == set()


@pytest.mark.parametrize(
    "command", ["ask", "chat", "index", "search", "trace", "replay", "eval", "demo", "doctor"]
)
def test_every_command_helps_with_an_example(workings, command):
    code, out, _ = workings(command, "--help")
    assert code == 0
    assert f"workings {command}" in out.split("example:")[1]
    assert "--json" in out


def test_an_answer_is_shown_with_its_source(workings):
    code, out, _ = workings(*ASK)
    assert code == 0
    assert "31 March 2027" in out.split("Sources")[0]
    assert "contract.txt" in out.split("Sources")[1]
    assert "\x1b" not in out


def test_json_is_one_document_with_the_fields_of_the_contract(workings):
    code, out, _ = workings(*ASK, "--json")
    assert code == 0 and out.count("\n") == 1
    document = json.loads(out)
    assert set(document) == {
        "question", "text", "value", "unit", "refused", "reason", "citations", "calculations",
        "struck", "steps", "usage", "trace",
    }  # fmt: skip
    assert document["citations"][0]["verified"] is True
    assert (document["trace"], document["usage"]["cost_usd"]) != (None, 0)


def test_a_refusal_is_an_answer_unless_asked_to_fail(workings):
    question = "Who is the king of the moon?"
    assert workings("ask", question, "--docs", "docs")[0] == 0
    code, out, _ = workings("ask", question, "--docs", "docs", "--fail-on-refusal")
    assert code == 1
    assert out.startswith("No answer is supported by the sources.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", " "], "the question is empty"),
        (["ask", "x" * 20_001], "at most 20,000"),
        (["ask", "x", "--docs", "nowhere"], "nowhere"),
        (["ask", "x", "--docs", "empty"], "no readable document in empty"),
        (["ask", "x", "--model", "gpt"], "model = 'gpt'"),
        (["ask", "x", "--model", "openai:x"], "OPENAI_API_KEY"),
        (["ask", "x", "--model", "compatible:x"], "WORKINGS_BASE_URL"),
        (["ask", "x", "--deadline", "0"], "expected a number above 0"),
        (["index", "empty"], "no readable document"),
        (["index", "--rebuild"], "--rebuild needs the paths"),
        (["search"], "give either a QUERY or --batch"),
        (["search", "x", "--out", "o"], "--out goes with --batch"),
        (["search", "--batch", "none.jsonl"], "none.jsonl cannot be read"),
        (["search", "x", "--collection", "../x"], "collection = '../x'"),
        (["trace", "show", "nope"], "there is no trace 'nope'"),
        (["trace", "show", "last"], "no run is recorded"),
        (["replay"], "name traces"),
        (["replay", "nope"], "there is no trace 'nope'"),
        (["replay", "--all", "empty"], "holds no trace"),
        (["replay", "--all", "nowhere"], "is not a folder"),
        (["replay", "--all", "docs", "--gold", "g.jsonl"], "g.jsonl: cannot be read"),
        (["nonsense"], "invalid choice"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(workings, place, arguments, said):
    (place / "empty").mkdir()
    code, out, err = workings(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert err.startswith("usage:") or err.rstrip().count("\n") == 0


def test_a_broken_settings_file_is_named(workings, place):
    (place / "workings.toml").write_text("k = \n", encoding="utf-8")
    code, _, err = workings("doctor")
    assert code == 2 and "workings.toml" in err and "line 1" in err


def test_an_unforeseen_fault_is_one_sentence_and_code_3(workings, place):
    (place / ".workings").write_text("a file where a folder belongs", encoding="utf-8")
    code, _, err = workings(*ASK)
    assert code in (2, 3)
    assert "Traceback" not in err and err.startswith("workings: ")


def test_documents_are_listed_and_searched(workings):
    code, out, _ = workings("index", "docs")
    assert code == 0 and "1 document, 1 page" in out
    assert workings("index")[1] == "contract.txt  1 page\n"
    code, out, _ = workings("search", "notice period", "--json", "--explain")
    hit = json.loads(out.splitlines()[0])
    assert (hit["doc"], hit["page"]) == ("contract", 1)
    assert "lexical" in hit["parts"]
    assert json.loads(workings("index", "docs", "--verify", "--json")[1])["ok"]  # one document


def test_a_file_that_cannot_be_read_is_left_out_and_named(workings, place):
    (place / "docs" / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    code, out, err = workings(*ASK)
    assert code == 0 and "31 March 2027" in out
    assert "left out bad.pdf" in err
    assert workings("index", "docs/bad.pdf", "--collection", "other")[0] == 2


def test_a_batch_gives_one_row_for_each_query(workings, place):
    rows = '{"id": 1, "question": "fee"}\n\n{"id": "b", "question": "notice period"}\n'
    (place / "in.jsonl").write_text(rows, encoding="utf-8")
    code, out, _ = workings(
        "search", "--docs", "docs", "--batch", "in.jsonl", "--out", "out.jsonl", "-k", "1"
    )
    assert (code, out) == (0, "")
    found = [json.loads(line) for line in (place / "out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in found] == [1, "b"]
    assert set(found[0]["results"][0]) == {"doc", "page", "page_label", "score", "passage_id"}


@pytest.mark.parametrize(
    ("row", "said"),
    [("{", "line 2: not JSON"), ("[]", "line 2: expected an object"),
     ('{"id": 1}', "line 2: question = None")],
)  # fmt: skip
def test_a_bad_row_of_a_batch_is_named(workings, place, row, said):
    good = '{"id": 0, "question": "fee"}\n'
    (place / "in.jsonl").write_text(good + row + "\n", encoding="utf-8")
    code, _, err = workings("search", "--docs", "docs", "--batch", "in.jsonl")
    assert code == 2 and said in err


def test_runs_are_listed_shown_checked_replayed_and_deleted(workings):
    id = json.loads(workings(*ASK, "--json")[1])["trace"]
    assert json.loads(workings("trace", "list", "--json")[1])["trace"] == id
    code, out, _ = workings("trace", "show", "last")
    assert code == 0 and id in out and "search_documents" in out
    assert json.loads(workings("trace", "show", id, "--json")[1])["answer"]["refused"] is False
    assert workings("trace", "verify")[:2] == (0, "1 of 1 traces are whole\n")
    code, out, _ = workings("replay", "last", "--json")
    summary = json.loads(out.splitlines()[-1])
    assert (code, summary["identical"], summary["traces"]) == (0, 1, 1)
    assert workings("trace", "delete", id)[:2] == (0, f"deleted {id}\n")
    assert workings("trace", "list")[1] == ""


def test_a_damaged_trace_is_2_alone_and_1_among_others(workings, place):
    id = json.loads(workings(*ASK, "--json")[1])["trace"]
    path = place / ".workings" / "traces" / f"{id}.jsonl"
    path.write_text(path.read_text().replace("Arden", "Brden", 1), encoding="utf-8")
    assert workings("replay", id)[0] == 2
    code, out, _ = workings("replay", "--all", "--json")
    assert code == 1 and json.loads(out.splitlines()[-1])["broken"] == 1
    assert workings("trace", "verify")[0] == 1


def test_a_replay_is_graded(workings, place):
    workings(*ASK)
    gold = {"id": "c1", "question": QUESTION, "contains": ["31 March 2027"]}
    other = {"id": "c2", "question": "Another?", "refusal": True}
    lines = "".join(json.dumps(case) + "\n" for case in (gold, other))
    (place / "gold.jsonl").write_text(lines, encoding="utf-8")
    code, out, _ = workings(
        "replay", "--all", "--gold", "gold.jsonl", "--json", "--junit", "report.xml"
    )
    told = json.loads(out.splitlines()[-1])["gold"]
    assert code == 0
    assert told == {"graded": 1, "right": 1, "lost": 0, "without_case": 0, "without_trace": 1}
    assert 'tests="1" failures="0"' in (place / "report.xml").read_text()
    code, out, _ = workings("replay", "--all", "--gold", "gold.jsonl")
    assert "gold: right 1 of 1" in out


def test_a_wrong_answer_that_was_wrong_before_is_not_lost(workings, place):
    workings(*ASK)
    gold = {"id": "c1", "question": QUESTION, "contains": ["1 April 2027"]}
    (place / "gold.jsonl").write_text(json.dumps(gold) + "\n", encoding="utf-8")
    code, out, _ = workings("replay", "--all", "--gold", "gold.jsonl")
    assert code == 0
    assert "wrong  c1: the answer does not hold '1 April 2027'" in out


def test_a_chat_over_a_pipe_answers_each_line(place):
    chat = process("chat", "--docs", "docs", "--json", stdin=subprocess.PIPE)
    out, err = chat.communicate(f"{QUESTION}\n\n/docs\nWhat is 2 + 2?\n/quit\nnever asked\n")
    answers = [json.loads(line) for line in out.splitlines()]
    assert chat.returncode == 0
    assert [answer["question"] for answer in answers] == [QUESTION, "What is 2 + 2?"]
    assert "contract.txt" in err


def test_a_question_comes_through_a_pipe(place):
    asking = process("ask", "-", "--docs", "docs", stdin=subprocess.PIPE)
    out, _ = asking.communicate(QUESTION + "\n")
    assert asking.returncode == 0 and "31 March 2027" in out


def test_a_reader_that_leaves_early_is_no_fault(place):
    listing = process("ask", "What is 2 + 2?")
    listing.stdout.close()
    assert listing.wait(60) == 0
    assert listing.stderr.read().count("Traceback") == 0
    listing.stderr.close()


def test_a_server_that_is_not_there_is_code_3_with_the_trace(workings, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("WORKINGS_BASE_URL", f"http://127.0.0.1:{port}/v1")
    code, out, err = workings("ask", "x", "--model", "compatible:m", "--deadline", "2")
    assert (code, out) == (3, "")
    assert "the run so far is trace " in err and "Traceback" not in err


def test_ctrl_c_is_130_and_keeps_the_record(place, monkeypatch):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        monkeypatch.setenv("WORKINGS_BASE_URL", url)
        asking = process("ask", "x", "--model", "compatible:m")
        connection, _ = silent.accept()
        time.sleep(0.2)
        asking.send_signal(signal.SIGINT)
        _, err = asking.communicate(timeout=30)
        connection.close()
    assert asking.returncode == 130
    assert err.rstrip().endswith("workings: stopped; what was recorded so far is kept")
    assert "Traceback" not in err
    assert len(list((place / ".workings" / "traces").glob("*.jsonl"))) == 1


def test_no_character_of_a_document_reaches_the_terminal_raw(workings, place):
    name = "evil\x1b[2J.txt"
    (place / name).write_text("The colour of the door is \x1b[31m \x9b green.\n", encoding="utf-8")
    _, out, err = workings("ask", "What is the colour of the door?", "--docs", name)
    _, listed, _ = workings("index")
    assert not {"\x1b", "\x9b"} & set(out + err + listed)
    assert "green" in out


def test_doctor_shows_no_key(workings, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-canary")
    code, out, err = workings("doctor")
    assert code == 0
    assert "canary" not in out + err
    assert "OPENAI_API_KEY  set" in out
    findings = [json.loads(line) for line in workings("doctor", "--json")[1].splitlines()]
    assert {"index", "model", "home", "libraries"} <= {finding["what"] for finding in findings}


def test_doctor_names_a_damaged_index(workings, place):
    workings("index", "docs")
    for path in (place / ".workings" / "index" / "default").rglob("*"):
        if path.is_file() and path.stat().st_size:
            path.write_bytes(b"x" + path.read_bytes()[1:])
    code, out, _ = workings("doctor")
    assert code == 1 and "WRONG  index" in out and "--rebuild" in out


def test_the_demo_is_right_and_replays(workings, place):
    code, out, err = workings("demo", "--home", str(place / "demo"), "--json")
    shown = json.loads(out)
    wrong = [question["case"] for question in shown["questions"] if not question["right"]]
    assert (wrong, shown["identical"], code) == ([], len(shown["questions"]), 0), err
