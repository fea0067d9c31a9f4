"""A graph of one's own, recorded and replayed: two branches at once, one of them a subgraph.

    python docs/examples/branches.py

No key and no network: the models are fakes of LangChain's. Nothing in the nodes knows of Workings,
but for the clock.
"""

import operator
import tempfile
from typing import Annotated, Any

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict
from workings import record, replay
from workings.graphs.recording import nondet


class State(TypedDict):
    """What the branches write together."""

    topic: str
    notes: Annotated[list[str], operator.add]


@tool
def population(city: str) -> int:
    """How many people live in a city."""
    return {"Ghent": 270_473}[city]


def build(tone: str = "plainly") -> Any:
    """The graph; `tone` stands in a prompt."""
    optimist = GenericFakeChatModel(messages=iter([AIMessage("A fine town.")]))
    sceptic = GenericFakeChatModel(messages=iter([AIMessage("It rains.")]))

    def praise(state: State) -> dict[str, list[str]]:
        prompt = f"Say {tone} what is good about {state['topic']}."
        return {"notes": ["".join(piece.text for piece in optimist.stream(prompt))]}

    def look_up(state: State) -> dict[str, list[str]]:
        return {"notes": [f"{population.invoke({'city': state['topic']})} people"]}

    def doubt(state: State) -> dict[str, list[str]]:
        return {"notes": [sceptic.invoke(f"What is bad about {state['topic']}?").text]}

    research = StateGraph(State)
    research.add_node("look_up", look_up)
    research.add_node("doubt", doubt)
    research.add_edge(START, "look_up")
    research.add_edge("look_up", "doubt")

    graph = StateGraph(State)
    graph.add_node("praise", praise)
    graph.add_node("research", research.compile())
    graph.add_node("sign", lambda state: {"notes": [f"written at {nondet.now():%H:%M:%S.%f}"]})
    graph.add_edge(START, "praise")
    graph.add_edge(START, "research")
    graph.add_edge(["praise", "research"], "sign")
    return graph.compile()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        recorded = record(build(), folder)
        print(*recorded.invoke({"topic": "Ghent", "notes": []})["notes"], sep="\n")
        for step in recorded.trace.steps:
            print(f"  {step.index}  {step.kind:5}  {step.node:18}  {step.name}")

        again = replay(recorded.trace, graph=build())
        print("unchanged code:", again.status)

        changed = replay(recorded.trace, graph=build("warmly"))
        print("changed code:", changed.status)
        print(changed.divergences[0])
