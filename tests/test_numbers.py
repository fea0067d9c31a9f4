import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workings.tools.numbers import Number, find_numbers, parse_amount, same_amount, shows


def one(text: str, words: bool = False) -> Number:
    (number,) = find_numbers(text, words=words)
    return number


def values(text: str, words: bool = False) -> list[Fraction]:
    return [number.amount for number in find_numbers(text, words=words)]


NAMES = (
    "ISO27001 | A4 | Q3 | B2B | v2.1 | 1Q22 | x86 | COVID-19 | SHA-256 | 10-K | [1] | [2, 3]"
    " | section 3.2.1 | 3f9a2c | https://example.org/2024/05 | a1@b2.org | 1.2.3.4"
)


@pytest.mark.parametrize("text", NAMES.split(" | "))
def test_digits_of_a_name_or_marker_are_no_number(text):
    assert find_numbers(f"see {text} there") == ()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,577.00", 1577),
        ("(1,577)", -1577),
        ("($1,577)", -1577),
        ("$(0.07)", Fraction(-7, 100)),
        ("\u22123.5", Fraction(-7, 2)),
        ("-$5", -5),
        ("$-5", -5),
        ("12,34,567", 1234567),
        ("1\u00a0577", 1577),
        ("TLS 1.3", Fraction(13, 10)),
        (".5", Fraction(1, 2)),
        ("$3.2m", 3_200_000),
        ("\u20ac1.5bn", 1_500_000_000),
        ("$2 trillion", 2 * 10**12),
        ("10k", 10_000),
        ("5 m", 5),
        ("35mm", 35),
        ("16GB", 16),
        ("3rd", 3),
        ("FY22", 2022),
        ("FY2022", 2022),
    ],
)
def test_the_amount_is_read_as_written(text, amount):
    assert one(f"it is {text} there").amount == amount


def test_a_dash_between_numbers_is_no_sign():
    assert values("10-5, 2019\u20132021, 8 - 3") == [10, 5, 2019, 2021, 8, 3]


def test_a_comma_between_numbers_does_not_join_them():
    assert values("3,4 and 1,2345 and 2021,2022 and $1,577, $1,700") == [
        3, 4, 1, 2345, 2021, 2022, 1577, 1700,
    ]  # fmt: skip


def test_brackets_that_repeat_or_list_or_date_are_not_negative():
    assert values("thirty (30) days in (2022)") == [30, 2022]
    assert one("(1) First item").reference
    assert values("1,577(1)") == [1577]


def test_percent_scale_and_reference_hold_for_both_ends_of_a_range():
    assert all(number.percent for number in find_numbers("5-10%"))
    assert values("1 to 2 million") == [1_000_000, 2_000_000]
    assert all(number.reference for number in find_numbers("pp. 3-5"))


def test_references_years_and_dates_are_marked():
    assert [n.reference for n in find_numbers("p. 3, page 4, Note 7, #2, p.9")] == [True] * 5
    assert one("in 2022").year and not one("2,022").year and not one("$2022").year
    dates = "2024-01-05; 5 January 2024; January 5, 2024; 01/05/2024; December 31,2024"
    assert all(number.date for number in find_numbers(dates))
    assert not one("it may 5 be").date


def test_position_currency_and_decimals_are_kept():
    text = "Capex was US$1,577.00 million."
    number = one(text)
    assert text[number.start : number.end] == number.text == "US$1,577.00 million"
    assert (number.currency, number.decimals, number.scale) == ("$", 2, 1_000_000)
    assert [n.currency for n in find_numbers("EUR 5, 5 GBP, 5 dollars, \u00a35, 5")] == [
        "EUR", "GBP", "$", "\u00a3", None,
    ]  # fmt: skip


def test_words_count_only_when_asked_for():
    text = "twenty-five of two dozen, half a million, two thirds, one hundred and twenty"
    assert values(text) == []
    assert values(text, words=True) == [25, 24, 500_000, Fraction(2, 3), 120]
    assert values("ten five, five and six, one thousand and five", words=True) == [
        10, 5, 5, 6, 1005,
    ]  # fmt: skip


