"""Header lines of tables: periods, unit and title. Knows one line at a time, nothing of rows."""

import re

_YEAR = re.compile(r"(?<![\d,.])(?:FY\s?)?((?:19|20)\d\d)(?![\d,]|\.\d)", re.IGNORECASE)


_AGAINST = re.compile(r"\b(?:19|20)\d\d\s+(?:vs?\.?|versus|to)\s+(?:19|20)\d\d\b", re.IGNORECASE)
"""A column that compares two years is of neither."""


_QUARTER = re.compile(r"\b(Q[1-4])\b", re.IGNORECASE)


_UNIT = re.compile(
    r"(?:\bin\s+|\()?\b(?P<scale>thousands?|millions?|billions?)\b(?:\s+of)?"
    r"(?:\s+(?P<money>euros?|dollars?|u\.?s\.? dollars?|pounds?|shares?))?"
    r"|(?P<sign>\u20ac|\$|\u00a3|EUR|USD|GBP)\s?(?P<short>'000|\u2019000|thousands?|"
    r"millions?|billions?|mn|bn|m\b|k\b)",
    re.IGNORECASE,
)


MONEY = {
    "\u20ac": "euros", "eur": "euros", "$": "dollars", "usd": "dollars",
    "\u00a3": "pounds", "gbp": "pounds",
}  # fmt: skip


_SCALE = {
    "'000": "thousands", "\u2019000": "thousands", "k": "thousands", "m": "millions",
    "mn": "millions", "bn": "billions",
}  # fmt: skip


def unit_in(text: str) -> str:
    """The unit that a heading announces, such as `millions of dollars`; empty when none."""
    for match in _UNIT.finditer(text):
        if match["sign"]:
            scale = match["short"].lower()
            scale = _SCALE.get(scale, scale if scale.endswith("s") else scale + "s")
            return f"{scale} of {MONEY[match['sign'].lower()]}"
        start = text[max(0, match.start() - 12) : match.start()]
        if re.search(r"\d[^\S\n]*$", start) and not match.group().startswith("("):
            continue  # an amount in prose: `2 million`
        opened = match.group().lower().startswith(("in ", "(")) or "(" in start
        if not opened and not match["money"] and text.strip().lower() != match.group().lower():
            continue
        scale = match["scale"].lower()
        scale = scale if scale.endswith("s") else scale + "s"
        money = (match["money"] or "").lower().replace(".", "")
        if not money:
            near = text[max(0, match.start() - 20) : match.end() + 20]
            sign = re.search(r"\u20ac|\$|\u00a3|EUR|USD|GBP", near)
            money = MONEY[sign.group().lower()] if sign else ""
        money = money if not money or money.endswith("s") else money + "s"
        return f"{scale} of {money}" if money else scale
    plain = re.search(r"\b(?:in|\()\s*(euros|dollars|pounds)\b", text, re.IGNORECASE)
    return plain.group(1).lower() if plain else ""


def title_of(line: str) -> str:
    """What a header line says besides its periods and unit."""
    title = re.sub(
        r"\bin (?:thousands|millions|billions)(?: of \w+)?\b.*?(?=\d|$)", " ", line, flags=re.I
    )
    title = " ".join(_YEAR.sub(" ", title).split()).strip(" ,()")
    return title if re.search(r"[^\W\d_]{3}", title) and len(title.split()) <= 12 else ""


def headers_in(text: str) -> list[tuple[str, ...]]:
    """Every header line of a text, as its periods."""
    return [header for header in map(header_of, text.splitlines()) if header]


def header_of(line: str) -> tuple[str, ...]:
    """The periods a header line names, left to right; empty when it is no header line."""
    line = _AGAINST.sub(" ", line.strip())
    years = _YEAR.findall(line)
    if not years:
        return ()
    rest = _YEAR.sub(" ", line)
    if re.search(r"\d[\d,]{3,}|\d\.\d|%\s*\d", rest) or len(rest) > 130 or line.endswith("."):
        return ()
    quarters = _QUARTER.findall(line)
    if len(years) >= 2:
        near = all(abs(int(a) - int(b)) <= 1 for a, b in zip(years, years[1:], strict=False))
        if not near:
            return ()
        if len(quarters) == len(years):
            return tuple(f"{q.upper()} {year}" for q, year in zip(quarters, years, strict=True))
        plain = re.sub(r"[^\w\s]", " ", rest)
        if len(plain.split()) > 4 * len(years) + 4:
            return ()
        return tuple(years)
    return ()
