"""Planted failure patterns and planted flips: does the miner name the pattern, and `--attribute` the part?

Seeds were set before the first run. Everything is synthetic; no model and no network.
"""

import asyncio
import os
import sys
import time

import numpy as np
from common import ROOT, share, table

sys.path.insert(0, str(ROOT / "tests"))
from revenue_runs import judge_of, recorded, searching
from workings.evals.again import Side
from workings.evals.attribute import attribute_case
from workings.evals.checks import Verdict
from workings.evals.evaluation import Evaluation, PageRef, Row
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.patterns import patterns
from workings.evals.scripted import calls, drafts, says
from workings.graphs.model import Profile

SEED = 6_2026_11
RUNS = int(os.environ.get("WORKINGS_BENCH_RUNS", "200"))
FAILED = []
NAMES = {"negation": "negation in the question", "first": "the right page is not first"}


def synthetic(rng, kind, cases, documents, noise):
    """A gold set and an evaluation of it; `kind`: what is planted, or None."""
    words = [
        "revenue",
        "margin",
        "warranty",
        "supplier",
        "staff",
        "deadline",
        "licence",
        "audit",
        "stock",
        "payment",
    ]
    tags = ("table", "prose", "policy", "sloppy")
    fails_more = rng.beta(4, 4 / noise - 4, documents) if documents else None
    gold, rows = [], []
    for place in range(cases):
        negated = rng.random() < 0.25
        topic, other = rng.choice(words, 2, replace=False)
        question = f"Which {topic} terms are {'not ' if negated else ''}covered for the {other}"
        if rng.random() < 0.3:
            question += f" in {rng.integers(2021, 2026)}"
        if rng.random() < 0.15:
            question += f" and in {rng.integers(2015, 2021)}"
        if rng.random() < 0.25:
            question += f" of unit {rng.integers(2, 40)}"
        document = f"doc-{rng.integers(documents)}.pdf" if documents else f"doc-{place}.pdf"
        rank = int(rng.choice([1, 2, 3, 4, 5, 0], p=[0.5, 0.16, 0.1, 0.08, 0.06, 0.1]))
        page = 7
        found = [PageRef(document=document, page=100 + i) for i in range(int(rng.integers(5, 9)))]
        if rank:
            found[rank - 1] = PageRef(document=document, page=page)
        chance = noise
        if fails_more is not None:
            chance = fails_more[int(document[4:-4])]
        if kind == "negation" and negated:
            chance = 0.6
        if kind == "first" and rank > 1:
            chance = 0.6
        right = rng.random() >= chance
        tag = (str(rng.choice(tags)),)
        case = GoldCase(
            id=f"c{place}",
            question=question + "?",
            answer="x",
            document=document,
            pages=(page,),
            tags=tag,
        )
        gold.append(case)
        tools = ("search_documents",) * int(rng.integers(1, 3)) + ("calculator",) * (
            rng.random() < 0.2
        )
        rows.append(
            Row(
                case=case.id, question=case.question, tags=tag, group=document, trace=f"t{place}",
                text="x", tools=tools, retrieved=tuple(found), cited=(found[0],),
                requests=int(rng.integers(2, 6)), seconds=float(rng.gamma(2, 1)),
                verdicts=(Verdict(metric="correct", value=float(right), reason=""),),
            )
        )  # fmt: skip
    made = Evaluation(id="e", gold="g", gold_hash="h", model="m", rows=tuple(rows))
    return made, GoldSet(cases=tuple(gold))


def mining():
    body = []
    began = time.process_time()
    for number, (cases, documents, noise) in enumerate(
        ((60, 0, 0.08), (120, 0, 0.1), (200, 0, 0.2), (200, 12, 0.1), (400, 25, 0.2))
    ):
        for code, kind in enumerate(("negation", "first", None)):
            rng = np.random.default_rng([SEED, number, code])
            first = named = silent = 0
            for _ in range(RUNS):
                found = patterns(*synthetic(rng, kind, cases, documents, noise)).found
                # documents do differ where they are shared: to name one is no false alarm
                found = [
                    item for item in found if not (documents and item.slice.startswith("document"))
                ]
                names = [(item.slice, *item.also) for item in found]
                first += bool(names) and NAMES.get(kind) in names[0]
                named += any(NAMES.get(kind) in item for item in names)
                silent += not names
            right = silent if kind is None else first
            ok = right >= 0.9 * RUNS or (cases < 100 and kind is not None)
            setting = (
                f"{cases} cases, {documents or 'no shared'} documents, {noise:.0%} fail anyway"
            )
            if not ok:
                FAILED.append(f"{kind} {setting}")
            what = {
                "negation": "negation fails 60 %",
                "first": "not first fails 60 %",
                None: "nothing",
            }[kind]
            body.append(
                [
                    setting,
                    what,
                    share(right, RUNS),
                    "" if kind is None else share(named, RUNS),
                    "no bound: few cases" if cases < 100 and kind else "yes" if ok else "**no**",
                ]
            )
    table(
        ["synthetic run", "planted", "named first / nothing named", "named at all", ">= 90 %"], body
    )
    print(f"{(time.process_time() - began) / (15 * RUNS) * 1000:.0f} ms CPU for each run.")


