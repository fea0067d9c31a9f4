"""Sentences of a page, as exact pieces of it. Rules only; knows English-like text and tables.

A line end inside prose is a wrap; a line end in a table, a list or after a heading ends the piece.
A full stop ends a sentence unless it belongs to an abbreviation, an initial or a number.
"""

import re


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_NEVER_LAST = _set("""
    mr mrs ms dr prof rev gen gov sen rep st vs v fig figs sec secs art arts vol vols pp ed eds
    approx dept est cf e.g i.e viz ch eq ref cl exh ext tel par para paras reg regs ser incl excl
    avg nr ca resp
""")
_MAY_BE_LAST = _set("""
    inc corp ltd co cos plc llc l.p bros assn jr sr etc al a.m p.m jan feb mar apr jun jul aug
    sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun ave blvd bldg ph.d m.d
""")
_BEFORE_NUMBER = _set("no nos p item items note notes part section rule step page")
_NOTED = _NEVER_LAST | _MAY_BE_LAST | _BEFORE_NUMBER
_OPENERS = _set("""
    the a an this that these those it its he she they we our you your i in on at by as for from
    with to of if when while where after before during since although though because however
    therefore moreover furthermore additionally also but and or so then there here such each all
    any some no not both what which who how why is are was were do does did has have had can
    could may might must shall should will would one two under over between through
""")
# the signs first, alone: such a pattern is looked for far faster than a choice of patterns
_STOP = re.compile(
    r"[.!?\u2026\u3002\uff01\uff1f](?:(?<=[\u3002\uff01\uff1f])|"
    r"[.!?\u2026]*[\"'\u201d\u2019)\]]*(?=\s+[\"'\u201c\u2018(\[]*[^\W_a-z]))"
)
_LAST_WORD = re.compile(r"[^\s(\[\"'\u201c\u2018]+$")
_OPENING = re.compile(r"[(\[\"'\u201c\u2018]")
_NEXT_WORD = re.compile(r"[\s\"'\u201c\u2018(\[]*([^\W_]+)")
_ITEM = re.compile(r"\d{1,3}[a-z]?")
_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")
_NEAR = 60
"""Characters around a full stop that are looked at, so that a long page stays cheap."""

_BULLET = re.compile(
    r"\s*(?:[\u2022\u25aa\u25cf\u25cb\u25a0\u2023\u2043\u00b7*\u2013\u2014-]\s|"
    r"\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)]\s)"
)
_HEADING = re.compile(r"\s*#{1,6}\s")
_NUMBER = re.compile(r"\(?[-\u2212\u2013\u2014$\u20ac\xa3]*\(?\d[\d,.]*\)?%?\)?$|[-\u2013\u2014]+$")
_SIGN = re.compile(r"[$\u20ac\xa3%)|]+$")


def sentences(text: str) -> list[str]:
    """Return the sentences, headings, list items and table rows of a text, in order.

    Each is an exact substring of the text, without white space around it; together they hold
    every character but white space.
    """
    found = []
    for start, end in _blocks(text):
        for left, right in _split(text, start, end):
            piece = text[left:right].strip()
            if piece:
                found.append(piece)
    return found


def _blocks(text: str) -> list[tuple[int, int]]:
    """Cut at every line end that is not a wrap inside prose."""
    lines: list[tuple[int, int]] = []
    position = 0
    for line in text.splitlines(keepends=True):
        lines.append((position, position + len(line)))
        position += len(line)
    contents = [text[start:end].strip() for start, end in lines]
    width = max((len(content) for content in contents), default=0)
    blocks: list[tuple[int, int]] = []
    open_at: int | None = None
    for number, (start, end) in enumerate(lines):
        if open_at is None:
            open_at = start
        following = contents[number + 1] if number + 1 < len(lines) else ""
        if not _wraps(contents[number], following, width):
            blocks.append((open_at, end))
            open_at = None
    return blocks


def _wraps(line: str, following: str, width: int) -> bool:
    """Say whether the prose of a line goes on in the following one."""
    if not line or not following or _BULLET.match(following):
        return False
    if _HEADING.match(line) or _HEADING.match(following) or "|" in (line[0], following[0]):
        return False
    if _is_row(line) or _is_row(following):
        return False
    if following[0].islower():
        return True
    if line[-1] == ":":
        return False
    return len(line) >= min(0.6 * width, 60)


def _is_row(line: str) -> bool:
    """Say whether a line looks like a row of a table: a label, then mostly numbers."""
    if "\t" in line:
        return True
    tokens = [token for token in line.split() if not _SIGN.match(token)]
    tail = 0
    for token in reversed(tokens):
        if not _NUMBER.match(token):
            break
        tail += 1
    numbers = sum(1 for token in tokens if _NUMBER.match(token))
    return tail >= 2 or (len(tokens) > 0 and numbers >= 0.5 * len(tokens))


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut one block at the full stops that end a sentence."""
    pieces = []
    left = start
    for stop in _STOP.finditer(text, start, end):
        if stop[0][0] == "." and not _ends(text, left, stop.start(), stop.end(), end):
            continue
        pieces.append((left, stop.end()))
        left = stop.end()
    pieces.append((left, end))
    return pieces


def _last_word(text: str) -> str:
    """What `_LAST_WORD` finds, which would begin at each of the signs before it."""
    if not text or text[-1].isspace():
        match = _LAST_WORD.search(text)
        return match[0] if match else ""
    return _OPENING.split(text.rsplit(None, 1)[-1])[-1]


def _ends(text: str, left: int, dot: int, after: int, end: int) -> bool:
    """Say whether the full stop at `dot` ends a sentence."""
    before = text[max(left, dot - _NEAR) : dot]
    so_far = before.strip() if dot - left <= _NEAR else None  # all of the piece, when it is short
    if so_far is not None and not so_far.strip("(["):
        return False
    word = _last_word(before).lower()
    if word.isalpha() and word not in _NOTED and (len(word) > 5 or word[1:].strip("ivx")):
        return True  # what all that follows would find of most words: no number, initial or item
    following = _NEXT_WORD.match(text, after, min(end, after + _NEAR))
    upcoming = following[1].lower() if following else ""
    if so_far is not None and word == so_far.lower() and _BULLET.match(word + ". "):
        return False  # the number of a list item
    if word in _NEVER_LAST:
        return False
    if word in _BEFORE_NUMBER and upcoming[:1].isdigit():
        return False
    if so_far is not None and _ITEM.fullmatch(word):
        earlier = so_far.split()
        if len(earlier) == 2 and earlier[0].lower() in _BEFORE_NUMBER:
            return False  # "Item 1. Business"
    if len(word) == 1 and word.isalpha() and word != "i":
        return False  # an initial
    if word in _MAY_BE_LAST or ("." in word and _INITIALS.fullmatch(word)):
        return upcoming in _OPENERS
    return True
