"""Plots as SVG text: places in percent, text in pixels, so that they fit any width unscaled.

Every plot has a title for those who cannot see it. Colours are classes of the style sheet. Knows
numbers and names; knows nothing of evaluations.
"""

import html
import math
from collections.abc import Sequence


def esc(text: object) -> str:
    """A text as it may stand in HTML, in an attribute too; what could hide is written out."""
    shown = "".join(
        char if char in "\n\t" or char.isprintable() else " " if char.isspace() else _code(char)
        for char in str(text)
    )
    return html.escape(shown, quote=True)


def _code(char: str) -> str:
    return f"\\u{ord(char):04x}"


def number(value: float) -> str:
    """A number on an axis."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def svg(height: int, title: str, *parts: str, kind: str = "") -> str:
    """A drawing of full width."""
    of = f' class="{kind}"' if kind else ""
    told = f"<title>{esc(title)}</title>"
    drawn = "".join(parts)
    return f'<svg{of} role="img" height="{height}" aria-label="{esc(title)}">{told}{drawn}</svg>'


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from low to high, about `count` of them."""
    if not high > low:
        return [low]
    rough = (high - low) / count
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * part for part in (1, 2, 2.5, 5, 10) if size * part >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [place * step for place in range(first, last + 1)]


def interval(
    value: float,
    low: float | None,
    high: float | None,
    *,
    span: tuple[float, float],
    title: str,
    kind: str = "",
    zero: float | None = None,
    margin: float | None = None,
    other: float | None = None,
) -> str:
    """One row of a forest plot: a dot on its interval; `other`: a second value as a ring."""

    def at(point: float) -> str:
        share = (point - span[0]) / (span[1] - span[0] or 1.0)
        return f"{min(max(share, 0.0), 1.0) * 100:.2f}%"

    parts = []
    if margin:
        width = 2 * margin / (span[1] - span[0] or 1.0) * 100
        parts.append(
            f'<rect class="band" x="{at(-margin)}" y="0" width="{width:.2f}%" height="26"/>'
        )
    parts.append('<line class="axis" x1="0" x2="100%" y1="13" y2="13"/>')
    if zero is not None:
        parts.append(f'<line class="zero" x1="{at(zero)}" x2="{at(zero)}" y1="1" y2="25"/>')
    if low is not None and high is not None:
        parts.append(f'<line class="ci" x1="{at(low)}" x2="{at(high)}" y1="13" y2="13"/>')
    if other is not None:
        parts.append(
            f'<circle class="ring" style="--c:var(--soft)" cx="{at(other)}" cy="13" r="5"/>'
        )
    parts.append(f'<circle class="dot" cx="{at(value)}" cy="13" r="5.5"/>')
    return svg(26, title, *parts, kind=kind)


def scale(span: tuple[float, float], percent: bool, points: bool = False) -> str:
    """The numbers under a forest plot."""
    parts = []
    found = ticks(*span)
    for place, tick in enumerate(found):
        share = (tick - span[0]) / (span[1] - span[0] or 1.0) * 100
        end = "start" if share < 4 else "end" if share > 96 else "middle"
        sign = "+" if points else ""
        text = f"{tick * 100:{sign}.3g}" if percent else f"{tick:{sign}.3g}"
        if place == len(found) - 1 and percent and not points:
            text += " %"
        text = "0" if tick == 0 else text
        parts.append(f'<text x="{share:.2f}%" y="12" text-anchor="{end}">{text}</text>')
    return svg(16, "scale", *parts)


def bars(
    names: Sequence[str], lower: Sequence[int], upper: Sequence[int], title: str, height: int = 190
) -> str:
    """Stacked columns: `lower` (passed) under `upper` (failed), with their sum above."""
    top = max((a + b for a, b in zip(lower, upper, strict=True)), default=0) or 1
    room, width = height - 40, 100 / max(len(names), 1)
    parts = [f'<line class="axis" x1="0" x2="100%" y1="{height - 20}" y2="{height - 20}"/>']
    for place, (name, low, high) in enumerate(zip(names, lower, upper, strict=True)):
        x, middle = place * width + width * 0.14, place * width + width / 2
        under, over = low / top * room, high / top * room
        base = height - 20
        parts.append(
            f'<rect class="bar-pass" x="{x:.2f}%" width="{width * 0.72:.2f}%" rx="2"'
            f' y="{base - under:.1f}" height="{under:.1f}"/>'
            f'<rect class="bar-fail" x="{x:.2f}%" width="{width * 0.72:.2f}%" rx="2"'
            f' y="{base - under - over:.1f}" height="{over:.1f}"/>'
            f'<text x="{middle:.2f}%" y="{height - 5}" text-anchor="middle">{esc(name)}</text>'
        )
        if low + high:
            parts.append(
                f'<text class="on" x="{middle:.2f}%" y="{base - under - over - 5:.1f}"'
                f' text-anchor="middle">{low + high}</text>'
            )
    return svg(height, title, *parts)


