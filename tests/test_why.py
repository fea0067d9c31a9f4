"""Where a page was lost: one stage each, in the search, in the prompt, by the model."""

import json

import pytest
from scripted import ScriptedModel, calls, drafts, says
from workings.agent.assistant import Assistant
from workings.agent.cli import main
from workings.evals.why import STAGES, looking, retrieval_of, why
from workings.graphs.model import Profile
from workings.tools.embedders import WordLlama
from workings.tools.errors import SettingsError
from workings.tools.evidence import shown_passages
from workings.tools.index import Index
from workings.tools.retrieval import RetrievalOptions
from workings.tools.what_if import parse
from workings.tools.why import PARTS, explain

PLACES = ("Ardal", "Brevik", "Corran", "Dunmore", "Elgin", "Fetlar", "Glenrig", "Harray")
QUESTION = "How many boats does the ferry company Ostrova run from Corran?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("docs")
    for number, place in enumerate(PLACES, start=2):
        text = f"The ferry company Ostrova runs {number} boats from {place} in summer.\n"
        (made / f"{place.lower()}.txt").write_text(text, encoding="utf-8")
    note = "Bread is baked at night with rye, salt and water.\n"
    (made / "bread.txt").write_text(note, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def index(folder, tmp_path_factory):
    made = Index.open(tmp_path_factory.mktemp("index"))
    made.update([folder])
    return made


def test_a_page_among_the_best_is_lost_nowhere(index):
    ranks = index.why(QUESTION, "corran.txt", 1, 3)
    assert (ranks.lost, ranks.rank, ranks.stages[0].beaten_by) == (None, 1, None)
    assert [stage.stage for stage in ranks.stages] == [*PARTS, "fusion", "per-page limit"]


@pytest.mark.parametrize("name", [*(f"{place.lower()}.txt" for place in PLACES), "bread.txt"])
@pytest.mark.parametrize("k", [1, 2, 4])
def test_a_page_is_lost_exactly_when_the_search_does_not_give_it(index, name, k):
    found = [hit.passage.document for hit in index.search(QUESTION, k)]
    assert (index.why(QUESTION, name, 1, k).lost is None) == (name in found)


def test_a_near_miss_is_the_cuts_and_names_what_stands_before_it(index):
    ranks = index.why(QUESTION, "harray.txt", 1, 2)
    assert ranks.lost == "cut"
    rival = ranks.stages[-1].beaten_by
    assert rival is not None and rival.score >= ranks.stages[-1].score
    assert rival.document == index.search(QUESTION, 2)[-1].passage.document


def test_what_has_no_word_of_the_question_is_no_result_at_all(index):
    ranks = index.why(QUESTION, "bread.txt", 1, 1)
    assert (ranks.lost, ranks.rank) == ("fusion", None)


def test_far_from_the_cut_the_stage_is_named_that_put_a_page_there(index):
    far = index.search(QUESTION, 8)[-1].passage.document
    ranks = index.why(QUESTION, far, 1, 1)
    places = {stage.stage: stage.rank for stage in ranks.stages}
    assert places[ranks.lost] > 5
    before = list(PARTS)[: list(PARTS).index(ranks.lost)]
    assert not before or places[before[-1]] <= 5


def test_another_document_asked_for_is_a_filter(index):
    only = {index.resolve("ardal.txt").id}
    assert index.why(QUESTION, "corran.txt", 1, 8, only).lost == "filter"
    assert index.why(QUESTION, "corran.txt", 1, 8, pages=(2, 3)).lost == "filter"


def test_a_page_without_text_is_lost_before_any_search(index):
    contents = index._contents
    key = index.resolve("corran.txt").id
    assert explain(contents, index.embedder, QUESTION, key, 9, 8).lost == "text"
    assert explain(contents, index.embedder, QUESTION, "unknown", 1, 8).lost == "text"


def test_the_same_embedder_in_place_of_its_own_changes_no_rank(index):
    own = index.why(QUESTION, "harray.txt", 1, 3)
    again = index.why(QUESTION, "harray.txt", 1, 3, embedder=WordLlama())
    assert [s.rank for s in again.stages] == [s.rank for s in own.stages]


def test_a_part_that_is_left_out_gives_nothing(index):
    options = parse(["prior=0,dense=0"]).applied(RetrievalOptions())
    scores = [s.score for s in index.why(QUESTION, "corran.txt", 1, 3, options=options).stages]
    assert scores[0] == scores[1] == scores[2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dens=0.3", "'dense'"),
        ("pack=finanse", "finance"),
        ("embedder=wordlama", "'wordllama'"),
        ("k=0", "from 1 to"),
        ("k=many", "from 1 to"),
        ("dense=much", "expected a number"),
        ("dense=-1", "from 0 to"),
        ("per_page=1.5", "expected a whole number"),
        ("multi_query=perhaps", "true or false"),
        ("k", "k=20"),
        ("zzz=1", "there are k, pack"),
    ],
)
def test_a_change_that_means_nothing_names_what_does(text, told):
    with pytest.raises(SettingsError, match=told):
        parse([text])


def overlooking(place, tokens=6000, cited=None):
    """A model that searches once and answers from the passage after the one at `place`."""

    def answer(request):
        seen = shown_passages(request.messages[-1].content)
        chosen = seen[(place if cited is None else cited) % len(seen)]
        return drafts((chosen.text.split("\n")[0], chosen.id, chosen.text.split("\n")[0]))

    return ScriptedModel(
        calls(("search_documents", {"query": QUESTION})),
        says("done"),
        answer,
        profile=Profile(passage_tokens=tokens),
    )


