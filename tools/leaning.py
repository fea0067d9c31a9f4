"""A short follow-up (`and in 2023?`, `what about the Curlew 240?`) made whole by earlier questions.

Knows questions only: what was answered is not looked at. A question that stands alone stays as is.
"""

import re
from collections.abc import Sequence

from .names import names_in
from .periods import is_period, years
from .question import Question, analyse
from .terms import closeness, content, stem, stems, tokens

_EARLIER = 2
"""Earlier questions that are looked at, as many as the answer's request shows."""
_LONGEST_ELLIPSIS, _LONGEST = 10, 12
"""Words of a fragment, and of a question that may lean on an earlier one."""
_ELLIPSIS = re.compile(
    r"^(?:and|but|or|so|then|ok(?:ay)?|also)?[,\s]*(?:and\s+)?"
    r"(?:(?:what|how)\s+about|same\s+(?:for|question\s+for)|and|but|or)\b[,\s]*",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"^(?:so|then|also|why|really)\b|"
    r"\b(?:it|its|that|this|they|them|their|those|these|there|he|she|his|her|one|the same)\b",
    re.IGNORECASE,
)
_OWNED = re.compile(r"\b(?:its|their|his|her)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:it|that|this|they|them|those|these)\b", re.IGNORECASE)
_ASKS = re.compile(
    r"^(?:in |by |for |since |at )?(?:what|how|when|who|whom|which|where|why|is|are|was|were|do|"
    r"does|did|can|could|will|would|may|must|should|has|have|had)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"^(?:for|in|of|at|with|to|by|from|on|without|after|before)\b", re.I)
_DETERMINER = re.compile(r"^(?:the|a|an|our|its)\s+", re.IGNORECASE)


def resolve(question: str, earlier: Sequence[str]) -> str:
    """A follow-up with what it leaves out, taken from the question before; else as it is."""
    if not earlier:
        return question
    words = question.split()
    fragment = _ELLIPSIS.match(question)
    if fragment and len(words) <= _LONGEST_ELLIPSIS:
        rest = question[fragment.end() :].strip()
        whole = resolve(earlier[-1], earlier[-1 - _EARLIER : -1])
        if rest and not _ASKS.match(rest):
            return _leaned(rest, whole) if _OWNED.search(rest) else _filled(rest, whole)
        return _leaned(rest, whole) if rest and _LEANS.search(rest) else f"{rest} ({whole})"
    leans = len(words) <= _LONGEST and _LEANS.search(question)
    if leans and _before_names(question):
        return _leaned(question, resolve(earlier[-1], earlier[-1 - _EARLIER : -1]))
    return question


def _before_names(question: str) -> bool:
    """Whether a pronoun stands before any name: `Is it sold with 4G?`, not `Does Ann say it?`."""
    names = analyse(question).names
    found = _PRONOUN.search(question) or _OWNED.search(question)
    return not names or bool(found and found.start() < question.find(names[0]))


def _filled(rest: str, whole: str) -> str:
    """The earlier question with the fragment in the place of what is of its kind."""
    rest = rest.rstrip(" ?.!")
    now, before = analyse(f"What about {rest}?"), analyse(whole)
    text = whole
    fresh = [period for period in now.periods if period not in before.periods]
    if len(now.periods) == len(before.periods):
        fresh = list(now.periods)
    if fresh and before.periods:
        text = _dated(text, before, fresh)
    elif fresh:
        text = f"{text.rstrip(' ?.')} in {' and '.join(fresh)}?"
    names = names_in(f"about {rest}")
    left = [term for term in content(rest) if not is_period(term) and term not in now.periods]
    if not left:
        return text
    if names:
        old = _likest(names[0], before.names)
        if old:
            return text.replace(old, names[0])
    phrase = _DETERMINER.sub("", re.sub(r"\b(?:in|for|of)\s+(?:FY\s?)?(?:19|20)\d\d\b", "", rest))
    subject = _span(text, before)
    if subject and not names and not _PREPOSITION.match(phrase):
        return text.replace(subject, phrase.strip(), 1)
    return f"{text.rstrip(' ?.')} {rest}?"


def _dated(text: str, before: Question, fresh: Sequence[str]) -> str:
    """The text with its last periods replaced by the fresh ones."""
    old = list(before.periods)[-len(fresh) :]
    new = dict(zip(old, fresh, strict=False))
    return re.sub(rf"\b(?:{'|'.join(old)})\b", lambda match: new[match.group()], text)


def _leaned(rest: str, whole: str) -> str:
    """The follow-up with the thing the earlier question is about in the place of its pronoun."""
    before, now = analyse(whole), analyse(rest)
    subject = _span(whole, before)
    name = before.names[-1] if before.names else ""
    missing = [period for period in before.periods if period not in now.periods]
    when = f" in {missing[-1]}" if missing else ""
    end = "?" if not rest.rstrip().endswith((".", "!")) else ""
    if _OWNED.search(rest) and (name or subject):
        return (
            f"{_OWNED.sub(f'{name or subject}' + chr(39) + 's', rest, count=1).rstrip(' ?')}{end}"
        )
    pronoun = _PRONOUN.search(rest)
    if pronoun and not now.subject and not now.names and now.operation is None and now.periods:
        return _filled(" ".join(now.periods), whole)  # `what was it in 2023?`
    about = f"{subject} of {name}" if subject and name else subject or name
    if pronoun and now.operation is not None and about:
        made = f"{rest[: pronoun.start()]}{about}{rest[pronoun.end() :]}".rstrip(" ?.")
        if when and years(made):
            when = f" to {missing[-1]}" if missing[-1] > years(made)[-1] else f" and {missing[-1]}"
        return f"{made}{when}?"
    if pronoun and name and len(now.subject) >= 1:
        return f"{rest[: pronoun.start()]}{name}{rest[pronoun.end() :]}"
    return f"{rest} ({whole})"


def _span(text: str, question: Question) -> str:
    """The longest run of the question's subject in the text, as written: `operating profit`."""
    best: list[str] = []
    run: list[str] = []
    for word in [*text.split(), ""]:
        plain = word.strip(".,?!:;()\"'")
        if plain and stem(tokens(plain)[0] if tokens(plain) else plain) in question.subject:
            run.append(plain)
            if word != plain:
                best, run = (run if len(run) > len(best) else best), []
            continue
        best, run = (run if len(run) > len(best) else best), []
    return " ".join(best)


def _likest(name: str, names: Sequence[str]) -> str:
    """The earlier name that a new one stands for: one that shares a word, else the last."""
    own = frozenset(stems(name))
    shared = [old for old in names if any(closeness(term, own) == 1.0 for term in content(old))]
    return shared[-1] if shared else names[-1] if names else ""
