"""The arithmetic in a question: `what is two plus seven` -> `2 + 7`.

Knows the English of sums. Does not evaluate: that is the calculator's work. What it cannot read
entirely as arithmetic is None, never a guess.
"""

import re

_UNITS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_WORDS = "|".join([*_UNITS, *_TENS, *_SCALES])
_SPOKEN = re.compile(rf"\b(?:{_WORDS})(?:[\s-]+(?:and\s+)?(?:{_WORDS}))*\b", re.IGNORECASE)
_N = r"(\(?[-\u2212]?[$\u20ac\u00a3]?\d+(?:,\d{3})*(?:\.\d+)?%?\)?|[-\u2212]?\.\d+)"

_LEAD = re.compile(
    r"""^(?:(?:hi|hello|hey|ok|okay|so|and|then|now|please|kindly|can|could|would|will|you|help|me|
    i|need|want|like|to|know|find|out|tell|give|show|compute|calculate|evaluate|solve|work|
    do|the|math|maths|what's|whats|what|how\s+much|is|are|equals?|does|result|answer|value|of|
    for|calculation|quick|much|makes?|get|if|figure|exactly|using|calculator|your|use|a)\b[\s,:]*)+""",
    re.IGNORECASE | re.VERBOSE,
)
_TAIL = re.compile(
    r"(?:[\s,]*(?:\b(?:is|are|equals?|equal to|please|thanks|thank you|makes?|be|for me|"
    r"exactly|now|come to|in total|give|as a number)\b|=|\?|!|\.(?!\d)))+\s*$",
    re.IGNORECASE,
)
_REWRITES: tuple[tuple[str, str], ...] = (
    (rf"\bsubtract(?:ing)?\s+{_N}\s+from\s+{_N}", r"\2 - \1"),
    (rf"\btake\s+(?:away\s+)?{_N}\s+(?:away\s+)?from\s+{_N}", r"\2 - \1"),
    (rf"\bdifference\s+(?:between|of)\s+{_N}\s+and\s+{_N}", r"\1 - \2"),
    (rf"\bproduct\s+of\s+{_N}\s+and\s+{_N}", r"\1 * \2"),
    (rf"\b(?:quotient|ratio)\s+of\s+{_N}\s+(?:and|to|by)\s+{_N}", r"\1 / \2"),
    (rf"\bmultiply(?:ing)?\s+{_N}\s+(?:by|with|and|times)\s+{_N}", r"\1 * \2"),
    (rf"\bdivid(?:e|ing)\s+{_N}\s+(?:by|with|and)\s+{_N}", r"\1 / \2"),
    (rf"\badd(?:ing)?(?:\s+up)?\s+{_N}\s+(?:and|to|with|plus)\s+{_N}", r"\1 + \2"),
    (rf"\baverage\s+of\s+{_N}\s+and\s+{_N}", r"mean(\1, \2)"),
    (rf"\b(?:square\s+root|sqrt)\s+of\s+{_N}", r"sqrt(\1)"),
    (rf"\bfactorial\s+of\s+{_N}", r"factorial(\1)"),
    (rf"{_N}\s+factorial\b", r"factorial(\1)"),
    (rf"\bdouble\s+(?:of\s+)?{_N}", r"2 * \1"),
    (rf"\bhalf\s+(?:of\s+)?{_N}", r"\1 / 2"),
    (rf"\b(?:a\s+)?quarter\s+of\s+{_N}", r"\1 / 4"),
    (rf"\b(?:a\s+)?third\s+of\s+{_N}", r"\1 / 3"),
    (rf"{_N}\s+squared\b", r"\1 ^ 2"),
    (rf"{_N}\s+cubed\b", r"\1 ^ 3"),
    (r"\s*\bper\s?cent\b", "%"),
    (r"\bto\s+the\s+power\s+(?:of\s+)?", "^ "),
    (r"\bmultiplied\s+by\b|\btimes\b", "*"),
    (r"\bdivided\s+by\b|\bover\b", "/"),
    (r"\b(?:plus|added\s+to)\b", "+"),
    (r"\b(?:minus|less|take\s+away)\b", "-"),
    (r"\bmod(?:ulo)?\b", "mod"),
)
_AMOUNT = r"[$\u20ac\u00a3]?\d[\d,]*(?:\.\d+)?"
_FROM_TO = rf"\bfrom (?P<a>{_AMOUNT}) to (?P<b>{_AMOUNT})"
_STORIES: tuple[tuple[str, str], ...] = (
    (
        rf"{_FROM_TO}.*?\bin (?P<n>\d+) years\b.*\b(?:cagr|compound)",
        "(({b} / {a}) ^ (1 / {n}) - 1) * 100",
    ),
    (
        rf"\b(?:cagr|compound).*{_FROM_TO}.*?\b(?:in|over) (?P<n>\d+) years\b",
        "(({b} / {a}) ^ (1 / {n}) - 1) * 100",
    ),
    (
        rf"\b(?:percent(?:age)?|%) (?:change|increase|decrease|growth|drop|rise).*{_FROM_TO}",
        "({b} - {a}) / {a} * 100",
    ),
    (
        rf"{_FROM_TO}.*\b(?:percent(?:age)?|%) (?:change|increase|decrease|growth|drop|rise)",
        "({b} - {a}) / {a} * 100",
    ),
)
"""Two numbers and a question about them, in fixed wordings."""
_SUM_OF = re.compile(
    rf"^(?:add(?:\s+up)?|sum(?:\s+of)?|total(?:\s+of)?)\s+({_N}(?:[\s,]+(?:and\s+)?{_N})+)$",
    re.IGNORECASE,
)
_SIGNS = r"+*/^\u00d7\u00f7\u2212\u2013\-"
_OPERATOR = re.compile(
    rf"(?<=[\d)%])\s*(?:[{_SIGNS}]|\*\*|//|mod\b)\s*(?=[\d(.$\u20ac\u00a3+\-\u2212a-z])"
    r"|(?<=[\d)])\s*[xX]\s*(?=[\d(.$\u20ac\u00a3])"
    r"|%\s*of\s+[$\u20ac\u00a3]?[\d.]"
)
_FUNCTION = re.compile(
    r"\b(?:sqrt|mean|factorial|min|max|round|floor|ceil|abs|log|exp|sin|cos|tan|median|sum|"
    r"pct_change|cagr|pi|e|mod|of|x)\b"
)
_CALL = re.compile(r"\b(?!of\b|x\b|e\b|pi\b)[a-z_]+\(")
_ALLOWED = re.compile(rf"[\d\s.,()%$\u20ac\u00a3={_SIGNS}]+")
_DATE = re.compile(r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\s*$")
_UNIT_AFTER = re.compile(rf"(?<=[\d)])\s*([a-z][a-z'\u2019]{{0,19}})(?=\s*(?:[{_SIGNS}=)]|$))")


def digits(text: str) -> str:
    """The text with spoken numbers written in digits (`forty-two` -> `42`)."""
    return _SPOKEN.sub(lambda match: str(_spoken_value(match.group())), text)


def expression_in(question: str) -> str | None:
    """The question as an expression for the calculator, or None when it is not pure arithmetic."""
    if len(question) > 2000:
        return None
    text = plain = digits(" ".join(question.replace("\u2019", "'").split()))
    text = _TAIL.sub("", _LEAD.sub("", text)).strip().lower()
    if not re.search(r"\d", plain):
        return None
    for pattern, form in _STORIES:
        story = re.search(pattern, plain, re.IGNORECASE)
        if story and not re.search(r"\b(?:19|20)\d\d\b", plain):
            return form.format(
                **{key: number.strip("$\u20ac\u00a3") for key, number in story.groupdict().items()}
            )
    if not re.search(r"\d", text) or _DATE.match(text):
        return None
    text = re.sub(r"^the\s+", "", text)
    listed = _SUM_OF.match(text)
    if listed:
        return " + ".join(re.findall(_N, listed.group(1)))
    for pattern, replacement in _REWRITES:
        text = re.sub(pattern, replacement, text)
    text = text.strip(" =")
    bare = _FUNCTION.sub(" ", text)
    units = _UNIT_AFTER.findall(bare)
    if not _ALLOWED.fullmatch(_UNIT_AFTER.sub("", bare)):
        return None
    if not (_OPERATOR.search(_UNIT_AFTER.sub("", text)) or _CALL.search(text)):
        return None
    if units and re.search(r"\b(?:19|20)\d\d\s+[a-z]", text):
        return None  # `2024 revenue - 2023 revenue` is no difference of years
    return text


def _spoken_value(words: str) -> int:
    total, current = 0, 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in _UNITS:
            current += _UNITS[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total += (current or 1) * _SCALES[word]
            current = 0
    return total + current
