"""What is wrong with a setting, in the words of the person who set it.

Knows how a wrong value, an unknown setting and a misspelt variable are told. Knows nothing of which
settings there are or of where they are read.
"""

import difflib
from collections.abc import Collection, Mapping, Sequence

from pydantic import ValidationError

from ..tools.errors import SettingsError
from ..tools.meant import meant

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "string_type": "a text in quotes",
    "path_type": "a path in quotes",
}


def check_setting(name: str, names: Collection[str], where: str) -> None:
    """Raise `SettingsError` for a setting that there is none of; `where` is where it was said."""
    if name in names:
        return
    near = meant(name, names)
    hint = f"did you mean {near[0]!r}?" if near else f"the settings are {', '.join(names)}"
    raise SettingsError(f"unknown setting {name!r} in {where}: {hint}")


def check_variable(variable: str, names: Collection[str], others: Collection[str]) -> None:
    """A misspelt variable of ours is an error; one of somebody else's is not ours to judge."""
    if not variable.startswith("WORKINGS_"):
        return
    if variable in names or variable in others:
        return
    near = difflib.get_close_matches(variable, names, n=1, cutoff=0.85)
    if near:
        raise SettingsError(f"unknown environment variable {variable}: did you mean {near[0]}?")


def explain(
    error: ValidationError,
    said: Mapping[str, str],
    secrets: Collection[str],
    choices: Mapping[str, Sequence[str]],
) -> str:
    """Each wrong value, where it was `said`, and what was expected; of `secrets` no value.

    `choices` are the words that a setting may be, for those that may be a few only.
    """
    problems = []
    for item in error.errors():
        name = str(item["loc"][0])
        if item["type"] in _EXPECTED:
            expected = f"expected {_EXPECTED[item['type']]}"
        elif item["type"] == "literal_error":
            expected = f"expected {' or '.join(choices[name])}"
        else:
            expected = item["msg"].removeprefix("Value error, ")
            expected = expected.replace("Input should be", "expected a number")
        quoted = name if name in secrets else f"{name} = {item['input']!r}"
        problems.append(f"{quoted} ({said.get(name, 'given')}): {expected}")
    return "; ".join(problems)
