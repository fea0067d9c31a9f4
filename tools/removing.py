"""Taking documents out of an index: which are meant, and what stays. Touches no document's file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .building import Change
from .contents import Contents
from .documents import Document
from .errors import SettingsError
from .folder import show
from .plan import is_under, real_path, shown_name


@dataclass(frozen=True)
class Removal:
    """What was taken out."""

    documents: tuple[Document, ...] = ()
    paths: tuple[str, ...] = ()
    """As `folder.store` writes them."""
    elsewhere: tuple[Document, ...] = ()
    """Documents of the paths that stay, because the same content stands under another path too."""


def removal(
    contents: Contents, names: Iterable[str | Path], everywhere: bool
) -> tuple[Removal, Change]:
    """What goes when these paths, document names or ids are removed.

    A path is a file or a folder, there or gone. Content that another path holds too stays under
    that path, unless `everywhere`. Raises `SettingsError` for a name that nothing is indexed under.
    """
    gone: set[str] = set()
    for name in names:
        gone.update(_paths(contents, str(name)))
    if everywhere:
        keys = {contents.paths[path] for path in gone}
        gone = {path for path, key in contents.paths.items() if key in keys}
    after = {path: key for path, key in contents.paths.items() if path not in gone}
    hit = {contents.paths[path] for path in gone}
    keep = set(after.values())
    first = {key: path for path, key in sorted(after.items(), reverse=True)}
    stay = [contents.documents[contents.numbers[key]] for key in sorted(hit & keep)]
    moved = {
        document.id: document.model_copy(
            update={"path": first[document.id], "name": shown_name(first[document.id])}
        )
        for document in stay
        if document.path in gone
    }
    documents = tuple(contents.documents[contents.numbers[key]] for key in sorted(hit - keep))
    elsewhere = tuple(moved.get(document.id, document) for document in stay)
    told = Removal(documents, tuple(sorted(gone)), elsewhere)
    return told, Change(keep, after, moved)


def _paths(contents: Contents, name: str) -> list[str]:
    if not name.strip():
        raise SettingsError("nothing was removed: name a path or a document, not an empty one")
    root = real_path(Path(name))
    under = [path for path in contents.paths if is_under(path, [root])]
    if under:
        return under
    keys = {key for key in contents.documents.ids if key == name}
    keys = keys or {document.id for document in contents.documents if document.name == name}
    if not keys:
        raise SettingsError(
            f"Nothing is indexed under {show(name)!s}: name a path, or a document as `workings"
            " index` lists it"
        )
    if len(keys) > 1:
        paths = sorted(path for path, key in contents.paths.items() if key in keys)
        raise SettingsError(
            f"{len(keys)} documents are called {show(name)!s}: name one by its path:"
            f" {', '.join(paths[:5])}"
        )
    return [path for path, key in contents.paths.items() if key in keys]
