"""An evaluation killed at every write and at random moments, gone on with until it ends.

    python bench/eval_crash.py [CASES]

Line 7 of the issue: no case that ended is asked twice, none is lost, the report is the same. The
asking records its run in a trace store, as an assistant does, and keeps a ledger outside of the
process. The kill is SIGKILL to the process of the evaluation: (a) at every write of rows, journal,
head and traces of a small evaluation: before it, half-way through a line, after it; (b) at random
moments of a large one with eight cases at once, again and again until it ends. The seed of the
moments was fixed before the first run.
"""

import io
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))

from killed_evaluations import MOMENTS, Ledger, evaluated, in_a_process, kill_at, without_ids
from rich.console import Console
from workings.agent.render_eval import evaluation_view
from workings.evals.evaluation import Evaluation
from workings.evals.summary import summary

SEED = 20261122
SMALL = 10
CHAINS = 10
PAUSE = 0.001
LONGEST = 0.5
"""A process is killed after at most this share of the time that a whole evaluation takes here."""


def report(folder):
    evaluation = Evaluation.load(folder / "e")
    evaluation = evaluation.model_copy(update={"created": ""})
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(evaluation_view(summary(evaluation), evaluation.rows))
    return console.export_text()


def checked(folder, expected):
    """(asked twice, lost or changed rows, another report) of what was gone on with to its end."""
    twice = len(Ledger(folder / "ledger").asked_twice())
    rows, text = expected
    return twice, int(without_ids(folder) != rows), int(report(folder) != text)


def at_every_write(base):
    whole = base / "whole"
    whole.mkdir()
    evaluated(whole, SMALL)
    expected = without_ids(whole), report(whole)
    killed, found = 0, [0, 0, 0]
    for moment in MOMENTS:
        number = 0
        while True:
            number += 1
            folder = base / f"{moment}-{number}"
            folder.mkdir()

            def dying(folder=folder, number=number, moment=moment):
                kill_at(number, moment)
                evaluated(folder, SMALL)

            if not in_a_process(dying):
                break
            killed += 1
            evaluated(folder, SMALL)
            found = [a + b for a, b in zip(found, checked(folder, expected), strict=True)]
    return killed, found


def at_random(base, cases):
    whole = base / "whole"
    whole.mkdir()
    began = time.monotonic()
    evaluated(whole, cases, pause=PAUSE)
    longest = LONGEST * (time.monotonic() - began)
    expected = without_ids(whole), report(whole)
    moments = random.Random(SEED)
    kills, again, found = 0, 0, [0, 0, 0]
    for chain in range(CHAINS):
        folder = base / f"chain-{chain}"
        folder.mkdir()
        while killed_after(moments.uniform(0.02, longest), folder, cases):
            kills += 1
        found = [a + b for a, b in zip(found, checked(folder, expected), strict=True)]
        begun = sum(word == "begin" for word, _ in Ledger(folder / "ledger").lines())
        again += begun - cases
    return kills, again, found


def killed_after(seconds, folder, cases):
    """Whether the process was still at it when it was killed."""
    child = os.fork()
    if not child:
        try:
            evaluated(folder, cases, pause=PAUSE)
            os._exit(0)
        except BaseException:
            os._exit(1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise AssertionError("the process failed by itself")
    return os.WIFSIGNALED(status)


def main():
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        base = Path(folder)
        (base / "small").mkdir()
        (base / "large").mkdir()
        kills, small = at_every_write(base / "small")
        many, again, large = at_random(base / "large", cases)
    head = ["", "kills", "ended, and asked twice", "rows not the same", "report not the same"]
    table(
        head,
        [
            [f"{SMALL} cases, at every write: before, torn, after", kills, *small],
            [f"{cases} cases, {CHAINS} times, at random moments until it ended", many, *large],
        ],
    )
    print(f"Cases under way at a kill, asked again: {again} in {many} kills (8 at once at most).")
    return int(any((*small, *large)))


if __name__ == "__main__":
    sys.exit(main())
