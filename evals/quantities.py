"""A number with its unit, as gold sets and answers write them: `412.3` in `EUR million`.

Knows scale words, percentages, currencies and time. Knows nothing of cases or answers.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from .markers import without_markers

_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "tn": 1e12,
    "%": 1e-2,
    "percent": 1e-2,
    "pct": 1e-2,
    "pp": 1e-2,
    "bp": 1e-4,
    "bps": 1e-4,
}
_LETTERS = {"k": 1e3, "m": 1e6, "mm": 1e6, "b": 1e9}
"""Scales beside a currency only: alone `m` is a metre."""
_CURRENCIES = {
    "$": "usd",
    "usd": "usd",
    "dollar": "usd",
    "\u20ac": "eur",
    "eur": "eur",
    "euro": "eur",
    "\u00a3": "gbp",
    "gbp": "gbp",
    "pound": "gbp",
    "chf": "chf",
    "\u00a5": "jpy",
    "jpy": "jpy",
    "yen": "jpy",
}
_TIMES = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_WORD = re.compile(r"[^\W\d_]+|[%$\u20ac\u00a3\u00a5]")


@dataclass(frozen=True)
class Unit:
    """What a unit says; None where it says nothing."""

    scale: float | None = None
    """Factor to the base unit: 1e6 for million, 0.01 for percent."""
    currency: str | None = None
    time: str | None = None
    other: tuple[str, ...] = ()
    """Words that are none of these: employees, MWh, ..."""

    @property
    def silent(self) -> bool:
        """Whether it tells nothing of the size of the number."""
        return self.scale is None and self.currency is None

    def conflict(self, other: "Unit") -> str | None:
        """Why an amount in the one unit cannot equal an amount in the other, if so."""
        for mine, theirs in ((self.currency, other.currency), (self.time, other.time)):
            if mine and theirs and mine != theirs:
                return f"{theirs} instead of {mine}"
        return None


@lru_cache(maxsize=4096)
def unit(text: str | None) -> Unit:
    """Read a unit; words that are not known are kept as they are."""
    scale: float | None = None
    currency = time = None
    other = []
    letters = 1.0
    for word in _WORD.findall((text or "").casefold()):
        single = word.removesuffix("s") if len(word) > 3 else word
        if word in ("percentage", "point", "points") and (scale is None or scale == 1e-2):
            scale = 1e-2
        elif single in _SCALES:
            scale = (scale or 1.0) * _SCALES[single] if scale != 1e-2 else scale
        elif single in _CURRENCIES:
            currency = _CURRENCIES[single]
        elif single in _TIMES:
            time = single
        elif word not in ("in", "of", "us"):
            other.append(single)
            letters *= _LETTERS.get(word, 1.0)
    if currency is not None and scale is None and letters > 1.0:
        scale = letters
    return Unit(scale, currency, time, tuple(other))


_NUMBER = re.compile(
    r"(?=[(\d$\u20ac\u00a3\u00a5\u2212-])(?<![\w.,])"
    r"(?P<open>\()?(?P<before>[$\u20ac\u00a3\u00a5]\s?)?(?P<sign>[-\u2212])?"
    r"(?P<before2>[$\u20ac\u00a3\u00a5]\s?)?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<close>\))?(?P<after>\s?%|[ -]?[A-Za-z]+(?:\s[A-Za-z]+)?)?"
)


def numbers(text: str) -> list[tuple[float, Unit]]:
    """The numbers of a sentence with what stands next to them; citation markers are left out."""
    found = []
    for match in _NUMBER.finditer(without_markers(text)):
        opened, before, sign, before2, digits, closed, after = match.groups()
        number = float(digits.replace(",", ""))
        if sign or (opened and closed):
            number = -number
        found.append((number, unit(f"{before or ''}{before2 or ''} {after or ''}")))
    return found
