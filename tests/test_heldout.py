"""The held-out part: read, disjoint from development, about our documents. Never graded here."""

from pathlib import Path

from workings.evals.gold import GoldSet

SAMPLES = Path(__file__).parent.parent / "evals" / "samples"
DEVELOPMENT = GoldSet.load(SAMPLES / "gold.jsonl").cases
HELD_OUT = GoldSet.load(SAMPLES / "heldout.jsonl").cases


def test_a_third_is_held_out_and_no_question_stands_in_both():
    assert len(DEVELOPMENT) + len(HELD_OUT) >= 90
    assert len(HELD_OUT) * 3 >= len(DEVELOPMENT) + len(HELD_OUT)
    both = {c.question.casefold() for c in DEVELOPMENT} & {c.question.casefold() for c in HELD_OUT}
    assert not both


def test_every_document_it_names_is_there():
    named = {case.document for case in HELD_OUT if case.document}
    assert named <= {path.name for path in (SAMPLES / "documents").iterdir()}
