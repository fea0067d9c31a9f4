"""Whether a gate may believe the judges of two evaluations.

Knows what an evaluation says of its judges (`settings["judges"]`) and the calibrations that are
kept. Knows nothing of how evaluations are compared.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from ..judged import PREFIX
from .calibration import LEAST, Calibrations, Setup

SETTING = "judges"


def judge_of(settings: Mapping[str, Any], metric: str) -> Setup | None:
    """The judge that gave a metric of an evaluation; None where that was not written down."""
    known = settings.get(SETTING)
    facts = known.get(metric) if isinstance(known, Mapping) else None
    try:
        return Setup.model_validate(facts)
    except ValidationError:
        return None


def objections(
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    metrics: Iterable[str],
    kept: Calibrations,
    least: float = LEAST,
) -> tuple[str, ...]:
    """Why a gate cannot rest on these metrics; empty: it can, as far as judges are concerned.

    `a` and `b` are the settings of the two evaluations. Two different judges measure two things.
    """
    found = []
    for metric in metrics:
        if not metric.startswith(PREFIX):
            continue
        judges = judge_of(a, metric), judge_of(b, metric)
        if judges[0] is None or judges[1] is None:
            found.append(f"{metric}: it is not known which judge gave it")
            continue
        if judges[0].setup != judges[1].setup:
            found.append(
                f"{metric}: the judges differ ({judges[0].rubric}, {judges[0].model};"
                f" {judges[1].rubric}, {judges[1].model})"
            )
            continue
        calibration = kept.of(judges[0].setup)
        why = "it was not calibrated" if calibration is None else calibration.objection(least)
        if why is not None:
            found.append(f"{metric}: {why}")
    return tuple(found)
