"""A divergence: one difference between a record and its replay, its kind and how much it weighs.

Knows the kinds; knows nothing of how they are found (`evals.compare`, `evals.diff`).
"""

from typing import Literal, get_args

from ..tools.documents import Frozen

Kind = Literal[
    # the recorder, not the agent
    "trace_corrupt",
    "trace_truncated",
    "schema_version",
    "codec_mismatch",
    "env_drift",
    # what a model is asked
    "prompt_changed",
    "tool_schema_changed",
    "params_changed",
    "model_changed",
    "output_schema_changed",
    "history_changed",
    # what a tool is asked
    "tool_name_changed",
    "tool_args_changed",
    # what came back
    "reply_changed",
    "llm_error_changed",
    "tool_result_changed",
    "tool_error_changed",
    "stream_shape_changed",
    # which calls are made, and in which order
    "extra_call",
    "missing_call",
    "ended_early",
    "reordered",
    # what a node makes of it
    "parse_changed",
    "state_write_changed",
    "route_changed",
    # what comes of it
    "question_changed",
    "answer_changed",
    "grade_changed",
    "non_semantic",
    # what may not happen
    "unrecorded_nondet",
    "egress_blocked",
    "side_effect_blocked",
]
Severity = Literal["info", "warning", "benign", "behavioural", "broken"]
"""info and warning: worth knowing, and no difference in what the run did."""
KINDS: tuple[str, ...] = get_args(Kind)


SAME = "the same change as at step"
"""How a cause begins that is one change of the code, seen again."""


class Divergence(Frozen):
    """One difference between a record and its replay."""

    trace: str
    """Id of the trace."""
    step: int
    """Index of the recorded step it was seen at; 0 where there is none."""
    node: str
    kind: Kind
    path: str = ""
    """JSON pointer into what differs (a request, arguments, what a node wrote, an answer)."""
    before: str = ""
    """As recorded: one short line around the difference."""
    after: str = ""
    """As it is today."""
    cause: str = ""
    """The earlier divergence that this one follows from."""
    severity: Severity = "behavioural"

    def __str__(self) -> str:
        if self.severity == "broken":
            return f"{self.trace}: {self.after}"
        where = f"step {self.step} ({self.node})" if self.step else self.node or "trace"
        text = f"{where}: {self.kind}"
        if self.path:
            text += f" at {self.path}"
        text += f"\n  - {self.before}\n  + {self.after}"
        return f"{text}\n  {self.cause}" if self.cause else text
