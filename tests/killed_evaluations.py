"""An evaluation in a process of its own that is killed where it is wished; shared with the bench.

The asking records a run, as an assistant does, and keeps a ledger of what it began and ended.
"""

import asyncio
import os
import signal

from workings.evals import journal as journals
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.journal import Journal
from workings.evals.running import evaluate
from workings.graphs.answer import Answer, Usage
from workings.graphs.naming import chosen_id
from workings.graphs.recorder import Recorder
from workings.graphs.steps import Start
from workings.graphs.store import TraceStore
from workings.graphs.writer import TraceWriter

METRICS = ("correct", "tokens", "latency")
MOMENTS = ("before", "torn", "after")


def gold_of(count):
    return GoldSet(
        cases=tuple(
            GoldCase(id=f"c{n}", question=f"What is {n}?", contains=("even",), document=f"d{n % 7}")
            for n in range(count)
        )
    )


class Ledger:
    """What was begun and ended, in the order it happened; outlives the process."""

    def __init__(self, path):
        self.path = path

    def note(self, word, question):
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.write(file, f"{word} {question}\n".encode())
        os.close(file)

    def lines(self):
        return [line.split(" ", 1) for line in self.path.read_text().splitlines()]

    def asked_twice(self):
        """Questions that were begun after they had ended."""
        ended, twice = set(), []
        for word, question in self.lines():
            if word == "end":
                ended.add(question)
            elif question in ended:
                twice.append(question)
        return twice


def asking(store, ledger, pause=0.0):
    """A run that is recorded; one case in fifty crashes, and every third is wrong."""

    async def ask(question):
        ledger.note("begin", question)
        number = int(question.split()[-1].rstrip("?"))
        recorder = Recorder(store)
        recorder.start(
            Start(id=chosen_id() or store.new_id(), created="", question=question, model="m")
        )
        await asyncio.sleep(pause * (number % 3))
        if number % 50 == 7:
            raise ValueError(f"case {number} crashes")
        usage = Usage(model="m", requests=1, input_tokens=number, output_tokens=1, seconds=0.25)
        text = "odd" if number % 3 == 0 else "even"
        answer = Answer(question=question, text=text, usage=usage)
        trace = recorder.end(answer, None)
        ledger.note("end", question)
        return answer.with_trace(trace)

    return ask


def evaluated(folder, count, pause=0.0, records=True, **options):
    """The evaluation in `folder/e`, begun or gone on with."""
    store = TraceStore(folder / "traces", fsync=False)
    ask = asking(store, Ledger(folder / "ledger"), pause)
    return asyncio.run(
        evaluate(
            gold_of(count), ask, folder=folder / "e", metrics=METRICS, gold_name="g",
            model="m", records=store if records else None, id="e", **options,
        )
    )  # fmt: skip


def in_a_process(work):
    """Run it in a forked process; whether it was killed."""
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise AssertionError("the process failed by itself")
    return os.WIFSIGNALED(status)


def kill_at(number, moment):
    """Kill this process at the n-th write of the evaluation or of a trace: before, amid, after."""
    count = 0

    def now():
        nonlocal count
        count += 1
        return count == number

    def dying(write):
        def wrapped(*arguments, **keywords):
            mine = now()
            if mine and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = write(*arguments, **keywords)
            if mine:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return wrapped

    def tearing(append):
        def wrapped(file, data):
            if now():
                file.write(data[: len(data) // 2])
                file.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            return append(file, data)

        return wrapped

    if moment == "torn":
        journals._append = tearing(journals._append)
        return
    journals._replace = dying(journals._replace)
    Journal._note = dying(Journal._note)
    Journal.end = dying(Journal.end)
    TraceWriter._write = dying(TraceWriter._write)


def without_ids(folder):
    """The rows' bytes with the traces' ids taken out: those are of their time."""
    import orjson

    rows = [orjson.loads(line) for line in (folder / "e" / "rows.jsonl").read_bytes().splitlines()]
    for row in rows:
        row["trace"] = row["trace"] is not None
    return orjson.dumps(rows)
