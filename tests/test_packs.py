import re
import tomllib
from pathlib import Path

import pytest
from workings.tools.errors import SettingsError
from workings.tools.index import Index
from workings.tools.packs import known_packs, load_pack, pack_of
from workings.tools.patterns import Said, phrase
from workings.tools.retrieval import RetrievalOptions, parts_of_question, with_pack
from workings.tools.spans import dates_between, span_of, within

HARBOUR = """
name = "harbour"
[[expansion]]
when = ["berth"]
unless = ["train"]
add = ["mooring"]
[[page]]
type = "tariff"
title = ["price list"]
lines = ["per metre", "per night", "electricity"]
enough = 2
never = ["contents"]
[[intent]]
when = ["(cost|price) ... berth", "fee[s]"]
wants = { tariff = 1.0 }
[[document]]
when = ["fee"]
type = "policy"
weight = 0.4
"""


def pack_file(folder: Path, text: str = HARBOUR) -> str:
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return str(folder / "own.toml")


def hits(pattern: str, text: str) -> bool:
    return Said.of(text).has(phrase(pattern))


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        ("net sales", "The NET SALE of boats", "sales net of returns"),
        ("net (sales|revenue)", "net revenues", "net income"),
        ("cash [and] [cash] equivalents", "cash equivalents", "equivalents of cash"),
        (
            "registered ... exchange",
            "registered to trade on a stock exchange",
            "exchange registered",
        ),
        ("(gross|net) [profit|income] margin", "net income margin", "net sales margin"),
        ("registered ... exchange", "registered exchange", "registered " + "x1 " * 9 + "exchange"),
    ],
)
def test_a_pattern_fits_phrases_and_no_others(pattern, fits, fails):
    assert hits(pattern, fits) and not hits(pattern, fails)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("notice (period", "not closed"),
        ("[notice", "not closed"),
        ("(a [b c) d]", "not closed"),
        ("notice)", "closes nothing"),
        ("a | b", "outside"),
        ("the of", "no word"),
        ("", "no word"),
        ("...", "no word"),
        ("x" * 300, "300 characters"),
        ("(a1|b1|c1|d1) (a1|b1|c1|d1) (a1|b1|c1|d1) (a1|b1|c1|d1) (a1|b1)", "256 ways"),
        ("[[[[[[deep]]]]]]", "nests"),
    ],
)
def test_a_bad_pattern_is_refused_with_file_line_and_reason(tmp_path, pattern, reason):
    text = HARBOUR.replace('"per night"', f'"per night", "{pattern}"')
    with pytest.raises(SettingsError, match=rf"own\.toml line 10: the pattern .*{reason}"):
        load_pack(pack_file(tmp_path, text))


def test_a_pattern_of_many_choices_is_matched_without_going_back():
    ways = phrase("[a1] [a1] [a1] [a1] [a1] [a1] ... a1 ... b1 ... b1 c1")
    assert not Said.of("a1 b1 " * 2000).has(ways)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('name = "harbour"', "", 1, "name is missing"),
        ('name = "harbour"', "name = 3", 2, "expected a text"),
        ("[[expansion]]", "[[expansions]]", 3, "not known"),
        ('add = ["mooring"]', "", 3, "has no add"),
        ('add = ["mooring"]', 'add = "mooring"', 6, "list of texts"),
        ('when = ["berth"]', "when = []", 4, "list of texts"),
        ("weight = 0.4", "weight = 4", 19, "over 0"),
        ("enough = 2", "enough = true", 11, "whole number"),
        ("wants = { tariff = 1.0 }", "wants = { tarif = 1.0 }", 15, "tariff"),
        ('never = ["contents"]', 'never = ["contents"]\ncolour = "red"', 13, "'colour'"),
        ('[[document]]\nwhen = ["fee"]', '[[page]]\ntitle = ["fee"]', 19, r"not known in \[\[page"),
    ],
)
def test_what_is_wrong_in_a_pack_is_said_with_file_and_line(tmp_path, old, new, line, reason):
    with pytest.raises(SettingsError, match=rf"own\.toml line {line}: .*{reason}"):
        load_pack(pack_file(tmp_path, HARBOUR.replace(old, new, 1)))


def test_an_unknown_pack_names_the_known_ones(tmp_path):
    with pytest.raises(SettingsError, match=r"mean finance\?\); there are finance, security-q"):
        load_pack("finanse")
    with pytest.raises(SettingsError, match=r"none\.toml cannot be read"):
        load_pack(str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match=r"own\.toml: not TOML: Invalid value"):
        load_pack(pack_file(tmp_path, "name = "))
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_pack(str(tmp_path / "own.toml"))


@pytest.mark.parametrize("name", known_packs())
def test_hardly_a_kind_of_page_in_a_shipped_pack_is_never_wanted(name):
    pack = load_pack(name)
    wanted = {kind for intent in pack.intents for kind in intent.wants}
    assert wanted <= set(pack.types) and pack.about and pack.expansions
    assert len(set(pack.types) - wanted) <= 2


