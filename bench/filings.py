"""`extractive` over 18 real filings in one index: 46 questions to a verified citation or refusal.

python bench/filings.py [--wrong]
"""

import sys
import tempfile
from pathlib import Path

from common import rows, share, shared, table
from workings.agent.assistant import Assistant
from workings.tools.errors import WorkingsError
from workings.tools.numbers import find_numbers


def near(answer, gold):
    """Within 1 %, scale words honoured, free where only one side names a scale."""
    wanted = find_numbers(gold)
    if not wanted or answer.refused:
        return False
    target = abs(float(wanted[0].value * wanted[0].scale))
    shown = [answer.value] if answer.value is not None else []
    shown += [float(n.value * n.scale) for n in find_numbers(answer.text) if not n.year]
    factors = (1, 1e3, 1e6, 1e9, 1e-3, 1e-6, 1e-9)
    return any(abs(abs(float(n)) * f - target) <= 0.01 * target for n in shown for f in factors)


def main():
    data = shared("data", "financebench", "questions.jsonl")
    if data is None:
        return
    questions = rows(data)
    crashes = answered = refused = unverified = right = page = 0
    bare = [q for q in questions if q["answer_is_bare_number"]]
    with tempfile.TemporaryDirectory() as home:
        assistant = Assistant(
            documents=[data.parent / "pdfs"], home=Path(home), model="extractive", web=False
        )
        for question in questions:
            try:
                answer = assistant.ask(question["question"])
            except WorkingsError as error:
                print(question["id"], type(error).__name__, error)
                crashes += 1
                continue
            refused += answer.refused
            answered += not answer.refused
            unverified += not answer.refused and not (
                answer.citations and all(c.verified for c in answer.citations)
            )
            gold = {(e["doc_name"] + ".pdf", e["page_1based"]) for e in question["evidence"]}
            cited = any((c.document, c.page) in gold for c in answer.citations)
            page += cited
            ok = question["answer_is_bare_number"] and near(answer, question["answer"])
            right += ok
            if "--wrong" in sys.argv:
                print(
                    question["id"],
                    "refused" if answer.refused else "answered",
                    "page" if cited else "-",
                    "RIGHT" if ok else "",
                    "\n  Q",
                    question["question"],
                    "\n  gold",
                    question["answer"][:200],
                    "\n  got",
                    answer.text[:300],
                )
    n = len(questions)
    table(
        [
            "extractive, 18 filings in one index",
            "answered",
            "refused",
            "answered without verified citation",
            "crashes",
            "bare-number golds right",
            "a gold page among the cited",
        ],
        [
            [
                n,
                share(answered, n),
                refused,
                unverified,
                crashes,
                share(right, len(bare)),
                share(page, n),
            ]
        ],
    )


if __name__ == "__main__":
    main()
