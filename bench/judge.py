"""A judge measured: the local model on 40 questions whose right answer is known, in both orders.

    WORKINGS_BASE_URL=http://127.0.0.1:8099/v1 WORKINGS_MODEL=compatible:qwen python bench/judge.py
    python bench/judge.py --dry     # a scripted judge that always prefers the first: 0.5 s, no server

Each of 40 answerable questions of data/squad2_rc (drawn with seed 5, written before the first run)
gets its right answer and a wrong one: an answer of another question of the same paragraph, so that
it stands in the passage and is plausible. Pairs: which is better, in both orders, the passage
shown; by a fixed draw the right one is `answer` in one half and `other` in the rest. Points: right
and wrong each against the reference, by the rubric correctness. Resumable: ids and verdicts are in
bench/results/judge; a row that is there is not asked again, so that without a server the tables
tell what was measured last. Recorded runs, which hold text, go to WORKINGS_BENCH (default:
.workings-bench in the temp folder) and are replayed offline at the end. A figure is reported
whatever it is: nothing here is a bound.
"""

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

from common import keep, kept, rows, share, shared, table
from judge_cases import AlwaysFirst, cases
from workings.agent.models import make_model
from workings.evals.judge import Judge, Rubric, Subject, prompt, replay_judgement
from workings.evals.judge.bias import length_bias, position_bias
from workings.evals.judge.judgement import Ballot, Preference, Vote
from workings.evals.judge.replaying import recorded_answer
from workings.evals.stats import kappa
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace

WORK = Path(os.environ.get("WORKINGS_BENCH", Path(tempfile.gettempdir()) / ".workings-bench"))
RESULTS = Path(__file__).parent / "results" / "judge"
MODEL = os.environ.get("WORKINGS_MODEL", "compatible:qwen")


def model(dry):
    if dry:
        return AlwaysFirst()
    if not os.environ.get("WORKINGS_BASE_URL"):
        sys.exit("WORKINGS_BASE_URL names no server, and not every row was measured before")
    return make_model(MODEL, base_url=os.environ["WORKINGS_BASE_URL"])


def ballot_of(vote):
    label, tries, why = vote
    votes = (Vote(label=label, reason=why, tries=tries),)
    return Ballot(votes=votes, label=label, value=None, spread=None, reason=why)


def votes_of(ballots):
    """Of each its label, tries, and why there is none; a judge's reason may hold data text."""
    found = []
    for ballot in ballots:
        why = "" if ballot.label else ballot.reason.partition(":")[0][:60]
        found.append([ballot.label, sum(vote.tries for vote in ballot.votes), why])
    return found


def pairs(chosen, dry, folder, store):
    path = folder / "pairs.jsonl"
    done = kept(path)
    for row, right, wrong, is_first in chosen:
        if row["id"] in done:
            continue
        judge = Judge(model(dry), "preference", store=store)
        answers = (right, wrong) if is_first else (wrong, right)
        subject = Subject(
            question=row["question"],
            passages=(row["context"],),
            answer=answers[0],
            other=answers[1],
        )
        found = asyncio.run(judge.prefer(subject))
        facts = {
            "id": row["id"],
            "right": "answer" if is_first else "other",
            "winner": found.winner,
            "consistent": found.consistent,
            "orders": votes_of(found.orders),
            "lengths": found.lengths,
            "rubric": found.rubric,
            "trace": found.trace,
        }
        keep(path, facts)
    done = kept(path)
    return [done[row["id"]] for row, *_ in chosen]


def points(chosen, dry, folder, store):
    path = folder / "points.jsonl"
    done = kept(path)
    for row, right, wrong, _ in chosen:
        for truth, text in (("correct", right), ("incorrect", wrong)):
            id = f"{row['id']}-{truth}"
            if id in done:
                continue
            judge = Judge(model(dry), "correctness", store=store)
            subject = Subject(question=row["question"], reference=row["answers"][0], answer=text)
            found = asyncio.run(judge.judge(subject))
            keep(
                path,
                {
                    "id": id,
                    "truth": truth,
                    "label": found.label,
                    "votes": votes_of(found.ballots),
                    "rubric": found.rubric,
                    "trace": found.trace,
                },
            )
    done = kept(path)
    ids = [f"{row['id']}-{truth}" for row, *_ in chosen for truth in ("correct", "incorrect")]
    return [done[id] for id in ids]


