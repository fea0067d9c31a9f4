"""Retrieval on public data: `python bench/retrieval.py [SHARED]` prints Markdown; ids and figures only.

SHARED holds `data/financebench` and `data/retrieval` (default: WORKINGS_SHARED, else ../shared).
"""

import json
import math
import os
import resource
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from workings.tools.index import Index

KS = (1, 3, 5, 10)


def main() -> int:
    default = os.environ.get("WORKINGS_SHARED", Path(__file__).parents[1].parent / "shared")
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else default)
    print(
        f"versions: {', '.join(f'{p} {version(p)}' for p in ('faiss-cpu', 'pypdfium2', 'wordllama', 'numpy'))}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        pages(shared / "data" / "financebench", Path(folder) / "pages")
        for name in ("squad_passages", "scifact"):
            passages(name, shared / "data" / "retrieval" / name, Path(folder) / name)
    return 0


def pages(data: Path, folder: Path) -> None:
    """Is a page with the evidence among the first pages found?"""
    if not data.is_dir():
        print(f"{data.name}: not present, left out")
        return
    index = Index.open(folder)
    before = cpu()
    report = index.update([data / "pdfs"])
    spent = cpu() - before
    before = time.process_time()
    opened = Index.open(folder)
    opening = time.process_time() - before
    questions = rows(data / "questions.jsonl")
    by_stem = {document.name.removesuffix(".pdf"): document.id for document in opened.documents}
    print(
        "| set | n | "
        + " | ".join(f"page hit@{k}" for k in KS)
        + " | MRR | doc@1 | page in top 8 passages |"
    )
    print("|---|---|" + "---|" * (len(KS) + 3))
    latencies: list[float] = []
    for name, inside in (("shared index", False), ("document given", True)):
        ranks: list[int | None] = []
        right_document = in_eight = 0
        for question in questions:
            only = {by_stem[question["doc_name"]]} if inside else None
            gold = {(e["doc_name"], e["page"] + 1) for e in question["evidence"]}
            before = time.process_time()
            hits = opened.search(question["question"], 40, only)
            latencies.append(time.process_time() - before)
            found = [(h.passage.document.removesuffix(".pdf"), h.passage.page) for h in hits]
            distinct = list(dict.fromkeys(found))
            ranks.append(next((i for i, page in enumerate(distinct, 1) if page in gold), None))
            right_document += bool(found) and found[0][0] == question["doc_name"]
            in_eight += any(page in gold for page in found[:8])
        n = len(ranks)
        cells = [share(sum(bool(r and r <= k) for r in ranks), n) for k in KS]
        cells += [
            f"{sum(1 / r for r in ranks if r) / n:.3f}",
            share(right_document, n),
            share(in_eight, n),
        ]
        print(f"| financebench, {name} | {n} | " + " | ".join(cells) + " |")
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    print()
    print(
        "| documents | pages | passages | pages per CPU second (read, chunk, embed, write) | query p50 ms CPU | p95 | open s CPU | on disk MB | peak RSS MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    latencies.sort()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"| {report.documents} | {report.pages} | {report.passages} | {report.pages / spent:.0f} |"
        f" {median(latencies) * 1000:.2f} | {latencies[int(len(latencies) * 0.95)] * 1000:.2f} |"
        f" {opening:.2f} | {size / 1e6:.1f} | {rss:.0f} |\n"
    )


def passages(name: str, data: Path, folder: Path) -> None:
    """nDCG@10 over short texts, each a file of its own."""
    if not data.is_dir():
        print(f"{name}: not present, left out")
        return
    files = folder / "files"
    files.mkdir(parents=True)
    for row in rows(data / "corpus.jsonl"):
        (files / f"{row['_id']}.txt").write_text(
            f"{row['title']}\n\n{row['text']}\n", encoding="utf-8"
        )
    index = Index.open(folder / "index")
    index.update([files])
    relevant: dict[str, dict[str, int]] = {}
    for line in (data / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        relevant.setdefault(query, {})[document] = int(grade)
    scores: list[float] = []
    for row in rows(data / "queries.jsonl"):
        hits = index.search(row["text"], 30)
        ranked = list(dict.fromkeys(hit.passage.document.removesuffix(".txt") for hit in hits))[:10]
        scores.append(ndcg(ranked, relevant[row["_id"]]))
    mean = sum(scores) / len(scores)
    spread = math.sqrt(sum((s - mean) ** 2 for s in scores) / (len(scores) - 1))
    half = 1.96 * spread / math.sqrt(len(scores))
    print(
        f"{name}: nDCG@10 {mean:.3f} ({mean - half:.3f} to {mean + half:.3f}), n={len(scores)}, {len(index.documents)} texts"
    )


def ndcg(ranked: list[str], grades: dict[str, int]) -> float:
    gain = sum(grades.get(d, 0) / math.log2(i + 1) for i, d in enumerate(ranked, 1))
    best = sorted(grades.values(), reverse=True)[:10]
    return gain / sum(grade / math.log2(i + 1) for i, grade in enumerate(best, 1))


def share(hits: int, n: int) -> str:
    """A share with its 95 % Wilson interval."""
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return f"{p:.3f} ({middle - half:.2f} to {middle + half:.2f})"


def cpu() -> float:
    """CPU seconds of this process and the children that ended."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


if __name__ == "__main__":
    sys.exit(main())
