"""An update of an index killed at every system call that writes, in the midst of writes, at random.

    python bench/ingest_crash.py [RANDOM]

Before: three files are indexed and acknowledged. The update that is killed meets one of them
changed, one gone, two new. After each kill another process opens the index: it must hold exactly
the old documents or exactly the new ones, passage for passage, and the new ones once the update had
returned. Then the update runs again, to the end: it must hold the new ones, and leave no journal.

- calls: SIGKILL before and after each call of a function that opens, writes, flushes, renames,
  locks or removes, counted by `sys.setprofile`, which sees every C function that Python calls;
- torn: the system kills the process (RLIMIT_FSIZE, SIGXFSZ) when a file reaches so many bytes, so
  that what was being written is cut there;
- random: SIGKILL after a time drawn from a seeded generator; half of these updates read PDFs, whose
  reading processes must be gone too.
"""

import hashlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import table
from reportlab.pdfgen.canvas import Canvas
from workings.tools.embedders import WordLlama
from workings.tools.index import Index

WRITING = frozenset(
    ("open", "write", "fsync", "rename", "replace", "mkdir", "rmdir", "unlink", "remove")
    + ("flock", "ftruncate", "close", "scandir")
)
TORN = 100
RANDOM = 60
LONGEST = 30.0

MODEL = WordLlama()


def text(path, name, lines):
    body = "\n\n".join(f"# {name}, part {n}\n\n" + f"{name} says {n} things. " * 40 for n in lines)
    path.write_text(body, encoding="utf-8")


def pdf(path, name, pages):
    canvas = Canvas(str(path), invariant=1)
    for page in range(pages):
        for line in range(40):
            canvas.drawString(50, 780 - 18 * line, f"{name} page {page} line {line} of the file")
        canvas.showPage()
    canvas.save()


def make(folder, pdfs):
    """Two folders, the files before and after."""
    before, after = folder / "before", folder / "after"
    before.mkdir(parents=True)
    for n, name in enumerate(("apple", "birch", "cedar")):
        text(before / f"{name}.md", name, range(n + 1, n + 9))
    if pdfs:
        pdf(before / "fir.pdf", "fir", 3)
    shutil.copytree(before, after)
    text(after / "birch.md", "birch anew", range(9))
    (after / "cedar.md").unlink()
    text(after / "date.txt", "date", range(12))
    text(after / "elm.md", "elm", range(12))
    if pdfs:
        pdf(after / "fir.pdf", "fir anew", 4)
        pdf(after / "gum.pdf", "gum", 30)
        pdf(after / "holm.pdf", "holm", 30)


