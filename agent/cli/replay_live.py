"""The live side of a replay: the model and tools of today, and what the command line changes.

Knows settings, the index and the arguments; replays are `evals.replay`, which is handed all this.
"""

import argparse
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...tools.errors import SettingsError
from . import common

if TYPE_CHECKING:
    from ...graphs.model import ChatModel, Tokens
    from ...graphs.trace import Trace
    from ...tools.tool import Tool
    from ..assistant import Assistant

_LONGEST = 10_000_000
_FILE_NAME = re.compile(r"\S+\.(?:txt|md|json)", re.IGNORECASE)


@dataclass(frozen=True)
class LiveSide:
    """What a live replay asks."""

    model: "ChatModel | None"
    tools: "Mapping[str, Tool]"
    price: "Callable[[str, Tokens], float | None]"
    secrets: list[str]


def live_side(
    trace: "Trace", arguments: argparse.Namespace, changes: Mapping[str, Any], model: str | None
) -> LiveSide:
    """Today's model and tools for a run: the ones it had, where nothing else is said.

    Raises `SettingsError` for a model that cannot be made, such as one of a Python program.
    """
    from ..assistant import Assistant
    from ..models import PROVIDERS
    from ..pricing import price

    options = trace.start.options
    recorded = {str(tool["name"]) for tool in trace.start.tools}
    asks = arguments.live in ("model", "all")
    recorded_by = trace.start.model
    if asks and model is None and recorded_by.partition(":")[0] not in PROVIDERS:
        raise SettingsError(
            f"{trace.id} is a run of the model {recorded_by!r:.100}, which cannot be asked from"
            " here: name one with --set model=NAME (extractive, openai:NAME or compatible:NAME)"
        )
    more: dict[str, Any] = {"model": "extractive"}
    if asks:
        more["model"] = model or recorded_by
    k = changes.get("k", options.get("k"))
    if k is not None:
        more["k"] = common.whole("k", k)
    if arguments.collection is None and isinstance(options.get("collection"), str):
        more["collection"] = options["collection"]
    runs = arguments.live in ("tools", "all")
    more["web"] = None if runs and "web_search" in recorded else False
    settings = common.settings_of(arguments, **more)
    with common.Progress("Getting ready") as progress:
        assistant = Assistant(
            arguments.docs if runs else (), settings=settings, progress=progress.count
        )
    tools = dict(assistant.tools) if runs else {}
    if runs and not arguments.docs:
        tools |= _narrowed(assistant, options)
    keys = (settings.api_key, settings.openai_api_key, settings.tavily_api_key)
    return LiveSide(
        model=assistant.model if asks else None,
        tools=tools,
        price=price,
        secrets=[key.get_secret_value() for key in keys if key is not None],
    )


def _narrowed(assistant: "Assistant", options: Mapping[str, Any]) -> dict[str, "Tool"]:
    """The tools over the documents that the run asked, where the trace names them all."""
    from ...tools.documents_tools import document_tools

    told = options.get("documents")
    listed = told if isinstance(told, list) else []
    names = {str(item["name"]) for item in listed if isinstance(item, dict) and "name" in item}
    if not names or len(names) != options.get("document_count"):
        return {}
    here = {document.name: document.id for document in assistant.index.documents}
    gone = sorted(names - {*here})
    if gone:
        common.note(
            f"not indexed any more: {', '.join(gone[:5])}; name their folder with --docs, or index"
            " them again"
        )
    chosen = frozenset(here[name] for name in names & {*here})
    tools = document_tools(assistant.index, chosen, assistant.settings.k, assistant.retrieval)
    return {item.name: item for item in tools} if chosen else {}


def parse_sets(given: list[str]) -> dict[str, Any]:
    """`NAME=VALUE` pairs; the value of a prompt may be a file. Raises `SettingsError`."""
    changes: dict[str, Any] = {}
    for item in given:
        name, sign, value = item.partition("=")
        if not sign or not name.strip():
            raise SettingsError(f"--set {item!r:.80}: expected NAME=VALUE, as temperature=0.2")
        name = name.strip()
        changes[name] = _text(value) if name.partition(".")[0] == "prompt" else value.strip()
    return changes


def parse_edit(given: str) -> Any:
    """What is put in at a step: JSON where it is that, else text; from a file where there is one.

    Raises `SettingsError`.
    """
    text = _text(given)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if value is None:
        raise SettingsError("--edit null puts nothing in; leave it out to ask the step anew")
    return value if isinstance(value, dict | list | str) else text


def _text(given: str) -> str:
    """The text of a file, if that is what is named; else what was given.

    Raises `SettingsError` for a file that is not there: its name is no text that anyone means.
    """
    try:
        path = Path(given)
        if not path.is_file():
            if _FILE_NAME.fullmatch(given):
                raise SettingsError(f"there is no file {given}")
            return given
        if path.stat().st_size > _LONGEST:
            raise SettingsError(f"{given} is longer than {_LONGEST:,} bytes")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{given} is not UTF-8 text; save it as UTF-8") from None
    except (OSError, ValueError):
        return given
