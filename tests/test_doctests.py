"""The examples in docstrings run (imported by their workings.* names, never twice)."""

import doctest
import importlib
import importlib.util
import pkgutil

import pytest
import workings

NAMES = [
    module.name
    for module in pkgutil.walk_packages(workings.__path__, "workings.")
    if module.name.split(".")[1] in ("agent", "evals", "graphs", "tools")
    and not module.name.endswith("make_documents")
    # Its extra is not among those of the tests.
    and (importlib.util.find_spec("onnx") or not module.name.endswith("minilm_graph"))
]


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_module_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
