"""Why an answer does or does not stand on a page: the one stage at which the page was lost.

Takes the search's stages from `tools.why` and goes on with a recorded run: left out of the prompt,
shown and not used, used in a draft whose claim was struck, or used. Knows traces; asks no model.
"""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from ..graphs.finalize import parse_draft
from ..graphs.trace import ModelStep, ToolStep, Trace
from ..tools.documents import Frozen
from ..tools.documents_tools import page_range
from ..tools.embedders import Embedder
from ..tools.errors import WorkingsError
from ..tools.evidence import shown_passages, shown_rows
from ..tools.index import Index
from ..tools.retrieval import RetrievalOptions
from ..tools.spans import dates_between
from ..tools.why import STAGES as OF_SEARCH
from ..tools.why import PageRanks

STAGES = (
    *OF_SEARCH,
    "search",
    "failed",
    "same text",
    "budget",
    "struck",
    "ignored",
    "used",
    "found",
)
"""Where a page can be lost, or `used`. `search`: no search that was made could show it; `found`: by
a search, and no run was looked at."""
_K = 8

Look = Callable[[Mapping[str, JsonValue]], PageRanks]
"""Ranks of the page in a search with the arguments of a `search_documents` call."""


class Why(Frozen):
    """What became of one page."""

    question: str
    document: str
    page: int
    stage: str
    """One of `STAGES`."""
    reason: str
    """The same in a sentence."""
    trace: str | None = None
    ranks: PageRanks | None = None
    """Of the search in which it stood best."""
    place: int | None = None
    """Its place among the results that brought it."""
    position: int | None = None
    """Its place in the prompt, from 1; None: not in it."""
    shown: int | None = None
    """Passages (or rows of tables) in that prompt."""


def looking(
    index: Index,
    document: str,
    page: int,
    k: int,
    documents: Collection[str] | None = None,
    options: RetrievalOptions | None = None,
    embedder: Embedder | None = None,
) -> Look:
    """How today's index (with another `embedder`, if given) ranks the page for a call."""

    def look(arguments: Mapping[str, JsonValue]) -> PageRanks:
        told = {name: str(value).strip() for name, value in arguments.items() if value}
        only = documents
        pages = page_range(told["pages"]) if "pages" in told else None
        if "document" in told:
            only = {index.resolve(told["document"], documents).id}
        dates = dates_between(told.get("since"), told.get("until"))
        query = told.get("query", "")
        return index.why(
            query, document, page, k, only, options, pages=pages, dates=dates, embedder=embedder
        )

    return look


def retrieval_of(trace: Trace) -> tuple[int, RetrievalOptions]:
    """How many passages a search of a run takes, and the options of its ranking."""
    k, told = trace.start.options.get("k"), trace.start.options.get("retrieval")
    options = RetrievalOptions.model_validate(told if isinstance(told, dict) else {})
    return (k if isinstance(k, int) and k > 0 else _K), options


def searched(question: str, ranks: PageRanks) -> Why:
    """What a search by the question itself makes of the page: no run, no prompt."""
    told = _in_search(ranks)
    stage = ranks.lost or "found"
    if ranks.lost is None:
        told = f"it is found, at place {ranks.rank} of {ranks.k}"
    return Why(
        question=question,
        document=ranks.document,
        page=ranks.page,
        stage=stage,
        reason=told,
        ranks=ranks,
        place=ranks.rank if ranks.lost is None else None,
    )


def why(trace: Trace, document: str, page: int, look: Look | None = None) -> Why:
    """The stage at which a run lost a page (`document` is its file name), or `used`.

    `look` says how a search ranks the page today; without it a page that no search brought is lost
    at `search`.
    """
    return _Run(trace, document, page).told(look)


def best_search(trace: Trace, look: Look) -> tuple[Mapping[str, JsonValue], PageRanks] | None:
    """The search of a run in which the page stands best today: its arguments, and the ranks.

    Of a run that made none, the search for its question. None when none can be made any more (a
    document that it names is gone).
    """
    asked: list[Mapping[str, JsonValue]] = [
        step.arguments
        for step in trace.steps
        if isinstance(step, ToolStep)
        and step.name == "search_documents"
        and step.status == "ok"
        and step.arguments is not None
    ]
    found = []
    for arguments in asked or [{"query": trace.question}]:
        with contextlib.suppress(WorkingsError):
            found.append((arguments, look(arguments)))
    return min(found, key=lambda each: _standing(each[1]), default=None)


