"""Retrieval on public data: pages of filings with and without a pack, short texts, ways of cutting.

`python bench/retrieval.py`; ids and figures only. The packs were finished before anything was
measured; weights were chosen on the 20 development questions (those of bench/agent), of the
other 26 only totals were seen, never a miss. Whoever wrote the packs may have met the public set.
"""

import math
import resource
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from common import ROOT, rows, share, shared, table
from workings.tools.index import Index
from workings.tools.packs import known_packs, load_pack
from workings.tools.retrieval import RetrievalOptions, with_pack

LIBRARIES = ("faiss-cpu", "pypdfium2", "wordllama", "numpy")
PUBLISHED = """LangChain's recipe on the same filings and questions: see *Beside LangChain's recipe*. Not run again, from our notes (75
questions over 24 filings: another sample of the same set, so not like for like): LlamaIndex's default + MiniLM .360 shared / .453
in-document at 9.2 pages per CPU second; bm25s .187 / .360.
"""


def main() -> int:
    print(f"versions: {', '.join(f'{name} {version(name)}' for name in LIBRARIES)}\n")
    with tempfile.TemporaryDirectory() as folder:
        cut = {}
        for chunker in ("fixed", "semantic"):
            cut[chunker] = measured(Path(folder) / chunker, chunker)
        own(Path(folder) / "own")
        print("\n### Ways of cutting\n\n`fixed` is the default.")
        table(("chunker", *next(iter(cut.values()))), [(k, *v.values()) for k, v in cut.items()])
    return 0


def measured(folder: Path, chunker: str) -> dict:
    """Everything with one way of cutting; the whole tables are printed for the default only."""
    told = chunker == "fixed"
    found = {}
    data = shared("data", "financebench")
    if data is not None:
        found |= pages(data, folder / "pages", chunker, told)
    for name in ("squad_passages", "scifact"):
        data = shared("data", "retrieval", name)
        if data is not None:
            found |= passages(name, data, folder / name, chunker, told)
    return found


def pages(data: Path, folder: Path, chunker: str, told: bool) -> dict:
    """Is a page with the evidence among the first pages found?"""
    before = cpu()
    report = Index.open(folder, chunker=chunker).update([data / "pdfs"])
    spent = cpu() - before
    before = time.process_time()
    index = Index.open(folder, chunker=chunker)
    opening = time.process_time() - before
    questions = rows(data / "questions.jsonl")
    development = development_ids()
    plain, finance = RetrievalOptions(), with_pack(None, "finance")
    ways = {"no pack": plain, "`finance` pack": finance}
    if told:
        ways["no pack, clauses too"] = plain.model_copy(update={"multi_query": True})
        ways["`finance`, clauses too"] = finance.model_copy(update={"multi_query": True})
    body, brief, latencies = [], {}, {}
    for way, options in ways.items():
        for where, inside in (("shared", False), ("document given", True)):
            ranks, right, eight, spent_on = ranked(index, questions, inside, options)
            if not inside:
                latencies[way] = sorted(spent_on)
            ids = [question["id"] for question in questions]
            dev = [r for key, r in zip(ids, ranks, strict=True) if key in development]
            held = [r for key, r in zip(ids, ranks, strict=True) if key not in development]
            n = len(ranks)
            cells = [hits(ranks, 5), hits(dev, 5), hits(held, 5)]
            cells += [f"{sum(bool(r and r <= k) for r in ranks) / n:.3f}" for k in (1, 3, 10)]
            cells += [
                f"{sum(1 / r for r in ranks if r) / n:.3f}",
                share(sum(right), n),
                f"{sum(eight)}/{n}",
            ]
            body.append((way, where, *cells))
            brief[f"hit@5 {way}, {where}"] = cells[0]
    if not told:
        return {"passages": report.passages, "CPU s": f"{spent:.0f}", **brief}
    print("### Pages of 18 filings in one index")
    table(
        (
            *("search", "where", "page hit@5, all", "development", "held out", "@1", "@3", "@10"),
            *("MRR", "right document first", "page in the top 8 passages"),
        ),
        body,
    )
    print(PUBLISHED)
    plainly, packed = latencies["no pack"], latencies["`finance` pack"]
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table(
        (
            *(
                "documents",
                "pages",
                "passages",
                "pages per CPU s, end to end",
                "query p50 / p95 ms CPU",
            ),
            *("with the pack", "open s CPU", "on disk MB", "peak RSS MB"),
        ),
        [
            (
                *(report.documents, report.pages, report.passages, f"{report.pages / spent:.0f}"),
                *(spread_of(plainly), spread_of(packed)),
                *(f"{opening:.2f}", f"{size / 1e6:.1f}", f"{peak:.0f}"),
            )
        ],
    )
    contents, pack = Index.open(folder)._contents, load_pack("finance")
    began = time.process_time()
    for name in pack.types:
        contents.kinds.of(pack, name)
    spent_on_kinds = time.process_time() - began
    print(f"All {len(pack.types)} kinds of page, first use: {spent_on_kinds:.2f} s CPU.\n")
    return {"passages": report.passages, "CPU s": f"{spent:.0f}", **dict(list(brief.items())[:4])}


