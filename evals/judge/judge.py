"""A judge: a language model with a rubric, asked once or several times, every call recorded.

A judgement is a run with a trace of the usual form; `replaying` gives it again, offline. Opens no
socket: the model is handed in. What a judge is worth is for `calibration` to say.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pydantic import JsonValue

from ...graphs.canonical import content_hash
from ...graphs.live import LiveCalls
from ...graphs.model import ChatModel, Tokens
from ...graphs.recorder import Recorder
from ...graphs.redact import redact
from ...graphs.steps import Start
from ...graphs.store import TraceStore
from ...tools.errors import SettingsError
from .hearing import Hearing, pieces
from .judgement import Judgement, Preference
from .rubric import Rubric
from .subject import Subject

MOST_VOTES = 25
_WARM = 0.7
"""Temperature of several votes where nothing else is said: cold ones would all be one."""
_MAX_TOKENS = 400


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
        requests = self.votes * (2 if self.rubric.pairwise else len(pieces(self.rubric, subject)))
        deadline = self.model.profile.deadline * max(1, requests)
        calls = LiveCalls(self.model, deadline, price=self._price)
        recorder = Recorder(self.store, self._secrets)
        hearing = Hearing(start, self.rubric, self.votes, self.model.profile, calls, recorder)
        try:
            found = await hearing.whole(subject)
        finally:
            recorder.close()
        if self.store is None or recorder.broken is not None:
            return found.model_copy(update={"trace": None})
        return found


def setup_of(rubric: Rubric, model: str, params: Mapping[str, JsonValue], votes: int) -> str:
    """What names a judge: rubric, model, sampling and votes, as one hash."""
    return content_hash([rubric.hash, model, dict(params), votes])[:16]
