"""The index of the settings, opened with the embedder that was chosen or that it was made with.

Knows settings and embedders by name. Knows nothing of what is searched.
"""

from ..tools.embedder_maker import Service, make_embedder
from ..tools.embedder_names import DEFAULT, SERVED, name_of
from ..tools.embedders import Embedder
from ..tools.errors import SettingsError
from ..tools.index import Index
from ..tools.keeping import made_with
from .models import OPENAI_URL
from .settings import Settings


def open_index(settings: Settings, *, rebuild: bool = False) -> Index:
    """The index of the settings; with `rebuild` what is there is ignored, as in `Index.open`.

    Without an `embedder` in the settings it is the one the index was made with, else the default.
    Raises `SettingsError`, also when the index was made with another embedder than the one set.
    """
    if settings.database is not None:
        return Index.open(
            settings.database.get_secret_value(),
            embedder_of(settings.embedder or DEFAULT, settings, None),
            rebuild=rebuild,
            collection=settings.collection,
            language=settings.language,
        )
    folder = settings.home / "index" / settings.collection
    known = made_with(folder)
    name = settings.embedder or name_of(str(known.get("id", ""))) or DEFAULT
    same = known.get("id") == name and not rebuild
    if known and name.partition(":")[0] in SERVED and not same and not rebuild:
        # Said before the service is asked for the dimension of its vectors.
        raise SettingsError(
            f"The index {folder} was made with {known.get('id')}, not {name}: leave the embedder"
            f" out, or rebuild it with `workings index --rebuild --embedder {name} PATH...`"
        )
    try:
        model = embedder_of(name, settings, known.get("dimension") if same else None)
    except SettingsError as error:
        if settings.embedder is not None:
            raise
        raise SettingsError(
            f"{folder} was made with {known.get('id')}: {error}. Set it with --embedder or as"
            " embedder in workings.toml"
        ) from None
    return Index.open(folder, model, rebuild=rebuild, language=settings.language)


def embedder_of(name: str, settings: Settings, dimension: int | None = None) -> Embedder:
    """The embedder of a name, with the keys and addresses of the settings."""
    service = None
    if name.startswith("openai:"):
        key = settings.openai_api_key
        if key is None:
            raise SettingsError(f"embedder {name!r} needs a key: set OPENAI_API_KEY")
        service = Service(OPENAI_URL, key.get_secret_value())
    else:
        own = settings.embedder_url
        address = own or settings.base_url
        # A key goes to the address that it was set for, and nowhere else.
        secret = settings.embedder_api_key if own else settings.api_key
        if address:
            service = Service(address, secret.get_secret_value() if secret else "")
    return make_embedder(name, service=service, files=settings.home / "models", dimension=dimension)
