"""How fast real filings are read, whether their figures arrive, and what hostile files cost.

    python bench/readers.py [--hostile FOLDER]

FOLDER of --hostile is what `faults/make_pdfs.py OUT` wrote, with its manifest.jsonl. Prints
Markdown. CPU seconds include the child processes; ids and figures only, never text.
"""

import argparse
import os
import re
import resource
import time
from importlib.metadata import version
from pathlib import Path

from common import rows, share, shared, table
from workings.tools.folder import Found, Skipped, find_files
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


def hostile(folder: Path) -> None:
    manifest = folder / "manifest.jsonl"
    if not manifest.is_file():
        print("Hostile files: no manifest.jsonl there, left out.")
        return
    found, skipped = find_files([folder])
    clock, answers = time.perf_counter(), 0
    for _ in read_all(found):
        answers += 1
    wall, main = time.perf_counter() - clock, peak(resource.RUSAGE_SELF)
    print(f"One pass over the folder: {share(answers, len(found))} answered in {wall:.0f} s wall,")
    print(f"{len(skipped)} more refused unread; peak of the main process {main:.0f} MB, ", end="")
    print(f"of a child {peak(resource.RUSAGE_CHILDREN):.0f} MB.\n")
    items: dict[bytes, Found | Skipped] = {os.fsencode(i.path): i for i in [*found, *skipped]}
    results, slow, surprises = 0, [], []
    cases = rows(manifest)
    for case in cases:
        name = case["file"].encode().replace(rb"\xe9\xff", b"\xe9\xff")
        path = os.path.join(os.fsencode(folder.resolve()), name)
        if os.path.isdir(path):
            results += 1  # walked into as a folder
            continue
        if path not in items:
            surprises.append((ascii(case["file"]), case["expect"], "not listed"))
            continue
        clock = time.perf_counter()
        answer = one(items[path])
        seconds = time.perf_counter() - clock
        results += 1
        if seconds > 2:
            slow.append((ascii(case["file"]), f"{seconds:.1f} s", answer))
        if not fits(case["expect"], answer):
            surprises.append((ascii(case["file"]), case["expect"], answer))
    print(f"Each alone: {share(results, len(cases))} ended in text or a reason.\n")
    table(("case", "expected, or time if over 2 s", "answer"), [*slow, *surprises])


def one(item: Found | Skipped) -> str:
    if isinstance(item, Skipped):
        return f"refused unread: {item.reason}"
    (result,) = read_all([item])
    if isinstance(result, Skipped):
        return f"refused: {result.reason}"
    characters = sum(len(page.text) for page in result.pages)
    return f"read, {characters} characters; {'; '.join(result.document.notes)}"


def fits(expected: str, answer: str) -> bool:
    return {
        "ok": answer.startswith("read"),
        "ok_empty": "no text" in answer or "XFA" in answer,
        "reject": answer.startswith("refused"),
        "needs_password": "password" in answer,
        "bounded": True,
    }[expected]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hostile", type=Path)
    arguments = parser.parse_args()
    print(f"pypdfium2 {version('pypdfium2')}, pypdf {version('pypdf')}\n")
    filings()
    if arguments.hostile:
        hostile(arguments.hostile)


if __name__ == "__main__":
    main()
