"""What the bench of the judge judges: 40 questions, each with its right answer and a wrong one."""

import json
import random

from common import rows, shared
from workings.evals.checks import plain
from workings.graphs.model import ModelReply, Profile

SEED = 5
COUNT = 40


class AlwaysFirst:
    """The dry run's judge: the first answer is better, and every answer is correct."""

    id = "scripted:first"
    profile = Profile()

    async def attempt(self, request, on_text=None):
        text = request.messages[-1].content
        pair = 'answer id="1"' in text
        start = text.index('<answer id="1">') + 15 if pair else text.index("<answer>") + 8
        quote = text[start : text.index("</answer>", start)]
        verdict = {"reason": "it is first", "quote": quote, "verdict": "1" if pair else "correct"}
        return ModelReply(content=json.dumps(verdict), finish="stop")


def cases():
    """(row, right, wrong, whether the right one is `answer`): 40, the same every time."""
    path = shared("data", "squad2_rc", "questions.jsonl")
    if path is None:
        return []
    questions = rows(path)
    beside = {}
    for row in questions:
        spans = row["answers"] if not row["is_impossible"] else row["plausible_answers"]
        if spans:
            beside.setdefault(row["paragraph_id"], []).append((row["id"], spans[0]))
    found = []
    for row in sorted(questions, key=lambda row: row["id"]):
        if row["is_impossible"]:
            continue
        accepted = [plain(text) for text in row["answers"]]
        wrong = [
            text
            for id, text in beside[row["paragraph_id"]]
            if id != row["id"] and not any(plain(text) in a or a in plain(text) for a in accepted)
        ]
        if wrong:
            found.append((row, row["answers"][-1], wrong[0]))
    draw = random.Random(SEED)
    chosen = draw.sample(found, COUNT)
    sides = [True, False] * (COUNT // 2)
    draw.shuffle(sides)
    return [(*case, side) for case, side in zip(chosen, sides, strict=True)]
