"""Runs of every shape, recorded with a scripted model: what the tests of replays replay."""

import asyncio
import contextlib

from scripted import ScriptedModel, busy, calls, drafts, says
from workings.graphs.limits import Limits
from workings.graphs.live import LiveCalls
from workings.graphs.model import Profile
from workings.graphs.recorder import Recorder
from workings.graphs.run import run
from workings.graphs.trace import Start
from workings.tools.calculator import calculator_tool
from workings.tools.documents import Passage
from workings.tools.errors import ProviderError, ToolError, WorkingsError
from workings.tools.tool import ToolResult, tool

TEXT = (
    "Revenue was 467 million in 2024 and 412 million in 2023. The key is sk-abcdefgh12345678ijkl."
)


def look_up(text=TEXT):
    passage = Passage(
        id="d-3-1",
        document="report.pdf",
        document_id="d",
        title="Report",
        page=3,
        page_label="1",
        text=text,
    )

    @tool
    async def look(query: str) -> ToolResult:
        """Search the documents."""
        if query == "broken":
            raise ToolError("nothing to look in")
        await asyncio.sleep(0.002 if query == "slow" else 0)
        return ToolResult(passages=(passage,))

    return look


@tool(effect="write")
def send(text: str) -> str:
    """Send a text to somebody."""
    return "sent"


async def record(
    model,
    store=None,
    tools=(),
    approve=None,
    drafts=False,
    emit=None,
    text=TEXT,
    options=None,
    **limits,
):
    offered = [look_up(text), calculator_tool(), *tools]
    limit = Limits(**limits)
    start = Start(
        id=store.new_id() if store else "run-1",
        created="2026-01-01T00:00:00+00:00",
        question="What was revenue in 2024?",
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
        limits=limit.model_dump(mode="json"),
        options={
            "today": "2026-01-01",
            "documents": [{"name": "report.pdf", "title": "Report"}],
            **(options or {}),
        },
        tools=tuple({**item.schema(), "effect": item.effect} for item in offered),
    )

    async def no_sleep(seconds):
        await asyncio.sleep(0)

    live = LiveCalls(model, limit.deadline, sleep=no_sleep)
    by_name = {item.name: item for item in offered}
    recorder = Recorder(store)
    with contextlib.suppress(WorkingsError):
        await run(start, live, by_name, recorder, approve=approve, drafts=drafts, emit=emit)
    assert recorder.broken is None
    return recorder.trace


GOOD = drafts(("Revenue was 467 million in 2024.", "1", "Revenue was 467 million in 2024"))
LOOK = calls(("look", {"query": "revenue 2024"}))
CALCULATE = calls(("calculator", {"expression": "467 - 412"}))


def scripts():
    """Runs of every shape, by name: scripts and further arguments of `record`."""
    parallel = calls(*(("look", {"query": q}) for q in ("slow", "a", "b", "broken")))
    return {
        "plain": ([LOOK, says("found"), GOOD], {}),
        "calculation": ([LOOK, CALCULATE, says("done"), GOOD], {}),
        "parallel": ([parallel, says("done"), GOOD], {}),
        "retries": ([busy(), LOOK, busy(1.0), busy(), says("found"), GOOD], {}),
        "refused_calls": (
            [calls(("look", "{"), ("nothing", {}), ("look", {"query": 3})), LOOK, says("x"), GOOD],
            {},
        ),
        "repeat": ([LOOK, LOOK, GOOD], {}),
        "struck": ([LOOK, says("x"), says("no json"), says("{"), GOOD], {}),
        "no_evidence": ([says("hello")], {}),
        "provider_error": ([ProviderError("wrong key", kind="auth")], {}),
        "limit": ([LOOK, CALCULATE, GOOD], {"requests": 4}),
        "streamed": ([LOOK, says("found"), GOOD], {"drafts": True, "emit": lambda event: None}),
        "approved": (
            [calls(("send", {"text": "x"}), ("look", {"query": "a"})), says("x"), GOOD],
            {"tools": (send,), "approve": lambda asked: {call["id"]: True for call in asked}},
        ),
        "denied": (
            [calls(("send", {"text": "x"}), ("look", {"query": "a"})), says("x"), GOOD],
            {"tools": (send,)},
        ),
        "structured": (
            [
                says('{"why": "w", "tool": "look", "input": "revenue"}'),
                says('{"why": "w", "tool": "answer", "input": ""}'),
                GOOD,
            ],
            {"profile": Profile(decision="structured")},
        ),
    }


async def make(name, store=None):
    script, arguments = scripts()[name]
    arguments = dict(arguments)
    model = ScriptedModel(*script, profile=arguments.pop("profile", None))
    return await record(model, store, **arguments)


def edited_step(trace, index):
    """The step with an index."""
    return next(step for step in trace.steps if step.index == index)
