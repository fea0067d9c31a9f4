"""What a reader could copy runs: the README's Python, and its commands exist."""

import re
from pathlib import Path

import pytest
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


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_readme_exist(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert "workings " + command in capsys.readouterr().out
