"""What an evaluation knows of itself on disk: a kill at any moment loses nothing that ended.

A folder: `evaluation.json`, `rows.jsonl` (a row as soon as its case ended, synced) and
`journal.jsonl`. The journal says under which trace id a case is recorded: written before it is
asked where the asking records itself, else as soon as its run is kept. After a kill a case has a
row (it is not asked again), or a journal line whose trace came to its end (the row is made from
that), or neither: it was under way, and is asked again. Knows nothing of asking or of metrics.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ..tools.errors import GoldError, SettingsError
from .evaluation import Evaluation, Row, line

Key = tuple[str, int]
"""Case and repeat."""

_SAME = ("gold_hash", "model", "metrics", "repeats")


class Journal:
    """The files of one evaluation, held by this process alone until `close`."""

    def __init__(self, folder: str | Path, head: Evaluation):
        """Begin the evaluation of `head` in a folder, or go on with the one that stands there.

        Raises `SettingsError` when that one was made with something else, or is being run now;
        `GoldError` when the files cannot be read or written.
        """
        self.folder = Path(folder)
        self.asked: dict[Key, str] = {}
        """The last trace id of each case that was begun."""
        self.spent: tuple[float, int] = (0.0, 0)
        """Dollars and tokens of attempts that left no row, and of judges."""
        with self._told():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._journal = open(self.folder / "journal.jsonl", "ab+")  # noqa: SIM115
        try:
            self._hold()
            with self._told():
                self.resumed = (self.folder / "evaluation.json").exists()
                if self.resumed:
                    self.head = self._again(head)
                else:
                    self.head = head
                    self._journal.truncate(0)
                    _replace(self.folder / "rows.jsonl", b"".join(map(line, head.rows)))
                    _replace(self.folder / "evaluation.json", head.head())
                self._rows = open(self.folder / "rows.jsonl", "ab+")  # noqa: SIM115
                _whole_lines(self._rows)
                self._read()
        except BaseException:
            self._journal.close()
            raise

    def begin(self, key: Key, trace: str) -> None:
        """The run of a case is, or will be, this trace."""
        self.asked[key] = trace
        self._note({"t": "asked", "case": key[0], "repeat": key[1], "trace": trace})

    def again(self, key: Key, reason: str, cost_usd: float = 0.0, tokens: int = 0) -> None:
        """What was recorded of a case does not count: it is to be asked again."""
        self.asked.pop(key, None)
        self.spent = (self.spent[0] + cost_usd, self.spent[1] + tokens)
        facts = {"reason": reason, "cost_usd": cost_usd, "tokens": tokens}
        self._note({"t": "again", "case": key[0], "repeat": key[1], **facts})

    def judged(self, key: Key, cost_usd: float, tokens: int) -> None:
        """What the judges of a case took; it stands in no row."""
        self.spent = (self.spent[0] + cost_usd, self.spent[1] + tokens)
        facts = {"cost_usd": cost_usd, "tokens": tokens}
        self._note({"t": "judged", "case": key[0], "repeat": key[1], **facts})

    def end(self, row: Row) -> None:
        """A case ended."""
        with self._told():
            _append(self._rows, line(row))

    def settle(self, rows: tuple[Row, ...]) -> None:
        """Put these rows, in this order, in the place of those that are there, all at once."""
        with self._told():
            self._rows.close()
            _replace(self.folder / "rows.jsonl", b"".join(map(line, rows)))
            self._rows = open(self.folder / "rows.jsonl", "ab+")  # noqa: SIM115

    def close(self) -> None:
        """Let go of the files."""
        self._rows.close()
        self._journal.close()

    def _hold(self) -> None:
        try:
            fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"{self.folder} is being written by another process; wait for it, or choose"
                " another id"
            ) from None

    def _again(self, head: Evaluation) -> Evaluation:
        """The evaluation that stands here; it has to be of the same making."""
        found = Evaluation.load(self.folder)
        before, now = found.model_dump(mode="json"), head.model_dump(mode="json")
        differing = [
            f"{name.removesuffix('_hash')} was {_short(before[name])}, is {_short(now[name])}"
            for name in _SAME
            if before[name] != now[name]
        ]
        old, new = before["settings"], now["settings"]
        differing += [
            f"{name} was {_short(old.get(name))}, is {_short(new.get(name))}"
            for name in sorted({*old, *new})
            if old.get(name) != new.get(name)
        ]
        if differing:
            raise SettingsError(
                f"evaluation {found.id} cannot be gone on with: {'; '.join(differing)}. Use what"
                " it was begun with, or begin a new one"
            )
        return found

    def _read(self) -> None:
        _whole_lines(self._journal)
        self._journal.seek(0)
        for number, content in enumerate(self._journal, 1):
            try:
                facts = orjson.loads(content)
                key = (str(facts["case"]), int(facts["repeat"]))
                if facts["t"] == "asked":
                    self.asked[key] = str(facts["trace"])
                else:
                    if facts["t"] == "again":
                        self.asked.pop(key, None)
                    cost, tokens = float(facts["cost_usd"]), int(facts["tokens"])
                    self.spent = (self.spent[0] + cost, self.spent[1] + tokens)
            except (ValueError, KeyError, TypeError) as error:
                path = self.folder / "journal.jsonl"
                raise GoldError(
                    f"{path} line {number} is damaged ({error}); without the file, cases that"
                    " ended in the moment of a kill are asked again",
                    path,
                    number,
                ) from None

    def _note(self, facts: dict[str, Any]) -> None:
        with self._told():
            # not synced: it outlives a killed process, and after a power cut the worst is that a
            # case is asked again
            self._journal.write(orjson.dumps(facts) + b"\n")
            self._journal.flush()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise GoldError(
                f"{self.folder}: cannot be written ({error.strerror}); what ended before is kept",
                self.folder,
            ) from None


def _append(file: BinaryIO, data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def _whole_lines(file: BinaryIO) -> None:
    """Cut off a last line that has no end: the process was killed while it wrote."""
    file.seek(0)
    body = file.read()
    if not body.endswith(b"\n"):
        file.truncate(body.rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)


def _replace(path: Path, data: bytes) -> None:
    """A file as a whole: after a kill it is the old one or the new one."""
    aside = path.with_name(path.name + ".new")
    with open(aside, "wb") as file:
        _append(file, data)
    os.replace(aside, path)


def _short(value: object) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 40 else f"{text[:37]}..."
