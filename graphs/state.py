"""What the graph carries from node to node. Knows the reducers; decides nothing."""

import operator
from typing import Annotated

from pydantic import Field, JsonValue
from typing_extensions import TypedDict

from ..tools.documents import Frozen, Passage
from ..tools.rows_tool import RowData
from .answer import Answer, Calculation
from .model import Message, ToolRequest


class DraftCitation(Frozen):
    """Where a sentence is said to come from."""

    passage: str = Field(max_length=12)
    quote: str = Field(max_length=400)


class DraftSentence(Frozen):
    """One claim, as the model wrote it."""

    text: str = Field(max_length=600)
    citations: tuple[DraftCitation, ...] = Field(default=(), max_length=4)


class Draft(Frozen):
    """The answer as the model wrote it: nothing in it is verified."""

    refused: bool
    reason: str = Field(default="", max_length=300)
    sentences: tuple[DraftSentence, ...] = Field(default=(), max_length=12)
    value: str = Field(default="", max_length=60)
    unit: str = Field(default="", max_length=40)


class State(TypedDict, total=False):
    """One run's state. Lists grow; the rest is replaced."""

    messages: Annotated[list[Message], operator.add]
    passages: Annotated[list[Passage], operator.add]
    """Evidence in order of arrival, each once; its id for the model is its place, from 1."""
    searches: Annotated[list[list[int]], operator.add]
    """For each retrieving call the ids it gave, best first."""
    calculations: Annotated[list[Calculation], operator.add]
    made: Annotated[list[str], operator.add]
    """Signatures of the calls that ran: the repeat guard."""
    pending: list[ToolRequest]
    """What the last message asks for."""
    denied: list[str]
    """Ids of pending calls that a person did not allow."""
    truncated: bool
    """The last message was cut off: none of its calls may run."""
    formulas: int
    """How often the arithmetic of the question was asked for as a structured output."""
    rows: Annotated[list[RowData], operator.add]
    """Rows of tables that were found, best first for each item that was looked for."""
    lookup: dict[str, JsonValue]
    """How far a question for a number of a table is (graphs.lookup)."""
    stopped: str | None
    """Why no further decision is made: a limit or the repeat guard."""
    packed: dict[str, JsonValue]
    """What of the evidence the answer's prompt held, and what was left out (graphs.pack)."""
    draft: Draft | None
    answer: Answer
