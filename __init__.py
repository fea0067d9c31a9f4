"""Workings: the assistant that shows its workings.

The shop window: the names an embedding program may rely on. Every name is imported when it is
first used, so that `import workings` costs almost nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workings.agent.assistant import Assistant
    from workings.agent.evaluating import evaluate
    from workings.evals.asserting import assert_grade
    from workings.evals.evaluation import Evaluation
    from workings.evals.fork import fork
    from workings.evals.gold import GoldCase, GoldSet
    from workings.evals.replay import Divergence, Replay, replay
    from workings.evals.scripted import ScriptedModel
    from workings.graphs.answer import Answer, Calculation, Citation
    from workings.graphs.recording import record
    from workings.graphs.trace import Trace
    from workings.tools.documents import Document, Hit, Passage
    from workings.tools.errors import WorkingsError
    from workings.tools.tool import Tool, ToolResult, tool

__version__ = "0.1.0"

_HOME = {
    "Answer": "graphs.answer",
    "Assistant": "agent.assistant",
    "Calculation": "graphs.answer",
    "Citation": "graphs.answer",
    "Divergence": "evals.replay",
    "Document": "tools.documents",
    "Evaluation": "evals.evaluation",
    "GoldCase": "evals.gold",
    "GoldSet": "evals.gold",
    "Hit": "tools.documents",
    "Passage": "tools.documents",
    "Replay": "evals.replay",
    "ScriptedModel": "evals.scripted",
    "Tool": "tools.tool",
    "ToolResult": "tools.tool",
    "Trace": "graphs.trace",
    "WorkingsError": "tools.errors",
    "assert_grade": "evals.asserting",
    "evaluate": "agent.evaluating",
    "fork": "evals.fork",
    "record": "graphs.recording",
    "replay": "evals.replay",
    "tool": "tools.tool",
}

__all__ = [
    "Answer",
    "Assistant",
    "Calculation",
    "Citation",
    "Divergence",
    "Document",
    "Evaluation",
    "GoldCase",
    "GoldSet",
    "Hit",
    "Passage",
    "Replay",
    "ScriptedModel",
    "Tool",
    "ToolResult",
    "Trace",
    "WorkingsError",
    "assert_grade",
    "evaluate",
    "fork",
    "record",
    "replay",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'workings' has no attribute {name!r}")
    return getattr(importlib.import_module(f"workings.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
