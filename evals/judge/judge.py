"""A judge: a language model with a rubric, asked once or several times, every call recorded.

A judgement is a run with a trace of the usual form; `replay_judgement` gives it again, offline.
Opens no socket: the model is handed in. What a judge is worth is for `calibration` to say.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue, ValidationError

from ...graphs.answer import Answer, Usage
from ...graphs.calls import Call, Calls
from ...graphs.canonical import content_hash
from ...graphs.live import LiveCalls
from ...graphs.model import ChatModel, ModelRequest, Profile, Tokens
from ...graphs.recorder import Recorder
from ...graphs.redact import redact
from ...graphs.steps import ModelStep, Start
from ...graphs.store import TraceStore
from ...graphs.trace import Trace
from ...tools.errors import SettingsError, TraceError
from ...tools.sentences import sentences
from ..recorded import Diverged, RecordedCalls, RecordEnds
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
MOST_VOTES = 25
MOST_PIECES = 50
_WARM = 0.7
"""Temperature of several votes where nothing else is said: cold ones would all be one."""
_RETRY_TEMPERATURE = 0.4
_MAX_TOKENS = 400
_NONSENSE = ("empty", "truncated", "bad_response")
"""Failures of a reply, not of the service: another try may do."""
_BETWEEN_VOTES = 1000
"""Between the seeds of two votes; the tries of one lie in between."""


class Judge:
    """Judges subjects by one rubric. May be used for several at once.

    `store` is where its runs are recorded; without one nothing is kept of them.
    """

    def __init__(
        self,
        model: ChatModel,
        rubric: Rubric | str = "correctness",
        *,
        votes: int = 1,
        temperature: float | None = None,
        seed: int = 1,
        store: TraceStore | None = None,
        secrets: tuple[str, ...] = (),
        price: Callable[[str, Tokens], float | None] | None = None,
    ) -> None:
        """Raises `SettingsError` for a model that cannot judge and for votes that cannot differ."""
        self.model = model
        self.rubric = Rubric.load(rubric) if isinstance(rubric, str) else rubric
        if model.profile.deterministic:
            raise SettingsError(
                f"model {model.id!r} answers by rules and cannot judge: name a language model"
                " (openai:NAME or compatible:NAME)"
            )
        if not 1 <= votes <= MOST_VOTES:
            raise SettingsError(f"votes = {votes}: expected 1 to {MOST_VOTES}")
        if temperature is None:
            temperature = _WARM if votes > 1 else 0.0
        if votes > 1 and temperature == 0:
            raise SettingsError(f"{votes} votes at temperature 0 are one vote: raise it, or ask 1")
        self.votes = votes
        self.params: dict[str, JsonValue] = {
            "temperature": temperature,
            "seed": seed,
            "max_tokens": _MAX_TOKENS,
        }
        self.store = store
        self._secrets = secrets
        self._price = price

    @property
    def setup(self) -> str:
        """Content hash of all that makes this judge what it is: what a calibration holds for."""
        return setup_of(self.rubric, self.model.id, self.params, self.votes)

    async def judge(self, subject: Subject) -> Judgement:
        """Judge a subject. What goes wrong with the model is an unscored judgement."""
        if self.rubric.pairwise:
            raise SettingsError(f"rubric {self.rubric.name} compares two answers: use `prefer`")
        found = await self._run(subject)
        assert isinstance(found, Judgement)
        return found

    async def prefer(self, subject: Subject) -> Preference:
        """Compare `subject.answer` with `subject.other`, in both orders."""
        if not self.rubric.pairwise:
            raise SettingsError(f"rubric {self.rubric.name} judges one answer: use `judge`")
        found = await self._run(subject)
        assert isinstance(found, Preference)
        return found

    async def _run(self, subject: Subject) -> Judgement | Preference:
        # what is asked is what is recorded, so that a replay asks the same
        subject = redact(subject, self._secrets)
        start = Start(
            id=TraceStore("").new_id(),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            question=subject.question,
            model=self.model.id,
            params=self.params,
            profile=self.model.profile.model_dump(mode="json"),
            options={
                "judge": {
                    "rubric": self.rubric.model_dump(mode="json"),
                    "subject": subject.model_dump(mode="json", exclude_defaults=True),
                    "votes": self.votes,
                }
            },
            fingerprints={"rubric": self.rubric.hash, "judge": self.setup},
        )
        requests = self.votes * (2 if self.rubric.pairwise else len(_pieces(self.rubric, subject)))
        deadline = self.model.profile.deadline * max(1, requests)
        calls = LiveCalls(self.model, deadline, price=self._price)
        recorder = Recorder(self.store, self._secrets)
        run = _Run(start, self.rubric, self.votes, self.model.profile, calls, recorder)
        try:
            found = await run.whole(subject)
        finally:
            recorder.close()
        if self.store is None or recorder.broken is not None:
            return found.model_copy(update={"trace": None})
        return found


def setup_of(rubric: Rubric, model: str, params: Mapping[str, JsonValue], votes: int) -> str:
    """What names a judge: rubric, model, sampling and votes, as one hash."""
    return content_hash([rubric.hash, model, dict(params), votes])[:16]


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
    run = _Run(start, rubric, votes, profile, RecordedCalls(trace), Recorder(None))
    try:
        found = await run.whole(subject)
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


class _Run:
    """One judgement: its calls, in order."""

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
            pieces = _pieces(rubric, subject)
            if not pieces:
                reason = f"not judged: the {rubric.each} says nothing"
            elif len(pieces) > MOST_PIECES:
                reason = f"not judged: {len(pieces)} pieces, and at most {MOST_PIECES} are judged"
            for place, piece in enumerate(pieces if reason is None else (), 1):
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
        step = step.model_copy(
            update={
                "reply": outcome.reply,
                "error": outcome.error,
                "attempts": outcome.attempts,
                "seconds": outcome.seconds,
                "cost_usd": outcome.cost_usd,
            }
        )
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
        counted = [step.reply.tokens for step in self.steps if step.reply and step.reply.tokens]
        costs = [step.cost_usd for step in self.steps]
        known = [cost for cost in costs if cost is not None]
        total: Tokens | None = None
        if counted:
            total = Tokens(
                input=sum(item.input for item in counted),
                output=sum(item.output for item in counted),
            )
        return Usage(
            model=self.start.model,
            requests=sum(1 + len(step.attempts) for step in self.steps),
            input_tokens=total.input if total else None,
            output_tokens=total.output if total else None,
            cost_usd=sum(known) if known and len(known) == len(costs) else None,
            seconds=round(self.calls.clock(), 6),
        )


def _pieces(rubric: Rubric, subject: Subject) -> tuple[Subject, ...]:
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
