"""How fast real filings are read, and whether their figures arrive.

Prints Markdown. CPU seconds include the child processes; ids and figures only, never text. What
hostile files cost is in hostile_pdfs.py.
"""

import re
import resource
import time
from importlib.metadata import version

from common import rows, share, shared, table
from workings.tools.folder import find_files
from workings.tools.readers import Read, read_all
from workings.tools.text import find_quote


def cpu() -> float:
    both = (resource.getrusage(kind) for kind in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def peak(kind: int) -> float:
    return resource.getrusage(kind).ru_maxrss / 1024


def filings() -> None:
    folder = shared("data", "financebench")
    if folder is None:
        return
    found, _ = find_files([folder / "pdfs"])
    before, clock = cpu(), time.perf_counter()
    documents = {}
    for result in read_all(found):
        if isinstance(result, Read):
            documents[result.found.path.stem] = result.pages
    used, wall = cpu() - before, time.perf_counter() - clock
    pages = [page for document in documents.values() for page in document]
    long_lines = sum(1 for page in pages if max(map(len, page.text.split("\n"))) > 600)
    main, child = peak(resource.RUSAGE_SELF), peak(resource.RUSAGE_CHILDREN)
    table(
        ("filings read", "pages", "pages per CPU second", "wall s", "peak MB, main / child"),
        [
            (
                share(len(documents), len(found)),
                len(pages),
                f"{len(pages) / used:.0f}",
                f"{wall:.1f}",
                f"{main:.0f} / {child:.0f}",
            )
        ],
    )
    numbers = stand = 0
    questions = rows(folder / "questions.jsonl")
    for evidence in (item for row in questions for item in row["evidence"]):
        page = documents.get(evidence["doc_name"], ())[evidence["page_1based"] - 1]
        wanted = set(re.findall(r"\d[\d,.]*\d", evidence["text"]))
        numbers += len(wanted)
        stand += sum(1 for number in wanted if find_quote(number, page.text))
    print(f"- numbers of the gold evidence that stand on the read page: {share(stand, numbers)}")
    print(f"- pages left with a line of over 600 characters: {long_lines}/{len(pages)}\n")


def main() -> None:
    print(f"pypdfium2 {version('pypdfium2')}, pypdf {version('pypdf')}\n")
    filings()


if __name__ == "__main__":
    main()
