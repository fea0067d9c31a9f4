"""The borders of the house that no linter rule states."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("tools", "graphs", "evals", "agent")


def modules():
    for room in ROOMS:
        yield from (ROOT / room).rglob("*.py")


def test_every_module_says_what_it_is():
    silent = [
        path.name
        for path in modules()
        if not path.read_text(encoding="utf-8").startswith(('"""', 'r"""'))
    ]
    assert silent == []


def test_no_module_revives_objects_or_runs_text():
    banned = re.compile(
        r"^\s*(?:import|from) (?:pickle|shelve|marshal|dill|joblib)\b|(?<![\w.])(?:eval|exec)\(",
        re.M,
    )
    guilty = [p.name for p in modules() if banned.search(p.read_text(encoding="utf-8"))]
    assert guilty == []


def test_the_environment_is_read_in_one_place():
    readers = [p.name for p in modules() if "os.environ" in p.read_text(encoding="utf-8")]
    assert readers == ["settings.py"]


def test_every_package_ships():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for init in ROOT.rglob("__init__.py"):
        folder = init.parent.relative_to(ROOT)
        if folder.parts and folder.parts[0] in ROOMS:
            assert f'"workings.{".".join(folder.parts)}"' in project
