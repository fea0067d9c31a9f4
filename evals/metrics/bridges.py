"""Metrics of RAGAS and DeepEval, run beside ours on the same cases: the extra `bridges`.

Knows how a case and an answer look to them. What a metric of theirs asks (a model, the network) is
its own affair; those named here ask nothing. Values are theirs, unchanged; their NaN is unscored.
"""

import importlib
import math
from collections.abc import Callable
from typing import Any

from ...graphs.answer import Answer
from ...graphs.trace import ToolStep
from ...tools.errors import SettingsError
from ..checks import Verdict
from ..gold import GoldCase
from ..trajectory import calls_of
from .metric import Metric, scored, trace_of, unscored
from .pages import retrieved_pages


def ragas_sample(case: GoldCase, answer: Answer) -> Any:
    """A `ragas.SingleTurnSample`; ids of contexts are `document#page`."""
    trace = trace_of(answer)
    pages = retrieved_pages(trace) if trace is not None else ()
    return _module("ragas").SingleTurnSample(
        user_input=case.question,
        response=answer.text,
        reference=case.answer or "",
        retrieved_contexts=_contexts(answer),
        retrieved_context_ids=[f"{document}#{page}" for document, page in pages],
        reference_context_ids=[f"{case.document}#{page}" for page in case.pages],
    )


def deepeval_case(case: GoldCase, answer: Answer) -> Any:
    """A `deepeval.test_case.LLMTestCase`."""
    module = _module("deepeval.test_case")
    trace = trace_of(answer)
    calls = calls_of(trace) if trace is not None else ()
    names = {call.name for call in case.calls}
    return module.LLMTestCase(
        input=case.question,
        actual_output=answer.text,
        expected_output=case.answer,
        retrieval_context=_contexts(answer),
        tools_called=[
            module.ToolCall(name=call.name, input_parameters=call.arguments, output=call.result)
            for call in calls
        ],
        expected_tools=[
            module.ToolCall(name=call.name, input_parameters=call.arguments) for call in case.calls
        ]
        + [module.ToolCall(name=name) for name in case.tools if name not in names],
    )


def bridged(theirs: Any, name: str | None = None) -> Metric:
    """A metric object of RAGAS (single turn) or DeepEval as one of ours.

    Raises `SettingsError` for anything else.
    """
    package = type(theirs).__module__.partition(".")[0]
    label = name or f"{package}_{getattr(theirs, 'name', None) or type(theirs).__name__}"
    label = "_".join(label.lower().split())

    def measure(case: GoldCase, answer: Answer) -> Verdict:
        if package == "ragas":
            value, reason = theirs.single_turn_score(ragas_sample(case, answer)), ""
        else:
            value = theirs.measure(deepeval_case(case, answer), _show_indicator=False)
            reason = getattr(theirs, "reason", None) or ""
        if value is None or math.isnan(value):
            return unscored(label, f"{package} gives no value")
        return scored(label, value, reason or f"as {package} has it")

    if package not in ("ragas", "deepeval"):
        raise SettingsError(f"{type(theirs).__name__} is neither a metric of ragas nor of deepeval")
    return Metric(label, f"{type(theirs).__name__} of {package}, as it is", measure, "score")


def bridge(name: str) -> Metric:
    """One of `BRIDGES`, when it is first measured with. `SettingsError` without the extra."""
    return bridged(BRIDGES[name](), name)


def _ragas(name: str) -> Callable[[], Any]:
    return lambda: getattr(_module("ragas.metrics"), name)()


def _tool_correctness() -> Any:
    """DeepEval's, which wants a model when it is made and, without a list of tools, asks none."""
    models = _module("deepeval.models.base_model")

    def nothing(*_: Any, **__: Any) -> Any:
        raise SettingsError("this metric asks no model")

    fields = dict.fromkeys(("load_model", "generate", "a_generate"), nothing)
    fields["get_model_name"] = lambda *_: "none"
    model = type("NoModel", (models.DeepEvalBaseLLM,), fields)
    return _module("deepeval.metrics").ToolCorrectnessMetric(model=_made(model), async_mode=False)


def _made(model: Any) -> Any:
    made = model.__new__(model)  # its __init__ loads a model
    made.name = "none"
    return made


BRIDGES: dict[str, Callable[[], Any]] = {
    "ragas_context_precision": _ragas("IDBasedContextPrecision"),
    "ragas_context_recall": _ragas("IDBasedContextRecall"),
    "deepeval_tool_correctness": _tool_correctness,
}
"""By the names that `metrics` knows them by. None of these asks a model."""


def _contexts(answer: Answer) -> list[str]:
    trace = trace_of(answer)
    found: dict[str, None] = {}
    for step in trace.steps if trace is not None else ():
        passages = step.result.get("passages") if isinstance(step, ToolStep) and step.result else ()
        for passage in passages if isinstance(passages, list) else ():
            if isinstance(passage, dict):
                found.setdefault(str(passage.get("text")))
    return list(found)


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise SettingsError(
            f"{package} cannot be used ({error}): pip install 'workings[bridges]'"
        ) from None