def histogram(
    values: Sequence[float], marks: Sequence[tuple[str, float]], unit: str, title: str
) -> str:
    """How amounts are spread; `marks` are named places on the axis. The longest 1 % are one bin."""
    height, count = 190, 24
    known = sorted(values)
    end = known[min(len(known) - 1, math.ceil(len(known) * 0.99))] or 1.0
    counts = [0] * count
    for value in known:
        counts[min(int(value / end * count), count - 1)] += 1
    top, base, width = max(counts), height - 20, 100 / count
    parts = [f'<line class="axis" x1="0" x2="100%" y1="{base}" y2="{base}"/>']
    for place, many in enumerate(counts):
        tall = many / top * (base - 30)
        parts.append(
            f'<rect class="bar" x="{place * width + width * 0.08:.2f}%" y="{base - tall:.1f}"'
            f' width="{width * 0.84:.2f}%" height="{tall:.1f}" rx="1.5"/>'
        )
    shown = [tick for tick in ticks(0.0, end, 4) if tick < end * 0.97]
    for tick in shown:
        share = tick / end * 100
        anchor = "start" if share < 4 else "middle"
        text = f"{number(tick)}{' ' + unit if tick == shown[-1] else ''}"
        parts.append(
            f'<text x="{share:.2f}%" y="{height - 5}" text-anchor="{anchor}">{text}</text>'
        )
    for place, (name, value) in enumerate(marks):
        share = min(value / end, 1.0) * 100
        side = "end" if share > 60 else "start"
        gap = -5 if side == "end" else 5
        rise = 13 + 15 * (place % 2)
        parts.append(
            f'<line class="zero" stroke-dasharray="3 3" x1="{share:.2f}%" x2="{share:.2f}%" y1="4"'
            f' y2="{base}"/><text class="on" x="{share:.2f}%" dx="{gap}" y="{rise}"'
            f' text-anchor="{side}">{esc(name)} {number(value)} {unit}</text>'
        )
    return svg(height, title, *parts)


def crosses(
    points: Sequence[tuple[str, str, tuple[float, float, float], tuple[float, float, float]]],
    across: str,
    title: str,
) -> str:
    """Evaluations by cost (x) and quality (y, 0 to 1), each with both intervals as a cross.

    A point is name, class, (value, low, high) of the cost, and of the quality.
    """
    height, base, top = 260, 226, 14
    most = max(high for _, _, (_, _, high), _ in points) * 1.12 or 1.0
    least = min(0.9, max(0.0, min(low for _, _, _, (_, low, _) in points) - 0.08))
    least = math.floor(least * 10) / 10

    def x(point: float) -> str:
        return f"{8 + point / most * 90:.2f}%"

    def y(point: float) -> str:
        return f"{base - (point - least) / (1 - least) * (base - top):.1f}"

    parts = []
    for tick in ticks(least, 1.0):
        parts.append(
            f'<line class="axis" x1="8%" x2="98%" y1="{y(tick)}" y2="{y(tick)}"/>'
            f'<text x="7%" y="{y(tick)}" dy="4" text-anchor="end">{tick * 100:.0f}</text>'
        )
    for tick in ticks(0.0, most, 4):
        parts.append(
            f'<text x="{x(tick)}" y="{base + 16}" text-anchor="middle">{number(tick)}</text>'
        )
    parts.append(f'<text x="98%" y="{base + 31}" text-anchor="end">{esc(across)}</text>')
    for name, kind, (cost, cheap, dear), (quality, low, high) in points:
        end = cost / most > 0.6
        parts.append(
            f'<g class="{kind}"><line class="ci" style="stroke-width:3" x1="{x(cheap)}"'
            f' x2="{x(dear)}" y1="{y(quality)}" y2="{y(quality)}"/><line class="ci"'
            f' style="stroke-width:3" x1="{x(cost)}" x2="{x(cost)}" y1="{y(low)}" y2="{y(high)}"/>'
            f'<circle class="dot" cx="{x(cost)}" cy="{y(quality)}" r="6"/><text class="on"'
            f' x="{x(cost)}" dx="{-10 if end else 10}" y="{y(quality)}" dy="-9"'
            f' text-anchor="{"end" if end else "start"}">{esc(name)}</text></g>'
        )
    return svg(height, title, *parts)


