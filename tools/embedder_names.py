"""An embedder by its name, as a person or an index calls it. Knows the names; embeds nothing.

wordllama            the default: static vectors from the installed wheel
minilm               all-MiniLM-L6-v2 from the installed wheel, or fetched before
minilm:PATH          ... from a folder or an .onnx file
minilm:http(s)://... ... fetched once from there; the checksums are pinned
openai:NAME          OpenAI's
compatible:NAME      any service that speaks /v1/embeddings
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

from .embedders import Embedder, WordLlama
from .errors import SettingsError

DEFAULT = "wordllama"
KINDS = (DEFAULT, "minilm", "openai", "compatible")
_SERVED = ("openai", "compatible")


@dataclass(frozen=True)
class Service:
    """Where embeddings are asked for."""

    address: str
    """As `http://host:port/v1`."""
    api_key: str = ""


def check_name(name: str) -> str:
    """The name, when it is one of an embedder. Raises `SettingsError`, naming the nearest."""
    kind, colon, rest = name.partition(":")
    if kind in KINDS:
        if kind in _SERVED and not rest.strip():
            raise SettingsError(f"embedder {name!r}: name the model, as {kind}:NAME")
        if (kind == DEFAULT and colon) or (colon and not rest.strip()):
            raise SettingsError(f"embedder {name!r}: expected {kind!r} alone, without a colon")
        return name
    near = difflib.get_close_matches(kind, KINDS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise SettingsError(
        f"unknown embedder {name!r}: expected wordllama, minilm, minilm:PATH, openai:NAME or"
        f" compatible:NAME{hint}"
    )


def make_embedder(
    name: str = DEFAULT,
    *,
    service: Service | None = None,
    files: Path | None = None,
    dimension: int | None = None,
) -> Embedder:
    """The embedder of this name. Raises `SettingsError`.

    `service` is where a served model is asked; `files` the folder that what is fetched is kept in;
    `dimension` what an index knows of a served model, so that it need not be asked.
    """
    kind, _, rest = check_name(name).partition(":")
    if kind == "minilm":
        return _minilm(rest, files)
    if kind in _SERVED:
        if service is None:
            raise SettingsError(f"embedder {name!r}: no address is set to ask for embeddings")
        from .embeddings_client import ServedEmbedder  # noqa: PLC0415 - an HTTP stack

        return ServedEmbedder(name, service.address, service.api_key, dimension)
    return WordLlama()


def name_of(id: str) -> str | None:
    """The name that makes the embedder an index was made with; None for one that has no name."""
    if id == WordLlama.id:
        return DEFAULT
    if id.startswith("minilm-"):
        return "minilm"
    return id if id.partition(":")[0] in _SERVED and id.partition(":")[2] else None


def _minilm(where: str, files: Path | None) -> Embedder:
    from .minilm import CHECKSUMS, MiniLm, fetch  # noqa: PLC0415 - not needed by default

    if where.startswith(("http://", "https://")):
        if files is None:
            raise SettingsError(f"minilm:{where}: no folder is set to keep it in")
        return MiniLm(fetch(where, files / "minilm"))
    if where:
        return MiniLm(Path(where))
    fetched = files is not None and all((files / "minilm" / name).is_file() for name in CHECKSUMS)
    return MiniLm(files / "minilm" if files is not None and fetched else None)
