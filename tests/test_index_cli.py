"""`index`, `search` and `why` at the terminal: what is counted, what is named, what is refused."""

import json
import shutil

import pytest
from test_cli import place, workings
from workings.tools.errors import SettingsError
from workings.tools.index import Index

assert place and workings  # the folder with one contract, and the command


@pytest.fixture
def docs(place, workings):
    workings("index", "docs")
    return place / "docs"


def test_a_copy_is_not_counted_as_another_document(docs, workings):
    shutil.copy(docs / "contract.txt", docs / "copy.txt")
    _, out, _ = workings("index", "docs")
    assert out.startswith("1 added, 1 unchanged")
    assert "1 file with the content of another: kept once\n" in out and ": 1 document," in out
    assert "the same content: " in workings("index")[1]
    (listed,) = workings("index", "--json")[1].splitlines()
    assert json.loads(listed)["same_content"][0].endswith("copy.txt")


def test_a_page_is_known_by_the_name_of_its_copy_too(docs, workings):
    shutil.copy(docs / "contract.txt", docs / "twin.txt")
    workings("index", "docs")
    code, out, _ = workings("why", "monthly fee", "--page", "twin.txt:1", "--no-ask")
    assert code == 0 and out.startswith("contract.txt, page 1: found")


def test_a_moved_file_is_neither_added_nor_removed(docs, workings):
    (docs / "contract.txt").rename(docs / "signed.txt")
    code, out, _ = workings("index", "docs")
    assert code == 0 and out.startswith("1 moved  (")
    told = json.loads(workings("index", "docs", "--json")[1])
    assert told["moved"] == [] and len(told["unchanged"]) == 1


def test_a_collection_that_is_not_there_is_no_empty_index(docs, workings):
    for command in (("search", "fee"), ("index",), ("index", "--report")):
        code, _, err = workings(*command, "--collection", "contracts")
        assert code == 0
        assert "there is no collection 'contracts' here; there are default" in err


def test_a_batch_without_a_question_is_refused(docs, workings, place):
    (place / "none.jsonl").write_text("\n\n")
    code, out, err = workings("search", "--batch", "none.jsonl")
    assert (code, out) == (2, "") and "none.jsonl has no question" in err


def test_a_batch_never_writes_over_its_questions(docs, workings, place):
    asked = '{"id": 1, "question": "fee"}\n'
    (place / "asked.jsonl").write_text(asked)
    (place / "link.jsonl").symlink_to("asked.jsonl")
    code, _, err = workings("search", "--batch", "asked.jsonl", "--out", "link.jsonl")
    assert code == 2 and "the file of the questions" in err
    assert (place / "asked.jsonl").read_text() == asked


def test_nothing_found_says_what_was_not_looked_at(docs, workings):
    _, out, err = workings("search", "monthly fee", "--until", "2010")
    assert "Nothing found." in out
    assert "only what --until leaves was looked at (a document that says no date" in err
    assert "--pages leaves" in workings("search", "monthly fee", "--pages", "7")[2]
    assert "leaves" not in workings("search", "monthly fee")[2]


@pytest.mark.parametrize(
    ("embedder", "said"),
    [
        ("openai:small", "was made with wordllama"),
        ("compatible:x", "was made with wordllama"),
        ("wordlama", "did you mean 'wordllama'?"),
    ],
)
def test_another_embedder_is_refused_before_a_service_is_asked(docs, workings, embedder, said):
    code, _, err = workings("search", "fee", "--embedder", embedder)
    assert code == 2 and said in err and "Traceback" not in err


def test_a_new_index_with_a_service_needs_its_key_or_address(workings, place):
    said = workings("index", "docs", "--embedder", "openai:small")
    assert said[0] == 2 and "set OPENAI_API_KEY" in said[2]
    said = workings("index", "docs", "--embedder", "compatible:x")
    assert said[0] == 2 and "WORKINGS_EMBEDDER_URL" in said[2]


def test_a_home_that_is_a_file_is_said_in_words(workings, place):
    code, _, err = workings("search", "fee", "--home", "docs/contract.txt")
    assert code == 2 and "cannot be read: not a directory" in err and "Errno" not in err


def test_a_page_that_is_not_there_is_counted(docs, workings):
    code, _, err = workings("why", "fee", "--page", "contract.txt:4")
    assert code == 2 and "--page 4: contract.txt has 1 page" in err


def test_a_language_set_afterwards_says_what_it_does_not_change(docs, workings):
    _, _, err = workings("index", "docs", "--language", "german")
    assert "1 file unchanged and not read again: --rebuild with --language german" in err


@pytest.mark.parametrize(
    "command",
    [("index", "--remove", ""), ("index", ""), ("search", "fee", "--docs", ""),
     ("index", "--remove", " ", "--forget", "--yes")],
)  # fmt: skip
def test_an_empty_path_is_not_the_whole_folder(docs, workings, command):
    code, _, err = workings(*command)
    assert code == 2 and "expected a file or folder" in err
    assert workings("index")[1] == "contract.txt  1 page\n"


def test_an_empty_name_removes_nothing(docs, place):
    index = Index.open(place / ".workings" / "index" / "default")
    with pytest.raises(SettingsError, match="nothing was removed"):
        index.remove([""])
    assert len(index.documents) == 1
