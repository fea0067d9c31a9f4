"""The one job whose cost bench/speed.py measures: three model requests, a retrieving tool and a calculator, canned.

Knows it as an ask of ours, as a plain LangGraph and as LangChain's agent, each for question number n. Knows nothing of
measuring, of replays or of rivals.
"""

import sys

from common import ROOT

sys.path.insert(0, str(ROOT / "tests"))
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool as lc_tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from scripted import ScriptedModel, calls, drafts
from workings.graphs.limits import Limits
from workings.graphs.live import LiveCalls
from workings.graphs.prompts import SYSTEM
from workings.graphs.run import run
from workings.graphs.steps import Start
from workings.tools.calculator import calculator_tool
from workings.tools.documents import Passage
from workings.tools.tool import ToolResult, tool


def text_of(n):
    return (
        f"Arden {n} Ltd annual report. Revenue for the year 2021 was {400 + n}.5 million; for 2022"
        f" it was 467.25 million. Operating margin rose to 14.2 percent. The board recommends a"
        f" dividend of 3 pence per share. "
    ) * 4


def question(n):
    return f"What was the total revenue of Arden {n} Ltd over 2021 and 2022, in millions?"


def answer_text(n):
    return (
        f"Revenue was {400 + n}.5 million in 2021 and 467.25 million in 2022, so the total is"
        f" {867 + n}.75 million."
    )


@tool
async def search_documents(query: str) -> ToolResult:
    """Search the documents."""
    n = int(query.split()[-1])
    passage = Passage(
        id=f"d1-{n + 1}-1",
        document="reports.pdf",
        document_id="d1",
        title="Reports",
        page=n + 1,
        page_label=str(n + 1),
        text=text_of(n),
    )
    return ToolResult(passages=(passage,))


TOOLS = {"search_documents": search_documents, "calculator": calculator_tool()}


def script(n):
    quote = f"Revenue for the year 2021 was {400 + n}.5 million; for 2022 it was 467.25 million"
    return [
        calls(("search_documents", {"query": f"revenue of Arden {n}"})),
        calls(("calculator", {"expression": f"{400 + n}.5 + 467.25"})),
        drafts((answer_text(n), "1", quote)),
    ]


def start_of(n, model, id):
    return Start(
        id=id,
        created="2026-01-01T00:00:00+00:00",
        question=question(n),
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
        limits=Limits().model_dump(mode="json"),
        options={
            "today": "2026-01-01",
            "documents": [{"name": "reports.pdf", "title": "Reports"}],
        },
        tools=tuple({**item.schema(), "effect": item.effect} for item in TOOLS.values()),
    )


async def ask(n, recorder, id):
    model = ScriptedModel(*script(n))
    return await run(start_of(n, model, id), LiveCalls(model, 120), TOOLS, recorder)


class Canned(BaseChatModel):
    model: str = "canned-1"

    @property
    def _llm_type(self):
        return "canned"

    def _reply(self, messages):
        n = int(messages[1].content.split()[7])
        turn = sum(message.type == "ai" for message in messages)
        usage = {"input_tokens": 310, "output_tokens": 28, "total_tokens": 338}
        asked = [
            ("search", {"query": f"revenue of Arden {n}"}),
            ("reckon", {"expression": f"{400 + n}.5 + 467.25"}),
        ]
        if turn < 2:
            call = {
                "name": asked[turn][0],
                "args": asked[turn][1],
                "id": f"c{turn}",
                "type": "tool_call",
            }
            message = AIMessage("", tool_calls=[call], usage_metadata=usage)
        else:
            message = AIMessage(answer_text(n), usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _generate(self, messages, stop=None, run_manager=None, **keywords):
        return self._reply(messages)

    async def _agenerate(self, messages, stop=None, run_manager=None, **keywords):
        return self._reply(messages)

    def bind_tools(self, tools, **keywords):
        return self.bind(tools=[convert_to_openai_tool(item) for item in tools], **keywords)


@lc_tool
def search(query: str) -> str:
    """Retrieve the passages that are most relevant for the query."""
    return text_of(int(query.split()[-1]))


@lc_tool
def reckon(expression: str) -> str:
    """Evaluate an arithmetic expression exactly."""
    left, _, right = expression.split()
    return str(float(left) + float(right))


def floor_graph():
    bound = Canned().bind_tools([search, reckon])

    def agent(state):
        return {"messages": [bound.invoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("agent", agent)
    graph.add_node("tools", ToolNode([search, reckon]))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition)
    graph.add_edge("tools", "agent")
    return graph.compile()


def create_agent():
    try:
        from langchain.agents import create_agent as make
    except ImportError:
        return None
    return make(Canned(), [search, reckon], system_prompt=SYSTEM)
