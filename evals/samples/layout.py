"""How the sample documents look: styles, tables, footers and page labels. Knows no content."""

import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from reportlab import rl_config
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepTogether,
    ListFlowable,
    ListItem,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

from .styles import GREY, INK, styles

rl_config.invariant = 1
"""No clock and no random id in the file: building again gives the same bytes."""

Story = list[Any]
"""What reportlab lays out, in reading order."""

RULE, SHADE = HexColor("#b9c2ca"), HexColor("#f1f4f6")
MARGIN = 23 * mm
WIDTH = A4[0] - 2 * MARGIN


@dataclass(frozen=True)
class Look:
    """The looks of one document: its colour, its type and what runs along the foot of a page."""

    title: str
    author: str
    subject: str
    footer: str
    colour: str = "#0f4c5c"
    serif: bool = True
    front_pages: int = 0
    """Pages numbered i, ii, ... before page 1."""
    cover: bool = False
    """Whether the first page is a cover: no footer, a band of colour."""
    styles: dict[str, ParagraphStyle] = field(default_factory=dict)

    def style(self, name: str) -> ParagraphStyle:
        """The paragraph style of that name, made once."""
        if not self.styles:
            self.styles.update(styles(self.colour, self.serif))
        return self.styles[name]

    def text(self, *paragraphs: str, style: str = "body") -> Story:
        """Body paragraphs."""
        return [Paragraph(each, self.style(style)) for each in paragraphs]

    def heading(self, text: str, level: int = 1) -> Story:
        """A heading; levels 1 and 2 go to the outline, level 1 and notes to the contents."""
        return [Paragraph(text, self.style(f"heading{level}"))]

    def bullets(self, items: Iterable[str]) -> Story:
        """A bulleted list."""
        entries = [ListItem(Paragraph(each, self.style("item"))) for each in items]
        bullet = ListFlowable(
            entries, bulletType="bullet", start="•", leftIndent=14, bulletFontSize=8
        )
        return [bullet, Spacer(1, 6)]

    def numbered(self, items: Sequence[tuple[str, str]], space: float = 3) -> Story:
        """Paragraphs with a number of their own in the margin: `("4.2", "text")`."""
        story: Story = []
        for label, text in items:
            row = [[Paragraph(label, self.style("label")), Paragraph(text, self.style("item"))]]
            table = Table(row, colWidths=[32, WIDTH - 32], hAlign="LEFT")
            table.setStyle(
                TableStyle(
                    [
                        ("VALIGN", (0, 0), (-1, -1), "TOP"),
                        ("LEFTPADDING", (0, 0), (-1, -1), 0),
                        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                        ("TOPPADDING", (0, 0), (-1, -1), 1),
                        ("BOTTOMPADDING", (0, 0), (-1, -1), space),
                    ]
                )
            )
            story.append(table)
        return [*story, Spacer(1, 5)]

    def contents(self) -> Story:
        """A table of contents, filled while the pages are laid out."""
        table = TableOfContents(dotsMinLevel=0)
        table.levelStyles = [self.style("contents1"), self.style("contents2")]
        table.tableStyle = TableStyle(
            [
                ("TOPPADDING", (0, 0), (-1, -1), 0.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
        front = self.front_pages
        table.formatter = lambda page: str(page - front)
        return [table]

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float] | None = None,
        totals: Iterable[int] = (),
        sections: Iterable[int] = (),
        prose: bool = False,
        left: int = 1,
    ) -> Story:
        """A ruled table; `totals` and `sections` are row numbers (from 0) set in bold.

        The first `left` columns are left-aligned and the others right-aligned, unless `prose`
        (then every cell wraps and is left-aligned).
        """
        parts = widths or [2.6] + [1.0] * (len(header) - 1)
        columns = [WIDTH * part / sum(parts) for part in parts]
        cells: list[list[Any]] = [list(header)]
        for row in rows:
            cells.append([Paragraph(c, self.style("cell")) for c in row] if prose else list(row))
        sans = "Helvetica"
        commands: list[tuple[Any, ...]] = [
            ("FONT", (0, 0), (-1, -1), sans, 8.6),
            ("TEXTCOLOR", (0, 0), (-1, -1), INK),
            ("FONT", (0, 0), (-1, 0), f"{sans}-Bold", 8.4),
            ("TEXTCOLOR", (0, 0), (-1, 0), white),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor(self.colour)),
            ("ALIGN", (left, 0), (-1, -1), "LEFT" if prose else "RIGHT"),
            ("VALIGN", (0, 0), (-1, -1), "TOP" if prose else "MIDDLE"),
            ("TOPPADDING", (0, 0), (-1, -1), 3.2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.4),
            ("LINEBELOW", (0, 1), (-1, -1), 0.35, RULE),
            ("LINEBELOW", (0, -1), (-1, -1), 0.9, HexColor(self.colour)),
        ]
        for number in totals:
            commands.append(("FONT", (0, number + 1), (-1, number + 1), f"{sans}-Bold", 8.6))
            commands.append(("LINEABOVE", (0, number + 1), (-1, number + 1), 0.8, INK))
            commands.append(("BACKGROUND", (0, number + 1), (-1, number + 1), SHADE))
        for number in sections:
            commands.append(("FONT", (0, number + 1), (-1, number + 1), f"{sans}-Bold", 8.6))
            commands.append(("TEXTCOLOR", (0, number + 1), (-1, number + 1), HexColor(self.colour)))
        table = Table(cells, colWidths=columns, repeatRows=1, hAlign="LEFT")
        table.setStyle(TableStyle(commands))
        return [table, Spacer(1, 9)]

    def note(self, text: str) -> Story:
        """A small grey remark under a table or a heading."""
        return [Paragraph(text, self.style("note"))]


