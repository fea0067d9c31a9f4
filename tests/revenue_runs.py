"""Recorded runs of a one-search assistant that is asked for the revenue of a year.

For tests and benches of what flipped a case: the search, the recording and a judge; readers are
theirs.
"""

from workings.evals.checks import Verdict
from workings.graphs.limits import Limits
from workings.graphs.live import LiveCalls
from workings.graphs.recorder import Recorder
from workings.graphs.run import run
from workings.graphs.trace import Start
from workings.tools.documents import Passage
from workings.tools.tool import ToolResult, tool


def searching(figures):
    """A search that gives the figures of some years, in this order; the query does not matter."""
    passages = tuple(
        Passage(
            id=f"r-{year}-1",
            document=f"report-{year}.pdf",
            document_id=f"r{year}",
            title=f"Report {year}",
            page=1,
            page_label="1",
            text=f"Revenue was {figure} million in {year}.",
        )
        for year, figure in figures.items()
    )

    @tool
    async def search(query: str) -> ToolResult:
        """Search the documents."""
        return ToolResult(passages=passages)

    return search


async def recorded(model, search, year=2024, id="run-1"):
    """The trace of a model's run."""
    start = Start(
        id=id, created="2026-01-01T00:00:00+00:00", question=f"What was revenue in {year}?",
        model=model.id, profile=model.profile.model_dump(mode="json"),
        limits=Limits().model_dump(mode="json"), options={"today": "2026-01-01"},
        tools=({**search.schema(), "effect": search.effect},),
    )  # fmt: skip
    recorder = Recorder()
    await run(start, LiveCalls(model, 60), {search.name: search}, recorder)
    return recorder.trace


def judge_of(wanted):
    """A judge that passes the answers with this figure."""

    def judge(case, answer):
        said = f"Revenue was {wanted} million" in answer.text
        return Verdict(metric="correct", value=float(said), reason="")

    return judge
