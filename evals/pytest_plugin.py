"""A pytest plugin: a recorded run is a regression test.

    def test_the_total(workings_replay):
        answer = workings_replay(lambda: Assistant(model="openai:NAME").ask("What is 15% of 240?"))
        assert "36" in answer.text

With `--workings-record` the function is called, and its run is kept in `traces/` beside the test;
without it the kept run is replayed, offline, and the test fails with the first step that differs.
A gold set is a set of tests: one that takes `gold_case` is run for each case of the file that
`--workings-gold FILE` names (or the ini value `workings_gold`).

    @pytest.fixture(scope="session")
    def ask():
        return Assistant(documents=["reports/"]).ask

    def test_gold(gold_case, ask):
        assert_grade(ask(gold_case.question), gold_case)    # from workings import assert_grade

Knows pytest and where traces are kept; replaying is `evals.replay`, grading `evals.asserting`.
Imports nothing heavy until a test asks for one of the fixtures.
"""

import hashlib
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..graphs.answer import Answer
    from ..graphs.trace import Trace

_LONGEST = 64
"""Characters of a trace's id."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option, and where traces are kept."""
    group = parser.getgroup("workings")
    group.addoption(
        "--workings-record",
        action="store_true",
        help="run what tests with the fixture workings_replay run, and keep the traces anew",
    )
    group.addoption(
        "--workings-gold",
        metavar="FILE",
        help="run tests that take the fixture gold_case for each case of this gold set",
    )
    parser.addini("workings_gold", "gold set of the tests that take gold_case", default="")
    parser.addini("workings_traces", "folder of the traces, beside the test", default="traces")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `gold_case` becomes one for each case."""
    if "gold_case" not in metafunc.fixturenames:
        return
    from ..tools.errors import GoldError
    from .gold import GoldSet

    config = metafunc.config
    path = config.getoption("--workings-gold")
    if path is None and config.getini("workings_gold"):
        path = config.rootpath / str(config.getini("workings_gold"))
    if path is None:
        why = "no gold set is named: pytest --workings-gold FILE"
        none = pytest.param(None, marks=pytest.mark.skip(reason=why), id="no-gold-set")
        metafunc.parametrize("gold_case", [none])
        return
    try:
        cases = GoldSet.load(path).cases
    except GoldError as error:
        raise pytest.Collector.CollectError(f"--workings-gold: {error}") from None
    metafunc.parametrize("gold_case", cases, ids=[case.id for case in cases])


def pytest_collection_finish(session: pytest.Session) -> None:
    """A gold set that no test takes would pass unseen."""
    path = session.config.getoption("--workings-gold")
    taken = any("gold_case" in getattr(item, "fixturenames", ()) for item in session.items)
    # a file that cannot be collected has said why
    silent = session.testsfailed or hasattr(session.config, "workerinput")
    if path is not None and not taken and not silent:
        raise pytest.UsageError(
            f"--workings-gold {path}: no test takes the fixture gold_case. Write one:\n"
            "    def test_gold(gold_case, ask):\n"
            "        assert_grade(ask(gold_case.question), gold_case)"
        )


@pytest.fixture
def ask() -> "Callable[[str], Answer]":
    """What the gold set's questions are put to; a fixture of yours by this name takes its place."""
    pytest.fail(
        "say what is asked, in a conftest.py:\n"
        '    @pytest.fixture(scope="session")\n'
        "    def ask():\n"
        '        return Assistant(documents=["reports/"]).ask',
        pytrace=False,
    )


@pytest.fixture
def workings_replay(request: pytest.FixtureRequest) -> "Replayer":
    """Replays a run that was kept, or keeps it; see `Replayer`."""
    return Replayer(request)


