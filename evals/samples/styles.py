"""The paragraph styles of the sample documents. Knows type and colour, no content."""

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.styles import ParagraphStyle

INK, GREY = HexColor("#1d2730"), HexColor("#5f6b76")


def styles(colour_code: str, serif: bool) -> dict[str, ParagraphStyle]:
    """Every paragraph style of a document, by name."""
    body = "Times-Roman" if serif else "Helvetica"
    colour = HexColor(colour_code)
    size = 11 if serif else 9.9
    base = ParagraphStyle(
        "body",
        fontName=body,
        fontSize=size,
        leading=size * 1.4,
        textColor=INK,
        spaceAfter=6.5,
        alignment=TA_JUSTIFY if serif else 0,
    )

    def style(name: str, **changes: Any) -> ParagraphStyle:
        return ParagraphStyle(name, parent=base, **changes)

    bold = "Helvetica-Bold"
    left = {"alignment": 0}
    return {
        "body": base,
        "item": style("item", spaceAfter=2.5, **left),
        "label": style("label", fontName=bold, fontSize=8.8, textColor=colour, **left),
        "cell": style("cell", fontName="Helvetica", fontSize=8.6, leading=11, spaceAfter=0, **left),
        "note": style(
            "note",
            fontName="Helvetica-Oblique",
            fontSize=8.2,
            leading=10.6,
            textColor=GREY,
            spaceAfter=6,
            **left,
        ),
        "title": style(
            "title",
            fontName=bold,
            fontSize=25,
            leading=30,
            textColor=colour,
            spaceAfter=6,
            **left,
        ),
        "subtitle": style(
            "subtitle", fontName="Helvetica", fontSize=13, leading=17, textColor=GREY, **left
        ),
        "heading1": style(
            "heading1",
            fontName=bold,
            fontSize=16,
            leading=20,
            textColor=colour,
            spaceBefore=8,
            spaceAfter=8,
            keepWithNext=1,
            **left,
        ),
        "heading2": style(
            "heading2",
            fontName=bold,
            fontSize=11.2,
            leading=14,
            spaceBefore=8,
            spaceAfter=4,
            keepWithNext=1,
            **left,
        ),
        "heading3": style(
            "heading3",
            fontName=bold,
            fontSize=9.8,
            leading=13,
            spaceBefore=3,
            spaceAfter=2,
            keepWithNext=1,
            **left,
        ),
        "contents1": style(
            "contents1", fontName=bold, fontSize=9.6, spaceBefore=2, spaceAfter=1, **left
        ),
        "contents2": style("contents2", fontSize=9.2, leftIndent=12, spaceAfter=0, **left),
    }
