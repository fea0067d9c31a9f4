"""The wheel, built from the sdist and installed elsewhere, is the same product."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.sweep, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    clone = tmp_path_factory.mktemp("clone") / "a-clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(clone)]
    subprocess.run(build, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_packages_and_their_data_only(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"workings", next(t for t in tops if t.endswith(".dist-info"))}
    inside = {name.split("/")[1] for name in names if name.startswith("workings/")}
    assert inside == {"__init__.py", "__main__.py", "py.typed", "agent", "evals", "graphs", "tools"}
    assert any(name.endswith("gold.jsonl") for name in names)


def test_installed_beside_an_app_with_its_own_tools_package_it_gives_the_same_answer(
    wheel, tmp_path
):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    site = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # The libraries come from here; a path in a .pth file does not run the .pth files there, so
    # that the editable install of the checkout is not seen.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    app = tmp_path / "app"
    (app / "tools").mkdir(parents=True)
    (app / "tools" / "__init__.py").write_text("raise RuntimeError('the app, not Workings')")
    (app / "facts.md").write_text("# Facts\n\nThe warranty of the Heron pump is 36 months.\n")
    command = ["-m", "workings", "ask", "How long is the warranty of the Heron pump?"]
    command += ["--docs", "facts.md", "--json"]
    answers = []
    for interpreter in (python, Path(sys.executable)):
        home = {"WORKINGS_HOME": str(tmp_path / f"home-{len(answers)}")}
        done = subprocess.run(
            [interpreter, *command],
            cwd=app,
            env={"PATH": os.environ["PATH"], **home},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        answers.append({key: answer[key] for key in ("text", "citations", "value", "refused")})
    assert answers[0] == answers[1]
    assert "36" in answers[0]["text"]
