"""The content words of a text, stemmed, with a few general synonyms.

Knows English words only: nothing of questions, passages or scores. `words` of `tools/text.py` is
offered here too.
"""

import re
import threading
from collections.abc import Sequence
from functools import lru_cache

import Stemmer

from .text import words
from .thesaurus import LOOSE
from .wordlists import STOP

__all__ = [
    "STOP",
    "aliases",
    "closeness",
    "content",
    "expanded",
    "folded",
    "hinted",
    "reworded",
    "stem",
    "stems",
    "tokens",
    "words",
]


_STEMMER = Stemmer.Stemmer("english")


_STEMMER_LOCK = threading.Lock()  # PyStemmer keeps state between calls


_WORD = re.compile(
    r"\d[\d,]*(?:\.\d+)?|[^\W\d_][^\W_]*(?:[&'\u2019][^\W_]+)*|\d+[^\W\d_]+", re.UNICODE
)
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[&'][A-Za-z0-9]+)*|[0-9][0-9,]*(?:\.[0-9]+)?")
"""The same of an ASCII text, in little more than half of the time."""


_SYNONYMS = (
    ("ceo", "chief executive officer"),
    ("cfo", "chief financial officer"),
    ("cto", "chief technology officer"),
    ("ciso", "chief information security officer"),
    ("employee", "staff", "workforce", "headcount", "personnel", "people"),
    ("found", "founded", "established", "incorporated", "foundation"),
    ("buy", "bought", "purchase", "acquire", "acquisition", "acquired"),
    ("headquarters", "headquartered", "seat", "registered office"),
    ("begin", "began", "begun", "start", "commence", "commencement"),
    ("end", "expire", "expiry", "terminate", "finish"),
    ("warranty", "guarantee", "guaranteed"),
    ("delete", "erase", "deleted", "erased", "deletion", "erasure"),
    ("weigh", "weight", "weighs", "mass", "kg", "heavy", "heavier", "lighter"),
    ("cost", "price", "costs", "priced", "charge", "fee", "cheaper", "expensive", "dearer"),
    ("height", "tall", "taller"),
    ("length", "long", "longer"),
    ("width", "wide", "wider", "diameter"),
    ("depth", "deep", "deeper"),
    ("speed", "fast", "faster"),
    ("audit", "auditor", "audits"),
    ("big", "large", "largest", "biggest"),
    ("maximum", "max", "highest", "largest"),
    ("minimum", "min", "lowest", "smallest"),
    ("rise", "rose", "increase", "grow", "grew", "growth", "grown"),
    ("fall", "fell", "decrease", "decline", "drop", "dropped", "shrank"),
    ("make", "made", "manufacture", "produce", "built"),
    ("supplier", "vendor", "subcontractor"),
    ("customer", "client"),
    ("country", "countries", "nation"),
    ("profit", "income", "earnings"),
    ("revenue", "sales", "turnover"),
    ("plant", "factory", "facility", "site"),
    ("keep", "kept", "retain", "retained", "retention", "store", "stored"),
    ("often", "frequency", "frequently"),
    ("review", "reviewed", "audit", "audited"),
    ("notify", "notification", "inform", "informed", "report", "reported"),
    ("loan", "debt", "borrowing", "borrowings"),
    (
        "capex",
        "capital expenditure",
        "purchase of property plant and equipment",
        "purchase of property and equipment",
    ),
    ("canada", "canadian"),
    ("germany", "german"),
    ("france", "french"),
    ("netherlands", "dutch"),
    ("britain", "british", "uk"),
    ("norway", "norwegian"),
    ("portugal", "portuguese"),
    ("spain", "spanish"),
    ("italy", "italian"),
    ("denmark", "danish"),
    ("sweden", "swedish"),
    ("japan", "japanese"),
    ("china", "chinese"),
    ("singapore", "singaporean"),
    ("america", "american"),
    ("europe", "european"),
    ("asia", "asian"),
    ("opex", "operating expenses"),
    ("ebit", "operating profit", "operating income"),
    ("rto", "recovery time objective"),
    ("rpo", "recovery point objective"),
    ("sla", "service level agreement"),
    ("vat", "value-added tax"),
    ("hq", "headquarters"),
    ("lead", "delivery"),
    ("first", "1"),
    ("second", "2"),
    ("third", "3"),
    ("r&d", "research and development", "research"),
    ("eps", "earnings per share"),
    ("ppe", "property plant and equipment", "ppne"),
    ("cogs", "cost of sales", "cost of goods sold", "cost of products sold", "cost of revenue"),
    ("backup", "backups", "backed"),
    ("train", "trained", "training", "course"),
    ("two-factor", "mfa", "multi-factor", "multifactor"),
)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of one word, lower case; a number loses its thousands commas."""
    word = word.lower().replace("\u2019", "'")
    if word[0].isdigit():
        return word.replace(",", "")
    word = word.removesuffix("'s").rstrip("'")
    with _STEMMER_LOCK:
        return str(_STEMMER.stemWord(word))


def tokens(text: str) -> list[str]:
    """Words and numbers in order, as written."""
    return (_PLAIN_WORD if text.isascii() else _WORD).findall(text)


def stems(text: str) -> list[str]:
    """Stems of every word in order, stop words included."""
    return [stem(token) for token in tokens(text)]


@lru_cache(maxsize=8192)
def content(text: str) -> tuple[str, ...]:
    """Stems of the content words in order, each once."""
    seen: dict[str, None] = {}
    for token in tokens(text):
        if token.lower().replace("\u2019", "'") not in STOP:
            seen.setdefault(stem(token))
    return tuple(seen)


def _groups() -> dict[str, frozenset[tuple[str, ...]]]:
    table: dict[str, set[tuple[str, ...]]] = {}
    for group in _SYNONYMS:
        phrases = {tuple(stems(phrase)) for phrase in group}
        for phrase in phrases:
            if len(phrase) == 1:
                table.setdefault(phrase[0], set()).update(phrases - {phrase})
    return {key: frozenset(value) for key, value in table.items()}


_ALIASES = _groups()


_LONG_FORMS = {
    group[0]: ", ".join(group[1:])
    for group in _SYNONYMS
    if group[0]
    in [
        "ceo",
        "cfo",
        "cto",
        "ciso",
        "capex",
        "opex",
        "ebit",
        "r&d",
        "eps",
        "ppe",
        "cogs",
        "rto",
        "rpo",
        "sla",
        "vat",
        "mfa",
    ]
}


_SHORT_FORMS = frozenset(stem(short) for short in _LONG_FORMS)


def expanded(text: str) -> str:
    """The text with the long forms of its short ones (`cfo`, `capex`) added, for a search."""
    extra = []
    for token in tokens(text):
        if token.lower() in _LONG_FORMS:
            extra.append(_LONG_FORMS[token.lower()])
    return " ".join([text, *dict.fromkeys(extra)])


def _hints() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in LOOSE.strip().splitlines():
        group = set(stems(line))
        for term in group:
            table.setdefault(term, set()).update(group - {term})
    return {term: frozenset(others) for term, others in table.items()}


_HINTS = _hints()


def _written() -> dict[str, tuple[str, ...]]:
    table: dict[str, dict[str, None]] = {}
    for line in LOOSE.strip().splitlines():
        for word in line.split():
            table.setdefault(stem(word), {}).update(dict.fromkeys(line.split()))
    return {key: tuple(word for word in words if stem(word) != key) for key, words in table.items()}


_WRITTEN = _written()


def reworded(term: str) -> tuple[str, ...]:
    """Some words that may stand for a stem, one of each stem, for a search."""
    return tuple({stem(word): word for word in reversed(_WRITTEN.get(term, ()))}.values())[-4:]


def hinted(term: str) -> frozenset[str]:
    """Stems that may stand for a stem, loosely."""
    return _HINTS.get(term, frozenset())


def aliases(term: str) -> frozenset[tuple[str, ...]]:
    """Other ways to say a stem: phrases as tuples of stems."""
    return _ALIASES.get(term, frozenset())


def folded(terms: Sequence[str]) -> tuple[str, ...]:
    """Terms with a phrase among them by its one short word: `capital expenditure` -> `capex`."""
    have = frozenset(terms)
    for short, phrases in _ALIASES.items():
        for phrase in sorted(phrases):
            parts = [part for part in phrase if part not in STOP]
            if len(parts) >= 2 and have.issuperset(parts) and short in _SHORT_FORMS:
                return (short, *(term for term in terms if term not in parts))
    return tuple(terms)


def closeness(term: str, found: frozenset[str]) -> float:
    """How well a set of stems holds `term`: 1 itself, 0.8 a synonym, 0.65 a looser one.

    0.6 is the same beginning.
    """
    if term in found:
        return 1.0
    for phrase in _ALIASES.get(term, ()):
        if all(part in found for part in phrase if part != "and"):
            return 0.8
    if not found.isdisjoint(_HINTS.get(term, ())):
        return 0.65
    if len(term) >= 5 and not term[0].isdigit():
        head = term[: max(5, len(term) - 3)]
        if any(other.startswith(head) for other in found if len(other) >= 5):
            return 0.6
    return 0.0
