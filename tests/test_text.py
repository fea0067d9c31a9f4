import pytest
from hypothesis import given
from hypothesis import strategies as st
from workings.tools.text import clean, find_quote, sentences, words


@pytest.mark.parametrize(
    ("raw", "text", "removed"),
    [
        ("plain text\n\twith a tab", "plain text\n\twith a tab", 0),
        ("a\x00b\x1b[31mc", "ab[31mc", 2),
        ("a\u200bb\u202ec\u2066d\ufeff", "abcd", 4),
        ("hi\U000e0049\U000e0047", "hi", 2),
        ("a\ud800b", "ab", 1),
        ("\ud83d\ude00", "\U0001f600", 0),
        ("a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne", 0),
        ("1\xa0577\u2009m", "1 577 m", 0),
        ("pro\xadfit of the \ufb01rm", "profit of the firm", 0),
        ("re\u0301sume\u0301", "r\xe9sum\xe9", 0),
        ("\uf0b7 point", "\u2022 point", 0),
    ],
)
def test_what_a_reader_cannot_see_is_removed_and_counted(raw, text, removed):
    assert clean(raw) == (text, removed)


@given(st.text(alphabet=st.characters(codec=None)))
def test_cleaned_text_is_clean_and_can_be_stored(text):
    once, _ = clean(text)
    assert clean(once) == (once, 0)
    once.encode("utf-8")
    assert "\x00" not in once
    assert "\x1b" not in once


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("net  SALES rose", "Our net\nsales rose by 4%", "net\nsales rose"),
        ("\u201cnet sales rose.\u201d", 'the "net sales rose" line', "net sales rose"),
        ("...net sales rose...", "our net sales rose by", "net sales rose"),
        (
            "a company's long-term",
            "a company\u2019s long\u2013term",
            "a company\u2019s long\u2013term",
        ),
        ("2019\u20132021", "for 2019-2021 only", "2019-2021"),
        ("statement of income", "the state-\nment of income", "state-\nment of income"),
        ("long-term debt", "its long-\nterm debt", "long-\nterm debt"),
        ("state- ment of", "the state-\nment of", "state-\nment of"),
        ("long- and short-term", "long- and short-term debt", "long- and short-term"),
        ("$1,577", "Capital spending $ 1,577 $ 1,373", "$ 1,577"),
        ("12%", "grew 12 % in", "12 %"),
        ("\ufb01rst", "the first one", "first"),
        ("stra\xdfe", "die STRASSE dort", "STRASSE"),
        ("re\u0301sume\u0301", "a r\xe9sum\xe9 b", "r\xe9sum\xe9"),
        ("営業利益", "当社の営業利益は", "営業利益"),
    ],
)
def test_a_quote_may_differ_in_shape_only(quote, text, found):
    span = find_quote(quote, text)
    span = find_quote(quote, text)
    assert span is not None
    assert text[slice(*span)] == found


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("12", "3120"),
        ("12", "12.5"),
        ("12", "3,12"),
        (".5", "12.5"),
        ("12.", "12.5 million"),
        ("revenue was 12", "revenue was 12.5"),
        ("revenue was 12", "revenue was 125"),
        ("revenue was 12", "revenue was 12m"),
        ("1,577", "11,577"),
        ("1,577", "1,577,000"),
        ("1577", "1,577"),
        ("-5.2 percent", "5.2 percent"),
        ("sale", "wholesales"),
        ("net ... rose", "net sales rose"),
        ("net sales fell", "net sales rose"),
        ("net rose", "net sales rose"),
        ("", "anything"),
        ('"..."', "anything ... at all"),
        ("--", "a -- b"),
    ],
)
def test_a_likeness_is_no_quote(quote, text):
    assert find_quote(quote, text) is None


def test_a_later_occurrence_counts_when_the_first_is_inside_a_number():
    assert find_quote("12", "3120 and 12.5, then 12.") == (20, 22)


@given(st.text())
def test_every_sentence_with_a_word_is_found_where_it_stands(text):
    text, _ = clean(text)
    for sentence in sentences(text):
        if any(character.isalnum() for character in sentence):
            assert find_quote(sentence, text) is not None


@given(st.text())
def test_sentences_hold_the_whole_text_in_order(text):
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    position = 0
    for sentence in found:
        position = text.index(sentence, position) + len(sentence)


@pytest.mark.parametrize(
    "whole",
    [
        "Acme Inc. makes widgets in the U.S. and abroad.",
        "See No. 5 and Fig. 3 on p. 12 for more.",
        "It rose 3.5 percent to $1.2 billion (vs. $1.1 billion).",
        "Mr. J. Smith joined on Jan. 3 of that year.",
        "Costs, e.g. Rent and Power, were flat.",
        "A line that is wrapped in the middle of its\nprose goes on in the next one.",
    ],
)
def test_a_full_stop_is_not_always_an_end(whole):
    assert sentences(whole) == [whole]


def test_sentences_headings_bullets_and_rows_are_apart():
    text = (
        "Item 7. Results\nSales rose. Costs fell in the U.S. The rest was flat.\n"
        "\u2022 one point\n\u2022 another point\n"
        "Revenue $ 1,577 $ 1,373\nCost of sales 900 800\n1. First rule\n2. Second rule"
    )
    assert sentences(text) == [
        "Item 7. Results",
        "Sales rose.",
        "Costs fell in the U.S.",
        "The rest was flat.",
        "\u2022 one point",
        "\u2022 another point",
        "Revenue $ 1,577 $ 1,373",
        "Cost of sales 900 800",
        "1. First rule",
        "2. Second rule",
    ]


@pytest.mark.parametrize("part", ["No. 5 ", "U.S. ", "a-\n", "(", "1,", "Mr. ", "- \n", '". '])
def test_a_huge_page_of_traps_takes_no_time(part):
    text = part * 20_000
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
    assert find_quote("nowhere to be found in it", text) is None


def test_words_keep_numbers_and_possessives_whole():
    assert words("The Company\u2019s 10-K: 1,577.5 in Q4") == [
        *("the", "company's", "10", "k", "1,577.5", "in", "q4"),
    ]
