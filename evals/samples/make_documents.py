"""Build the sample PDFs into `documents/`: `python -m workings.evals.samples.make_documents`.

Needs reportlab (in the `dev` extra). The same sources give the same bytes, so a build that changes
nothing leaves the working tree clean.
"""

from collections.abc import Callable
from pathlib import Path

from . import (
    annual_report,
    factsheet,
    governance,
    notes,
    policy,
    product_sheets,
    request,
    statements,
)
from .layout import Look, Story, build

DOCUMENTS = Path(__file__).parent / "documents"


def _annual_report() -> Story:
    return annual_report.story() + governance.story() + statements.story() + notes.story()


PDFS: dict[str, tuple[Look, Callable[[], Story]]] = {
    "brindlemoor-annual-report-2025.pdf": (annual_report.LOOK, _annual_report),
    "brindlemoor-information-security-policy.pdf": (policy.LOOK, policy.story),
    "curlew-210-product-sheet.pdf": (product_sheets.LOOK_210, product_sheets.curlew_210),
    "curlew-240-product-sheet.pdf": (product_sheets.LOOK_240, product_sheets.curlew_240),
    "saltmere-harbour-trust-rfp.pdf": (request.LOOK, request.story),
    "vexholt-metering-fact-sheet-2025.pdf": (factsheet.LOOK, factsheet.story),
}


def make(name: str) -> bytes:
    """The bytes of one sample PDF."""
    look, story = PDFS[name]
    return build(look, story())


def main() -> None:
    """Write every sample PDF."""
    DOCUMENTS.mkdir(exist_ok=True)
    for name in PDFS:
        data = make(name)
        (DOCUMENTS / name).write_bytes(data)
        print(f"{name}: {len(data) / 1024:.0f} kB")


if __name__ == "__main__":
    main()
