"""Whether the answer is the expected one. Looks at its text, value and refusal; at no trace.

Refusal precision and recall are per case: the one is scored where the answer refused, the other
where a refusal is expected, so that their means are precision and recall.
"""

import re
import string
from collections import Counter
from functools import lru_cache, partial

from ...graphs.answer import Answer
from .. import checks
from ..checks import Verdict
from ..gold import GoldCase
from ..markers import without_markers
from .metric import Metric, scored, unscored
from .once import once

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


@once
def _grade(case: GoldCase, answer: Answer) -> dict[str, Verdict]:
    return {verdict.metric: verdict for verdict in checks.grade(case, answer)}


def graded(case: GoldCase, answer: Answer, name: str) -> Verdict:
    """The verdict of that name in `checks.grade`."""
    return _grade(case, answer)[name]


correct = partial(graded, name="correct")
"""All that the case expects of value, words or refusal holds."""


def token_f1(case: GoldCase, answer: Answer) -> Verdict:
    """Overlap of words with the expected answer."""
    name = "token_f1"
    if case.answer is None or case.refusal:
        return unscored(name, "no answer in words is expected")
    if answer.refused:
        return scored(name, 0.0, "refused")
    value = f1(answer.text, case.answer)
    return scored(name, value, f"F1 {value:.2f} with {case.answer!r}")


def f1(text: str, expected: str) -> float:
    """SQuAD's token F1 (Rajpurkar et al., 2016, evaluate-v2.0.py); our [1] markers are left out.

    Where either side has no token left, 1.0 if neither has, else 0.0, as SQuAD 2.0 does.
    """
    given, wanted = squad_tokens(without_markers(text)), _expected_tokens(expected)
    if not given or not wanted:
        return float(not given and not wanted)
    left = dict(wanted)
    common = 0
    for word in given:
        if left.get(word):
            left[word] -= 1
            common += 1
    if not common:
        return 0.0
    precision, recall = common / len(given), common / wanted.total()
    return 2 * precision * recall / (precision + recall)


def squad_tokens(text: str) -> list[str]:
    """Lower case, without punctuation and articles, split at white space."""
    bare = text.lower().translate(_PUNCTUATION)
    words = bare.split()
    if "".join(words).isalnum():
        # nothing within a word that another could begin or end at
        return [word for word in words if word not in ("a", "an", "the")]
    return _ARTICLES.sub(" ", bare).split()


@lru_cache(maxsize=16_384)
def _expected_tokens(expected: str) -> Counter[str]:
    return Counter(squad_tokens(expected))


def refusal_precision(case: GoldCase, answer: Answer) -> Verdict:
    """Of what was refused, what should be."""
    name = "refusal_precision"
    if not answer.refused:
        return unscored(name, "answered")
    reason = "rightly refused" if case.refusal else "refused what has an answer"
    return scored(name, case.refusal, reason)


def refusal_recall(case: GoldCase, answer: Answer) -> Verdict:
    """Of what should be refused, what was."""
    name = "refusal_recall"
    if not case.refusal:
        return unscored(name, "an answer is expected")
    reason = "refused" if answer.refused else "answered what nothing supports"
    return scored(name, answer.refused, reason)


METRICS = (
    Metric(
        "correct",
        "value, words or refusal as the case expects them (evals.checks)",
        correct,
        when_failed=0.0,
    ),
    Metric(
        "exact",
        "the text is the expected answer, but for case, spacing and marks",
        partial(graded, name="exact"),
        when_failed=0.0,
    ),
    Metric(
        "numeric",
        "the value is the expected one: units, scale and tolerance of the case",
        partial(graded, name="numeric"),
        when_failed=0.0,
    ),
    Metric(
        "contains",
        "every expected word or phrase stands in the answer, whole",
        partial(graded, name="contains"),
        when_failed=0.0,
    ),
    Metric(
        "token_f1",
        "F1 of the words of answer and expected answer (SQuAD 2.0, evaluate-v2.0.py)",
        token_f1,
        scale="score",
        when_failed=0.0,
        apart=True,
    ),
    Metric(
        "refusal",
        "refused where a refusal is expected, answered where an answer is",
        partial(graded, name="refusal"),
        when_failed=0.0,
    ),
    Metric(
        "refusal_precision",
        "of the refused, those that should be: scored where the answer refuses",
        refusal_precision,
    ),
    Metric(
        "refusal_recall",
        "of those to refuse, the refused: scored where a refusal is expected",
        refusal_recall,
        when_failed=0.0,
    ),
)