def test_the_example_in_the_docs_is_a_pack(tmp_path):
    docs = Path(__file__).parent.parent / "docs" / "packs.md"
    example = re.search(r"```toml\n(.*?)```", docs.read_text(encoding="utf-8"), re.S)
    assert example and tomllib.loads(example[1])
    pack = load_pack(pack_file(tmp_path, example[1]))
    assert pack.wanted("How do I move out?") == {"termination clause": 1.0}
    assert not pack.expand("How do I get out of a fire?")
    broken = example[1].replace('"notice period", "in', '"notice (period", "in')
    with pytest.raises(SettingsError, match=r"line 13: the pattern 'notice \(period' has a"):
        load_pack(pack_file(tmp_path, broken))


@pytest.fixture
def harbour(tmp_path: Path) -> Index:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "tides.md").write_text("# Tides\n\nA berth costs nothing when the berth is dry.\n")
    (docs / "prices-2023.md").write_text(
        "# Price list\n\nMooring is 4 euros per metre per night, electricity 3 euros.\n"
    )
    (docs / "contents.md").write_text("# Contents\n\nPrice list, per metre, per night: page 2.\n")
    (docs / "club-2021-06-15.md").write_text("# Price list\n\nMooring is free.\n")
    index = Index.open(tmp_path / "index")
    index.update([docs])
    return index


def names(hits) -> list[str]:
    return [hit.passage.document for hit in hits]


def test_a_pack_lifts_the_kind_of_page_that_a_question_wants(harbour, tmp_path):
    question = "Is the price of a berth high?"
    options = with_pack(None, pack_file(tmp_path))
    before, after = harbour.search(question), harbour.search(question, options=options)
    assert names(before)[1:3] == ["club-2021-06-15.md", "prices-2023.md"]
    assert names(after)[1:3] == ["prices-2023.md", "club-2021-06-15.md"]
    assert after[1].parts["page type"] > 0 and after[1].parts["expansion"] > 0
    assert after[1].score == pytest.approx(sum(after[1].parts.values()), abs=1e-5)
    assert {h.parts["page type"] for h in after if "contents" in h.passage.document} == {0}


def test_words_that_exclude_an_expansion_do(tmp_path):
    pack = load_pack(pack_file(tmp_path))
    assert pack.expand("a berth") == {"moor": 0.5} and not pack.expand("a berth on a train")
    assert not pack.expand("mooring a berth")


def test_a_pack_that_changed_since_a_trace_is_refused(harbour, tmp_path):
    options = with_pack(None, pack_file(tmp_path))
    harbour.search("berth", options=options)
    pack_file(tmp_path, HARBOUR + "# later\n")
    with pytest.raises(SettingsError, match="has changed"):
        harbour.search("berth", options=options)
    assert with_pack(options, "none") == RetrievalOptions() and pack_of("none") is None


def test_pages_and_dates_leave_out_before_ranking(harbour):
    assert harbour.search("price", 5, pages=(2, 9)) == []
    assert names(harbour.search("price", 5, dates=("2023-01-01", None))) == ["prices-2023.md"]
    assert names(harbour.search("price", 5, dates=(None, "2021-06-15"))) == ["club-2021-06-15.md"]
    assert harbour.search("price", 5, dates=("2022-01-01", "2022-12-31")) == []
    club = {harbour.resolve("club-2021-06-15").id}
    assert harbour.search("price", 5, club, dates=("2023-01-01", None)) == []


def test_a_day_is_in_its_month_quarter_and_year():
    assert span_of("2023-Q1") == ("2023-01-01", "2023-03-31")
    assert span_of("2024-02") == ("2024-02-01", "2024-02-29")
    assert dates_between("2023", "2023-08") == ("2023-01-01", "2023-08-31")
    assert within({"year": "2023", "quarter": "3"}, ("2023-09-30", None))
    assert not within({"year": "2023", "quarter": "3"}, ("2023-10-01", None))
    assert not within({}, (None, "2030-01-01"))


@pytest.mark.parametrize("text", ["23", "2023-13", "2023-00", "2023-Q5", "2023-02-30", "soon", ""])
def test_what_is_no_date_is_refused_with_what_is(text):
    with pytest.raises(SettingsError, match="2023-Q3"):
        dates_between(text, None)


def test_dates_the_wrong_way_round_are_refused():
    with pytest.raises(SettingsError, match="after"):
        dates_between("2023", "2022")


def test_several_queries_find_what_each_alone_would(harbour):
    both = harbour.search(["dry tides", "electricity euros"], 2)
    assert set(names(both)) == {"tides.md", "prices-2023.md"}
    assert harbour.search([], 2) == [] and harbour.search(["", " "], 2) == []
    assert harbour.search(["tides"], 3) == harbour.search("tides", 3)


def test_a_question_of_several_parts_is_asked_part_by_part():
    long = "What drove the gross margin of pumps, and which region sold most pumps?"
    assert len(parts_of_question(long)) == 2
    assert parts_of_question("What drove the gross margin?") == []
