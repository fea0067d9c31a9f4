"""Two evaluations of the same cases, their answers compared by a judge in both orders.

Knows which rows belong together; the comparing is `Judge.prefer`.
"""

import asyncio
from collections.abc import Callable

from ...graphs.answer import Answer
from ..evaluation import Evaluation, Row
from ..gold import GoldSet
from .judge import Judge
from .judgement import Preference
from .subject import Subject, reference_of, spoken


async def prefer_rows(
    a: Evaluation,
    b: Evaluation,
    gold: GoldSet,
    judge: Judge,
    answers: Callable[[Row, Evaluation], Answer],
    *,
    limit: int | None = None,
    concurrency: int = 4,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Preference]:
    """By case: which answer is better; `answer` is a's, `other` is b's.

    The first repeat of each case that both answered with the same question, in the order of `gold`.
    The judge is shown the gold set's reference, no passages: the two runs may have found others.
    """
    left, right = ({row.case: row for row in one.rows if not row.repeat} for one in (a, b))
    chosen = [
        (case, left[case.id], right[case.id])
        for case in gold.cases
        if case.id in left
        and case.id in right
        and left[case.id].error is None
        and right[case.id].error is None
        and left[case.id].question == right[case.id].question == case.question
    ][:limit]
    gate = asyncio.Semaphore(concurrency)
    done = 0

    async def one(subject: Subject) -> Preference:
        nonlocal done
        async with gate:
            found = await judge.prefer(subject)
        done += 1
        if progress is not None:
            progress(done, len(chosen))
        return found

    subjects = [
        Subject(
            question=case.question,
            reference=reference_of(case),
            answer=spoken(answers(first, a)),
            other=spoken(answers(second, b)),
        )
        for case, first, second in chosen
    ]
    made = await asyncio.gather(*map(one, subjects))
    return {case.id: found for (case, *_), found in zip(chosen, made, strict=True)}
