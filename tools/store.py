"""An index on disk: generations of checked files, one of which is current. Knows no file's meaning.

    FOLDER/CURRENT          which generation counts, and the checksum of its manifest
    FOLDER/gen-N-HASH/      manifest.json and the files it lists with size and blake2b
    FOLDER/lock             held by the one process that writes

A generation is written aside, flushed, and becomes current by one rename: a crash leaves the old or
the new one. Nothing is unpickled; every byte read was checked first.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .errors import SettingsError

FORMAT = "workings-index/1"
REBUILD = "rebuild it with `workings index --rebuild PATH...`"

_READ_ATTEMPTS = 8


class Store:
    """The generations in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Wait for, then hold, the right to write (between processes and between threads)."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def read(self) -> tuple[dict[str, Any], dict[str, bytes]] | None:
        """Manifest and files of the current generation, all checked; None when there is none yet.

        Raises `SettingsError` when anything is missing, changed or of another format.
        """
        for _ in range(_READ_ATTEMPTS):
            current = self._current()
            if current is None:
                return None
            try:
                return self._read_generation(*current)
            except FileNotFoundError as error:
                # A writer may have replaced the generation while we read it: look again.
                if self._current() == current:
                    raise self._damaged(f"{Path(str(error.filename)).name} is missing") from None
            except OSError as error:
                raise SettingsError(f"The index {self.folder} cannot be read: {error}") from None
        raise SettingsError(f"The index {self.folder} is being replaced all the time; try again")

    def write(self, facts: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        """Make these files the current generation. The caller holds the lock.

        Raises `SettingsError` when the disk does not take them; what was current stays so.
        """
        serial = self._serial() + 1
        manifest = {
            "format": FORMAT,
            **facts,
            "files": {
                name: {"bytes": len(data), "blake2b": _digest(data)}
                for name, data in sorted(files.items())
            },
        }
        body = json.dumps(manifest, indent=1, sort_keys=True).encode()
        name = f"gen-{serial:06d}-{_digest(body)[:12]}"
        aside = self.folder / f"tmp-{name}"
        try:
            shutil.rmtree(aside, ignore_errors=True)
            shutil.rmtree(self.folder / name, ignore_errors=True)
            aside.mkdir()
            for file, data in {**files, "manifest.json": body}.items():
                _write_flushed(aside / file, data)
            _flush_folder(aside)
            if not (self.folder / "CURRENT").exists():
                # From here on a missing CURRENT means damage, not an index never written.
                self._point(None, "")
            os.rename(aside, self.folder / name)
            self._point(name, _digest(body))
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise self._unwritable(error) from None
        for old in self.folder.iterdir():
            if old.name.startswith(("gen-", "tmp-")) and old.name != name:
                shutil.rmtree(old, ignore_errors=True)

    def _point(self, generation: str | None, manifest: str) -> None:
        pointer = {"generation": generation, "manifest": manifest}
        _write_flushed(self.folder / "CURRENT.new", json.dumps(pointer).encode())
        os.replace(self.folder / "CURRENT.new", self.folder / "CURRENT")
        _flush_folder(self.folder)

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
            raise SettingsError(f"The index {self.folder} cannot be read: {error}") from None
        if generation is None:
            return None
        if (
            not isinstance(generation, str)
            or "/" in generation
            or not generation.startswith("gen-")
        ):
            raise self._damaged("CURRENT cannot be read")
        return generation, str(manifest)

    def _read_generation(self, name: str, digest: str) -> tuple[dict[str, Any], dict[str, bytes]]:
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
        files: dict[str, bytes] = {}
        for file, expected in manifest["files"].items():
            data = (folder / file).read_bytes()
            if len(data) != expected["bytes"] or _digest(data) != expected["blake2b"]:
                raise self._damaged(f"{file} does not match its checksum")
            files[file] = data
        return manifest, files

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


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
