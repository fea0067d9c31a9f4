"""Which tool a question needs first, by a few weighted features that a person can read.

Knows the question and what is on offer. Knows nothing of the tools themselves, nor of messages.
The weights are in one table; `bench/routing.py` measures them, refitted without each source.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .spoken import digits, expression_in
from .terms import tokens

CALCULATOR, SEARCH, WEB, NONE = "calculator", "search_documents", "web_search", "none"

_RECENT = re.compile(
    r"\b(?:latest|newest|recent(?:ly)?|current(?:ly)?|today|tonight|tomorrow|yesterday|nowadays|"
    r"right now|so far|upcoming|as of (?:now|today)|up to now|these days|"
    r"(?:this|last|next|present|coming|past) (?:year|week|month|weekend|season|summer|winter|"
    r"spring|morning|evening|night|monday|tuesday|wednesday|thursday|friday|saturday|"
    r"sunday)(?:'s)?|"
    r"new(?= [A-Z])|live score|breaking|still|yet|ever|anymore|nowadays)\b",
    re.IGNORECASE,
)
_WORLD = re.compile(
    r"\b(?:weather|forecast|rain|snow|sunny|smog|temperature outside|humidity|uv|exchange rate|"
    r"conversion rate|stock price|share price today|bitcoin|news|headlines|"
    r"olympics?|world cup|championships?|champions|league|tournament|match|goals|medals?|nba|nfl|"
    r"uefa|fifa|grammys?|oscars?|emmys?|academy award|golden globe|nobel|guinness|box office|"
    r"movies?|films?|album|song|single|singer|band|actors?|actress|celebrity|tv (?:show|series)|"
    r"season of|episode|novel|author of|wikipedia|"
    r"president of|prime minister|king of|queen of|chancellor of|mayor|governor of|senators?|"
    r"election|capital (?:city )?of|population of|in the world|on earth|world's|of all time|"
    r"on the planet|highest mountain|longest river|country|countries|nation|planet|"
    r"thanksgiving|christmas|easter|ramadan|mother's day|holiday|festival|marathon|"
    r"born|birthplace|married|spouse|wife|husband|net worth|followers|subscribers|"
    r"iphone|android|tiktok|youtube|twitter|instagram|netflix|spotify|discovered|inaugurat\w+)\b",
    re.IGNORECASE,
)
_CURRENCY = re.compile(
    r"\b(?:dollars?|euros?|pounds?|yens?|pesos?|rupees?|kron[ae]r?|francs?|yuan|won|lira|rubles?|"
    r"usd|eur|gbp|jpy|cad|aud|chf)\b",
    re.IGNORECASE,
)
_BUSINESS = re.compile(
    r"\b(?:fy\s?\d{2,4}|fiscal|q[1-4]|quarter|10-?[kq]|8-?k|annual report|filing|balance sheet|"
    r"income statement|cash ?flows?|p&l|revenues?|net income|ebitda?|eps|margins?|gross|operating|"
    r"inventor(?:y|ies)|capex|capital expenditures?|receivables?|payables?|liabilit(?:y|ies)|"
    r"assets?|equity|dividends?|shareholders?|goodwill|depreciation|amorti[sz]ation|segments?|"
    r"subsidiar(?:y|ies)|acquisitions?|working capital|tax rate|net sales|guidance|"
    r"audit(?:or|ors|ed)?|contracts?|agreement|clause|terminat\w+|invoice|policy|policies|"
    r"procedure|compliance|complian\w+|certifi\w+|encrypt\w*|password|backups?|incidents?|"
    r"vulnerabilit\w+|retention|warranty|specification|data ?sheet|product|model|supplier|vendor|"
    r"proposal|rfp|tender|bidder|requirements?|employees|headcount|the (?:company|firm|group|"
    r"document|report|manual|contract|paper|file|pdf)|securities|debt|shares outstanding)\b",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"\b(?:are|do|did|can|could|will|would|were|have|who|what|where|when|how|what's|whats|is|"
    r"was) (?:\w+ ){0,4}(?:you|your|yours|yourself|u)\b|^(?:where|how|who|what) (?:are "
    r")?(?:you|ya)\b|"
    r"\b(?:you|your) (?:name|age|hobbies|favou?rite|boss|superior|maker|creator|language|voice|"
    r"birthday|parents|job|employment|employer)\b|\b(?:you|u) (?:were|are|was) (?:given|made|"
    r"called|born|created|built)\b|\b(?:made|created|built|crafted|designed|programmed|"
    r"trained|owns|employs) (?:you|u)\b|\b(?:with|about) you(?:rself)?\s*\W*$|"
    r"\bis this an? (?:\w+ )?(?:computer|bot|robot|human|person|machine|ai)\b|"
    r"\bam i (?:talking|speaking|chatting)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"^(?:please |kindly )?(?:can|could|would|will) (?:you|u|i get you to)\b", re.I
)
_CHAT = re.compile(
    r"\b(?:hi|hello|hey|howdy|greetings|good(?:bye|night)|good (?:morning|afternoon|evening|night|"
    r"day|answer|job|work|one)|bye|see (?:you|ya)|farewell|cheers|thanks?|thank you|thx|gratitude|"
    r"appreciate|sorry|never ?mind|jokes?|funny|laugh|fun facts?|trivia|sing|story|riddle|"
    r"what'?s up|how are you|how'?s it going|nice to meet|"
    r"^\W*(?:cancel|stop|quit|repeat)|say (?:that|it) "
    r"again|(?:you )?just said|come again|pardon|start over|shut up|switch|change (?:your |the )?"
    r"language|speak (?:in )?[a-z]+|language setting)\b",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"^(?:yes|no|nope|nah|yeah|yep|yup|sure|ok(?:ay)?|right|wrong|true|false|correct|maybe|perhaps|"
    r"possibly|agreed|fine|great|absolutely|definitely|certainly|of course|exactly|indeed|"
    r"(?:it|that|this)(?:'s| is| was|s)? (?:true|false|right|wrong|correct|fine|ok|not|a|possible|"
    r"possibly|great|good|unlikely|likely)|i (?:am|do|don't|think|guess|believe|see|agree|"
    r"disagree|have no|understand|am afraid)|not (?:sure|really|at all)|no idea|could be|"
    r"might be|that can't)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\?\s*$|^(?:[\w,' ]{0,60}?\b)?(?:what|who|whom|whose|when|where|which|why|how|is|are|was|were|"
    r"do|does|did|has|have|had|can|could|should|will|list|name|give|show|find|describe|explain|"
    r"summari[sz]e|compare|calculate|compute|tell)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"\b(?:how (?:many|much|long|old|far|tall|fast)|what (?:is|was|will be) the|what "
    r"percent(?:age)?|by how|what time|"
    r"in how)\b",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    r"\b(?:half|twice|thrice|double|triple|quarter|thirds?|fourths?|fifths?|dozen|times as|"
    r"each|every|per (?:day|hour|week|month))\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:FY\s?)?(?:19|20)\d\d\b", re.IGNORECASE)


@dataclass(frozen=True)
class Loaded:
    """A document on offer: its name and how well the question names it (0..1)."""

    name: str
    title: str = ""
    named: float = 0.0


@dataclass(frozen=True)
class Route:
    """The tool to use first (`none` is one), what it should compute, and how it was decided."""

    tool: str
    expression: str | None
    scores: dict[str, float]
    features: dict[str, float]


WEIGHTS: dict[str, dict[str, float]] = {
    CALCULATOR: {"arithmetic": 10.0, "bias": -5.0},
    SEARCH: {
        "bias": 1.0,
        "named": 3.0,
        "business": 1.2,
        "recent": -0.8,
        "world": -1.6,
        "self": -1.0,
        "asks": 0.6,
        "proper": -0.2,
        "documents_only": 0.9,
    },
    WEB: {
        "bias": 0.2,
        "named": -1.0,
        "business": -0.3,
        "recent": 1.6,
        "world": 1.6,
        "currency": 1.8,
        "proper": 0.5,
        "asks": 0.6,
        "self": -1.0,
    },
    NONE: {
        "bias": 0.0,
        "named": -3.0,
        "business": -1.2,
        "self": 2.6,
        "chat": 2.6,
        "reply": 2.6,
        "statement": 1.4,
        "short": 0.4,
        "word_problem": 6.0,
        "recent": -0.5,
        "world": -0.6,
    },
}
"""score(tool) = the sum of weight x feature; the best tool on offer wins."""


def features(question: str, documents: Sequence[Loaded] = ()) -> dict[str, float]:
    """The features of a question, each 0..3, by name."""
    text = " ".join(question.replace("\u2019", "'").split())
    words = tokens(text)
    count = len(words)
    expression = expression_in(text)
    named = max((document.named for document in documents), default=0.0)
    self_talk = bool(_SELF.search(text)) and not _request_for_facts(text)
    found = {
        "bias": 1.0,
        "arithmetic": float(expression is not None),
        "named": named,
        "business": _count(_BUSINESS, text),
        "recent": _count(_RECENT, text),
        "world": _count(_WORLD, text),
        "currency": float(bool(_CURRENCY.search(text)) and count <= 14 and not _YEAR.search(text)),
        "proper": _proper(text),
        "self": float(self_talk),
        "chat": float(bool(_CHAT.search(text)) and count <= 14),
        "reply": float(bool(_REPLY.search(text)) and "?" not in text and count <= 14),
        "asks": float(bool(_ASKS.search(text))),
        "statement": float(not _ASKS.search(text) and count <= 12),
        "short": float(count <= 4),
        "word_problem": float(named < 0.5 and expression is None and _word_problem(text)),
    }
    return {name: value for name, value in found.items() if value}


def route(
    question: str,
    documents: Sequence[Loaded] = (),
    offered: Sequence[str] = (CALCULATOR, SEARCH, WEB),
    weights: Mapping[str, Mapping[str, float]] = WEIGHTS,
) -> Route:
    """The first tool for a question among those `offered`, or `none`."""
    found = features(question, documents)
    if WEB not in offered:
        found["documents_only"] = 1.0
    scores = {
        tool: round(sum(table.get(name, 0.0) * value for name, value in found.items()), 6)
        for tool, table in weights.items()
        if tool == NONE or tool in offered
    }
    best = max(scores, key=lambda tool: (scores[tool], tool == SEARCH, tool))
    expression = expression_in(question) if best == CALCULATOR else None
    return Route(best, expression, scores, found)


def _count(pattern: re.Pattern[str], text: str) -> float:
    return float(min(3, len({match.lower() for match in pattern.findall(text)})))


def _request_for_facts(text: str) -> bool:
    """`can you tell me the notice period` is polite, not about the assistant."""
    polite = _REQUEST.match(text)
    return bool(polite) and not _SELF.search(text[polite.end() :]) if polite else False


def _proper(text: str) -> float:
    """Capitalised names inside a sentence, up to three."""
    names = re.findall(
        r"(?<![.?!]\s)(?<!^)\b(?!FY|Q[1-4]\b)[A-Z][\w'&.-]*(?:\s+[A-Z][\w'&.-]*)*", text
    )
    names = [name for name in names if name != "I" and not name.startswith("I'")]
    return float(min(3, len(names)))


def _word_problem(text: str) -> bool:
    """A story with several quantities that ends in a question about another one."""
    numbers = re.findall(r"\d[\d,]*(?:\.\d+)?", digits(_YEAR.sub(" ", text)))
    quantities = len(numbers) + len(_FRACTION.findall(text))
    sentences = [part for part in re.split(r"[.?!]\s+", text) if len(part.split()) > 2]
    story = len(sentences) >= 2 or len(text.split()) >= 25
    return (
        quantities >= 2
        and story
        and bool(_QUANTITY.search(text))
        and not _BUSINESS_STRONG.search(text)
    )


_BUSINESS_STRONG = re.compile(
    r"\b(?:fy\s?\d{2,4}|fiscal|10-?[kq]|balance sheet|income statement|cash flow statement|"
    r"statement of|according to|annual report|document|ratio is defined|usd (?:millions|"
    r"billions))\b",
    re.IGNORECASE,
)
