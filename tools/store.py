"""An index on disk: generations of checked parts, one of which is current. Knows no part's meaning.

    FOLDER/CURRENT          which generation counts, and the checksum of its manifest
    FOLDER/gen-N-HASH/      parts.bin, and manifest.json: what is in it, with block checksums
    FOLDER/lock             held by the one process that writes
    FOLDER/tmp-*/           what is being written: of no account, and removed by the next update

A generation is written aside, flushed, and becomes current by one rename: a crash leaves the old or
the new one. Nothing is unpickled; every byte read was checked first: all of them when it is opened,
or, for a large index, which is mapped into memory, each block of 1 MiB when it is first read.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import mmap
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .blocks import Array, Blocks, Part, write_parts
from .errors import SettingsError
from .scratch import Scratch

FORMAT = "workings-index/2"
REBUILD = "rebuild it with `workings index --rebuild PATH...`"

_READ_ATTEMPTS = 8


class Files(Mapping[str, bytes]):
    """The parts of one generation, by name. A name that is not there raises `KeyError`."""

    def __init__(
        self, data: memoryview, blocks: Blocks, places: Mapping[str, tuple[int, int]]
    ) -> None:
        self._data = data
        self._blocks = blocks
        self._places = places

    def __getitem__(self, name: str) -> bytes:
        """All of a part."""
        return self.array(name, "u1").whole().tobytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def array(self, name: str, dtype: str, columns: int | None = None) -> Array:
        """A part as an array. Raises `ValueError` when its size does not fit."""
        start, size = self._places[name]
        values = np.frombuffer(self._data[start : start + size], dtype=dtype)
        return Array(
            values if columns is None else values.reshape(-1, columns), self._blocks, start
        )

    def check_all(self) -> int:
        """Read every block not read yet; how many bytes there are."""
        self._blocks.check_all()
        return len(self._data)


class Store:
    """The generations in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Wait for, then hold, the right to write (between processes and between threads).

        In a folder that may only be read the lock is held all the same: an update that changes
        nothing needs no more.
        """
        path = self.folder / "lock"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            try:
                handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                raise self._unwritable(error) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def scratch(self) -> Scratch:
        """Files for what is under way, on the disk of the index."""
        return Scratch(self.folder / "tmp-scratch", self._unwritable)

    def read(self, mapped: bool = False) -> tuple[dict[str, Any], Files] | None:
        """Manifest and parts of the current generation; None when there is none yet.

        It is mapped when `mapped` says so or it was written so. Raises `SettingsError` when
        anything is missing, changed or of another format. What is mapped is checked when it is
        read, and raises the same then.
        """
        for _ in range(_READ_ATTEMPTS):
            current = self._current()
            if current is None:
                return None
            try:
                return self._read_generation(*current, mapped)
            except FileNotFoundError as error:
                # A writer may have replaced the generation while we read it: look again.
                if self._current() == current:
                    raise self._damaged(f"{Path(str(error.filename)).name} is missing") from None
            except OSError as error:
                raise self._unreadable(error) from None
        raise SettingsError(f"The index {self.folder} is being replaced all the time; try again")

    def write(self, facts: Mapping[str, Any], parts: Mapping[str, Part], mapped: bool) -> None:
        """Make these parts the current generation. The caller holds the lock.

        `mapped`: readers map the file instead of reading it, and check blocks as they need them.
        Raises `SettingsError` when the disk does not take them; what was current stays so.
        """
        serial = self._serial() + 1
        aside = self.folder / f"tmp-{serial:06d}"
        try:
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            with (aside / "parts.bin").open("wb") as file:
                written = write_parts(file, parts)
                file.flush()
                os.fsync(file.fileno())
            manifest = {"format": FORMAT, **facts, "mapped": mapped, **written}
            body = json.dumps(manifest, indent=1, sort_keys=True).encode()
            name = f"gen-{serial:06d}-{_digest(body)[:12]}"
            shutil.rmtree(self.folder / name, ignore_errors=True)
            _write_flushed(aside / "manifest.json", body)
            _flush_folder(aside)
            if not (self.folder / "CURRENT").exists():
                # From here on a missing CURRENT means damage, not an index never written.
                self._point(None, "")
            os.rename(aside, self.folder / name)
            self._point(name, _digest(body))
        except (OSError, SettingsError) as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise self._unwritable(error) if isinstance(error, OSError) else error from None
        for old in self.folder.iterdir():
            if old.name.startswith(("gen-", "tmp-")) and old.name != name:
                shutil.rmtree(old, ignore_errors=True)

    def _point(self, generation: str | None, manifest: str) -> None:
        pointer = {"generation": generation, "manifest": manifest}
        _write_flushed(self.folder / "CURRENT.new", json.dumps(pointer).encode())
        os.replace(self.folder / "CURRENT.new", self.folder / "CURRENT")
        _flush_folder(self.folder)

    def _unreadable(self, error: OSError) -> SettingsError:
        why = (error.strerror or str(error)).lower()
        return SettingsError(
            f"The index {self.folder} cannot be read: {why}. Check --home and who may read it"
        )

    def _current(self) -> tuple[str, str] | None:
        try:
            pointer = json.loads((self.folder / "CURRENT").read_bytes())
            generation, manifest = pointer["generation"], pointer["manifest"]
        except FileNotFoundError:
            if any(self.folder.glob("gen-*")):
                raise self._damaged("CURRENT is missing") from None
            return None
        except (ValueError, KeyError, TypeError):
            raise self._damaged("CURRENT cannot be read") from None
        except OSError as error:
            raise self._unreadable(error) from None
        if generation is None:
            return None
        if (
            not isinstance(generation, str)
            or "/" in generation
            or not generation.startswith("gen-")
        ):
            raise self._damaged("CURRENT cannot be read")
        return generation, str(manifest)

    def _read_generation(
        self, name: str, digest: str, mapped: bool
    ) -> tuple[dict[str, Any], Files]:
        folder = self.folder / name
        body = (folder / "manifest.json").read_bytes()
        if _digest(body) != digest:
            raise self._damaged("manifest.json does not match its checksum")
        manifest: dict[str, Any] = json.loads(body)
        if manifest.get("format") != FORMAT:
            raise SettingsError(
                f"The index {self.folder} has the format {manifest.get('format')!r}, this version"
                f" reads {FORMAT!r}: {REBUILD}"
            )
        path = folder / "parts.bin"
        mapped = mapped or manifest["mapped"]
        data = memoryview(_mapped(path) if mapped else path.read_bytes())
        damaged = functools.partial(self._damaged, "parts.bin does not match its checksums")
        if len(data) != manifest["bytes"]:
            raise damaged()
        blocks = Blocks(data, manifest["blocks"], damaged)
        if not mapped:
            blocks.check_all()
        return manifest, Files(data, blocks, manifest["parts"])

    def _serial(self) -> int:
        serials = [
            int(part)
            for entry in self.folder.glob("gen-*")
            if (part := entry.name.split("-")[1]).isdigit()
        ]
        return max(serials, default=0)

    def _damaged(self, what: str) -> SettingsError:
        return SettingsError(f"The index {self.folder} is damaged ({what}): {REBUILD}")

    def _unwritable(self, error: OSError) -> SettingsError:
        return SettingsError(
            f"The index {self.folder} cannot be written: {error.strerror or error}. What was"
            " indexed before still answers; make room or give another folder, then index again"
        )


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=20).hexdigest()


def _write_flushed(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _mapped(path: Path) -> "mmap.mmap | bytes":
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
