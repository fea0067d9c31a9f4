"""Which files the last updates left out, and why: kept beside the index, for `index --report`.

    FOLDER/left-out.json        [{"path": ..., "reason": ...}], sorted by path

Not part of a generation: it tells of a run, also of one that changed nothing. A damaged one is as
good as none; the next update writes it anew.
"""

import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from .folder import Skipped, restore, store


class LeftOut:
    """The list in one folder; never any where the folder is None."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / "left-out.json"

    def read(self) -> tuple[Skipped, ...]:
        """What was left out, by path; empty when nothing was, or nothing is known."""
        if self._path is None:
            return ()
        try:
            items = orjson.loads(self._path.read_bytes())
            return tuple(Skipped(restore(item["path"]), str(item["reason"])) for item in items)
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def revise(self, roots: Collection[Path], skipped: Sequence[Skipped]) -> None:
        """Replace what is known of everything at or under the roots. The caller holds the lock.

        A disk that does not take it is no reason to fail: the run itself tells the same.
        """
        if self._path is None:
            return
        before = self.read()
        known = {
            item.path: item
            for item in before
            if not any(item.path.is_relative_to(root) for root in roots)
        }
        known.update({item.path: item for item in skipped})
        after = tuple(sorted(known.values(), key=lambda item: os.fsencode(item.path)))
        if after == before:
            return
        items = [{"path": store(item.path), "reason": item.reason} for item in after]
        aside = self._path.with_suffix(".new")
        with suppress(OSError):
            aside.write_bytes(orjson.dumps(items, option=orjson.OPT_INDENT_2))
            os.replace(aside, self._path)
