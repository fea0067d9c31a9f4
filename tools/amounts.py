"""The number in a sentence that a question asks for, with its unit. Knows the sentence only."""

import re

from .question import Question
from .terms import closeness, stems, tokens
from .wordlists import MEASURES, SPANS


def amount_in(question: Question, text: str) -> tuple[str, str]:
    """The number of a sentence that a how-many question asks for, with its unit; else empty."""
    if question.kind not in ("number", "percent", "date"):
        return "", ""
    pattern = re.compile(
        r"(?P<sign>[$\u20ac\u00a3]|EUR |USD |GBP "
        r")?(?P<number>(?<![\w.])[-\u2212]?\d[\d,]*(?:\.\d+)?)"
        r"\s?(?P<unit>%|per ?cent|(?:million|billion|thousand)(?: \w+)?|[^\W\d_][\w/\u00b0]*)?"
    )
    asked = {token.replace(",", "") for token in tokens(question.text) if token[0].isdigit()}
    candidates = []
    for match in pattern.finditer(text):
        plain = match["number"].replace(",", "")
        if not text[: match.start()].strip() and re.match(r"\d+(?:\.\d+)+\s+[A-Z]", text):
            continue  # the number of a clause
        if plain in asked or re.fullmatch(r"(?:19|20)\d\d", plain) and not match["sign"]:
            continue
        unit = (match["unit"] or "").strip()
        percent = unit in ("%", "percent", "per cent")
        if question.kind == "date" and unit.lower() not in SPANS:
            continue
        if question.kind == "percent" and not percent:
            continue
        before = frozenset(stems(text[max(0, match.start() - 60) : match.end() + 40]))
        fit = sum(closeness(term, before) for term in question.terms)
        fit += 2.0 * _of_year(question, text[: match.start()], text[match.end() :])
        candidates.append(
            (fit, -match.start(), plain, "%" if percent else _unit(match["sign"], unit))
        )
    if not candidates:
        return "", ""
    _, _, number, unit = max(candidates)
    return number, unit


def _of_year(question: Question, before: str, after: str) -> bool:
    """Whether an asked-for year is put to a number: `770 in 2024`, `(2024: 59)`."""
    return any(
        re.match(rf"\W*(?:\w+ ){{0,2}}?(?:in|for) {year}\b", after)
        or re.search(rf"\b{year}: ?$", before)
        for year in question.periods
        if year.isdigit()
    )


def _unit(sign: str | None, unit: str) -> str:
    money = {
        "$": "dollars",
        "\u20ac": "euros",
        "\u00a3": "pounds",
        "EUR": "euros",
        "USD": "dollars",
    }
    name = money.get((sign or "").strip(), "")
    if name:
        scale = (
            unit.split()[0]
            if unit.split()[:1] and unit.split()[0] in ("million", "billion", "thousand")
            else ""
        )
        return f"{scale} {name}".strip()
    if unit.split()[:1] and unit.split()[0] in ("million", "billion", "thousand"):
        money_word = unit.split()[1:2] in (["euros"], ["dollars"], ["pounds"])
        return unit if money_word else unit.split()[0]
    return unit if unit.lower() in MEASURES else ""
