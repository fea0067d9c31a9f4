"""Gold sets in YAML, by the safe loader: no tags of Python, no aliases, no key twice.

A file is a list of cases, or has one under `cases`. Dates stay the text that they are.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..tools.errors import GoldError
from .gold_rows import Found, Rows

_DATE = "tag:yaml.org,2002:timestamp"


def read_yaml(text: str, path: Path) -> Iterator[Found]:
    """The cases of a file. Raises `GoldError` naming file and line."""
    yaml = _yaml()
    loader = _loader(yaml)(text)
    try:
        root = loader.get_single_node()
        if isinstance(root, yaml.MappingNode):
            root = next((value for key, value in root.value if key.value == "cases"), root)
        if root is not None and not isinstance(root, yaml.SequenceNode):
            raise GoldError(f"{path.name}: expected a list of cases, or one under `cases`", path)
        for node in root.value if root is not None else ():
            line = node.start_mark.line + 1
            row = loader.construct_document(node)
            if not isinstance(row, dict):
                raise GoldError(
                    f"{path.name} line {line}: expected a case, found {type(row).__name__}",
                    path,
                    line,
                )
            yield Found({str(name): value for name, value in row.items()}, line, f"line {line}")
    except yaml.YAMLError as error:
        raise _told(error, path) from None
    except (RecursionError, ValueError) as error:
        raise GoldError(f"{path.name}: not YAML that can be read ({error})", path) from None
    finally:
        loader.dispose()


def load_yaml(text: str, path: Path) -> Any:
    """A whole YAML document as plain data. Raises `GoldError` naming file and line."""
    yaml = _yaml()
    try:
        return yaml.load(text, Loader=_loader(yaml))
    except yaml.YAMLError as error:
        raise _told(error, path) from None
    except (RecursionError, ValueError) as error:
        raise GoldError(f"{path.name}: not YAML that can be read ({error})", path) from None


def yaml_body(rows: Rows) -> bytes:
    """Rows as YAML, in the order of their fields."""
    body: str = _yaml().safe_dump(
        {"cases": list(rows)}, sort_keys=False, allow_unicode=True, width=100
    )
    return body.encode("utf-8", "surrogatepass")


def _told(error: Any, path: Path) -> GoldError:
    mark = getattr(error, "problem_mark", None)
    line = None if mark is None else mark.line + 1
    where = path.name if line is None else f"{path.name} line {line}"
    problem = getattr(error, "problem", None) or str(error).split("\n")[0]
    return GoldError(f"{where}: not YAML ({problem})", path, line)


def _loader(yaml: Any) -> Any:
    """PyYAML's safe loader without aliases, dates and keys that are there twice."""

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                event = self.peek_event()
                raise yaml.MarkedYAMLError(
                    problem=f"the alias *{event.anchor} is not read: write it out",
                    problem_mark=event.start_mark,
                )
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen: set[Any] = set()
            for key, _ in node.value:
                name = self.construct_object(key, deep=True)
                if not isinstance(name, str | int | float | bool | None) or name in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"the key {str(name)[:60]!r} is there twice or is no text",
                        problem_mark=key.start_mark,
                    )
                seen.add(name)
            return super().construct_mapping(node, deep=True)

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in pairs if tag != _DATE]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _yaml() -> Any:
    try:
        return importlib.import_module("yaml")
    except ImportError:
        raise GoldError(
            "YAML needs PyYAML: pip install 'workings[data]' (or use .jsonl or .csv)"
        ) from None