YEARS = range(2016, 2026)
PART = {
    "retrieval": "retrieval: B finds another year's page",
    "model": "model: B reads the first passage",
    "judge": "judge: B expects another value",
    "interaction": "both: B's distractor comes first, and B reads the first passage",
    "noise": "nothing: both models are right half of the time",
}


class Reader:
    """Searches once, then says the figure of the asked year (or of the first passage), but for slips."""

    def __init__(self, rng, year, first, slips, words):
        self.id, self.profile = f"scripted:{words}", Profile()
        self.rng, self.year, self.first, self.slips, self.words = rng, year, first, slips, words

    async def attempt(self, request, on_text=None):
        if request.output is None:
            asked = any(message.role == "tool" for message in request.messages)
            return says("found") if asked else calls(("search", {"query": self.words}))
        text = "\n".join(message.content for message in request.messages)
        shown = sorted(
            (text.index(f"million in {year}."), year)
            for year in YEARS
            if f"million in {year}." in text
        )
        years = [year for _, year in shown]
        number = self.year if self.year in years and not self.first else years[0]
        if self.rng.random() < self.slips:
            return drafts(refused=True, reason="not found")
        sentence = f"Revenue was {revenue(number)} million in {number}."
        return drafts((sentence, str(1 + years.index(number)), sentence))


def revenue(year):
    return year * 7 - 13000


async def planted(rng, cause, slips):
    """A flip with one cause: (case, trace of a, trace of b, side a, side b), in either direction."""
    while True:
        year, other = (int(item) for item in rng.choice(YEARS, 2, replace=False))
        right = [int(item) for item in rng.permutation([y for y in YEARS if y != year])[:2]]
        right.insert(int(rng.integers(3)) if cause != "model" else int(rng.integers(1, 3)), year)
        if cause == "interaction":
            right.remove(year)
            right.insert(0, year)
        without = [y for y in right if y != year]
        behind = [*without, year]
        slip = 0.5 if cause == "noise" else slips
        good, bad = revenue(year), revenue(other)
        words = [
            f"revenue {year}",
            f"revenue {year}" if rng.random() < 0.5 else f"turnover in {year}",
        ]
        found = {"retrieval": without, "interaction": behind}.get(cause, right)
        sides = []
        for place, order in enumerate((right, found)):
            first = place == 1 and cause in ("model", "interaction")
            model = Reader(rng, year, first, slip, words[place])
            search = searching({item: revenue(item) for item in order})
            judge = judge_of(bad if place == 1 and cause == "judge" else good)
            sides.append((Side(model=model, judge=judge, tools={"search": search}), search))
        traces = [
            await recorded(side.model, search, year, f"run-{side.model.words}")
            for side, search in sides
        ]
        case = GoldCase(id=f"{cause}-{year}", question=f"What was revenue in {year}?", answer="x")
        ends = [
            side.judge(case, t.answer).value for (side, _), t in zip(sides, traces, strict=True)
        ]
        if ends[0] != ends[1]:
            both = [(trace, side) for trace, (side, _) in zip(traces, sides, strict=True)]
            if rng.random() < 0.5:
                both.reverse()
            return case, both[0][0], both[1][0], both[0][1], both[1][1]


async def attribution():
    body = []
    for number, (slips, each) in enumerate(((0.0, 25), (0.1, 25))):
        right = total = 0
        for code, cause in enumerate(PART):
            rng = np.random.default_rng([SEED, 100 + number, code])
            seen, made = {}, 0
            for _ in range(max(1, each * RUNS // 200)):
                found = await attribute_case(*await planted(rng, cause, slips))
                seen[found.cause] = seen.get(found.cause, 0) + 1
                made += found.runs
            count = sum(seen.values())
            if cause != "noise":
                right, total = right + seen.get(cause, 0), total + count
            others = ", ".join(f"{name} {n}" for name, n in seen.items() if name != cause) or "-"
            unsteady = f"{slips:.0%} slips" if cause != "noise" else "50 % slips"
            body.append(
                [
                    PART[cause],
                    unsteady,
                    share(seen.get(cause, 0), count),
                    others,
                    f"{made / count:.1f}",
                ]
            )
        if not slips and right < 0.95 * total:
            FAILED.append("attribution")
        body.append(["**all planted parts**", f"{slips:.0%} slips", share(right, total), "", ""])
    print(
        "\nPlanted flips: what `--attribute` names (bound for steady models: 95 of 100), and its runs for each flip:"
    )
    table(["planted, in either direction", "models", "named", "said instead", "runs"], body)


def main():
    print(
        f"Planted patterns over noise, {RUNS} runs each, about 40 slices looked at (exact tests, Holm). Where documents"
        " are shared, each has its own rate of failing (beta distributed); tests hold documents fixed, and a document that"
        " is named is not counted."
    )
    mining()
    asyncio.run(attribution())
    if FAILED:
        print(f"\nBelow the bound: {'; '.join(FAILED)}.")
    sys.exit(bool(FAILED))


if __name__ == "__main__":
    main()
