"""An embedder by its name, as a person or an index calls it. Knows names only.

wordllama            the default: static vectors from the installed wheel
minilm               all-MiniLM-L6-v2 from the installed wheel, or fetched before
minilm:PATH          ... from a folder or an .onnx file
minilm:http(s)://... ... fetched once from there; the checksums are pinned
openai:NAME          OpenAI's
compatible:NAME      any service that speaks /v1/embeddings
"""

from .errors import SettingsError
from .meant import meant

DEFAULT = "wordllama"
KINDS = (DEFAULT, "minilm", "openai", "compatible")
SERVED = ("openai", "compatible")


def check_name(name: str) -> str:
    """The name, when it is one of an embedder. Raises `SettingsError`, naming the nearest."""
    kind, colon, rest = name.partition(":")
    if kind in KINDS:
        if kind in SERVED and not rest.strip():
            raise SettingsError(f"embedder {name!r}: name the model, as {kind}:NAME")
        if (kind == DEFAULT and colon) or (colon and not rest.strip()):
            raise SettingsError(f"embedder {name!r}: expected {kind!r} alone, without a colon")
        return name
    near = meant(kind, KINDS)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise SettingsError(
        f"unknown embedder {name!r}: expected wordllama, minilm, minilm:PATH, openai:NAME or"
        f" compatible:NAME{hint}"
    )


def name_of(id: str) -> str | None:
    """The name that makes the embedder an index was made with; None for one that has no name."""
    if id.startswith("wordllama-"):
        return DEFAULT
    if id.startswith("minilm-"):
        return "minilm"
    return id if id.partition(":")[0] in SERVED and id.partition(":")[2] else None