def in_child(work, *more, wait=LONGEST):
    """Run in a fork; what it returned (JSON), or None when it was killed."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            os.close(ours)
            answer = json.dumps(work(*more)).encode()
            os.write(theirs, answer)
            code = 0
        finally:
            os._exit(code)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        if wait < LONGEST:
            time.sleep(wait)
            os.kill(child, signal.SIGKILL)
        data = pipe.read()
        _, status = os.waitpid(child, 0)
    return json.loads(data) if data else None if os.WIFSIGNALED(status) else "failed"


def holds(folder):
    """What an index holds, as one hash: every passage of every document."""
    index = Index.open(folder, MODEL)
    digest = hashlib.blake2b(digest_size=16)
    for document in sorted(index.documents, key=lambda each: each.id):
        digest.update(f"{document.id} {document.name} {document.pages}\n".encode())
        for page in range(1, document.pages + 1):
            for passage in index.page(document.id, page):
                digest.update(f"{passage.id} {passage.text}\n".encode())
        hits = index.search(document.title, 3, {document.id})
        digest.update(f"{len(hits)}\n".encode())
    return digest.hexdigest()


def update(folder, docs):
    report = Index.open(folder, MODEL).update([docs])
    return report.resumed


def update_counted(folder, docs, stop):
    """Kill at event number `stop`; else how many events there were."""
    count = 0

    def watch(frame, event, argument):
        nonlocal count
        if event in ("c_call", "c_return") and argument.__name__ in WRITING:
            count += 1
            if count == stop:
                os.kill(os.getpid(), signal.SIGKILL)

    index = Index.open(folder, MODEL)
    sys.setprofile(watch)
    index.update([docs])
    sys.setprofile(None)
    return count


def update_torn(folder, docs, size):
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    return update(folder, docs)


class Case:
    """Files, an index of them before, and what it holds before and after."""

    def __init__(self, folder, pdfs):
        self.folder, self.index = folder, folder / "index"
        make(folder, pdfs)
        self.docs = folder / "docs"
        self.state("before")
        in_child(update, folder / "first", self.docs)
        self.old = in_child(holds, folder / "first")
        self.fresh()
        self.state("after")
        began = time.perf_counter()
        in_child(update, self.index, self.docs)
        self.seconds = time.perf_counter() - began
        self.new = in_child(holds, self.index)
        self.kills = self.half = self.lost = self.failed = self.orphans = 0
        self.ends = {"old": 0, "new": 0}
        self.resumed = 0

    def state(self, which):
        if self.docs.exists():
            shutil.rmtree(self.docs)
        shutil.copytree(self.folder / which, self.docs)

    def fresh(self):
        if self.index.exists():
            shutil.rmtree(self.index)
        shutil.copytree(self.folder / "first", self.index)

    def kill(self, work, *more, wait=LONGEST):
        """One kill, and what it left; what the work returned when it was not killed."""
        self.fresh()
        answer = in_child(work, self.index, self.docs, *more, wait=wait)
        if answer is not None and wait == LONGEST:
            return answer
        self.kills += 1
        found = in_child(holds, self.index)
        self.half += found not in (self.old, self.new)
        self.lost += answer is not None and found != self.new
        if found in (self.old, self.new):
            self.ends["new" if found == self.new else "old"] += 1
        again = in_child(update, self.index, self.docs)
        self.resumed += isinstance(again, int) and again > 0
        self.failed += in_child(holds, self.index) != self.new
        self.failed += (self.index / "journal").exists()
        self.orphans += len(readers_left())
        return None


def readers_left(patience=2.0):
    """Reading processes that nobody started who is alive."""
    stop = time.monotonic() + patience
    while True:
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                mine = b"workings.tools.child" in (entry / "cmdline").read_bytes()
                parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                if mine and parent == "1" and (entry / "cwd").resolve() == Path.cwd():
                    found.append(entry.name)
            except OSError:
                continue
        if not found or time.monotonic() > stop:
            return found
        time.sleep(0.05)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RANDOM
    MODEL.embed(["load the table"])
    rng = np.random.default_rng(7)
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as folder:
        plain = Case(Path(folder) / "plain", pdfs=False)
        rows = []

        def told(name, case, kills, before):
            now = (case.half, case.lost, case.failed, case.orphans, case.resumed)
            half, lost, failed, orphans, resumed = (b - a for a, b in zip(before, now, strict=True))
            ends = f"{case.ends['old']} / {case.ends['new']}"
            rows.append([name, kills, ends, half, lost, failed, orphans, resumed])
            case.ends = {"old": 0, "new": 0}

        def marks(case):
            return (case.half, case.lost, case.failed, case.orphans, case.resumed)

        before, stop = marks(plain), 1
        while plain.kill(update_counted, stop) is None:
            stop += 1
        told("calls: before and after each", plain, stop - 1, before)
        plain.fresh()
        in_child(update, plain.index, plain.docs)
        largest = max(path.stat().st_size for path in plain.index.rglob("*") if path.is_file())
        before, kills = marks(plain), plain.kills
        for size in np.linspace(1, largest - 1, TORN).astype(int).tolist():
            plain.kill(update_torn, size)
        told("torn: a file cut at a size", plain, plain.kills - kills, before)
        for name, case in (
            ("random, texts", plain),
            ("random, with PDFs", Case(Path(folder) / "pdfs", pdfs=True)),
        ):
            before, kills = marks(case), case.kills
            for wait in rng.uniform(0, 1.2 * case.seconds, count // 2).tolist():
                case.kill(update, wait=wait)
            told(name, case, case.kills - kills, before)
    table(
        [
            "update killed",
            "kills",
            "left old / new",
            "half documents or damaged",
            "acknowledged and lost",
            "not healed by the next update",
            "orphans",
            "next update took up work of the killed one",
        ],
        [
            *rows,
            [
                "all",
                sum(row[1] for row in rows),
                "",
                *(sum(r[i] for r in rows) for i in range(3, 8)),
            ],
        ],
    )
    wrong = sum(sum(row[3:7]) for row in rows)
    return 0 if wrong == 0 and sum(row[1] for row in rows) >= 500 else 1


if __name__ == "__main__":
    sys.exit(main())
