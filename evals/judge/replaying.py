"""A recorded judgement worked out again, offline: from the replies that were recorded, alone.

Knows what the start of a judge's run holds; asks no model.
"""

from typing import Any

from pydantic import ValidationError

from ...graphs.model import Profile
from ...graphs.recorder import Recorder
from ...graphs.trace import Trace
from ...tools.errors import TraceError
from ..recorded import Diverged, RecordedCalls, RecordEnds
from .hearing import Hearing
from .judgement import Judgement, Preference
from .rubric import Rubric
from .subject import Subject


async def replay_judgement(trace: Trace) -> Judgement | Preference:
    """The judgement of a recorded run, worked out again from the recorded replies alone.

    Raises `TraceError` for a run that is no judgement, that was cut short, or whose requests
    this version would make otherwise.
    """
    start = trace.start
    try:
        facts: Any = start.options["judge"]
        rubric = Rubric.model_validate(facts["rubric"])
        subject = Subject.model_validate(facts["subject"])
        profile = Profile.model_validate(start.profile)
        votes = int(facts["votes"])
    except (KeyError, TypeError, ValueError, ValidationError):
        raise TraceError(f"trace {trace.id} is not a judge's run") from None
    hearing = Hearing(start, rubric, votes, profile, RecordedCalls(trace), Recorder(None))
    try:
        found = await hearing.whole(subject)
    except RecordEnds:
        raise TraceError(f"the record of {trace.id} stops before the judge was done") from None
    except Diverged:
        raise TraceError(
            f"trace {trace.id}: this version would ask the judge something else (rubric"
            f" {rubric.label}); judge it anew"
        ) from None
    return found


def recorded_answer(trace: Trace) -> tuple[float | None, str]:
    """The value and the reason that a judge's run ended with. Raises `TraceError`."""
    if trace.answer is None:
        raise TraceError(f"trace {trace.id} has no verdict: {trace.status}")
    value = trace.answer.value
    return None if value is None else float(value), trace.answer.text
