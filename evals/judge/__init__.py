"""The judge as an instrument: a language model with a rubric, recorded, replayed and calibrated.

verdict = await Judge(model, "correctness").judge(Subject(question=..., reference=..., answer=...))
"""

from .judge import Judge
from .judgement import Ballot, Judgement, Preference, Vote
from .replaying import replay_judgement
from .rubric import Rubric
from .subject import Subject, subject_of

__all__ = [
    "Ballot",
    "Judge",
    "Judgement",
    "Preference",
    "Rubric",
    "Subject",
    "Vote",
    "replay_judgement",
    "subject_of",
]
