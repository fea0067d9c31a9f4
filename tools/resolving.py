"""Which documents of an index are meant, by a name or by a question that names them.

Knows names and paths, nothing of passages.
"""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from .contents import Contents
from .documents import Document
from .errors import ToolError
from .folder import show
from .meant import meant
from .plan import shown_name
from .searching import QUESTION_LIMIT

_NAMED = 0.25
"""A document with at least this prior is named by the question."""


def among(contents: Contents, documents: Collection[str] | None) -> list[Document]:
    """The documents of these ids; all without."""
    if documents is None:
        return list(contents.documents)
    chosen = set(documents)
    return [document for document in contents.documents if document.id in chosen]


def one_document(
    wanted: str, documents: Collection[Document], paths: Mapping[str, str]
) -> Document:
    """The document meant by a name, a title, an id or the name of another file of its content.

    `paths` are those of the index: stored path -> document id. Raises `ToolError`, naming what
    there is, when there is none or several.
    """
    key = wanted.strip().casefold()
    ways: tuple[Callable[[Document], bool], ...] = (
        lambda d: wanted in (d.id, d.name),
        lambda d: key in (d.name.casefold(), Path(d.name).stem.casefold()),
        lambda d: key == d.title.casefold(),
        lambda d: any(id == d.id and shown_name(path) == wanted for path, id in paths.items()),
    )
    for meant_by in ways:
        matches = [document for document in documents if meant_by(document)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(f"{show(d.name)} (id {d.id})" for d in matches)
            raise ToolError(f"{len(matches)} documents are called {wanted!r}: {ids}. Use the id.")
    names = sorted(show(document.name) for document in documents)
    if not names:
        raise ToolError("There are no documents.")
    near = meant(wanted, names, 5)
    listed = near or names[:20]
    more = f" and {len(names) - len(listed)} more" if len(names) > len(listed) else ""
    raise ToolError(f"No document is called {wanted!r}. There are: {', '.join(listed)}{more}.")


def named(
    contents: Contents, question: str, documents: Collection[str] | None
) -> tuple[tuple[Document, float], ...]:
    """The documents (of these ids) that a question names by name, period or type, best first.

    A name that fits counts 1, the right period 0.3, the type 0.3; less than 0.25 in all is not
    naming.
    """
    places = None if documents is None else contents.places_of(documents)
    naming = contents.names.read(question[:QUESTION_LIMIT], places)
    pairs = naming.scores.items()
    found = [(contents.documents[place], score) for place, score in pairs if score >= _NAMED]
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0].name, pair[0].id)))
