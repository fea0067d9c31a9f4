"""Raw tool arguments: whole, one object, no key twice, as declared; else refused."""

import pytest
from workings.graphs.arguments import check_arguments, parse_arguments
from workings.tools.errors import ToolError
from workings.tools.tool import tool


@pytest.mark.parametrize(
    "raw",
    [
        '{"expression": "2+',
        "",
        '"2+2"',
        "[1]",
        '{"expression": "2+2", "expression": "9**9**9"}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": NaN}',
        '{"a": 1} {"a": 2}',
        "[" * 100_000,
        '{"a": ' + "[" * 65 + "]" * 65 + "}",
    ],
)
def test_what_is_not_one_whole_object_is_refused(raw):
    with pytest.raises(ToolError):
        parse_arguments(raw, 1_000_000)


def test_many_brackets_side_by_side_are_no_depth():
    raw = '{"a": [' + ", ".join(["[]", "{}"] * 100) + "]}"
    assert len(parse_arguments(raw, 1_000_000)["a"]) == 200


def test_arguments_over_the_limit_are_refused_unread():
    with pytest.raises(ToolError, match="at most 64"):
        parse_arguments('{"a": "' + "x" * 64 + '"}', 64)


@tool
def weigh(item: str, times: int = 1, exact: bool = False) -> str:
    """Weigh an item."""
    return f"{item} {times} {exact}"


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({}, "needs the argument 'item'"),
        ({"item": "a", "shell": "true"}, "has no argument 'shell'"),
        ({"item": ["a"]}, "item is a list"),
        ({"item": "a", "times": True}, "times is a bool"),
        ({"item": "a", "times": "2"}, "times is a str"),
    ],
)
def test_arguments_that_do_not_fit_the_schema_are_named(arguments, wrong):
    with pytest.raises(ToolError, match=wrong):
        check_arguments(weigh, arguments)


def test_arguments_that_fit_pass():
    check_arguments(weigh, {"item": "a", "times": 2, "exact": True})
