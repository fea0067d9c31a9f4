"""What a reader could copy runs: the README's Python, and its commands exist."""

import re
from pathlib import Path

import pytest
from scripted import ScriptedModel, calls, drafts
from workings import Assistant
from workings.agent.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)
COMMANDS = sorted(set(re.findall(r"^(?:\$ )?workings (\w+)", README, re.M)))


@pytest.mark.parametrize("block", BLOCKS)
def test_the_python_of_the_readme_runs(block, tmp_path, monkeypatch):
    (tmp_path / "evals").symlink_to(ROOT / "evals")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})


def test_what_the_tool_of_the_readme_finds_is_cited(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = {}
    exec(compile(next(b for b in BLOCKS if "def stock" in b), "README.md", "exec"), told)
    said = drafts(("There are 14 units of the Curlew 210 in stock.", "1", "14 units in stock"))
    model = ScriptedModel(calls(("stock", {"product": "Curlew 210"})), *[said] * 3)
    answer = Assistant(model=model, tools=[told["stock"]]).ask("How many Curlew 210 are in stock?")
    assert answer.citations[0].document == "warehouse" and answer.citations[0].verified


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_readme_exist(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "workings " + command in capsys.readouterr().out