def test_the_same_amount_may_be_written_differently():
    assert same_amount(one("1,577.00"), one("1577"))
    assert same_amount(one("$1.577 billion"), one("1,577 million"))
    assert not same_amount(one("12%"), one("12"))
    assert not same_amount(one("(1,577)"), one("1,577"))
    assert one("(1,577)").magnitude == one("1,577").magnitude


@pytest.mark.parametrize(
    ("shown", "exact", "holds"),
    [
        ("12.5%", "0.125", True),
        ("12.5%", "12.5", True),
        ("12.5%", "12.54", True),
        ("12.5%", "12.56", False),
        ("1%", "0.6", False),
        ("1.58 billion", "1577000000", True),
        ("1.58 billion", "1577", False),
        ("1,577", "1577.4", True),
        ("1,578", "1577.4", False),
        ("2.5", "2.45", True),
        ("2.4", "2.45", True),
        ("0.0%", "0.0001", False),
        ("-3", "3", False),
        ("1,600", "1577", False),
    ],
)
def test_a_shown_number_is_the_exact_one_rounded(shown, exact, holds):
    assert shows(one(shown), Fraction(exact)) is holds


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("$1577.00", 1577),
        ("about $1.58 billion", 1_580_000_000),
        ("12 employees", 12),
        ("-3.7%", Fraction(-37, 10)),
        ("(34)", -34),
        ("2022", 2022),
    ],
)
def test_a_gold_value_is_one_number(text, amount):
    number = parse_amount(text)
    assert number is not None and number.amount == amount


@pytest.mark.parametrize(
    "text", ["", "none", "3 or 4", "2024-01-05", "page 3", "Q3", "It rose by 5 in the last year"]
)
def test_a_sentence_or_date_is_no_gold_value(text):
    assert parse_amount(text) is None


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.fractions(), st.integers(0, 4))
def test_rounding_is_always_shown(exact, decimals):
    rounded = round(exact, decimals)
    number = one(f"{float(rounded):,.{decimals}f}")
    if number.value == rounded and rounded:
        assert shows(number, exact)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet="0123456789.,%$()-\u2013 kmbnFYQ[]/:v\n", max_size=60))
def test_numbers_stand_where_they_say_and_do_not_overlap(text):
    numbers = find_numbers(text, words=True)
    assert all(text[n.start : n.end] == n.text for n in numbers)
    assert all(a.end <= b.start for a, b in zip(numbers, numbers[1:], strict=False))


@pytest.mark.parametrize(
    "text", ["9" * 100_000, "a" * 100_000, "(" * 50_000, "1," * 50_000, "5 May 2024 (3) " * 5_000]
)
def test_long_text_takes_no_long_time(text):
    start = time.process_time()
    find_numbers(text, words=True)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("it was 1.5%", [Fraction(3, 2)]),
        ("of 1.2.3 and 4", [4]),
        ("rose 5 percent, 6 percentage points", [5, 6]),
        ("was 5 million dollars (7) or 8)", [5_000_000, -7, 8]),
        ("in 5 millions", [5]),
        ("at 7 mn, 8-million", [7_000_000, 8_000_000]),
        ("a 12\u2009345 b", [12345]),
        ("by 1,23 or 1,234", [1, 23, 1234]),
        ("the 3\u017ft of 4", [3, 4]),
        ("on 5 EUR and 6 eur", [5, 6]),
        ("x 1 2", [1, 2]),
    ],
)
def test_what_stands_behind_digits_is_of_them_or_is_not(text, amounts):
    assert values(text) == amounts


@pytest.mark.parametrize("character", ["\u0130", "\u017f", "\u00e9", "\U0001f600", "\ud800", "_"])
def test_a_spelt_out_number_stands_where_it_stands(character):
    number = one(f"{character} Twenty-five{character} cars", words=True)
    assert (number.text, number.amount) == ("Twenty-five", 25)


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("a third of a million", [Fraction(1_000_000, 3)]),
        ("a thirdly and of a", []),
        ("thousand thousand", [1000, 1000]),
        ("five-hundred and\nsix", [500, 6]),
    ],
)
def test_words_are_joined_by_a_space_or_a_hyphen_only(text, amounts):
    assert values(text, words=True) == amounts
