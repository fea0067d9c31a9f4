"""What the first bytes of a file say it is, for a clear word about a wrong ending."""

_SIGNATURES = {
    b"%PDF-": "a PDF",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"{\\rtf": "an RTF document",
    b"%!PS": "a PostScript file",
    b"\x7fELF": "a program",
    b"\x1f\x8b": "a gzip archive",
}
_PAGES = (b"<!doctype", b"<html")


def looks_like(data: bytes) -> str | None:
    """Return what the bytes begin as, with its article (`a JPEG picture`), or None if unknown."""
    head = data[:512].lstrip()
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    return "an HTML page" if head.lower().startswith(_PAGES) else None
