"""Whether the answer is supported by what it cites, and whether it is about the question. By code.

Faithfulness: every sentence against the passages that it cites itself; a sentence without a marker
is supported where all its numbers are results of calculations that are shown, else by nothing. Not
RAGAS' or DeepEval's measure of that name, which ask a language model (`evals.judge` does).
Relevance: cosine of static embeddings of question and answer; RAGAS' answer relevancy is another
thing (it has a model guess questions). Low for a terse answer, blind to a wrong one.
"""

import re
from functools import lru_cache

import numpy as np

from ...graphs.answer import Answer
from ...graphs.trace import ToolStep, Trace
from ...tools.embedders import Vectors, WordLlama
from ...tools.numbers import find_numbers
from ...tools.sentences import sentences
from ..checks import Verdict
from ..faithfulness import Support, combined, is_one_of, support
from ..gold import GoldCase
from ..markers import markers, without_markers_and_space
from ..source import prepare
from .metric import Metric, scored, trace_of, unscored

_AFTER_STOP = re.compile(r"([.!?\u2026]+[\"'\u201d\u2019)]*)((?:\s*\[\d+\])+)")


def faithfulness(case: GoldCase, answer: Answer) -> Verdict:
    """How far each sentence stands in what it cites (`evals.faithfulness`)."""
    name = "faithfulness"
    if answer.refused:
        return unscored(name, "refused: nothing is claimed")
    found = cited_supports(answer)
    if not found:
        return unscored(name, "the answer says nothing that could be supported")
    worst = max(found, key=lambda item: item.unsupported)
    reason = f"{worst.sentence!r:.80}: {worst.reason}" if worst.reason else "all stands in sources"
    return scored(name, combined(found), reason)


def cited_supports(answer: Answer) -> list[Support]:
    """The sentences of an answer, each held against the passages that its own markers name."""
    texts = _texts(trace_of(answer))
    sources: dict[int, str] = {}
    for citation in answer.citations:
        sources[citation.marker] = texts.get(citation.passage, citation.quote)
    results = [item.result for item in answer.calculations]
    known = (answer.question, " ; ".join(results))
    found = []
    # a marker behind the full stop belongs to the sentence before it
    for sentence in sentences(_AFTER_STOP.sub(r"\2\1", answer.text)):
        bare = without_markers_and_space(sentence)
        named = [marker for marker in markers(sentence) if marker in sources]
        cited = dict.fromkeys(sources[marker] for marker in named)
        item = support(bare, [prepare(text) for text in cited], known)
        if not cited and results and _is_reckoned(bare, *known):
            item = item.model_copy(update={"unsupported": 0.0, "reason": ""})
        if item.words:
            found.append(item)
    return found


def _texts(trace: Trace | None) -> dict[str, str]:
    """Texts of the passages that the tools gave, by id."""
    found: dict[str, str] = {}
    for step in trace.steps if trace is not None else ():
        passages = step.result.get("passages") if isinstance(step, ToolStep) and step.result else ()
        for passage in passages if isinstance(passages, list) else ():
            if isinstance(passage, dict):
                found[str(passage.get("id"))] = str(passage.get("text"))
    return found


def _is_reckoned(sentence: str, question: str, results: str) -> bool:
    """Whether a sentence states a result, and no number but results and the question's."""
    shown, reckoned = find_numbers(sentence), find_numbers(results)
    known = (*reckoned, *find_numbers(question, words=True))
    return any(is_one_of(number, reckoned) for number in shown) and all(
        is_one_of(number, known) for number in shown
    )


def answer_relevance(case: GoldCase, answer: Answer) -> Verdict:
    """Cosine of question and answer."""
    name = "answer_relevance"
    if answer.refused:
        return unscored(name, "refused")
    text = without_markers_and_space(answer.text)
    if not text.strip():
        return unscored(name, "the answer is empty")
    cosine = float(np.dot(_question_vector(case.question), _embedder().embed([text])[0]))
    return scored(name, min(1.0, max(0.0, cosine)), "cosine of question and answer (wordllama)")


@lru_cache(maxsize=1)
def _embedder() -> WordLlama:
    return WordLlama()


@lru_cache(maxsize=16_384)
def _question_vector(question: str) -> Vectors:
    vector: Vectors = _embedder().embed([question])[0]
    return vector


METRICS = (
    Metric(
        "faithfulness",
        "by code: how far each sentence stands in the passages it cites, numbers matched",
        faithfulness,
        "score",
        apart=True,
    ),
    Metric(
        "answer_relevance",
        "by code: cosine of static embeddings of question and answer (not RAGAS' measure)",
        answer_relevance,
        "score",
        apart=True,
    ),
)