def own(folder: Path) -> None:
    """Our own sample documents (development questions), with each pack."""
    index = Index.open(folder)
    index.update([ROOT / "evals" / "samples" / "documents"])
    cases = [c for c in rows(ROOT / "evals" / "samples" / "gold.jsonl") if c.get("pages")]
    body = []
    for pack in ("none", *known_packs()):
        options = with_pack(None, pack)
        ranks = []
        for case in cases:
            gold = {(case["document"], page) for page in case["pages"]}
            found = index.search(case["question"], 40, options=options)
            distinct = dict.fromkeys((h.passage.document, h.passage.page) for h in found)
            ranks.append(next((i for i, page in enumerate(distinct, 1) if page in gold), None))
        body.append((pack, hits(ranks, 1), hits(ranks, 3), hits(ranks, 5)))
    print("\n### Our own sample documents, all packs")
    table(("pack", "page hit@1", "@3", "@5"), body)


def spread_of(seconds: list[float]) -> str:
    return f"{median(seconds) * 1000:.2f} / {seconds[int(len(seconds) * 0.95)] * 1000:.2f}"


def development_ids() -> set[str]:
    path = shared("bench", "agent", "results", "peer_financebench_plain.jsonl")
    return set() if path is None else {row["id"] for row in rows(path)}


def ranked(index: Index, questions: list[dict], inside: bool, options: RetrievalOptions):
    """What `placed` says, as three lists by question, and the CPU seconds of each question."""
    by_stem = {document.name.removesuffix(".pdf"): document.id for document in index.documents}
    each: list[tuple[int | None, bool, bool]] = []
    spent: list[float] = []
    for question in questions:
        only = {by_stem[question["doc_name"]]} if inside else None
        before = time.process_time()
        found = index.search(question["question"], 40, only, options)
        spent.append(time.process_time() - before)
        where = [(h.passage.document.removesuffix(".pdf"), h.passage.page) for h in found]
        each.append(placed(where, question))
    ranks, right, eight = (list(column) for column in zip(*each, strict=True))
    return ranks, right, eight, spent


def placed(where: list[tuple[str, int]], question: dict) -> tuple[int | None, bool, bool]:
    """Rank of the first page with evidence; right document first; such a page in 8 passages.

    `where` is the document and page (from 1) of each passage, best first.
    """
    gold = {(e["doc_name"], e["page"] + 1) for e in question["evidence"]}
    pages = dict.fromkeys(where)
    rank = next((place for place, page in enumerate(pages, 1) if page in gold), None)
    right = bool(where) and where[0][0] == question["doc_name"]
    return rank, right, any(page in gold for page in where[:8])


def hits(ranks: list[int | None], k: int) -> str:
    return share(sum(bool(rank and rank <= k) for rank in ranks), len(ranks))


def passages(name: str, data: Path, folder: Path, chunker: str, told: bool) -> dict:
    """nDCG@10 over short texts, each a file of its own."""
    files = folder / "files"
    files.mkdir(parents=True)
    for row in rows(data / "corpus.jsonl"):
        text = f"{row['title']}\n\n{row['text']}\n"
        (files / f"{row['_id']}.txt").write_text(text, encoding="utf-8")
    index = Index.open(folder / "index", chunker=chunker)
    index.update([files])
    relevant: dict[str, dict[str, int]] = {}
    for line in (data / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        relevant.setdefault(query, {})[document] = int(grade)
    ways = {"": RetrievalOptions(), ", clauses too": RetrievalOptions(multi_query=True)}
    if not told:
        ways.pop(", clauses too")
    figures = {}
    for way, options in ways.items():
        scores = []
        for row in rows(data / "queries.jsonl"):
            found = index.search(row["text"], 30, options=options)
            names = dict.fromkeys(hit.passage.document.removesuffix(".txt") for hit in found)
            scores.append(ndcg(list(names)[:10], relevant[row["_id"]]))
        mean = sum(scores) / len(scores)
        spread = math.sqrt(sum((s - mean) ** 2 for s in scores) / (len(scores) - 1))
        half = 1.96 * spread / math.sqrt(len(scores))
        figures[f"{name} nDCG@10"] = figures.get(f"{name} nDCG@10") or f"{mean:.3f}"
        if told:
            print(
                f"- {name}{way}: nDCG@10 {mean:.3f} ({mean - half:.3f} to {mean + half:.3f}),"
                f" n={len(scores)}, {len(index.documents)} texts"
            )
    return figures


def ndcg(ranked: list[str], grades: dict[str, int]) -> float:
    gain = sum(grades.get(d, 0) / math.log2(i + 1) for i, d in enumerate(ranked, 1))
    best = sorted(grades.values(), reverse=True)[:10]
    return gain / sum(grade / math.log2(i + 1) for i, grade in enumerate(best, 1))


def cpu() -> float:
    """CPU seconds of this process and the children that ended."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


if __name__ == "__main__":
    sys.exit(main())
