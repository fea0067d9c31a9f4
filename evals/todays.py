"""Our own tools as they are described to a model today, for comparing with a record.

Knows which tools are ours. None of these can be run: they have no documents and no key.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

from ..tools.calculator import calculator_tool
from ..tools.documents_tools import document_tools
from ..tools.index import Index
from ..tools.tool import Tool
from ..tools.web import web_tool


@cache
def todays_tools() -> Mapping[str, Tool]:
    """Every tool of ours by name; of use are its name, description, parameters and effect."""
    without_documents = document_tools(cast(Index, None), None, 1)
    ours = (*without_documents, web_tool("a replay asks nobody"), calculator_tool())
    return MappingProxyType({tool.name: tool for tool in ours})
