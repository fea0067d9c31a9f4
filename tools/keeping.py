"""Where an index is kept: in a folder, or elsewhere behind the same few verbs.

Knows how contents are loaded, checked to be ours, and replaced as a whole. Knows nothing of files
to be read, of questions or of ranking.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import orjson

from .building import Change, build
from .chunks import CHUNKER
from .contents import Contents
from .embedders import Embedder
from .errors import SettingsError
from .kept import Kept
from .spool import Spool
from .store import REBUILD, Store
from .vectors import Scale

Decide = Callable[[Contents, Spool], Change | None]
"""What an update makes of the contents before it, and of what it sets aside; None: it leaves them.
"""


class Keeper(Protocol):
    """A place for one index."""

    @property
    def shown(self) -> str:
        """The place, as a person may be told of it: without a password."""
        ...

    def load(self) -> Contents:
        """What is there; nothing when it was never written.

        Raises `SettingsError`, with the command that rebuilds, when it is damaged or not ours.
        """
        ...

    def update(self, fresh: bool, change: Decide) -> Contents:
        """Replace what is there by what `change` says of it, all or nothing.

        One writer at a time: the others wait. With `fresh` what is there counts as nothing.
        """
        ...

    def reading(self, contents: Contents) -> AbstractContextManager[Contents]:
        """What a question is answered from, given what was loaded last; the same all the while."""
        ...

    def verify(self) -> str:
        """Read everything there is; one line on what was read. Raises `SettingsError` as `load`."""
        ...


class FolderKeeper:
    """An index in a folder (`tools/store.py`)."""

    def __init__(
        self, folder: Path, embedder: Embedder, scale: Scale, chunker: str = CHUNKER
    ) -> None:
        self._chunker = chunker
        self._folder = folder
        self._store = Store(folder)
        self._embedder = embedder
        self._scale = scale

    @property
    def shown(self) -> str:
        """The folder."""
        return str(self._folder)

    def load(self, mapped: bool = False) -> Kept:
        """What the current generation holds; `mapped`: each part is read when it is needed."""
        stored = self._store.read(mapped)
        if stored is None:
            return Kept.empty(self._embedder.dimension)
        manifest, files = stored
        check_identity(self.shown, manifest, self._embedder, self._chunker)
        try:
            return Kept.decode(files)
        except (KeyError, ValueError) as error:
            raise SettingsError(
                f"The index {self.shown} has parts this version does not know"
                f" ({type(error).__name__}): {REBUILD}"
            ) from None

    def update(self, fresh: bool, change: Decide) -> Contents:
        """Write a new generation, under the lock, when there is something to change.

        Neither the old nor the new one is read into memory as a whole.
        """
        with self._store.lock(), self._store.scratch() as scratch:
            before = Kept.empty(self._embedder.dimension) if fresh else self.load(mapped=True)
            spool = Spool(scratch)
            wanted = change(before, spool)
            if wanted is None:
                return before
            embed = self._embedder.embed
            parts, documents, passages = build(before, spool, wanted, embed, self._scale)
            facts = {
                **identity(self._embedder, self._chunker),
                "documents": documents,
                "passages": passages,
            }
            self._store.write(facts, parts, mapped=passages >= self._scale.sq8)
            return self.load(mapped=True)

    @contextlib.contextmanager
    def reading(self, contents: Contents) -> Iterator[Contents]:
        """What was loaded: a generation never changes, and stays readable when it is replaced."""
        yield contents

    def verify(self) -> str:
        """Read every byte of the current generation."""
        stored = self._store.read()
        if stored is None:
            return f"{self.shown}: nothing was indexed yet"
        size = stored[1].check_all()
        self.load()
        return f"{self.shown}: {len(stored[1])} parts, {size:,} bytes, all as they were written"


def made_with(folder: Path) -> Mapping[str, Any]:
    """The embedder that the index in a folder names, unchecked: `id`, `dimension`; else nothing.

    Only to choose the embedder that it is then opened with, which checks everything.
    """
    try:
        generation = orjson.loads((folder / "CURRENT").read_bytes())["generation"]
        manifest = orjson.loads((folder / Path(generation).name / "manifest.json").read_bytes())
        return dict(manifest["embedder"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def identity(embedder: Embedder, chunker: str = CHUNKER) -> dict[str, Any]:
    """What an index has to have been made with, to be ours."""
    model = {"id": embedder.id, "dimension": embedder.dimension, "hash": embedder.hash}
    return {"chunker": chunker, "embedder": model}


def check_identity(
    shown: str, found: Mapping[str, Any], embedder: Embedder, chunker: str = CHUNKER
) -> None:
    """Raises `SettingsError` when an index was made with another chunker or embedder."""
    for what, mine in identity(embedder, chunker).items():
        if found.get(what) != mine:
            raise SettingsError(
                f"The index {shown} was made with the {what} {_told(found.get(what))}, not"
                f" {_told(mine)}: {REBUILD}"
            )


def _told(made: object) -> str:
    """`minilm-l6-v2 (384 numbers, hash 1a2b3c4d)`; a chunker by its id."""
    if not isinstance(made, Mapping):
        return repr(made)
    return f"{made.get('id')} ({made.get('dimension')} numbers, hash {str(made.get('hash'))[:8]})"
