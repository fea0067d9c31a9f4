"""One bit turned every 64 bytes of an index: is every answer refused or the same?

Once for an index that is read whole when it is opened, once for one that is mapped and checked block
by block, as those of 200,000 passages and more are. The documents are our own samples.
"""

import sys
import tempfile
from pathlib import Path

from common import ROOT, table
from workings.tools.errors import SettingsError
from workings.tools.index import Index
from workings.tools.vectors import Scale

STEP = 64
SAMPLES = ROOT / "evals" / "samples" / "documents"
QUESTIONS = (
    "What was revenue in the last year?",
    "How are backups encrypted?",
    "Who signs the report?",
    "total assets",
)


def answers(index):
    found = [index.search(question, 5) for question in QUESTIONS]
    return found, index.documents, index.page(index.documents[0].name, 1)


def turned(folder, scale):
    """Bits turned; refused when opened or asked; answered the same; answered otherwise."""
    before = answers(Index.open(folder, scale=scale))
    model = Index.open(folder, scale=scale).embedder
    tried = refused = same = wrong = unseen = 0
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "lock"):
        data = path.read_bytes()
        for place in range(0, len(data), STEP):
            tried += 1
            bit = 1 << (place // STEP) % 8
            with path.open("r+b") as file:
                file.seek(place)
                file.write(bytes([data[place] ^ bit]))
            try:
                found = answers(Index.open(folder, model, scale=scale))
                same += found == before
                wrong += found != before
                try:
                    Index.open(folder, model, scale=scale).verify()
                    unseen += 1
                except SettingsError:
                    pass
            except SettingsError as error:
                refused += "--rebuild" in str(error)
            with path.open("r+b") as file:
                file.seek(place)
                file.write(data[place : place + 1])
    assert answers(Index.open(folder, model, scale=scale)) == before
    return [tried, refused, same, unseen, wrong]


def main():
    lines = []
    for name, scale in (
        ("read whole", Scale()),
        ("mapped, checked by block", Scale(sq8=1, ivf=1 << 60)),
    ):
        with tempfile.TemporaryDirectory() as folder:
            index = Index.open(Path(folder) / "index", scale=scale)
            index.update([SAMPLES])
            size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
            lines.append([f"{name} ({size:,} bytes)", *turned(Path(folder) / "index", scale)])
    table(
        [
            "one bit every 64 bytes",
            "turned",
            "refused, with the command that rebuilds",
            "answered the same",
            "of these not seen by --verify",
            "answered otherwise",
        ],
        lines,
    )
    return 0 if all(line[-1] == 0 and line[1] == line[2] + line[3] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
