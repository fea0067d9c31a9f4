"""Takes in what other programs recorded: a file of records becomes traces of ours.

Knows files, wrappers, ids and which formats there are; each format is a small module of
`evals.importers`. Opening a stranger's file runs nothing of it: plain JSON of bounded size and
depth; no name from it becomes a path before it was made a plain one. Secrets are taken out first.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any

from ..graphs.reader import FORMAT
from ..graphs.recorder import Recorder
from ..graphs.redact import redact
from ..graphs.store import TraceStore
from ..graphs.trace import ModelStep, Trace
from ..tools.documents import Frozen
from ..tools.errors import SettingsError, TraceError
from .conversation import Conversation
from .conversation_trace import record
from .importers import agentdojo, inspect, langsmith, openai, otel, toolbench, websearch, whoandwhen
from .records import load, records_of

OURS = "workings"
"""A trace of our own, with its blobs beside it or in it (`trace export --format bundle`)."""

# from the most particular to the plainest
_IMPORTERS: tuple[ModuleType, ...] = (
    toolbench,
    whoandwhen,
    inspect,
    langsmith,
    otel,
    websearch,
    agentdojo,
    openai,
)
FORMATS: tuple[str, ...] = tuple(sorted(module.NAME for module in _IMPORTERS))

_WRAPPER = {"id", "format", "raw"}
# what a wrapper may call a format
_ALIASES = {
    "openai_chat_messages": "openai",
    "agentdojo_invariant_messages": "agentdojo",
    "toolbench_answer_tree": "toolbench",
    "multi_agent_history": "whoandwhen",
    "agentdojo_fork_run_json": "websearch",
    "inspect_eval_log": "inspect",
    "langsmith_run_export": "langsmith",
    "otel_genai_spans": "otel",
}
_UNSAFE = re.compile(r"[^a-z0-9_-]+")
_ID_LENGTH = 64


class Imported(Frozen):
    """One trace that came in."""

    trace: str
    """Its id, which is its file name."""
    id: str
    """As the record names itself."""
    format: str
    messages: int
    steps: int
    note: str = ""
    """What else a person should know."""


class Refused(Frozen):
    """One record that did not come in."""

    record: int
    """Its place in the file, from 1."""
    id: str
    error: str


@dataclass
class Import:
    """What came of a file."""

    traces: list[Imported] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def import_file(path: str | Path, store: TraceStore, format: str | None = None) -> Import:
    """Bring every record of a file into a store; those that cannot be are listed, not raised.

    `format`: one of `FORMATS` or `workings`; None to look at each record. Raises `TraceError` when
    the file cannot be read or the format is not known, `SettingsError` when the store cannot be
    written.
    """
    path = Path(path)
    if format is not None and format not in (*FORMATS, OURS):
        raise TraceError(f"the format {format!r:.40} is not known; expected {_choices()}", path)
    data = load(path)
    result = Import()
    if format == OURS or (format is None and _is_ours(data)):
        _import_ours(path, store, result)
        return result
    taken: set[str] = set()
    records = records_of(data)
    for item in records:
        name = f"{path.stem}-{item.number}" if len(records) > 1 else path.stem
        try:
            if item.error:
                raise ValueError(item.error)
            found = list(_conversations(item.value, name, format))
        except ValueError as error:
            result.refused.append(
                Refused(record=item.number, id=_named(item.value) or name, error=str(error))
            )
            continue
        for which, conversation in found:
            try:
                result.traces.append(_write(conversation, which, store, taken))
            except (ValueError, TraceError) as error:
                result.refused.append(
                    Refused(record=item.number, id=conversation.id or name, error=str(error))
                )
    return result


def read_records(values: Any, format: str | None = None) -> list[tuple[str, Conversation]]:
    """The conversations of one record, each with the name of its format. Raises `ValueError`."""
    return list(_conversations(values, "record", format))


def safe_id(name: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
    """A trace id made of any name: lower case, plain signs, at most 64; cut or taken ones are told
    apart by a hash of the whole name.
    """
    plain = _UNSAFE.sub("-", name.lower()).strip("-") or "record"
    if len(plain) <= _ID_LENGTH and plain not in taken:
        return plain
    mark = blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()
    short = f"{plain[: _ID_LENGTH - 9].rstrip('-')}-{mark}"
    count = 1
    while short in taken:
        count += 1
        short = f"{plain[: _ID_LENGTH - 14].rstrip('-')}-{mark}-{count}"
    return short


def _conversations(value: Any, name: str, format: str | None) -> Iterator[tuple[str, Conversation]]:
    """Unwrap a record, find its format, read it; ids and details of the wrapper come first."""
    value = redact(value)
    wrapper: dict[str, Any] = {}
    if isinstance(value, dict) and "raw" in value and value.keys() & {"id", "format"}:
        wrapper, value = value, value["raw"]
        stated = wrapper.get("format")
        if format is None and isinstance(stated, str):
            format = _ALIASES.get(stated, stated)
    module = _module(value, format)
    found = module.read(value)
    details = {key: item for key, item in wrapper.items() if key not in _WRAPPER | {"n_messages"}}
    outer = _named(wrapper)
    for place, conversation in enumerate(found):
        id = conversation.id or name
        if outer:
            id = outer if len(found) == 1 else f"{outer}-{conversation.id or place + 1}"
        model = wrapper.get("model")
        update: dict[str, Any] = {"id": id, "details": {**conversation.details, **details}}
        if conversation.model == "unknown" and isinstance(model, str):
            update["model"] = model
        yield module.NAME, replace(conversation, **update)


def _module(value: Any, format: str | None) -> ModuleType:
    if format is None:
        found = next((module for module in _IMPORTERS if module.fits(value)), None)
        if found is None:
            raise ValueError(
                f"its format is not known ({_shape(value)}); expected one of: "
                + "; ".join(f"{module.NAME}: {module.EXPECTED}" for module in _IMPORTERS)
            )
        return found
    found = next((module for module in _IMPORTERS if format == module.NAME), None)
    if found is None:
        raise ValueError(f"the format {format!r:.40} is not known; expected {_choices()}")
    if not found.fits(value):
        raise ValueError(f"it is not {format} ({_shape(value)}); expected {found.EXPECTED}")
    return found


def _write(conversation: Conversation, format: str, store: TraceStore, taken: set[str]) -> Imported:
    name = conversation.id or "record"
    id = safe_id(name, taken)
    if store.path(id).exists():
        raise TraceError(
            f"there is already a trace {id} in {store.folder}: delete it, or choose another --out"
        )
    recorder = Recorder(store)
    try:
        trace = record(conversation, id, format, recorder)
    except (ValueError, SettingsError):
        recorder.close()
        _take_away(store.path(id))
        raise
    taken.add(id)
    asked = any(isinstance(step, ModelStep) for step in trace.steps)
    note = "" if asked else "it holds no reply of a model: there is nothing to replay"
    return Imported(
        trace=id,
        id=name,
        format=format,
        messages=len(conversation.messages),
        steps=len(trace.steps),
        note=note,
    )


def _import_ours(path: Path, store: TraceStore, result: Import) -> None:
    trace = Trace.load(path)
    if store.path(trace.id).exists():
        raise TraceError(
            f"there is already a trace {trace.id} in {store.folder}: delete it, or choose another "
            f"--out"
        )
    try:
        copy_trace(trace, Recorder(store))
    except SettingsError:
        _take_away(store.path(trace.id))
        raise
    made = store.load(trace.id)
    if made.model_copy(update={"notes": (), "dropped_bytes": 0}) != trace.model_copy(
        update={"notes": (), "dropped_bytes": 0}
    ):
        store.delete(trace.id)
        raise TraceError(f"{path} could not be taken over unchanged", path)
    note = "; ".join(trace.cut_short + trace.notes)
    asked = [len(step.request.messages) for step in trace.steps if isinstance(step, ModelStep)]
    result.traces.append(
        Imported(
            trace=trace.id,
            id=trace.id,
            format=OURS,
            messages=max(asked, default=0),
            steps=len(trace.steps),
            note=note,
        )
    )


def copy_trace(trace: Trace, recorder: Recorder) -> None:
    """Record a trace again as it is. Raises `SettingsError` when it cannot be written."""
    recorder.start(trace.start)
    nodes = list(trace.nodes)
    for approval in trace.approvals:
        recorder.approval(approval)
    while nodes and nodes[0].after == 0:
        recorder.node(nodes.pop(0))
    for step in trace.steps:
        recorder.request(step)
        if step.error is None or step.error.type != "Aborted":
            recorder.result(step)
        while nodes and nodes[0].after <= step.index:
            recorder.node(nodes.pop(0))
    if trace.status == "aborted":
        recorder.close()
    else:
        recorder.end(trace.answer, trace.error)
    if recorder.broken is not None:
        raise SettingsError(recorder.broken)


def _take_away(path: Path) -> None:
    """A trace that was not finished."""
    with contextlib.suppress(OSError):
        path.unlink()


def _is_ours(data: bytes) -> bool:
    first = data[: data.find(b"\n")]
    family = FORMAT.partition("/")[0]
    return f'"format":"{family}/'.encode() in first and b'"t":"run.start"' in first


def _named(value: Any) -> str:
    id = value.get("id") if isinstance(value, dict) else None
    return str(id) if isinstance(id, str | int) and str(id) else ""


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        keys = ", ".join(sorted(str(key)[:30] for key in value)[:8])
        return f"an object with {keys}" if keys else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "null" if value is None else f"a {type(value).__name__}"


def _choices() -> str:
    return ", ".join((*FORMATS, OURS))
