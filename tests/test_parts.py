"""Who names no segment asks for the whole: rows, columns and sentences of a part go behind it."""

import pytest
from workings.tools.composing import compose
from workings.tools.evidence import Shown
from workings.tools.index import Index
from workings.tools.parts import itself, narrowed, of_part
from workings.tools.terms import content

NOTE = """Orrin Marine plc
Note 4. Segment information
In millions of euros 2024 2023
Instruments
Revenue 84 76
Operating profit 10 9
Hydrology
Revenue 52 49
Operating profit 4 3
Group
Total revenue 136 125
Total operating profit 14 12
"""
STATEMENT = """Orrin Marine plc
Consolidated income statement
In millions of euros 2024 2023
Revenue 136 125
"""
PROSE = "Revenue in Norway was 31 million euros in 2024 and 28 million euros in 2023."


def shown(*texts):
    return [Shown(str(n), "orrin.txt", text, str(n)) for n, text in enumerate(texts, start=1)]


@pytest.mark.parametrize("texts", [(NOTE,), (NOTE, STATEMENT), (STATEMENT, NOTE)])
def test_revenue_of_nothing_named_is_not_that_of_the_first_segment(texts):
    assert compose("What was revenue in 2024?", shown(*texts)).value == "136"


@pytest.mark.parametrize("texts", [(PROSE, STATEMENT), (PROSE, NOTE)])
def test_a_sentence_on_a_region_does_not_beat_the_row_of_the_whole(texts):
    assert compose("What was revenue in 2024?", shown(*texts)).value == "136"


def test_a_segment_that_is_named_keeps_its_row():
    assert compose("What was revenue of Hydrology in 2024?", shown(NOTE, STATEMENT)).value == "52"


def test_a_region_that_is_named_keeps_its_sentence():
    told = compose("What was revenue in Norway in 2024?", shown(PROSE, STATEMENT))
    assert told.sentences[0].text == PROSE


def test_a_region_is_not_told_by_a_sentence_on_a_country_in_it():
    table = "Revenue by region\nIn millions of euros 2024 2023\nNorthern Europe 70 66\nAsia 66 59\n"
    told = "Revenue in Norway was 31 million euros in 2024; it is part of Northern Europe."
    shared = shown(told, table)
    assert compose("What was revenue in Northern Europe in 2024?", shared).value == "70"


def test_columns_that_are_segments_give_the_one_of_the_whole():
    page = "Segments of 2024\nInstruments Hydrology Group\nRevenue 84 52 136\n"
    assert compose("What was revenue in 2024?", shown(page)).value == "136"


@pytest.mark.parametrize(
    ("about", "line"),
    [
        ("What was revenue in 2024?", "Total revenue 136 125"),
        ("What was the revenue of Hydrology in 2024?", "Revenue 52 49"),
        ("What was revenue of the hydrology segment in 2024?", "Revenue 52 49"),
    ],
)
def test_find_rows_gives_the_total_unless_the_question_names_a_segment(tmp_path, about, line):
    (tmp_path / "orrin.txt").write_text(NOTE, encoding="utf-8")
    index = Index.open(tmp_path / "index")
    index.update([tmp_path / "orrin.txt"])
    assert index.rows("revenue", "2024", about, 1)[0].row.line == line


@pytest.mark.parametrize(
    ("label", "section", "part"),
    [
        ("Revenue", "Note 4. Segment information / Instruments", True),
        ("Total revenue", "Note 4. Segment information / Group", False),
        ("Revenue", "Consolidated income statement", False),
        ("Hydrology", "Revenue by segment", False),
    ],
)
def test_a_part_is_known_by_what_heads_its_table(label, section, part):
    assert of_part(label, section, "", "revenue 2024") is part


@pytest.mark.parametrize(
    "sentence",
    [
        "Revenue from services was 26 million euros in 2024.",
        "Services revenue grew to 26 million euros in 2024.",
        "Research was 11.0% of revenue (2024: 11.2%).",
    ],
)
def test_a_sentence_on_a_part_or_a_share_is_narrowed(sentence):
    assert narrowed(sentence, content("revenue"), content("Orrin"))


@pytest.mark.parametrize(
    "sentence",
    [
        "Group revenue for the twelve months ended 30 September 2024 was 136 million euros.",
        "In 2024, consolidated net revenue of Orrin increased to 136 million euros.",
        "Compared with services, revenue rose to 136 million euros.",
    ],
)
def test_spans_of_time_and_the_company_narrow_nothing(sentence):
    assert not narrowed(sentence, content("revenue"), content("Orrin"))


def test_a_label_with_more_than_the_item_is_not_the_item():
    assert itself("Total revenue", content("revenue"))
    assert not itself("Services revenue", content("revenue"))
