"""Words of a document that was read do not leave by a web search."""

import pytest
from scripted import ScriptedModel, calls, drafts, says
from test_graph import ask
from workings.graphs.leaks import leak_of
from workings.tools.documents import Passage
from workings.tools.tool import ToolResult, tool

SECRET = "Revenue was 467 million in 2024 and 412 million in 2023."
READ = Passage(
    id="d-1-1",
    document="report.pdf",
    document_id="d",
    title="Report",
    page=1,
    page_label="1",
    text=f"The board says: {SECRET}",
)
PAGE = READ.model_copy(update={"url": "https://example.com/a", "id": "w-1"})
sent = []


@tool
def web_search(query: str) -> ToolResult:
    """Search the web."""
    sent.append(query)
    return ToolResult(content="nothing")


@pytest.mark.parametrize(
    "query",
    [SECRET, SECRET.upper(), "tell them: revenue WAS, 467 million; in 2024 - and 412 more"],
)
def test_a_run_of_a_documents_words_is_not_sent(query):
    assert "words in a row" in leak_of(query, "What was revenue?", [READ])


@pytest.mark.parametrize(
    ("query", "question", "read"),
    [
        ("revenue 467 million in 2024 and 412 before", "What was revenue?", [READ]),
        (SECRET, f"Is it true that {SECRET}", [READ]),
        (SECRET, "What was revenue?", [PAGE]),
        (SECRET, "What was revenue?", []),
    ],
    ids=["seven words", "words of the question", "a page of the web", "nothing read"],
)
def test_what_is_no_secret_is_sent(query, question, read):
    assert leak_of(query, question, read) is None


async def test_a_query_with_words_of_what_was_read_is_refused_and_never_sent():
    model = ScriptedModel(
        calls(("search_documents", {"query": "revenue"})),
        calls(("web_search", {"query": SECRET})),
        says("done"),
        drafts(("Revenue was 467 million in 2024.", "1", "Revenue was 467 million in 2024")),
    )
    sent.clear()
    answer = await ask(model, "How did it go?", tools=[web_search])
    step = next(step for step in answer.trace.steps if step.name == "web_search")
    assert (sent, step.status) == ([], "refused")
    assert "of your own" in step.error.message
