"""What the model may narrow a search by, and what the ranking was told, as the trace keeps it."""

import pytest
from workings import Assistant
from workings.tools.documents_tools import document_tools
from workings.tools.errors import SettingsError, ToolError
from workings.tools.index import Index


@pytest.fixture
def index(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "report-2023.md").write_text("# Report 2023\n\nThe harbour fee was 12 euros.\n")
    (folder / "report-2024.md").write_text("# Report 2024\n\nThe harbour fee was 14 euros.\n")
    made = Index.open(tmp_path / "index")
    made.update([folder])
    return made


async def search(index, **arguments):
    tool = document_tools(index, None, 8)[0]
    found = await tool.run({"query": "harbour fee", **arguments})
    return {passage.document for passage in found.passages}


async def test_a_search_keeps_to_the_dates_it_is_given(index):
    assert await search(index) == {"report-2023.md", "report-2024.md"}
    assert await search(index, since="2024") == {"report-2024.md"}
    assert await search(index, until="2023-12") == {"report-2023.md"}


async def test_a_search_keeps_to_the_pages_it_is_given(index):
    assert await search(index, pages="1-3") == {"report-2023.md", "report-2024.md"}
    assert await search(index, pages="2-3") == set()


@pytest.mark.parametrize("pages", ["0", "9-3", "first", "1-2-3"])
async def test_pages_that_are_none_are_told_back(index, pages):
    with pytest.raises(ToolError, match="FIRST-LAST"):
        await search(index, pages=pages)


async def test_a_date_that_is_none_is_told_back(index):
    with pytest.raises(ToolError, match="lately"):
        await search(index, since="lately")


def test_the_trace_keeps_the_pack_and_its_content(tmp_path):
    (tmp_path / "a.md").write_text("# Fees\n\nThe harbour fee was 12 euros.\n")
    assistant = Assistant(tmp_path / "a.md", home=tmp_path / "home", pack="finance")
    told = assistant.ask("What was the harbour fee?").trace.start.options["retrieval"]
    assert told["pack"] == "finance" and len(told["pack_hash"]) > 8


def test_a_pack_that_is_not_there_names_those_that_are(tmp_path):
    (tmp_path / "a.md").write_text("The harbour fee was 12 euros.\n")
    with pytest.raises(SettingsError, match="finance"):
        Assistant(tmp_path / "a.md", home=tmp_path / "home", pack="finances")
