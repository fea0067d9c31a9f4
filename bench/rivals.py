"""Changes that a replay must catch, and its speed, beside what others offer, in one process.

    python -m venv v && v/bin/pip install -e . reenact==0.2.0 vcrpy==9.4.2 agentevals==0.0.9 langchain==1.4.7
    WORKINGS_RIVALS=v/bin/python python bench/rivals.py     # Python 3.12: reenact asks for it

One agent (rival_agent.py: plain LangGraph, ChatOpenAI, three tools), one set of mutants
(rival_mutants.py). Each rival records the unchanged agent its own way and is given the changed one:
Workings `record(graph)` and `replay(graph=)`; reenact `Session`, strict, with `finish()`; vcrpy with
its default matching and with the body matched, asserting that all was played; agentevals' strict
trajectory match of a new run, played by the same server. Caught: it raises or reports a difference,
or the run fails. Right call: it names the call that was changed, or the request that shows it
first. A changed tool result is, for those that serve results, a changed record. What an author
would assert of the answer is not counted. `false alarms` are of the unchanged agent.
"""

import os
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

from common import share, table

TIMES = 5
"""Replays of each unchanged run."""


def seen(rival, record, url, change):
    """Whether a change is caught, and the call that is named."""
    from rival_replays import Seen

    try:
        rival.judge(record, url, change)
    except Seen as found:
        return True, found.call
    except Exception:  # the changed agent fails: nobody can miss that
        return True, None
    return False, None


def judged(rival, records, provider, kind):
    """How many mutants of a kind there are, how many were caught, and how many at their call."""
    from rival_mutants import mutants

    found = mutants(kind)
    caught = placed = 0
    for mutant in found:
        record = records[rival.name, mutant.of]
        one, call = seen(rival, record, provider.url(mutant.of), mutant.change)
        caught += one
        placed += call in mutant.calls
        if "--show" in sys.argv and not (one and call in mutant.calls):
            print(rival.name, mutant.kind, mutant.of, sorted(mutant.calls), one, call)
    return len(found), caught, placed


def mutations():
    from rival_agent import SCRIPTS, Change, Provider
    from rival_mutants import KINDS, order_alone
    from rival_replays import RIVALS

    def named(kind):
        return kind.__name__.replace("_", " ")

    body = []
    total, sums, right = 0, [0] * len(RIVALS), [0] * len(RIVALS)
    with Provider() as provider:
        records = {
            (rival.name, script): rival.record(provider.url(script))
            for rival in RIVALS
            for script in SCRIPTS
        }
        alarms = [
            sum(
                seen(rival, records[rival.name, script], provider.url(script), Change())[0]
                for script in SCRIPTS
                for _ in range(TIMES)
            )
            for rival in RIVALS
        ]
        for kind in KINDS:
            found = [judged(rival, records, provider, kind) for rival in RIVALS]
            body.append([named(kind), found[0][0], *(caught for _, caught, _ in found)])
            total += found[0][0]
            sums = [a + caught for a, (_, caught, _) in zip(sums, found, strict=True)]
            right = [a + placed for a, (_, _, placed) in zip(right, found, strict=True)]
        found = [judged(rival, records, provider, order_alone) for rival in RIVALS]
        alone = ["(order alone, not counted)", found[0][0], *(caught for _, caught, _ in found)]
    table(
        ["caught", "mutants", *(rival.name for rival in RIVALS)],
        [
            *body,
            ["**all**", total, *(share(n, total) for n in sums)],
            ["**at the right call**", total, *(share(n, total) for n in right)],
            alone,
            ["false alarms, nothing changed", TIMES * len(SCRIPTS), *alarms],
        ],
    )
    print(
        "Order alone: the calls of one node end the same in another order. Workings serves a call by"
        " its place and its content, so that branches that race are no difference; nor is this.\n"
        "Not here: LangGraph's time travel (runs anew, compares nothing); pydantic-ai, inspect-ai and"
        " proofline (no LangGraph agent runs in them); Temporal (needs a workflow; arguments and"
        " results are not compared)."
    )
    return sums[0] == total and right[0] == max(right) and not alarms[0]


def main():
    other = os.environ.get("WORKINGS_RIVALS")
    if other and Path(other).absolute() != Path(sys.executable).absolute():
        return subprocess.run([other, __file__, *sys.argv[1:]], check=False).returncode
    missing = [n for n in ("reenact", "vcr", "agentevals", "langchain") if not find_spec(n)]
    if missing:
        print(f"*{', '.join(missing)}: not installed, left out.*")
        return 0
    warnings.simplefilter("ignore")
    from rival_speed import speed

    caught = mutations()
    fast = speed(30)
    return 0 if caught and fast else 1


if __name__ == "__main__":
    sys.exit(main())
