"""`workings doctor`: what works here, what is missing, and how to get it."""

import argparse
import importlib.metadata
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from ...tools.errors import WorkingsError
from . import common

if TYPE_CHECKING:
    from ..settings import Settings

_LIBRARIES = (
    "langgraph",
    "langchain-core",
    "langchain-openai",
    "pydantic",
    "faiss-cpu",
    "pypdfium2",
    "pypdf",
    "wordllama",
    "tavily-python",
)
_LITTLE_ROOM = 200_000_000
"""Bytes; below that a full disk is near."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "missing", "wrong"]
    """`missing` is something one can do without; `wrong` is not."""
    found: str
    remedy: str = ""


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "doctor",
        "say what works here and what is missing",
        "workings doctor --model openai:NAME",
        run,
    )
    parser.add_argument("--collection", metavar="NAME", help="which index (default)")
    parser.add_argument(
        "--model",
        metavar="M",
        nargs="?",
        const="",
        help="try the model (the one in force, or M) with one tiny request",
    )


def run(arguments: argparse.Namespace) -> int:
    """Look at everything; 1 when something is wrong."""
    probe = arguments.model is not None
    arguments.model = arguments.model or None
    settings = common.settings_of(arguments)
    findings = list(_look(settings, probe))
    for finding in findings:
        if arguments.json:
            common.print_json(asdict(finding))
    if not arguments.json:
        from ..render import findings_view

        common.show(findings_view([(f.what, f.state, f.found, f.remedy) for f in findings]))
    return common.NO if any(f.state == "wrong" for f in findings) else common.DONE


def _look(settings: "Settings", probe: bool) -> Iterator[Finding]:
    python = platform.python_version()
    yield Finding("workings", "ok", f"{common.version()} on Python {python}, {platform.system()}")
    yield from _libraries()
    yield from _home(settings)
    yield _guarded("index", lambda: _index(settings))
    yield from _keys(settings)
    yield _guarded("model", lambda: _model(settings, probe))


def _guarded(what: str, look: Callable[[], Finding]) -> Finding:
    """A look that fails is a finding."""
    try:
        return look()
    except (WorkingsError, OSError) as error:
        return Finding(what, "wrong", str(error))


def _libraries() -> Iterator[Finding]:
    found = []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, "wrong", "not installed", "pip install workings")
    yield Finding("libraries", "ok", ", ".join(found))


def _home(settings: "Settings") -> Iterator[Finding]:
    from ...graphs.store import TraceStore

    home = settings.home
    there = home
    while not there.exists() and there != there.parent:
        there = there.absolute().parent
    if not there.is_dir():
        yield Finding("home", "wrong", f"{there} is a file", "choose a folder: --home PATH")
        return
    room = shutil.disk_usage(there).free
    told = f"{home}" if home.exists() else f"{home} (made when it is needed)"
    state: Literal["ok", "wrong"] = "ok" if room > _LITTLE_ROOM else "wrong"
    remedy = "" if state == "ok" else "make room, or choose another disk: --home PATH"
    yield Finding("home", state, f"{told}, {room / 1e9:,.1f} GB free", remedy)
    runs = TraceStore(home / "traces").list()
    damaged = sum(item.status == "damaged" for item in runs)
    if damaged:
        yield Finding(
            "traces", "wrong", f"{damaged} of {len(runs)} damaged", "workings trace verify"
        )
    else:
        yield Finding("traces", "ok", f"{len(runs)} recorded")


def _index(settings: "Settings") -> Finding:
    from ..indexes import open_index

    index = open_index(settings)
    documents = index.documents
    if not documents:
        return Finding("index", "missing", f"{settings.collection}: empty", "workings index FOLDER")
    pages = sum(document.pages for document in documents)
    told = f"{settings.collection}: {len(documents)} documents, {pages:,} pages, whole"
    return Finding("index", "ok", told)


def _keys(settings: "Settings") -> Iterator[Finding]:
    if settings.openai_api_key is not None:
        yield Finding("OPENAI_API_KEY", "ok", "set", "name a model: --model openai:NAME")
    else:
        yield Finding("OPENAI_API_KEY", "missing", "not set", "only openai:NAME needs it")
    if settings.tavily_api_key is not None:
        told = "set; web search is " + ("offered" if settings.web is not False else "switched off")
        yield Finding("TAVILY_API_KEY", "ok", told)
    elif settings.web:
        yield Finding(
            "TAVILY_API_KEY", "wrong", "not set, and web = true", "set it, or web = false"
        )
    else:
        yield Finding("TAVILY_API_KEY", "missing", "not set", "web search needs it")


def _model(settings: "Settings", probe: bool) -> Finding:
    from ..models import make_model

    model = make_model(settings.model, settings)
    if settings.model == "extractive":
        return Finding(
            "model",
            "ok",
            "extractive (no language model, always there)",
            "for a language model: --model openai:NAME with OPENAI_API_KEY, or"
            " --model compatible:NAME with WORKINGS_BASE_URL",
        )
    how = f"{model.id}: decides {model.profile.decision}, answers by {model.profile.output}"
    if not probe:
        return Finding("model", "ok", f"{how}; not tried", "workings doctor --model tries it")
    from ..background import wait_for
    from ..probe import probe as try_model

    return Finding("model", "ok", f"{how}; {wait_for(try_model(model))}")
