import numpy as np
import pytest
from workings.tools.chunking import Semantic, chunker_of
from workings.tools.chunks import LIMIT
from workings.tools.documents import Document, Page
from workings.tools.embedders import WordLlama
from workings.tools.errors import SettingsError
from workings.tools.index import Index

PAPER = Document(id="0" * 32, name="a.txt", path="a.txt", title="A", kind="txt", pages=1)
WINE = "The vineyard ferments grapes in oak barrels and bottles the red wine in spring.\n"
RAIL = "The locomotive pulls freight wagons along the railway track to the station.\n"


def cut(text: str) -> list[str]:
    page = Page(number=1, label="1", text=text)
    return [passage.text for passage in Semantic(WordLlama()).cut(PAPER, [page])]


def test_a_page_is_cut_where_its_subject_changes_not_at_the_target_length():
    first, second = cut(WINE * 9 + RAIL * 9)
    assert "locomotive" not in first and "vineyard" not in second
    assert cut(WINE * 5) == [(WINE * 5).strip()]


def test_no_text_is_lost_or_changed_and_no_passage_is_too_long():
    rng = np.random.default_rng(7)
    lines = [
        " ".join(rng.choice(["wine", "rail", "tax", "12.5", "oak"], rng.integers(1, 60)))
        for _ in range(200)
    ]
    text = "\n\n".join([*lines, "x" * 5000, "  ", "end"])
    pieces = cut(text)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece in text and len(piece) <= LIMIT for piece in pieces)
    assert cut("") == cut(" \n ") == []


def test_an_index_cut_in_one_way_is_not_opened_as_another(tmp_path):
    (tmp_path / "a.txt").write_text(WINE * 9 + RAIL * 9)
    made = Index.open(tmp_path / "index", chunker="semantic")
    made.update([tmp_path / "a.txt"])
    assert len(Index.open(tmp_path / "index", chunker="semantic").search("wine", 5)) == 2
    with pytest.raises(SettingsError, match="chunker 'semantic"):
        Index.open(tmp_path / "index")
    with pytest.raises(SettingsError, match="expected fixed or semantic"):
        chunker_of("clever", WordLlama())
