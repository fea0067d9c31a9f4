"""Web pages kept as files, as text (extra `[office]`). Knows the elements of HTML; fetches nothing.

Headings become `#` lines, tables rows of `cell | cell`, list items `-` lines. Navigation, scripts,
forms and what the page hides are left out; where a page says what its main part is, only that is
read. A longer text is cut into pages as plain text is (`tools/plain.py`).
"""

import codecs
import re
from collections.abc import Iterator
from typing import Any

from .archives import EXTRA
from .errors import DocumentError
from .plain import check_size, cut, decode
from .sheets import SEPARATOR, tidy
from .signature import looks_like
from .source import MAX_PAGES, SourceInfo, SourcePage
from .text import clean

try:
    from lxml import etree, html
except ImportError:  # an extra
    etree = html = None

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I)
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_NO_TEXT = """
    script style noscript template svg math canvas iframe object embed audio video form button
    select input textarea nav aside dialog head"""
_LEFT_OUT = frozenset(_NO_TEXT.split())
_BANNERS = frozenset(("header", "footer"))
"""Left out unless they stand in the main part, where they are its own."""
_OWN_LINES = """
    address article blockquote body dd details div dl dt fieldset figcaption figure footer header
    hr html li main ol p pre section summary table tbody tfoot thead tr ul h1 h2 h3 h4 h5 h6
    caption"""
_BLOCKS = frozenset(_OWN_LINES.split())
_CLOSE = ("li", "dd", "dt", "tr")
"""Blocks with no blank line around them."""
_LEVELS = {f"h{level}": "#" * level for level in range(1, 7)}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_MAIN_SHARE = 0.3
"""Of the page's text, which what is called its main part must hold to be taken for that."""
_DEPTH = 200
_DEEPEST = 2000
"""libxml2 silently drops what lies deeper than 2,048 elements, whatever it is told."""


class HtmlFile:
    """A web page. Raises `DocumentError` when it is none."""

    def __init__(self, data: bytes):
        if html is None:
            raise DocumentError(EXTRA)
        check_size(data)
        if looks_like(data) not in (None, "an HTML page"):
            raise DocumentError(f"is not a web page: it is {looks_like(data)}")
        source, notes = _decoded(data)
        source = _DECLARED.sub("", source.replace("\0", ""), count=1)
        try:
            # Without huge_tree whatever lies deeper than 256 elements is silently not there.
            parser = html.HTMLParser(
                no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
            )
            root = html.document_fromstring(source or " ", parser=parser)
        except (etree.LxmlError, ValueError):
            raise DocumentError("holds nothing that can be read as a web page") from None
        if _depth(root) >= _DEEPEST:
            notes = (*notes, f"what lies deeper than {_DEEPEST:,} elements was not read")
        title = " ".join((root.findtext(".//title") or "").split())
        hidden = _prune(root)
        text, self._removed = clean(_text(_main(root)))
        self._pages = cut(text.strip("\n"))[:MAX_PAGES]
        if hidden:
            notes = (*notes, f"{hidden:,} hidden part{'' if hidden == 1 else 's'} left out")
        self.info = SourceInfo(len(self._pages), notes=notes, title=clean(title)[0])

    def pages(self, first: int = 1) -> Iterator[SourcePage]:
        """The pages from `first` on."""
        for number, text in enumerate(self._pages[first - 1 :], first):
            yield SourcePage(number, str(number), text, self._removed if number == 1 else 0)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The source, in the encoding that it names unless its first bytes say another."""
    named = _CHARSET.search(data[:4096])
    if named and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            # Browsers read what calls itself Latin-1 as Windows-1252.
            name = codecs.lookup(named[1].decode("ascii")).name
            return data.decode("cp1252" if name in ("iso8859-1", "ascii") else name), ()
        except (LookupError, ValueError):
            pass
    return decode(data)


def _depth(root: Any) -> int:
    """How deep the elements lie."""
    deepest = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _prune(root: Any) -> int:
    """Take out what is no text for a reader; how many parts with text were hidden."""
    hidden = 0
    for element in [each for each in root.iter() if isinstance(each.tag, str)]:
        style = element.get("style", "")
        hides = "hidden" in element.attrib or element.get("aria-hidden") == "true"
        if element.tag in _LEFT_OUT or hides or _HIDING.search(style):
            if element.getparent() is None:
                continue
            known = element.tag not in _LEFT_OUT
            hidden += known and bool(element.text_content().strip())
            element.drop_tree()
    return hidden


def _main(root: Any) -> Any:
    """The element with the page's own text."""
    whole = len(root.text_content())
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = root.findall(path)
        if len(found) == 1 and len(found[0].text_content()) >= _MAIN_SHARE * whole:
            return found[0]
    for banner in list(root.iter(*_BANNERS)):
        if banner.getparent() is not None and next(banner.iterancestors("article"), None) is None:
            banner.drop_tree()
    return root


def _text(root: Any) -> str:
    lines: list[str] = []
    _Writer(lines).write(root, 0)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


class _Writer:
    """Goes through the elements and writes lines; runs of text between blocks are one line."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._run: list[str] = []
        self._mark = ""

    def write(self, element: Any, depth: int) -> None:
        """The text of an element and all in it."""
        tag = element.tag
        if tag == "table" and _is_data(element):
            self._end()
            self._table(element)
        elif tag == "pre":
            self._end()
            self._lines.extend(("", element.text_content().strip("\n"), ""))
        elif tag == "br":
            self._end()
        elif depth > _DEPTH:
            self._run.append(element.text_content())
        else:
            block = tag in _BLOCKS
            if block:
                self._end()
                self._lines.extend([] if tag in _CLOSE else [""])
                if tag in _LEVELS or tag == "li":
                    self._mark = f"{_LEVELS.get(tag, '-')} "
            elif tag in ("td", "th"):
                self._run.append(" ")
            self._run.append(element.text or "")
            for child in element:
                self.write(child, depth + 1)
                self._run.append(child.tail or "")
            if block:
                self._end()
                self._lines.extend([] if tag in _CLOSE else [""])
                self._mark = ""
        if depth == 0:
            self._end()

    def _end(self) -> None:
        line = " ".join("".join(self._run).split())
        self._run.clear()
        if line:
            self._lines.append(self._mark + line)
            self._mark = ""

    def _table(self, table: Any) -> None:
        caption = table.find("caption")
        lines = [] if caption is None else [tidy(caption.text_content())]
        for row in table.iter("tr"):
            cells = [tidy(cell.text_content()) for cell in row.iterchildren("td", "th")]
            if any(cells):
                lines.append(SEPARATOR.join(cells))
        self._lines.extend(("", *lines, ""))


def _is_data(table: Any) -> bool:
    """Whether a table holds data; one with tables or much text in its cells lays out a page."""
    if next(table.iterdescendants("table", "h1", "h2", "h3", "p", "ul"), None) is None:
        return True
    return table.find(".//th") is not None and next(table.iterdescendants("table"), None) is None
