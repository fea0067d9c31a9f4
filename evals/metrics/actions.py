"""Which tools were chosen, with what arguments, in what order: the case's `tools` and `calls`.

A case without expected calls says nothing of arguments and trajectories; one without tools and
calls nothing of the choice. Comparing is `evals.trajectory`.
"""

from functools import partial

from ...graphs.answer import Answer
from ..checks import Verdict
from ..gold import GoldCase, plain_question
from ..trajectory import Call, Mode, calls_of, difference, match, pairs
from .correctness import correct, graded
from .metric import Metric, scored, trace_of, unscored
from .once import once

_pairs = once(pairs)


@once
def _calls(answer: Answer) -> tuple[Call, ...] | None:
    trace = trace_of(answer)
    return None if trace is None else calls_of(trace)


def tool_choice(case: GoldCase, answer: Answer) -> Verdict:
    """F1 of the sets of tools called and tools expected."""
    name = "tool_choice"
    wanted = set(expected_tools(case))
    if not wanted:
        return unscored(name, "no tool is expected")
    calls = _calls(answer)
    if calls is None:
        return unscored(name, "the answer has no trace")
    called = {call.name for call in calls}
    value = 2 * len(called & wanted) / (len(called) + len(wanted))
    told = [f"missing {', '.join(sorted(wanted - called))}"] if wanted - called else []
    told += [f"needless {', '.join(sorted(called - wanted))}"] if called - wanted else []
    return scored(name, value, "; ".join(told) or f"called {', '.join(sorted(called))}")


def tool_correctness(case: GoldCase, answer: Answer) -> Verdict:
    """Share of the expected tools that were called, each call counted once."""
    name = "tool_correctness"
    expected = expected_tools(case)
    if not expected:
        return unscored(name, "no tool is expected")
    calls = _calls(answer)
    if calls is None:
        return unscored(name, "the answer has no trace")
    called = [call.name for call in calls]
    found = sum(min(called.count(tool), expected.count(tool)) for tool in set(expected))
    reason = f"{found} of {len(expected)} expected tools were called"
    return scored(name, found / len(expected), reason)


def expected_tools(case: GoldCase) -> list[str]:
    """Names of the calls of a case, as often as they stand there, and of its other tools."""
    called = [call.name for call in case.calls]
    return called + [tool for tool in case.tools if tool not in called]


def tool_arguments(case: GoldCase, answer: Answer) -> Verdict:
    """Share of the expected calls with arguments that were made with just these."""
    name = "tool_arguments"
    expected = [call for call in case.calls if call.arguments is not None]
    if not expected:
        return unscored(name, "no arguments are expected")
    calls = _calls(answer)
    if calls is None:
        return unscored(name, "the answer has no trace")
    told = [call for call in case.calls if call.arguments is None or call.result is not None]
    paired = pairs(calls, expected, results=False) if told else _pairs(calls, case.calls)
    reason = f"{len(paired)} of {len(expected)} calls as expected"
    for place, wanted in enumerate(expected):
        if place not in paired:
            near = [difference(call, wanted, False) for call in calls if call.name == wanted.name]
            reason += f"; {near[0] if near else f'no call of {wanted.name}'}"
            break
    return scored(name, len(paired) / len(expected), reason)


def trajectory(case: GoldCase, answer: Answer, mode: Mode) -> Verdict:
    """The calls are the expected ones; strict: question and answer are the case's too."""
    name = f"trajectory_{mode}"
    if not case.calls:
        return unscored(name, "no calls are expected")
    calls = _calls(answer)
    if calls is None:
        return unscored(name, "the answer has no trace")
    found = match(calls, case.calls, mode, _pairs)
    if found.ok and mode == "strict":
        if plain_question(answer.question) != plain_question(case.question):
            return scored(name, 0.0, f"another question: {answer.question!r:.60}")
        judged = correct(case, answer)
        if judged.value != 1.0:
            return scored(name, 0.0, f"the calls, but not the answer: {judged.reason}")
    return scored(name, found.ok, found.reason)


def _trajectory(mode: Mode, about: str) -> Metric:
    return Metric(f"trajectory_{mode}", about, partial(trajectory, mode=mode), of_run=True)


METRICS = (
    Metric(
        "tools",
        "every expected tool was run and succeeded",
        partial(graded, name="tools"),
        of_run=True,
    ),
    Metric(
        "tool_choice",
        "F1 of the sets of tools called and expected: missing and needless ones count",
        tool_choice,
        "score",
        of_run=True,
    ),
    Metric(
        "tool_correctness",
        "share of the expected tools that were called (DeepEval ToolCorrectness)",
        tool_correctness,
        "score",
        of_run=True,
    ),
    Metric(
        "tool_arguments",
        "share of the expected calls made with just these arguments, by value",
        tool_arguments,
        "score",
        of_run=True,
    ),
    _trajectory(
        "strict",
        "the expected calls, arguments and results, in order, and the right answer"
        " (agentevals' mode; its strict passes another result and answer, ours does not)",
    ),
    _trajectory("unordered", "the expected calls, no more and no fewer, in any order (agentevals)"),
    _trajectory("subset", "no call but the expected ones (agentevals' subset)"),
    _trajectory("superset", "all expected calls, and maybe more (agentevals' superset)"),
)
