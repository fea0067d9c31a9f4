"""Canary secrets through whole runs and imports: how often one is found in what was written."""

import json
import sys
import tempfile
from pathlib import Path

from common import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))

from canaries import NEEDLES, documents, imported, whole_run, written
from workings.evals.importing import import_file
from workings.graphs.store import TraceStore


def counted(home, names):
    files = [path for path in home.rglob("*") if path.is_file() and "index" not in path.parts]
    size = sum(path.stat().st_size for path in files)
    leaks = {leak for leak in written(home) if leak[1] in names or leak[1] not in NEEDLES}
    return [len(names), len(files), f"{size:,}", len(leaks)]


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        docs = documents(folder / "docs")
        for drafts in (False, True):
            whole_run(folder / "home", docs, drafts)
        run = counted(folder / "home", {*NEEDLES})
        (folder / "run.json").write_text(json.dumps(imported()))
        import_file(folder / "run.json", TraceStore(folder / "imported" / "traces"))
        shapes = {name for name in NEEDLES if not name.startswith("configured")}
        brought = counted(folder / "imported", shapes)
    print(
        "Canaries stand in question, history, a text and a PDF, arguments, results, errors and replies (streamed in"
    )
    print(
        "pieces of four characters). Looked for in every byte written but the index, which is a copy of the documents."
    )
    table(
        ["", "canaries", "files", "bytes", "found"],
        [["two whole runs", *run], ["an imported run", *brought]],
    )
    return 0 if run[-1] == brought[-1] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
