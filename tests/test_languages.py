import pytest
from workings.tools.composing import compose
from workings.tools.documents import Page
from workings.tools.errors import SettingsError
from workings.tools.evidence import Shown
from workings.tools.index import Index
from workings.tools.languages import ENGLISH, LANGUAGES, check_language, detect, of_question
from workings.tools.lexical import terms
from workings.tools.retrieval import RetrievalOptions, weigh

GERMAN = """# Die Mühle am Bach

Die alte Mühle steht seit dem Jahr 1820 an dem Bach und gehört einer Genossenschaft. Sie wird von
vier Müllerinnen betrieben, die das Mehl auf den Märkten der Gegend verkaufen. Im Winter ist der
Bach zugefroren, und es wird nicht gemahlen."""
FRENCH = """# Le phare du nord

Le phare est gardé par une famille depuis 1911. Les gardiens allument la lampe chaque soir et notent
les bateaux qui passent dans un registre. L'escalier a deux cents marches, et il n'y a pas de porte
du côté de la mer. Les visiteurs sont nombreux pendant l'été."""
SPANISH = """# La panadería de la plaza

La panadería abre a las seis de la mañana y cierra cuando no queda pan. Los panaderos usan harinas
de tres molinos y hornos de leña que fueron construidos por los abuelos. El pan más vendido es el de
centeno, y los domingos se hacen también dulces con almendras."""
ENGLISH_TEXT = """# The ferry

The ferry sails at noon and is back by four. It carries sixty people and their bicycles. In stormy
weather it stays in the harbour, and those who hold tickets are given their money back."""


@pytest.mark.parametrize(
    ("text", "language"),
    [(GERMAN, "german"), (FRENCH, "french"), (SPANISH, "spanish"), (ENGLISH_TEXT, ENGLISH)],
)
def test_a_language_shows_in_its_small_words(text, language):
    assert detect([Page(number=1, label="1", text=text)]) == language


@pytest.mark.parametrize(
    "text",
    ["", "1 234 | 5 678\n" * 50, "Umsatz | 2023 | 2024", "e o a i y\n" * 40,
     "a die was cast in the mould of the old one, as the die is in so many of the cases"],
)  # fmt: skip
def test_what_does_not_clearly_say_otherwise_is_english(text):
    assert detect([Page(number=1, label="1", text=text)]) == ENGLISH


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("languages")
    (folder / "docs").mkdir()
    for name, text in {"de": GERMAN, "fr": FRENCH, "es": SPANISH, "en": ENGLISH_TEXT}.items():
        (folder / "docs" / f"{name}.md").write_text(text, encoding="utf-8")
    made = Index.open(folder / "index")
    made.update([folder / "docs"])
    return made


ONLY_WORDS = RetrievalOptions(dense=0, headings=0, prior=0)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Welche Müllerin verkauft auf dem Markt?", "de.md"),
        ("Quel gardien note un bateau?", "fr.md"),
        ("¿Cuándo cierran las panaderías?", "es.md"),
        ("Which tickets are given back when it is a storm?", "en.md"),
        ("Müllerin", "de.md"),
        ("almendra", "es.md"),
    ],
)
def test_words_are_found_in_another_form_in_their_own_language(index, question, name):
    hit = index.search(question, options=ONLY_WORDS)[0]
    assert hit.passage.document == name and hit.parts["lexical"] == 1.0


def test_only_documents_in_another_language_say_so(index):
    told = {d.name: d.metadata.get("language") for d in index.documents}
    assert told == {"de.md": "german", "fr.md": "french", "es.md": "spanish", "en.md": None}


def test_a_question_with_no_small_words_is_asked_in_every_language_of_the_index():
    both = (ENGLISH, "german")
    assert of_question("Die Umsätze der Gesellschaft", both) == ("german",)
    assert of_question("Umsatz 2024", both) == both
    assert of_question("Was ist das?", [ENGLISH]) == (ENGLISH,)


def test_english_questions_weigh_as_they_always_did():
    options = RetrievalOptions(named=0.3)
    question = "What were the revenues of Acme in 2024?"
    plain = {term: 0.3 if term == "acm" else 1.0 for term in terms(question)}
    assert weigh(question, {"acm"}, options) == plain
    several = weigh(question, {"acm"}, options, (ENGLISH, "german"))
    assert several.items() >= plain.items()


def test_a_language_that_is_set_holds_for_every_document(tmp_path):
    (tmp_path / "a.md").write_text(ENGLISH_TEXT)
    index = Index.open(tmp_path / "index", language="none")
    index.update([tmp_path / "a.md"])
    assert index.documents[0].metadata["language"] == "none"
    assert index.search("sails", options=ONLY_WORDS)
    assert not index.search("sailing", options=ONLY_WORDS)


def test_an_unknown_language_is_told_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'german'"):
        check_language("germann")
    assert "none" in LANGUAGES and "porter" not in LANGUAGES


def test_a_question_in_another_language_is_told_who_reads_it():
    lease = Shown("1", "vertrag.txt", "Die Miete ist am Ersten zu zahlen.", "1")
    refused = compose("Wie hoch ist die Kaution?", [lease])
    assert refused.refused and "only questions in English" in refused.reason
