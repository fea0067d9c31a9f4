"""One judgement, call by call: what is asked of the model, vote by vote, and what comes of it.

Knows a rubric's pieces, votes and tries, and how each call is recorded. Where the replies come from
(a model, a record) is for whoever made the calls: `judge` and `replaying`.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue

from ...graphs.answer import Answer, Usage
from ...graphs.calls import Call, Calls
from ...graphs.metering import cost_of, tokens_of
from ...graphs.model import ModelRequest, Profile
from ...graphs.recorder import Recorder
from ...graphs.steps import ModelStep, Start
from ...tools.sentences import sentences
from . import prompt
from .judgement import (
    Ballot,
    Judgement,
    Preference,
    Vote,
    Winner,
    ballot,
    combined,
    preference,
)
from .rubric import Rubric
from .subject import Subject

NODE = "judge"
TRIES = 3
"""How often a vote is asked for when the reply cannot be used."""
MOST_PIECES = 50
_RETRY_TEMPERATURE = 0.4
_NONSENSE = ("empty", "truncated", "bad_response")
"""Failures of a reply, not of the service: another try may do."""
_BETWEEN_VOTES = 1000
"""Between the seeds of two votes; the tries of one lie in between."""


class Hearing:
    """One judgement: its calls, in order. Made for one subject."""

    def __init__(
        self,
        start: Start,
        rubric: Rubric,
        votes: int,
        profile: Profile,
        calls: Calls,
        recorder: Recorder,
    ):
        self.start = start
        self.rubric = rubric
        self.votes = votes
        self.profile = profile
        self.calls = calls
        self.recorder = recorder
        self.output = prompt.output(rubric, profile.output)
        self.steps: list[ModelStep] = []

    async def whole(self, subject: Subject) -> Judgement | Preference:
        """Judge the subject, or compare its two answers, and close the record."""
        self.recorder.start(self.start)
        found = await (self._both if self.rubric.pairwise else self._pieces)(subject)
        value = found.outcome
        self.recorder.end(
            Answer(
                question=self.start.question,
                text=found.reason,
                value=value,
                refused=value is None,
                reason=found.reason if value is None else None,
                usage=self._usage(),
            )
        )
        return found

    async def _pieces(self, subject: Subject) -> Judgement:
        rubric = self.rubric
        ballots: tuple[Ballot, ...] = ()
        label, value, reason = None, None, self._unfit(subject)
        if reason is None:
            parts = pieces(rubric, subject)
            if not parts:
                reason = f"not judged: the {rubric.each} says nothing"
            elif len(parts) > MOST_PIECES:
                reason = f"not judged: {len(parts)} pieces, and at most {MOST_PIECES} are judged"
            for place, piece in enumerate(parts if reason is None else (), 1):
                name = f"piece {place} " if rubric.each else ""
                ballots = (*ballots, await self._ballot(name, piece))
                if ballots[-1].value is None:
                    break
        if reason is None and rubric.each:
            value, reason = combined(ballots, rubric)
        elif reason is None:
            label, value, reason = ballots[0].label, ballots[0].value, ballots[0].reason
        return Judgement(
            rubric=rubric.label,
            model=self.start.model,
            value=value,
            label=label,
            reason=reason,
            ballots=ballots,
            trace=self.start.id,
        )

    async def _both(self, subject: Subject) -> Preference:
        orders: tuple[Ballot, ...] = ()
        reason = self._unfit(subject)
        winner: Winner | None = None
        consistent: bool | None = None
        if reason is None and subject.answer.strip() == subject.other.strip():
            winner, reason = "tie", "the answers are the same"
        elif reason is None:
            turned = subject.model_copy(update={"answer": subject.other, "other": subject.answer})
            first = await self._ballot("order 1 ", subject)
            orders = (first, await self._ballot("order 2 ", turned))
            winner, consistent, reason = preference((orders[0], orders[1]))
        return Preference(
            rubric=self.rubric.label,
            model=self.start.model,
            winner=winner,
            consistent=consistent,
            orders=orders,
            lengths=(len(subject.answer), len(subject.other)),
            reason=reason,
            trace=self.start.id,
        )

    def _unfit(self, subject: Subject) -> str | None:
        """Why a subject cannot be judged, if it cannot."""
        lacking = subject.lacks(self.rubric.shows)
        return f"not judged: there is no {' and no '.join(lacking)}" if lacking else None

    async def _ballot(self, name: str, subject: Subject) -> Ballot:
        size, room = prompt.tokens(self.rubric, subject), self.profile.passage_tokens
        if size > room:
            # a judge that sees half of the evidence says that the rest is not there
            why = f"not judged: about {size} tokens, and passage_tokens is {room}"
            return ballot((Vote(label=None, reason=why, tries=0),), self.rubric)
        votes = [await self._vote(f"{name}vote {n + 1}", subject, n) for n in range(self.votes)]
        return ballot(tuple(votes), self.rubric)

    async def _vote(self, name: str, subject: Subject, number: int) -> Vote:
        """Ask until a reply can be used, each time otherwise; a failing service ends it."""
        why = ""
        for turn in range(TRIES):
            step = await self._ask(name, subject, self._sampling(number, turn))
            if step.error is not None:
                why = step.error.message
                if step.error.detail.get("kind") in _NONSENSE:
                    continue
                return Vote(label=None, reason=why, tries=turn + 1)
            assert step.reply is not None
            try:
                if step.reply.finish == "length":
                    raise prompt.Unusable("the reply was cut off")
                written = "".join(item.arguments for item in step.reply.tool_requests[:1])
                given = prompt.read(step.reply.content or written, self.rubric, subject)
            except prompt.Unusable as problem:
                why = str(problem)
                continue
            return Vote(label=given.verdict, reason=given.reason, quote=given.quote, tries=turn + 1)
        return Vote(label=None, reason=f"unusable {TRIES} times; the last: {why}", tries=TRIES)

    async def _ask(self, name: str, subject: Subject, params: dict[str, JsonValue]) -> ModelStep:
        asked = prompt.messages(self.rubric, subject)
        model = self.start.model
        request = ModelRequest(model=model, params=params, messages=asked, output=self.output)
        key = self.recorder.hashed.request_key(NODE, model, params, (), self.output, asked)
        step = ModelStep(index=len(self.steps) + 1, node=NODE, name=name, key=key, request=request)
        self.recorder.request(step)
        outcome = await self.calls.model(Call(NODE, name, key), request)
        step = outcome.ends(step)
        self.recorder.result(step)
        self.steps.append(step)
        return step

    def _sampling(self, vote: int, turn: int) -> dict[str, JsonValue]:
        params = dict(self.start.params)
        seed, warm = params.get("seed"), params.get("temperature")
        if vote or turn:
            params["seed"] = (seed if isinstance(seed, int) else 0) + _BETWEEN_VOTES * vote + turn
        if turn:
            params["temperature"] = max(
                float(warm) if isinstance(warm, int | float) else 0.0, _RETRY_TEMPERATURE
            )
        return params

    def _usage(self) -> Usage:
        replies = [step.reply for step in self.steps if step.reply is not None]
        given, made = tokens_of([reply.tokens for reply in replies])
        return Usage(
            model=self.start.model,
            requests=sum(1 + len(step.attempts) for step in self.steps),
            input_tokens=given,
            output_tokens=made,
            cost_usd=cost_of([step.cost_usd for step in self.steps]),
            seconds=round(self.calls.clock(), 6),
        )


def pieces(rubric: Rubric, subject: Subject) -> tuple[Subject, ...]:
    """The subjects that are judged one by one: the whole, its sentences, or its passages."""

    def parts() -> Iterator[dict[str, Any]]:
        if rubric.each == "passages":
            for text in subject.passages:
                yield {"passages": (text,)}
        elif rubric.each:
            for sentence in sentences(getattr(subject, rubric.each)):
                if any(map(str.isalnum, sentence)):
                    yield {rubric.each: sentence.strip()}

    if not rubric.each:
        return (subject,)
    return tuple(subject.model_copy(update=part) for part in parts())
