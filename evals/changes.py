"""What a replay changes on purpose (`--set`): prompts, sampling, packing, how much is retrieved.

Knows the names and what each one changes of a run's start; knows nothing of running it. What a
change would not reach is refused: of a run of another program our prompts, of a user's own graph
everything. Prompts that are not the built-in ones are kept in the start of what comes of it
(`start.options["prompts"]`, the fields that differ), so that it can be replayed by itself.
"""

import difflib
import json
import string
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue, ValidationError

from ..graphs.canonical import canonical
from ..graphs.model import ChatModel, Profile
from ..graphs.prompts import Prompts
from ..graphs.trace import Start
from ..tools.errors import SettingsError
from .attempt import Corrupt, plain_error

SAMPLING = (
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "max_tokens",
)
_COUNTS = ("seed", "max_tokens", "k", "passage_tokens")
_FIELDS = {
    "system": ("today",),
    "decide": ("today", "tools"),
    "compute": (),
    "answer": (),
    "plan": (),
    "cells": (),
    "rerank": (),
}
"""The prompts, and what each may have filled in."""
_SHOWN = {"examples": "[question, why, tool, input]", "plans": "[question, plan]"}
"""The examples that prompts show: lists, and what each entry holds."""
PROMPTS = (*_FIELDS, *_SHOWN)
NAMES = ("prompt", *(f"prompt.{name}" for name in PROMPTS), "k", "passage_tokens", *SAMPLING)
"""Every name that can be set, besides the model (which is handed in)."""
KEPT = "prompts"
"""Where a start keeps the prompts that were set, in its options."""


@dataclass(frozen=True)
class Changed:
    """A run's start and prompts with the changes in them."""

    start: Start
    prompts: Prompts | None
    again: frozenset[str]
    """Tools whose results depend on a change though their arguments do not."""


def changed(
    start: Start,
    changes: Mapping[str, JsonValue],
    prompts: Prompts | None = None,
    model: ChatModel | None = None,
) -> Changed:
    """Apply changes to a start. Raises `SettingsError` naming what cannot be set so, `Corrupt` for
    a start whose kept prompts are none.

    `prompt` is the prompt of the node that decides; `model` is the live one: another than the
    recorded one brings its own profile. Without `prompts` those that the start keeps are in force.
    """
    for name in changes:
        _reaches(name, start)
    if prompts is None and KEPT in start.options:
        prompts = _kept(start.options[KEPT])
    params = dict(start.params)
    profile = dict(start.profile)
    options = dict(start.options)
    id = start.model
    if model is not None and model.id != start.model:
        id, profile = model.id, model.profile.model_dump(mode="json")
    again = set()
    for name, value in changes.items():
        if name == "prompt" or name.startswith("prompt."):
            prompts = _prompt(name, value, prompts or Prompts(), profile)
        elif name in SAMPLING:
            params[name] = _number(name, value)
        elif name == "passage_tokens":
            profile[name] = _number(name, value)
        elif name == "k":
            options["k"] = _number(name, value)
            again.add("search_documents")
        else:
            near = difflib.get_close_matches(name, NAMES, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the names are {', '.join(NAMES)}"
            raise SettingsError(f"{name!r} cannot be set in a replay: {hint}")
    if prompts is not None:
        options.pop(KEPT, None)
        own = _own(prompts)
        options |= {KEPT: own} if own else {}
    update = {"params": params, "profile": profile, "options": options, "model": id}
    return Changed(start.model_copy(update=update), prompts, frozenset(again))


def _reaches(name: str, start: Start) -> None:
    """Raise `SettingsError` when nothing of the run would be otherwise for it."""
    if "app" in start.options:
        raise SettingsError(
            f"{name!r} cannot be set in a replay of a graph of your own, which makes its requests"
            f" itself: change it there, and replay {start.id} with --app"
        )
    if "foreign" in start.options and name in NAMES and name not in SAMPLING:
        raise SettingsError(
            f"{name!r} cannot be set in a replay of {start.id}: it is a run of another program, and"
            " its prompts and searches are its own. What can be set is model,"
            f" {', '.join(SAMPLING)}; a reply or a result is edited with --from STEP --edit"
        )


def _own(prompts: Prompts) -> dict[str, JsonValue]:
    """The fields that are not the built-in ones."""
    usual: dict[str, JsonValue] = Prompts().model_dump(mode="json")
    given: dict[str, JsonValue] = prompts.model_dump(mode="json")
    return {name: value for name, value in given.items() if value != usual[name]}


def _kept(value: JsonValue) -> Prompts:
    """The prompts that a start keeps: texts of anyone's file, so they are checked as if set."""
    try:
        prompts = Prompts.model_validate_json(canonical(value), strict=True)
        for field in _FIELDS:
            _text(f"options.prompts.{field}", getattr(prompts, field), field)
    except ValidationError as error:
        raise Corrupt(f"run.start: options.prompts.{plain_error(error)}") from None
    except SettingsError as error:
        raise Corrupt(f"run.start: {error}") from None
    return prompts


def _prompt(
    name: str, value: JsonValue, prompts: Prompts, profile: Mapping[str, JsonValue]
) -> Prompts:
    field = name.partition(".")[2]
    if not field:
        native = Profile.model_validate(profile).decision == "native"
        field = "system" if native else "decide"
    if field in _SHOWN:
        return _with_examples(name, value, prompts, field)
    if field not in _FIELDS:
        raise SettingsError(f"{name!r}: the prompts are {', '.join(PROMPTS)}")
    return prompts.model_copy(update={field: _text(name, value, field)})


def _with_examples(name: str, value: JsonValue, prompts: Prompts, field: str) -> Prompts:
    """The prompts with other examples: a list, or its JSON. Raises `SettingsError`."""
    told = f"{name}: expected a list, as JSON, of entries {_SHOWN[field]}, each a text"
    try:
        if isinstance(value, str):
            value = json.loads(value)
        facts = {**prompts.model_dump(mode="json"), field: value}
        return Prompts.model_validate_json(canonical(facts), strict=True)
    except ValidationError as error:
        raise SettingsError(f"{told} ({plain_error(error)})") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{told} ({error})") from None


def _text(name: str, value: JsonValue, field: str) -> str:
    """The text of a prompt. Raises `SettingsError` when it is none, or cannot be filled in."""
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{name} = {value!r:.60}: expected the text of a prompt")
    if _FIELDS[field]:
        _fits(name, value, _FIELDS[field])
    return value


def _fits(name: str, text: str, allowed: tuple[str, ...]) -> None:
    """Whether the text can be filled in: braces that are meant as such are doubled."""
    told = " and ".join(f"{{{field}}}" for field in allowed)
    try:
        fields = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except ValueError as error:
        fields = {f"({error})"}
    strange = sorted(fields - {*allowed})
    if strange:
        raise SettingsError(
            f"{name}: {strange[0]!r:.60} cannot be filled in; only {told} can. Write {{{{ and }}}}"
            " for braces that the model is to see"
        )


def _number(name: str, value: JsonValue) -> int | float:
    number: int | float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str):
        for kind in (int, float):
            try:
                number = kind(value)
                break
            except ValueError:
                continue
    whole = name in _COUNTS
    least = 1 if name in ("k", "passage_tokens", "max_tokens") else None
    fits = number is not None and abs(number) < 1e9 and not (whole and isinstance(number, float))
    if number is None or not fits or (least is not None and number < least):
        wanted = "a whole number" if whole else "a number"
        raise SettingsError(f"{name} = {value!r:.60}: expected {wanted}{' above 0' * bool(least)}")
    return number