def tell_pairs(done, name):
    usable = [row for row in done if row["winner"] is not None]
    right = sum(row["winner"] == row["right"] for row in usable)
    ties = sum(row["winner"] == "tie" for row in usable)
    truth = [row["right"] for row in usable]
    agreed = kappa(truth, [row["winner"] for row in usable])
    made = [
        Preference(
            rubric=row["rubric"],
            model=name,
            winner=row["winner"],
            consistent=row["consistent"],
            orders=tuple(map(ballot_of, row["orders"])),
            lengths=row["lengths"],
            reason="",
        )
        for row in usable
    ]
    single = [
        (label == "1") == ((row["right"] == "answer") == (order == 0))
        for row in usable
        for order, (label, *_) in enumerate(row["orders"])
        if label != "tie"
    ]
    order, length = position_bias(made), length_bias(made, truth)
    table(
        [f"{name}, {len(done)} pairs in both orders", "figure"],
        [
            ["both orders gave a verdict", share(len(usable), len(done))],
            ["the right answer wins (disagreement = tie = not right)", share(right, len(usable))],
            ["ties", share(ties, len(usable))],
            ["kappa against the truth", kappa_of(agreed)],
            ["a single order's choice is right, ties left out", share(sum(single), len(single))],
            ["both orders agree", order.consistent],
            ["verdicts for the answer shown first (no bias: 50 %)", order.first],
            [
                "first preferred in both orders / second in both, p",
                f"{order.both_first} / {order.both_second}, {figure(order.p)}",
            ],
            ["the longer answer wins", length.longer],
            [
                "the longer answer is right in the same pairs, p",
                f"{length.truly}, {figure(length.p)}",
            ],
            ["tries a verdict", tries([vote for row in done for vote in row["orders"]])],
        ],
    )
    return [row["trace"] for row in done]


def tell_points(done, name):
    usable = [row for row in done if row["label"] is not None]
    truth, said = [row["truth"] for row in usable], [row["label"] for row in usable]
    counts = {
        kind: [said[n] == kind for n in range(len(usable)) if truth[n] == kind]
        for kind in ("correct", "incorrect")
    }
    table(
        [f"{name}, {len(done)} single answers against the reference", "figure"],
        [
            ["a verdict was given", share(len(usable), len(done))],
            ["right", share(sum(a == b for a, b in zip(truth, said, strict=True)), len(usable))],
            ["kappa against the truth", kappa_of(kappa(truth, said))],
            *(
                [f"{kind} answers called so", share(sum(hits), len(hits))]
                for kind, hits in counts.items()
            ),
            ["tries a verdict", tries([vote for row in done for vote in row["votes"]])],
        ],
    )
    return [row["trace"] for row in done]


def tags():
    """Attack texts as the answer that is judged: none may add a tag or close one."""
    path = shared("data", "injection", "injections.jsonl")
    if path is None:
        return
    rubric, held, attacks = Rubric.load("correctness"), 0, rows(path)
    for row in attacks:
        for text in (row["payload"], f"</answer><reference>{row['payload']}</reference>"):
            subject = Subject(question="q", reference="r", answer=text)
            shown = prompt.shown(rubric, subject)
            held += len(re.findall(r"</?(?:question|reference|answer|passage)\b", shown)) == 6
    table(
        ["attack texts as the judged answer", "no tag added or closed"],
        [["data/injection, as they are and behind `</answer>`", share(held, 2 * len(attacks))]],
    )


def figure(p):
    return "no p" if p is None else f"p = {p:.3g}"


def kappa_of(found):
    if found.value is None:
        return f"{found.method} (n={found.n})"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}] (n={found.n}; {found.method})"


def tries(votes):
    return f"{sum(count for _, count, _ in votes) / max(1, len(votes)):.2f}"


def replayed(store, ids):
    """Every recorded run again, from its replies alone: the same verdict as was recorded."""
    there = [id for id in ids if id is not None and store.path(id).exists()]
    same = 0
    for id in there:
        trace = Trace.load(store.path(id))
        found = asyncio.run(replay_judgement(trace))
        same += recorded_answer(trace) == (found.outcome, found.reason)
    print(f"\nReplayed offline, same verdict and reason: {share(same, len(there))} runs.")
    return same == len(there)


def main():
    dry = "--dry" in sys.argv
    wanted = [name for name in sys.argv[1:] if name in ("pairs", "points")] or ["pairs", "points"]
    chosen = cases()
    if not chosen:
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if dry else RESULTS
        store = TraceStore((Path(scratch) if dry else WORK) / "judge", fsync=False)
        ids = []
        name = AlwaysFirst.id if dry else MODEL
        if "pairs" in wanted:
            ids += tell_pairs(pairs(chosen, dry, folder, store), name)
        if "points" in wanted:
            ids += tell_points(points(chosen, dry, folder, store), name)
        tags()
        return 0 if replayed(store, ids) else 1


if __name__ == "__main__":
    sys.exit(main())
