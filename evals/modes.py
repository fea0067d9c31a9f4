"""How a replay is set up: what answers the calls that were not recorded, which tools run, and
where the run that comes of it is kept.

Knows the modes (exact, lenient, live, fork); knows nothing of how runs are compared.
"""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from pydantic import JsonValue

from ..graphs.limits import Limits
from ..graphs.live import LiveCalls
from ..graphs.model import ChatModel, ModelReply, ModelRequest, Profile, Tokens
from ..graphs.prompts import Prompts
from ..graphs.recorder import Recorder
from ..graphs.store import TraceStore
from ..graphs.trace import Trace
from ..tools.errors import ProviderError, SettingsError
from ..tools.tool import Tool
from .changes import Changed, changed
from .cone import Cone, Live
from .nearest import Nearest
from .recorded import Otherwise, stand_ins
from .todays import todays_tools

Price = Callable[[str, Tokens], float | None]
"""US dollars of a model's tokens; None when it is not known."""


@dataclass(frozen=True)
class Mode:
    """What is asked of a replay besides the record. Raises `SettingsError` for what cannot be."""

    lenient: bool = False
    twice: bool = False
    live: Live | None = None
    model: ChatModel | None = None
    changes: Mapping[str, JsonValue] | None = None
    price: Price | None = None
    store: TraceStore | None = None
    secrets: Sequence[str] = ()
    fork: tuple[int, JsonValue] | None = None

    def __post_init__(self) -> None:
        if self.live is not None and self.live not in get_args(Live):
            sides = ", ".join(get_args(Live))
            raise SettingsError(f"live {self.live!r:.40} is not known: it is one of {sides}")
        if self.live is not None and (self.lenient or self.twice):
            other = "lenient" if self.lenient else "twice"
            raise SettingsError(f"{other} is for offline replays: leave out that, or live")
        if self.live in ("model", "all") and self.model is None:
            raise SettingsError(f"a replay with live {self.live!r} needs a model to ask")
        if self.fork is not None and self.fork[1] is None and self.live is None:
            raise SettingsError(
                f"a fork at step {self.fork[0]} needs something to put in there (an edit), or a"
                " live side that is asked anew"
            )

    def aim(self, record: Trace, prompts: Prompts | None) -> Changed:
        """The start and prompts of the run to be made."""
        aim = changed(record.start, self.changes or {}, prompts, self.model)
        if aim.again and self.live not in ("tools", "all"):
            raise SettingsError("k changes what a search gives, so it needs live tools (or all)")
        if self.live is None and self.fork is None:
            return aim
        update: dict[str, Any] = {
            "id": (self.store or TraceStore(".")).new_id(),
            "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "parent": record.id,
            "forked_at": None if self.fork is None else self.fork[0],
        }
        if aim.prompts is not None:
            update["fingerprints"] = {**aim.start.fingerprints, "prompts": aim.prompts.hash}
        return replace(aim, start=aim.start.model_copy(update=update))

    def recorder(self, record: Trace) -> Recorder:
        """Where the run is recorded: a new trace where it is one, else in memory."""
        if self._new:
            return Recorder(self.store, self.secrets)
        return Recorder(redacted=True, known=record)

    def recorded(self, aim: Changed, recorder: Recorder) -> str | None:
        """Id of the new trace; None where none was made, or the disk did not take it."""
        return aim.start.id if self._new and self.store and recorder.broken is None else None

    def otherwise(self, aim: Changed, tools: Mapping[str, Tool]) -> Otherwise | None:
        """What answers the calls that were not recorded; None: nothing does."""
        if self.live is None:
            return Nearest() if self.lenient else None
        limits = Limits.model_validate(aim.start.limits)
        calls = LiveCalls(self.model or _NoModel(), limits.deadline, price=self.price)
        ours = (name for name, tool in todays_tools().items() if tool.effect == "pure")
        wrote = (str(t["name"]) for t in aim.start.tools if t.get("effect") == "write")
        return Cone(self.live, calls, frozenset((*tools, *ours)), aim.again, frozenset(wrote))

    def offered(
        self, described: Iterable[Mapping[str, JsonValue]], todays: Mapping[str, Tool]
    ) -> tuple[dict[str, Tool], tuple[str, ...]]:
        """The run's tools, described as they are today where we know; and those we do not know."""
        tools = stand_ins(described)
        unchecked = []
        for name, recorded in tools.items():
            if name not in todays:
                unchecked.append(name)
                continue
            runs = self.live in ("tools", "all") and todays[name].effect != "write"
            tools[name] = todays[name] if runs else replace(todays[name], run=recorded.run)
        return tools, tuple(unchecked)

    @property
    def _new(self) -> bool:
        return self.live is not None or self.fork is not None


class _NoModel:
    """Stands where only tools are live; it is never asked."""

    id = ""
    profile = Profile()

    async def attempt(
        self, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        raise ProviderError("this replay has no live model", kind="bad_request")
