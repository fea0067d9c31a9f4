"""A formula that a question states in words: `365 * average payables / (cost of sales + ...)`.

Knows signs, brackets, `divided by`, `average ... between`, `change in ...`. Its leaves are phrases;
looking them up is done elsewhere.
"""

import re
from dataclasses import dataclass, field

from .periods import years

_STATED = re.compile(
    r"\b(?:is |are |was |were )?(?:defined|calculated|computed|measured) (?:here )?(?:as|by)\b:?|"
    r"\bformula(?: is)?\s*:",
    re.IGNORECASE,
)
_WORDS: tuple[tuple[str, str], ...] = (
    (r"\bdivided by\b|\s/\s?|\u00f7", " / "),
    (r"\bmultiplied by\b|\btimes\b|\s[*x\u00d7]\s", " * "),
    (r"\bplus\b", " + "),
    (r"\bminus\b|\bless\b|\s[\u2212\u2013-]\s", " \u2212 "),
)
_SIGNS = "*/+\u2212"
_TOKEN = re.compile(rf"[()]|[{_SIGNS}]|[^(){_SIGNS}]+")
_SPREAD = re.compile(
    r"^(?P<how>average|mean|change|increase|decrease)\s+(?:of |in )?(?P<what>.+)$", re.IGNORECASE
)
_FILLER = re.compile(
    r"\b(?:between|from|to|in|for|of|at|during|and|the|end|fiscal|fy|years?|both)\b|"
    r"\b(?:19|20)\d\d\b|[,.;:?]",
    re.IGNORECASE,
)


class _NotOne(Exception):
    """The text is no formula."""


@dataclass
class Formula:
    """An expression with `{0}`, `{1}`, ... for its leaves: (phrase, year or empty)."""

    template: str = ""
    leaves: list[tuple[str, str]] = field(default_factory=list)

    def leaf(self, phrase: str, year: str) -> str:
        """The place of a leaf; the same leaf has one place."""
        item = (phrase, year)
        if item not in self.leaves:
            self.leaves.append(item)
        return f"{{{self.leaves.index(item)}}}"


def formula_in(text: str, default: str) -> Formula | None:
    """The formula that a question states, with leaves of `default` year unless they name one."""
    stated = _STATED.search(text)
    bodies = [text[stated.end() :]] if stated else []
    bodies += [match.group(1) for match in re.finditer(r"\(([^()]{8,})\)", text)]
    for body in bodies:
        found = _parsed(body, default)
        if found is not None:
            return found
    return None


def _parsed(body: str, default: str) -> Formula | None:
    body = re.split(r"(?<=[\w)])[.?;]+(?:\s|$)|\?|, (?=what|how|which)", body)[0]
    for pattern, sign in _WORDS:
        body = re.sub(pattern, sign, body, flags=re.IGNORECASE)
    tokens = [token.strip() for token in _TOKEN.findall(body) if token.strip()]
    if not any(token in _SIGNS for token in tokens):
        return None
    reader = _Reader(tokens, default)
    try:
        reader.formula.template = reader.sum()
    except _NotOne:
        return None
    whole = reader.at == len(tokens) or tokens[reader.at] == ")"
    return reader.formula if whole and len(reader.formula.leaves) >= 2 else None


def _wrapped(text: str) -> bool:
    """Whether one pair of brackets stands around it all."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(text) - 1 and sign == ")"
    return False


class _Reader:
    """Recursive descent: sums of products of leaves, numbers and brackets."""

    def __init__(self, tokens: list[str], default: str) -> None:
        self.tokens = tokens
        self.default = default
        self.at = 0
        self.formula = Formula()

    def sum(self) -> str:
        text = self._product()
        while self._next() in ("+", "\u2212"):
            sign = "+" if self._take() == "+" else "-"
            text = f"{text} {sign} {self._product()}"
        return text

    def _product(self) -> str:
        text = self._one()
        while self._next() in ("*", "/"):
            sign = self._take()
            text = f"{text} {sign} {self._one()}"
        return text

    def _one(self) -> str:
        token = self._take()
        if token == "(":
            inner = self.sum()
            if self._take() != ")":
                raise _NotOne
            return f"({inner})" if " " in inner and not _wrapped(inner) else inner
        if token in f"){_SIGNS}":
            raise _NotOne
        if re.fullmatch(r"\d[\d,]*(?:\.\d+)?(?: days| %|%)?", token):
            return re.sub(r"[, %]|days", "", token)
        return self._leaf(token)

    def _leaf(self, text: str) -> str:
        named = list(years(text)) or [self.default]
        spread = _SPREAD.match(" ".join(_FILLER.sub(" ", text).split()))
        phrase = spread["what"] if spread else " ".join(_FILLER.sub(" ", text).split())
        if not re.search(r"[^\W\d_]{2}", phrase) or len(phrase.split()) > 10:
            raise _NotOne
        if not spread:
            return self.formula.leaf(phrase, named[-1])
        if len(named) == 1 and named[0].isdigit():
            named = [str(int(named[0]) - 1), named[0]]
        if len(named) < 2:
            raise _NotOne
        places = [self.formula.leaf(phrase, year) for year in sorted(named)]
        if spread["how"].lower() in ("average", "mean"):
            return f"mean({', '.join(places)})"
        return f"({places[-1]} - {places[0]})"

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        token = self._next()
        if not token:
            raise _NotOne
        self.at += 1
        return token
