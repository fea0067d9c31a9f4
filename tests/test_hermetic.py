"""A trace may come from anybody: opening or replaying it does nothing but read it.

What is tried, and what counts as an event, is in strangers.py.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from recorded_runs import make
from strangers import Watch
from workings.graphs.store import TraceStore

HERE = Path(__file__).parent


def strangers(folder, count, *more, timeout=100):
    done = subprocess.run(
        [sys.executable, str(HERE / "strangers.py"), str(folder), str(count), *more],
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    print(report)
    assert report["events"] == {} and report["crashes"] == {}
    assert report["megabytes"] <= 512
    assert sorted(item.name for item in Path(folder).iterdir()) == ["out", "record.json", "traces"]
    return report


def test_a_stranger_s_trace_runs_nothing_and_reaches_nothing(tmp_path):
    report = strangers(tmp_path / "s", 100)
    assert report["tried"] > 100
    # the changes get past the checksums: many of them are replayed
    assert report["replays"]["replay identical"] and report["replays"]["replay behavioural"]


@pytest.mark.sweep
@pytest.mark.timeout(3000)
def test_ten_thousand_strangers(tmp_path):
    report = strangers(tmp_path / "s", 10_000, "giant", timeout=2900)
    assert report["tried"] > 10_000


def test_the_watch_sees_what_it_is_to_see(tmp_path):
    watch = Watch(tmp_path)
    (tmp_path / "inside").write_text("x")
    watch.on = True
    (tmp_path / "inside").read_text()
    assert not watch.events
    exec("1")
    (tmp_path / ".." / "outside").write_text("x")
    subprocess.run(["true"], check=True)
    watch.on = False
    assert watch.events["exec"] == 1 and watch.events["subprocess.Popen"] == 1
    assert any(name.startswith("open outside: ") for name in watch.events)


READ = """
import sys
from workings.graphs.trace import Trace
trace = Trace.load(sys.argv[1])
print(sorted({"pickle", "marshal", "shelve", "dill", "joblib"} & {*sys.modules} - before))
"""


async def test_reading_a_trace_brings_in_nothing_that_revives_objects(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    trace = await make("calculation", store)
    # what Python itself has loaded before our first line does not count
    code = "import sys; before = {*sys.modules}\n" + READ
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.path(trace.id))],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


async def test_a_replay_without_a_network_works_and_ends(tmp_path):
    """In a network namespace of its own, with not even loopback up; else under an audit hook."""
    store = TraceStore(tmp_path / "traces", fsync=False)
    ids = [(await make(name, store)).id for name in ("calculation", "parallel", "approved")]
    unshare = shutil.which("unshare")
    cut = next(
        (
            [unshare, flags]
            for flags in ("-n", "-rn")
            if unshare
            and subprocess.run([unshare, flags, "true"], capture_output=True).returncode == 0
        ),
        None,
    )
    command = [sys.executable, "-m", "workings"]
    if cut is None:
        code = (
            "import sys\n"
            "def hook(event, arguments):\n"
            "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.sendto'):\n"
            "        raise SystemExit('it tried ' + event)\n"
            "sys.addaudithook(hook)\n"
            "from workings.agent.cli import main\n"
            "sys.exit(main(sys.argv[1:]))\n"
        )
        command = [sys.executable, "-c", code]
    began = time.monotonic()
    done = subprocess.run(
        [*(cut or []), *command, "replay", *ids, "--home", str(tmp_path), "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout.splitlines()[-1])["identical"] == len(ids)
    assert time.monotonic() - began < 20
