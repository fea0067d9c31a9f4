"""pypdf, the second reader: for files and pages that pdfium does not read well.

Slower by a factor of fifteen and bounded by limits far below its own, which let a 30 KB file run
for minutes. Runs in the reading process only.
"""

import io
import logging
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import pypdf

from .errors import DocumentError
from .text import clean

_LIMITS: dict[str, Any] = {
    "stream_parsing_work_maximum_count": 200_000,
    "zlib_maximum_output_length": 16_000_000,
    "lzw_maximum_output_length": 16_000_000,
    "run_length_maximum_output_length": 16_000_000,
    "array_based_stream_maximum_output_length": 16_000_000,
    "stream_decoding_work_maximum_length": 64_000_000,
    "xform_maximum_invocations_per_extraction": 200,
    "page_tree_maximum_entries": 20_000,
    "page_tree_maximum_page_entries": 400_000,
}

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


class SecondReader:
    """An open PDF. Raises `DocumentError` when pypdf cannot open it either."""

    def __init__(self, data: bytes):
        try:
            with _limits():
                self._reader = pypdf.PdfReader(io.BytesIO(data))
                self.pages = len(self._reader.pages)
        except Exception as error:  # pypdf raises AttributeError and worse on damaged files
            reason = str(error) or type(error).__name__
            raise DocumentError(
                f"is damaged and cannot be opened ({clean(reason)[0][:120].rstrip('.')})"
            ) from None

    def metadata(self) -> dict[str, str]:
        """Return title, author, dates and the like as the file gives them."""
        try:
            found: dict[str, Any] = dict(self._reader.metadata or {})
            return {str(key).lstrip("/"): str(value) for key, value in islice(found.items(), 50)}
        except Exception:  # a damaged information dictionary is no reason to lose the pages
            return {}

    def label(self, number: int) -> str:
        """Return what is printed on a page as its number."""
        try:
            return clean(self._reader.page_labels[number - 1])[0].strip() or str(number)
        except Exception:  # damaged labels: the page number will do
            return str(number)

    def text(self, number: int, *, layout: bool) -> str:
        """Return the text of a page, in layout mode with its columns kept apart by spaces."""
        with _limits():
            page = self._reader.pages[number - 1]
            if layout:
                return page.extract_text(
                    extraction_mode="layout", layout_mode_space_vertically=False
                )
            return page.extract_text()


def short(error: Exception) -> str:
    """Return an error of a PDF library in one short line."""
    text = clean(" ".join(str(error).split()))[0]
    return f"{type(error).__name__}: {text[:120].rstrip('.')}" if text else type(error).__name__


def _limits() -> AbstractContextManager[object]:
    return pypdf.apply_configuration(**_LIMITS)
