"""Which files may be opened, and opening them safely. Knows nothing of what stands in them.

Only regular files inside the folders a person named are opened: no link out, no device, no pipe,
nothing above a size. A file that is left out is named with the reason; it is not opened.
Names are kept as they are on disk and shown escaped, so that an odd name cannot act on a terminal.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import DocumentError, SettingsError
from .formats import FORMATS

SUFFIXES = frozenset(FORMATS)
"""The kinds of file that are read, in lower case."""

MAX_BYTES = 200_000_000
"""The largest file that is opened."""

_UNSHOWABLE = re.compile(
    "[\\\\\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_UNSTORABLE = re.compile("[\\\\\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


@dataclass(frozen=True)
class Found:
    """A file that may be opened: regular, of a readable kind, inside `root`, not too large."""

    path: Path
    """Absolute."""
    root: Path
    """The folder it must lie in, resolved."""
    size: int


@dataclass(frozen=True)
class Skipped:
    """A file or folder that is left out, and why, in words that follow its name."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{show(self.path.name)}: {self.reason}"


def find_files(paths: Iterable[str | Path]) -> tuple[list[Found], list[Skipped]]:
    """Return the readable files under the given folders and files, sorted, each once.

    Hidden folders, and hidden files of other kinds, are passed over in silence; everything else
    that is not read is in the second list. Raises `SettingsError` when a path does not exist or
    none is given, and `DocumentError` when there is nothing to read at all.
    """
    given = [Path(path) for path in paths]
    if not given:
        raise SettingsError("No documents were given: name a file or a folder.")
    found: dict[Path, Found] = {}
    skipped: dict[Path, Skipped] = {}
    for path in given:
        for item in _look(path):
            if isinstance(item, Found):
                found.setdefault(item.path, item)
            else:
                skipped.setdefault(item.path, item)
    if not found:
        raise DocumentError(_nothing(given, list(skipped.values())), path=given[0])
    by_path = sorted(found.values(), key=lambda item: os.fsencode(item.path))
    return by_path, sorted(skipped.values(), key=lambda item: os.fsencode(item.path))


def open_regular(path: Path, root: Path, limit: int = MAX_BYTES) -> int:
    """Open a regular file inside `root` for reading and return its descriptor (the caller closes).

    The last part of the path is not followed when it is a link, a pipe or device is not opened,
    and what was opened must lie in `root` after every link in the path is resolved.
    Raises `DocumentError` with the reason.
    """
    name = show(path.name)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise DocumentError(f"{name} is not a regular file: it was not opened.", path)
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    except OSError as error:
        raise DocumentError(f"{name} cannot be opened: {_why(error)}.", path) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(f"{name} is not a regular file: it was not read.", path)
        if status.st_size > limit:
            raise DocumentError(f"{name} {_too_large(status.st_size, limit)}.", path)
        if not _inside(_real_path(descriptor, path), root):
            raise DocumentError(f"{name} lies outside the given folder: it was not read.", path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def read_bytes(path: Path, root: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file inside `root`; see `open_regular` for what is refused."""
    with os.fdopen(open_regular(path, root, limit), "rb") as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise DocumentError(f"{show(path.name)} cannot be read: {_why(error)}.", path) from None
    if len(data) > limit:
        raise DocumentError(f"{show(path.name)} {_too_large(len(data), limit)}.", path)
    return data


def document_id(found: Found) -> str:
    """Return the `Document.id` the file would have, without reading it as a document."""
    with os.fdopen(open_regular(found.path, found.root), "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def content_id(data: bytes) -> str:
    """Return the `Document.id` of a file's bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def show(name: str | Path) -> str:
    """Return a file name fit for a terminal, a page and JSON: what is invisible is escaped.

    Two different names are never shown alike; `restore` gives the name back.
    """
    return _UNSHOWABLE.sub(_escape, str(name))


def store(path: Path) -> str:
    """Return a path as text that any store accepts: bytes that are not UTF-8 are escaped."""
    return _UNSTORABLE.sub(_escape, str(path))


def restore(text: str) -> Path:
    """Return the path that `store` or `show` wrote."""
    return Path(_ESCAPE.sub(_unescape, text))


def _look(path: Path) -> Iterator[Found | Skipped]:
    """Go through one given path. A person may name a link: it is resolved once, here."""
    try:
        real = Path(os.path.realpath(path, strict=True))
        mode = os.stat(real).st_mode
    except (OSError, ValueError) as error:
        why = _why(error) if isinstance(error, OSError) else "not a usable path"
        raise SettingsError(
            f"Cannot find the documents at {show(path)!s}: {why}. Name an existing file or folder."
        ) from None
    if stat.S_ISDIR(mode):
        yield from _walk(real, real)
    else:
        yield _judge(real, real.parent)


def _walk(folder: Path, root: Path) -> Iterator[Found | Skipped]:
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Skipped(current, f"the folder cannot be opened: {_why(error)}")
            continue
        for entry in entries:
            path, hidden = Path(entry.path), entry.name.startswith(".")
            if entry.is_dir(follow_symlinks=False):
                if not hidden:
                    waiting.append(path)
            elif not hidden:
                yield _judge(path, root)
            elif path.suffix.lower() in SUFFIXES:
                yield Skipped(path, "a hidden file; name it itself to have it read")


def _judge(path: Path, root: Path) -> Found | Skipped:
    try:
        status = os.lstat(path)
    except OSError as error:
        return Skipped(path, f"cannot be looked at: {_why(error)}")
    if stat.S_ISLNK(status.st_mode):
        if not _inside(Path(os.path.realpath(path)), root):
            return Skipped(path, "a link that leads out of the folder; not followed")
        return Skipped(path, "a link; not followed")
    if not stat.S_ISREG(status.st_mode):
        return Skipped(path, "not a regular file (a pipe, socket or device); not opened")
    if path.suffix.lower() not in SUFFIXES:
        kind = show(path.suffix) if path.suffix else "a file without an ending"
        return Skipped(path, f"{kind} is not a kind that is read ({', '.join(sorted(SUFFIXES))})")
    if status.st_size > MAX_BYTES:
        return Skipped(path, _too_large(status.st_size, MAX_BYTES))
    return Found(path, root, status.st_size)


def _nothing(given: list[Path], skipped: list[Skipped]) -> str:
    where = ", ".join(show(path) for path in given[:3]) + (", ..." if len(given) > 3 else "")
    text = f"There is no readable document in {where} (kinds: {', '.join(sorted(SUFFIXES))})."
    if skipped:
        more = f" and {len(skipped) - 3} more" if len(skipped) > 3 else ""
        text += " Left out: " + "; ".join(str(item) for item in skipped[:3]) + more + "."
    return text


def _real_path(descriptor: int, path: Path) -> Path:
    """Where an open file lies. Linux says it of the descriptor, so that no swap can fool us."""
    try:
        return Path(os.readlink(f"/proc/self/fd/{descriptor}"))
    except OSError:
        return Path(os.path.realpath(path))


def _inside(real: Path, root: Path) -> bool:
    return real.is_relative_to(os.path.realpath(root))


def _too_large(size: int, limit: int) -> str:
    return f"is {size / 1e6:,.0f} MB large; at most {limit / 1e6:,.0f} MB are read"


def _why(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"  # a byte that is not UTF-8
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _unescape(match: re.Match[str]) -> str:
    if match[1] == "\\":
        return "\\"
    code = int(match[1][1:], 16)
    return chr(code + 0xDC00 if match[1][0] == "x" else code)
