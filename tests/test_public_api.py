"""The shop window: a tested list, cheap to look at."""

import subprocess
import sys

import workings

HEAVY = ("langgraph", "langchain_core", "openai", "faiss", "pypdf", "rich", "numpy", "pydantic")


def test_every_name_that_is_offered_is_there():
    assert sorted(workings.__all__) == workings.__all__
    for name in workings.__all__:
        assert getattr(workings, name) is not None


def test_a_name_that_is_not_offered_is_an_attribute_error():
    assert not hasattr(workings, "Nonsense")


def loaded_by(code):
    """Which heavy modules a fresh interpreter has loaded after the code."""
    script = f"{code}\nimport sys; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout.split("\n")[-2].split()


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import workings") == []


def test_the_help_of_the_command_loads_nothing_heavy():
    code = "from workings.agent.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    assert loaded_by(code) == []
