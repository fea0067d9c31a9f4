"""Where a gold page was lost: every missed gold page of real filings, and losses that were planted.

`python bench/why.py [N]` (N questions); ids and counts only. The stage of a search is held against
what the search itself gives at k and at five times k; planted losses against what was planted.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from common import rows, share, shared, table
from workings.agent.assistant import Assistant
from workings.evals.scripted import ScriptedModel, calls, drafts, says
from workings.evals.why import STAGES, looking, retrieval_of, why
from workings.graphs.model import Profile
from workings.tools.evidence import shown_passages
from workings.tools.index import Index
from workings.tools.retrieval import with_pack
from workings.tools.why import PARTS, POOL

K = 8
RUNS = 20
NAMES = ("Ardal", "Brevik", "Corran", "Dunmore", "Elgin", "Fetlar", "Glenrig", "Harray", "Insch")


def main() -> int:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else None
    good = planted()
    data = shared("data", "financebench")
    if data is not None:
        good &= filings(data, most)
    return 0 if good else 1


def filings(data: Path, most: int | None) -> bool:
    """Every gold page of every question, in one index over all filings, with and without a pack."""
    questions = rows(data / "questions.jsonl")[:most]
    body, good = [], True
    with tempfile.TemporaryDirectory() as home:
        Index.open(Path(home) / "index" / "default").update([data / "pdfs"])
        for pack in ("none", "finance"):
            assistant = Assistant(home=home, model="extractive", web=False, k=K, pack=pack)
            counts, pages, agree, named = Counter(), 0, 0, 0
            for question in questions:
                trace = assistant.ask(question["question"]).trace
                for name, page in gold_pages(question):
                    pages += 1
                    agree += agrees(assistant.index, question["question"], name, page, pack)
                    k, options = retrieval_of(trace)
                    look = looking(assistant.index, name, page, k, None, options)
                    told = why(trace, name, page, look)
                    named += told.stage in STAGES and bool(told.reason)
                    counts[told.stage] += 1
            missed = pages - counts["used"]
            good &= named == pages == agree
            body.append(
                [
                    pack,
                    f"{len(questions)} / {pages}",
                    share(counts["used"], pages),
                    share(named - counts["used"], missed),
                    share(agree, pages),
                    ", ".join(f"{s} {counts[s]}" for s in STAGES if counts[s] and s != "used"),
                ]
            )
    print(f"### Every gold page of the filings, `extractive`, 18 filings in one index, k = {K}")
    table(
        [
            *("pack", "questions / gold pages", "used", "missed pages with one stage named"),
            *("stage of the search agrees with the search", "where the missed ones were lost"),
        ],
        body,
    )
    return good


def gold_pages(question: dict) -> list[tuple[str, int]]:
    pages = {(f"{e['doc_name']}.pdf", e["page_1based"]) for e in question["evidence"]}
    return sorted(pages)


def agrees(index: Index, question: str, name: str, page: int, pack: str) -> bool:
    """Is the stage that `why` names what the search itself shows, asked for k and for more?"""
    options = with_pack(None, pack)
    ranks = index.why(question, name, page, K, options=options)

    def gives(k: int) -> bool:
        hits = index.search(question, k, options=options)
        return any((hit.passage.document, hit.passage.page) == (name, page) for hit in hits)

    if ranks.lost is None:
        return gives(K)
    if ranks.lost == "cut":
        return not gives(K) and gives(POOL * K)
    return ranks.lost in ("text", "candidates", "fusion", *PARTS) and not gives(POOL * K)


def planted() -> bool:
    """Losses whose stage is known: what is told of them."""
    body, good = [], True
    for wanted in ("ignored", "used", "budget", "same text", "cut", "struck"):
        told = Counter()
        for number in range(RUNS):
            with tempfile.TemporaryDirectory() as home:
                told[plant(wanted, number, Path(home))] += 1
        good &= told[wanted] == RUNS
        others = ", ".join(f"{stage} {n}" for stage, n in told.items() if stage != wanted) or "-"
        body.append([wanted, share(told[wanted], RUNS), others])
    print("### Planted losses (a scripted model, real index, graph and trace)")
    table(["what was planted for passage 3", "found", "told otherwise"], body)
    return good


def plant(wanted: str, number: int, home: Path) -> str:
    """One run in which passage 3 of the search is lost at a stage; the stage that is told."""
    docs = home / "docs"
    docs.mkdir()
    for place, name in enumerate(NAMES):
        boats = 11 + place + number
        text = f"In the year {1990 + number} the ferry company ran {boats} boats from {name}.\n"
        (docs / f"{name.lower()}.txt").write_text(text, encoding="utf-8")
    question = f"How many boats did the ferry company run from {NAMES[number % len(NAMES)]}?"

    def answer(request):
        seen = shown_passages(request.messages[-1].content)
        third = next((s for s in seen if s.id == "3"), None)
        others = [s for s in seen if s.id != "3"]
        chosen = third if wanted in ("used", "struck") else others[number % len(others)]
        text = chosen.text.strip()
        return drafts(("It ran 4711 boats." if wanted == "struck" else text, chosen.id, text))

    tries = 3 if wanted == "struck" else 1
    script = [calls(("search_documents", {"query": question})), says("done"), *[answer] * tries]
    tokens = 110 if wanted == "budget" else 6000
    profile = Profile(passage_tokens=tokens, packing=("plain", "edges")[number % 2])
    model = ScriptedModel(*script, profile=profile)
    found = Index.open(home / "index" / "default")
    found.update([docs])
    third = found.search(question, 3)[-1].passage
    if wanted == "same text":  # the best file gains the text of the third
        first = docs / found.search(question, 1)[0].passage.document
        first.write_text(f"{first.read_text('utf-8').strip()}\n{third.text}\n", encoding="utf-8")
        found.update([docs])
    k = 2 if wanted == "cut" else K
    assistant = Assistant([docs], home=home, model=model, web=False, k=k)
    trace = assistant.ask(question).trace
    page = third.document
    if wanted not in ("cut", "same text"):
        brought = next(s for s in trace.steps if s.kind == "tool").result["passages"]
        page = brought[2]["document"]
    k, options = retrieval_of(trace)
    return why(trace, page, 1, looking(assistant.index, page, 1, k, None, options)).stage


if __name__ == "__main__":
    sys.exit(main())