def new_page() -> Story:
    """A page break."""
    return [PageBreak()]


def gap(points: float) -> Story:
    """Empty space."""
    return [Spacer(1, points)]


def together(story: Story) -> Story:
    """A block that is not split over two pages."""
    return [KeepTogether(story)]


def build(look: Look, story: Story) -> bytes:
    """The document as PDF bytes, the same for the same story."""

    def foot(canvas: Any, document: Any) -> None:
        page = canvas.getPageNumber()
        if page == 1 and look.front_pages:
            canvas.addPageLabel(0, "ROMAN_LOWER", 1)
            canvas.addPageLabel(look.front_pages, "ARABIC", 1)
        canvas.saveState()
        if page == 1 and look.cover:
            canvas.setFillColor(HexColor(look.colour))
            canvas.rect(0, A4[1] - 62 * mm, A4[0], 62 * mm, stroke=0, fill=1)
            canvas.rect(0, 0, A4[0], 12 * mm, stroke=0, fill=1)
        else:
            front = page <= look.front_pages
            label = ("i", "ii", "iii", "iv")[page - 1] if front else str(page - look.front_pages)
            canvas.setStrokeColor(RULE)
            canvas.line(MARGIN, 16 * mm, A4[0] - MARGIN, 16 * mm)
            canvas.setFont("Helvetica", 7.8)
            canvas.setFillColor(GREY)
            canvas.drawString(MARGIN, 11.6 * mm, look.footer)
            canvas.drawRightString(A4[0] - MARGIN, 11.6 * mm, label)
        canvas.restoreState()

    def listed(flowable: Any) -> None:
        name = getattr(getattr(flowable, "style", None), "name", "")
        if name not in ("heading1", "heading2"):
            return
        level, text = int(name[-1]) - 1, flowable.getPlainText()
        key = f"part-{zlib.crc32(text.encode())}"
        document.canv.bookmarkPage(key)
        document.canv.addOutlineEntry(text, key, level, closed=True)
        if level == 0 or text.startswith("Note "):
            document.notify("TOCEntry", (level, text, document.page, key))

    file = io.BytesIO()
    frame = Frame(MARGIN, 20 * mm, WIDTH, A4[1] - 40 * mm, 0, 0, 0, 0)
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        pageTemplates=[PageTemplate(frames=[frame], onPage=foot)],
        title=look.title,
        author=look.author,
        subject=look.subject,
        creator="Workings sample documents",
    )
    document.afterFlowable = listed
    document.multiBuild(story)
    return file.getvalue()