class _Run:
    """One recorded run, and the page that is looked for in it."""

    def __init__(self, trace: Trace, document: str, page: int) -> None:
        self.trace, self.document, self.page = trace, document, page
        self.passages: dict[str, dict[str, Any]] = {}
        """The evidence in order of arrival, by id."""
        self.place: int | None = None
        for passages in _results(trace):
            for place, passage in enumerate(passages, start=1):
                self.passages.setdefault(str(passage.get("id")), passage)
                if self._is(passage) and (self.place is None or place < self.place):
                    self.place = place
        self.prompt = _prompt(trace)

    def told(self, look: Look | None) -> Why:
        found = None if look is None else best_search(self.trace, look)
        best = None if found is None else found[1]
        stage, reason = self._stage(best)
        shown = self._shown()
        here = [place for place, (_, at) in enumerate(shown, start=1) if at]
        return Why(
            question=self.trace.question,
            document=self.document,
            page=self.page,
            stage=stage,
            reason=reason,
            trace=self.trace.id,
            ranks=best,
            place=self.place,
            position=here[0] if here else None,
            shown=len(shown) or None,
        )

    def _is(self, passage: Mapping[str, Any]) -> bool:
        return passage.get("document") == self.document and passage.get("page") == self.page

    def _stage(self, ranks: PageRanks | None) -> tuple[str, str]:
        if self.place is None:
            return self._not_found(ranks)
        if self._cited():
            return "used", "the answer stands on it"
        if self.trace.answer is None:
            return "failed", "the run ended before there was an answer"
        shown = self._shown()
        if not any(here for _, here in shown):
            return self._left_out()
        ids = {id for id, here in shown if here}
        if ids & self._drafted():
            return "struck", "the model cited it, and the claim did not pass the check"
        refused = "; the answer was refused" if self.trace.answer.refused else ""
        return "ignored", f"it stood in the prompt and the answer did not use it{refused}"

    def _not_found(self, ranks: PageRanks | None) -> tuple[str, str]:
        made = [step for step in self.trace.steps if isinstance(step, ToolStep)]
        if not any(step.name == "search_documents" and step.status == "ok" for step in made):
            return "search", "no passages were searched for, so this one could not be found"
        if ranks is None:
            return "search", "no search of this run brought it"
        if ranks.lost is None:
            return "search", (
                f"no search of this run brought it; today it would be at place {ranks.rank}:"
                " the index or the code has changed since"
            )
        return ranks.lost, _in_search(ranks)

    def _cited(self) -> bool:
        answer = self.trace.answer
        if answer is None:
            return False
        if any((c.document, c.page) == (self.document, self.page) for c in answer.citations):
            return True
        own = {f"passage {id}" for id, passage in self.passages.items() if self._is(passage)}
        return any(o.source in own for c in answer.calculations for o in c.operands)

    def _shown(self) -> list[tuple[str, bool]]:
        """(id, whether it is of the page) of all that the prompt shows, in order."""
        if self.prompt is None:
            return []
        text = "\n".join(message.content for message in self.prompt.request.messages)
        where = [(p.id, p.document, p.page) for p in shown_passages(text)]
        if not where:
            rows = shown_rows(text)
            where = [(r.get("passage", ""), r.get("document", ""), r.get("page", "")) for r in rows]
        return [(id, (name, page) == (self.document, str(self.page))) for id, name, page in where]

    def _drafted(self) -> set[str]:
        """Ids that the last draft cites."""
        reply = self.prompt.reply if self.prompt is not None else None
        draft = parse_draft(reply.content) if reply is not None else None
        if draft is None:
            return set()
        return {cited.passage for sentence in draft.sentences for cited in sentence.citations}

    def _left_out(self) -> tuple[str, str]:
        """Found, and not in the prompt: why."""
        own = [n for n, p in enumerate(self.passages.values(), start=1) if self._is(p)]
        packed = next((n.values["packed"] for n in self.trace.nodes if "packed" in n.values), None)
        pairs = packed.get("same") if isinstance(packed, dict) else None
        for pair in pairs if isinstance(pairs, list) else ():
            if isinstance(pair, list) and pair[0] in own:
                return "same text", f"passage {pair[1]} of the prompt says the same"
        if packed is None and self.prompt is not None:
            text = "\n".join(message.content for message in self.prompt.request.messages)
            there = [passage.text for passage in shown_passages(text)]
            mine = [str(p.get("text")) for p in self.passages.values() if self._is(p)]
            if any(each in other for each in mine for other in there):
                return "same text", "another passage of the prompt says the same"
        tokens = self.trace.start.profile.get("passage_tokens")
        return "budget", f"found at place {self.place}, and no room was left ({tokens} tokens)"


def _results(trace: Trace) -> Iterator[list[dict[str, Any]]]:
    """The passages of each call that brought some."""
    for step in trace.steps:
        if isinstance(step, ToolStep) and step.status == "ok" and step.result is not None:
            passages = step.result.get("passages")
            if isinstance(passages, list):
                yield [passage for passage in passages if isinstance(passage, dict)]


def _prompt(trace: Trace) -> ModelStep | None:
    """The last request that shows evidence and is not for putting it in order."""
    for step in reversed(trace.steps):
        if isinstance(step, ModelStep) and step.name != "rerank":
            text = "\n".join(message.content for message in step.request.messages)
            if shown_passages(text) or shown_rows(text):
                return step
    return None


def _standing(ranks: PageRanks) -> tuple[int, int]:
    """How well the page stands, the less the better."""
    if ranks.rank is not None:
        return 0, ranks.rank
    return 1, -OF_SEARCH.index(ranks.lost or "text")


_IN_WORDS = {
    "text": "the page has no text that could be found; it may be a scan",
    "filter": "the search was narrowed to other documents, pages or dates",
    "candidates": "neither its words nor its meaning made it one of those that are weighed",
    "lexical": "its words are not those of the question",
    "dense": "by meaning others come before it",
    "prior": "other documents seem to be meant",
    "structure": "headings, figures or kinds of page speak for others",
    "fusion": "it has no word of the question and nothing of its meaning",
}


def _in_search(ranks: PageRanks) -> str:
    """Why a search does not give it."""
    if ranks.lost == "cut":
        return f"its place is {ranks.rank}, and {ranks.k} are taken: a larger k would show it"
    told = _IN_WORDS.get(ranks.lost or "", "")
    return f"{told} (place {ranks.rank} of {ranks.weighed})" if ranks.rank else told