def strips(lanes: Sequence[tuple[str, str, Sequence[float]]], across: str, title: str) -> str:
    """Amounts of single cases as dots, a lane for each (name, class); the median is a bar."""
    tall = 52
    height = tall * len(lanes) + 36
    every = sorted(value for _, _, values in lanes for value in values)
    end = (every[min(len(every) - 1, math.ceil(len(every) * 0.99))] or 1.0) * 1.05
    base = tall * len(lanes) + 4
    parts = [f'<line class="axis" x1="12%" x2="99%" y1="{base}" y2="{base}"/>']

    def x(point: float) -> str:
        return f"{12 + min(point / end, 1.0) * 87:.2f}%"

    for tick in ticks(0.0, end, 4):
        parts.append(
            f'<text x="{x(tick)}" y="{base + 15}" text-anchor="middle">{number(tick)}</text>'
        )
    parts.append(f'<text x="99%" y="{base + 30}" text-anchor="end">{esc(across)}</text>')
    for place, (name, kind, values) in enumerate(lanes):
        middle = place * tall + tall / 2
        parts.append(f'<text class="on" x="0" y="{middle + 4:.0f}">{esc(name)}</text>')
        parts.append(f'<g class="{kind}">')
        # neighbours are spread over the lane by turns, so that equal amounts can be counted
        for turn, value in enumerate(sorted(values)[:2_000]):
            rise = (turn * 7 % 13 - 6) / 6 * (tall / 2 - 9)
            parts.append(
                f'<circle class="dot" fill-opacity=".55" cx="{x(value)}" r="3"'
                f' cy="{middle + rise:.1f}"/>'
            )
        if values:
            half = sorted(values)[len(values) // 2]
            parts.append(
                f'<line x1="{x(half)}" x2="{x(half)}" y1="{middle - tall / 2 + 4:.0f}"'
                f' y2="{middle + tall / 2 - 4:.0f}" style="stroke:var(--ink);stroke-width:2"/>'
            )
        parts.append("</g>")
    return svg(height, title, *parts)


def reliability(bins: Sequence[tuple[float, float, float, float, int]], title: str) -> str:
    """What a judge says (x) against what people say (y), with the diagonal of a perfect judge.

    A bin is (mean of the judge, share of people, low, high, labels).
    """
    height, base, top = 260, 226, 12

    def x(point: float) -> str:
        return f"{8 + point * 88:.2f}%"

    def y(point: float) -> str:
        return f"{base - point * (base - top):.1f}"

    parts = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(
            f'<line class="axis" x1="8%" x2="96%" y1="{y(tick)}" y2="{y(tick)}"/>'
            f'<text x="7%" y="{y(tick)}" dy="4" text-anchor="end">{tick * 100:.0f}</text>'
            f'<text x="{x(tick)}" y="{base + 16}" text-anchor="middle">{tick:g}</text>'
        )
    parts.append(
        f'<line class="zero" stroke-dasharray="4 4" x1="{x(0)}" x2="{x(1)}" y1="{y(0)}"'
        f' y2="{y(1)}"/>'
        f'<text x="96%" y="{base + 31}" text-anchor="end">what the judge says</text>'
    )
    most = max((count for *_, count in bins), default=1)
    for said, share, low, high, count in bins:
        parts.append(
            f'<line class="ci" style="stroke-width:4" x1="{x(said)}" x2="{x(said)}" y1="{y(low)}"'
            f' y2="{y(high)}"/><circle class="dot" cx="{x(said)}" cy="{y(share)}"'
            f' r="{3.5 + 5 * math.sqrt(count / most):.1f}"/>'
        )
    return svg(height, title, *parts)
