"""What became of a page as a person reads it: the ranks of every stage, and the one that lost it.

Knows layout and colour; every text goes through `wording`. Knows nothing of where the text goes.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from ..tools.why import PageRanks, StageRank
from .render import grid, indented, sentence_view
from .wording import one_line, place, plural, visible

if TYPE_CHECKING:
    from ..evals.why import Why
    from ..graphs.answer import Answer


_LEGEND = (
    "rank: the page's place with the stages so far added up; alone: by this stage only;"
    " behind: the last page that it had to pass"
)


def why_view(
    told: "Why",
    changes: str = "",
    changed: PageRanks | None = None,
    alone: "tuple[str, Answer, bool] | None" = None,
) -> Group:
    """The stage and the reason, the ranks (beside them those with the changes), the prompt."""
    won = told.stage in ("used", "found")
    head = Text.assemble(
        (place(told.document, told.page, None), "bold"),
        ": ",
        (told.stage if won else f"lost at {told.stage}", "green" if won else "yellow"),
    )
    parts: list[RenderableType] = [head, indented(Text(visible(told.reason)))]
    if told.ranks is not None:
        parts += _ranks(told.ranks, changes, changed)
    if told.shown is not None:
        of = plural(told.shown, "passage")
        where = f"not among the {of}" if told.position is None else f"place {told.position} of {of}"
        parts.append(Text(f"in the prompt: {where}"))
    if changed is not None:
        ends = "found" if changed.lost is None else f"lost at {changed.lost}"
        parts.append(Text(f"with {visible(changes)}: {ends}", style="bold"))
    if alone is not None:
        id, answer, used = alone
        word = "the answer uses it" if used else "the answer does not use it"
        if answer.refused:
            word += " (refused)"
        parts.append(Text(f"with {visible(id)} alone: {word}", style="bold"))
        parts.append(indented(sentence_view(answer.text)))
    if told.trace is not None:
        parts.append(Text(f"run {told.trace}", style="dim"))
    return Group(*parts)


def _ranks(ranks: PageRanks, changes: str, changed: PageRanks | None) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(f"search: {one_line(ranks.query, 90)}", style="dim")]
    both = changed is not None and bool(changed.stages)
    if not ranks.stages and not both:
        return parts
    table = grid(
        {"style": "bold", "no_wrap": True},
        {"justify": "right", "no_wrap": True},
        *([{"justify": "right", "no_wrap": True}] if both else []),
        {"justify": "right", "no_wrap": True, "style": "dim"},
        {"justify": "right", "no_wrap": True, "style": "dim"},
        {"overflow": "fold", "style": "dim"},
    )
    head = ["after", "rank", *([one_line(changes, 30)] if both else [])]
    table.add_row(*head, "alone", "score", "behind")
    for stage, other in _pairs(ranks, changed):
        shown = stage or other
        assert shown is not None
        cells = [shown.stage, _place(stage)] + ([_place(other)] if both else [])
        alone = "" if shown.alone is None else str(shown.alone)
        score = "" if shown.score is None else f"{shown.score:.3f}"
        rival = shown.beaten_by
        behind = "" if rival is None else place(rival.document, rival.page, None)
        behind += "" if rival is None else f"  {rival.score:.3f}"
        table.add_row(*cells, alone, score, behind)
    parts.append(indented(table))
    among = f"k = {ranks.k}, of {plural(ranks.weighed, 'passage')} weighed"
    if changed is not None and (changed.k, changed.weighed) != (ranks.k, ranks.weighed):
        among += f"; with the change k = {changed.k}, of {changed.weighed:,}"
    parts.append(indented(Text(among, style="dim")))
    parts.append(indented(Text(_LEGEND, style="dim")))
    return parts


def _pairs(
    ranks: PageRanks, changed: PageRanks | None
) -> Iterator[tuple[StageRank | None, StageRank | None]]:
    """Each stage as it is and with the change."""
    others = {} if changed is None else {stage.stage: stage for stage in changed.stages}
    own = {stage.stage: stage for stage in ranks.stages}
    for name in own or others:
        yield own.get(name), others.get(name)


def _place(stage: StageRank | None) -> str:
    return "-" if stage is None or stage.rank is None else str(stage.rank)
