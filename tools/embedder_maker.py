"""Makes the embedder of a name (`tools/embedder_names.py`). Knows where each comes from."""

from dataclasses import dataclass
from pathlib import Path

from .embedder_names import DEFAULT, SERVED, check_name
from .embedders import Embedder, WordLlama
from .errors import SettingsError


@dataclass(frozen=True)
class Service:
    """Where embeddings are asked for."""

    address: str
    """As `http://host:port/v1`."""
    api_key: str = ""


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
    if kind in SERVED:
        if service is None:
            raise SettingsError(
                f"embedder {name!r}: no address is set to ask for embeddings: set embedder_url in"
                " workings.toml, or WORKINGS_EMBEDDER_URL, as http://127.0.0.1:8080/v1"
            )
        from .embeddings_client import ServedEmbedder  # noqa: PLC0415 - an HTTP stack

        return ServedEmbedder(name, service.address, service.api_key, dimension)
    return WordLlama()


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
