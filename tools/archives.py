"""Office files are ZIP archives of XML: refuse those that are made to do harm. Reads no content."""

import io
import zipfile

from .errors import DocumentError
from .signature import looks_like

MOST_PARTS = 10_000
MOST_BYTES = 400_000_000
"""Of all parts together, unpacked."""
LARGEST_PART = 200_000_000
_HEAD = 4_096
"""Bytes of a part in which a definition of entities is looked for; beyond, the XML library's own
limits and those of the reading process hold."""

EXTRA = "the extra for office files is not installed: pip install 'workings[office]'"


def check_archive(data: bytes, part: str) -> None:
    """Raises `DocumentError` when the bytes are no archive with this part, or a harmful one.

    What an archive says of a part's size is not believed blindly: no more than that is unpacked.
    """
    if not data:
        raise DocumentError("is empty (0 bytes)")
    kind = looks_like(data)
    if kind == "an old Office document":
        raise DocumentError(
            "is protected by a password or in the old format: save it without, in the new one"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            if part not in {each.filename for each in parts}:
                raise DocumentError(f"is not what its ending says: it has no {part}")
            for each in parts:
                if each.filename.endswith((".xml", ".rels")):
                    with archive.open(each) as file:
                        head = file.read(_HEAD).replace(b"\0", b"")
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise DocumentError(f"defines entities in {each.filename}: it was not read")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        what = f": it is {kind}" if kind and "ZIP" not in kind else ""
        raise DocumentError(f"is damaged, or is not what its ending says{what}") from None


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    total = sum(part.file_size for part in parts)
    largest = max((part.file_size for part in parts), default=0)
    if len(parts) > MOST_PARTS:
        raise DocumentError(f"has {len(parts):,} parts; at most {MOST_PARTS:,} are read")
    if total > MOST_BYTES or largest > LARGEST_PART:
        raise DocumentError(
            f"unpacks to {total / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:,.0f} MB in parts of at"
            f" most {LARGEST_PART / 1e6:,.0f} MB are read"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise DocumentError("is protected by a password: save it without")