class Replayer:
    """Call it with a trace, a function that makes a run, or (`graph`) a graph and its input."""

    def __init__(self, request: pytest.FixtureRequest):
        self.recording = bool(request.config.getoption("--workings-record"))
        self._beside = Path(request.path).parent
        self.folder = self._beside / str(request.config.getini("workings_traces"))
        inside = request.node.nodeid.partition("::")[2].replace("::", "-")  # with its class
        self._name = f"{Path(request.path).stem}-{inside}"
        self._runs = 0

    def __call__(
        self, source: "Trace | str | Path | Callable[[], Any]", **keywords: Any
    ) -> "Answer":
        """The answer of the replayed run; the test fails where the run is not the same.

        `source`: a trace or the path of one (from the test's folder, else from the one that pytest
        runs in); or a function that gives an answer (or anything else with a `.trace`), called
        only when it is recorded. `keywords` are those of `replay`.
        """
        if not callable(source):
            return self._replayed(source, keywords)
        path = self._path()
        if self.recording:
            return self._keep(source(), path)
        return self._replayed(self._kept(path), keywords)

    def graph(
        self, graph: Any, input: Any, config: Any = None, *, types: tuple[type, ...] = ()
    ) -> "Answer":
        """The same for a LangGraph graph of your own: `graph.invoke(input, config)`.

        The kept run has its own input: a test that gives another one fails.
        """
        from ..graphs.recording import record

        def run() -> Any:
            recorded = record(graph, types=types)
            recorded.invoke(input, config)
            return recorded

        if self.recording:
            return self(run)
        path = self._kept(self._path())
        _check_input(path, input, types)
        return self._replayed(path, {"graph": graph, "types": types})

    def _replayed(self, trace: "Trace | str | Path", keywords: dict[str, Any]) -> "Answer":
        from ..tools.errors import TraceError
        from .replay import replay

        if isinstance(trace, str | Path) and (self._beside / trace).exists():
            trace = self._beside / trace
        try:
            result = replay(trace, **keywords)
        except TraceError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        for warning in result.warnings:
            if warning.kind != "env_drift":
                told = f"{result.trace}: {warning.before} -> {warning.after}"
                warnings.warn(pytest.PytestWarning(told), stacklevel=3)
        if result.status == "broken":
            reason = result.divergences[0].after
            pytest.fail(
                f"the recorded run cannot be replayed: {reason}\n"
                "Record it again: pytest --workings-record",
                pytrace=False,
            )
        if not result.ok:
            told = "\n".join(str(item) for item in result.divergences[:3])
            more = len(result.divergences) - 3
            told += f"\n(and {more} more)" if more > 0 else ""
            pytest.fail(
                f"the run is not the one that was recorded ({result.trace}):\n{told}\n"
                "Meant? Record it again: pytest --workings-record",
                pytrace=False,
            )
        if result.answer is None:
            pytest.fail(f"the recorded run {result.trace} came to no answer", pytrace=False)
        return result.answer

    def _keep(self, made: Any, path: Path) -> "Answer":
        from ..graphs.recorder import Recorder
        from ..graphs.store import TraceStore
        from .importing import copy_trace

        trace: Trace = made.trace
        if trace.answer is None:
            pytest.fail(f"the run came to no answer: {trace.error}", pytrace=False)
        store = TraceStore(self.folder)
        if path.exists():
            store.delete(path.stem)
        start = trace.start.model_copy(update={"id": path.stem})
        copy_trace(trace.model_copy(update={"start": start}), Recorder(store))
        return trace.answer.with_trace(trace)

    def _kept(self, path: Path) -> Path:
        if not path.exists():
            pytest.fail(
                f"nothing is recorded for this test (expected {path});"
                " run it once with --workings-record",
                pytrace=False,
            )
        return path

    def _path(self) -> Path:
        """Where the next run of this test is kept."""
        self._runs += 1
        name = self._name if self._runs == 1 else f"{self._name}-{self._runs}"
        plain = re.sub("[^a-z0-9_]+", "-", name.lower()).strip("-")
        if plain != name.lower() or len(plain) > _LONGEST:
            # a name that was cut or changed could be another test's too
            short = hashlib.sha256(name.encode()).hexdigest()[:8]
            plain = f"{plain[: _LONGEST - 9]}-{short}"
        return self.folder / f"{plain}.jsonl"


def _check_input(path: Path, input: Any, types: tuple[type, ...]) -> None:
    """Fail where the kept run was given something else; one that cannot be read says so later."""
    from ..graphs.redact import redact
    from ..graphs.trace import Trace
    from ..graphs.values import Values
    from ..tools.errors import TraceError
    from .compare import first_difference

    try:
        kept = Trace.load(path).start.options.get("input")
    except TraceError:
        return
    given = redact(Values(types).encode(input))
    found = first_difference(_without_ids(kept), _without_ids(given), "/input")
    if found is not None:
        pytest.fail(
            f"the recorded run was given another input ({found.path}):\n  - {found.before}\n"
            f"  + {found.after}\nMeant? Record it again: pytest --workings-record",
            pytrace=False,
        )


def _without_ids(value: Any) -> Any:
    """An encoded value without ids of messages: LangGraph makes some up, in the input itself."""
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {key: _without_ids(item) for key, item in value.items()}
    if isinstance(fields.get("$message"), dict):
        fields["$message"].pop("id", None)
    return fields
