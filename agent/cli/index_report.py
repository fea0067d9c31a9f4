"""`workings index --report`: what could not be read, why, and what would help."""

import shlex
from typing import TYPE_CHECKING, Any

from . import common

if TYPE_CHECKING:
    from ...tools.documents import Document
    from ...tools.index import Index


def run_report(index: "Index", as_json: bool) -> int:
    """Files that were left out, documents that were not read in full, and scans."""
    from ..wording import plural, visible

    left_out = index.left_out
    noted = [document for document in index.documents if document.notes]
    scans = [document for document in noted if _scanned(document)]
    if as_json:
        common.print_json(
            {
                "left_out": [{"path": str(i.path), "reason": i.reason} for i in left_out],
                "documents": [_entry(document) for document in noted],
            }
        )
        return common.DONE
    if left_out:
        print(f"{plural(len(left_out), 'file')} left out:")
    for item in left_out:
        print(f"  {visible(str(item.path))}: {visible(item.reason)}")
    if noted:
        print(f"{plural(len(noted), 'document')} to know something of:")
    for document in noted:
        print(f"  {visible(document.name)}")
        for text in document.notes:
            print(f"    {visible(text)}")
    if scans:
        print("Pages without text are mostly scans. OCRmyPDF (ocrmypdf.readthedocs.io) adds text:")
    for document in scans:
        print(f"  {visible(_command(document))}")
    if not left_out and not noted:
        print(f"everything was read: {plural(len(index.documents), 'document')}, nothing left out")
    return common.DONE


def scans_hint(index: "Index") -> None:
    """After an update: that there are scans, and where to see more."""
    from ..wording import plural

    scans = sum(_scanned(document) for document in index.documents)
    if scans:
        common.note(
            f"{plural(scans, 'document')} with pages without text (scanned?):"
            " `workings index --report` names them, and how to add text to them"
        )


def _scanned(document: "Document") -> bool:
    from ...tools.assembly import SCANNED

    return any(SCANNED in text for text in document.notes)


def _entry(document: "Document") -> dict[str, Any]:
    entry: dict[str, Any] = {
        "document": document.name,
        "path": document.path,
        "notes": list(document.notes),
    }
    return entry | {"ocr": _command(document)} if _scanned(document) else entry


def _command(document: "Document") -> str:
    """The command that writes a copy with text; pages that have text stay as they are."""
    from ...tools.folder import restore

    path = restore(document.path)
    copy = path.with_name(f"{path.stem}-ocr{path.suffix}")
    return shlex.join(["ocrmypdf", "--skip-text", "--", str(path), str(copy)])