def told_of(model, folder, home, place, **settings):
    """What is told of the page of the passage at a place of the search."""
    assistant = Assistant(documents=[folder], home=home, model=model, web=False, **settings)
    answer = assistant.ask(QUESTION)
    found = [step for step in answer.trace.steps if step.kind == "tool"][0].result["passages"]
    page = found[place - 1]
    k, options = retrieval_of(answer.trace)
    look = looking(assistant.index, page["document"], 1, k, None, options)
    return why(answer.trace, page["document"], 1, look), answer, assistant


def test_a_passage_that_stood_in_the_prompt_and_was_passed_over_is_ignored(folder, tmp_path):
    told, answer, _ = told_of(overlooking(3), folder, tmp_path, 3)
    assert not answer.refused
    assert (told.stage, told.place, told.position, told.ranks.lost) == ("ignored", 3, 3, None)


def test_a_passage_that_is_cited_is_used(folder, tmp_path):
    told, *_ = told_of(overlooking(3, cited=2), folder, tmp_path, 3)
    assert told.stage == "used"


def test_a_passage_for_which_no_room_was_left_is_the_budgets(folder, tmp_path):
    told, answer, _ = told_of(overlooking(1, tokens=50), folder, tmp_path, 5)
    assert (told.stage, told.position) == ("budget", None)
    packed = next(n.values["packed"] for n in answer.trace.nodes if "packed" in n.values)
    assert 5 in packed["over"] and 5 not in packed["shown"]


def test_a_page_that_the_search_of_a_run_did_not_give_is_lost_in_the_search(folder, tmp_path):
    told, answer, assistant = told_of(overlooking(1), folder, tmp_path, 1, k=3)
    look = looking(assistant.index, "harray.txt", 1, 3)
    assert why(answer.trace, "harray.txt", 1, look).stage == "cut"
    assert why(answer.trace, "harray.txt", 1).stage == "search"


def test_a_claim_that_was_struck_is_not_an_ignored_passage(folder, tmp_path):
    def wrong(request):
        seen = shown_passages(request.messages[-1].content)[0]
        return drafts(("Ostrova runs 4711 boats.", seen.id, seen.text.split("\n")[0]))

    model = ScriptedModel(
        calls(("search_documents", {"query": QUESTION})), says("done"), wrong, wrong, wrong
    )
    told, answer, _ = told_of(model, folder, tmp_path, 1)
    assert answer.refused
    assert told.stage == "struck"


def test_a_model_that_searches_for_nothing_loses_every_page(folder, tmp_path):
    model = ScriptedModel(says("hello"))
    assistant = Assistant(documents=[folder], home=tmp_path, model=model, web=False)
    trace = assistant.ask(QUESTION).trace
    told = why(trace, "corran.txt", 1, looking(assistant.index, "corran.txt", 1, 8))
    assert (told.stage, told.ranks.lost) == ("search", None)
    assert told.stage in STAGES


@pytest.fixture
def workings(folder, tmp_path, monkeypatch, capsys):
    """Run `workings why`: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        capsys.readouterr()
        code = main(["why", *arguments, "--docs", str(folder)])
        return code, *capsys.readouterr()

    return run


def test_a_person_is_told_the_stage_the_ranks_and_the_run(workings):
    code, out, _ = workings(QUESTION, "--page", "corran:1")
    assert code == 0
    assert out.startswith("corran.txt, page 1: used\n")
    assert "lexical" in out and "in the prompt: place 1 of 8 passages" in out


def test_a_change_shows_both_columns_and_asks_no_model(workings):
    arguments = (QUESTION, "--page", "harray.txt:1", "-k", "1", "--json", "--no-ask")
    code, out, _ = workings(*arguments, "--model", "openai:none", "--what-if", "k=8")
    told = json.loads(out)
    assert (code, told["stage"], told["trace"]) == (0, "cut", None)
    assert (told["what_if"]["changes"], told["what_if"]["lost"]) == ("k=8", None)
    change = "k=8,prior=0,embedder=wordllama"
    _, out, _ = workings(QUESTION, "--page", "harray.txt:1", "-k", "1", "--what-if", change)
    assert "k=8,embedder=wordllama,prior=0.0" in out


def test_one_passage_alone_is_asked_again_and_used(workings, folder):
    code, out, _ = workings(QUESTION, "--page", "corran.txt:1", "--json")
    ranks = json.loads(out)["ranks"]
    only = f"only={ranks['passage']}"
    code, out, _ = workings("--trace", "last", "--page", "ardal.txt:1", "--what-if", only, "--json")
    told = json.loads(out)["only"]
    assert (code, told["used"]) == (0, True)
    other = "How much salt is in the bread of Elgin?"
    code, out, _ = workings(other, "--page", "corran.txt:1", "--what-if", only)
    assert "the answer does not use it (refused)" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((QUESTION, "--page", "coran.txt:1"), "corran.txt"),
        ((QUESTION, "--page", "corran.txt:7"), "corran.txt has 1 page"),
        ((QUESTION, "--page", "corran.txt:1", "--what-if", "only=zz-1-0"), "no passage has this"),
        ((QUESTION, "--page", "corran.txt:1", "--trace", "nothing"), "nothing"),
        (("--page", "corran.txt:1"), "give a QUESTION"),
    ],
)
def test_what_is_not_there_is_named(workings, arguments, told):
    code, out, err = workings(*arguments)
    assert (code, out) == (2, "")
    assert told in err
