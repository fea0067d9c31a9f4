"""Words and signs around numbers: units, currencies, scale words. Knows no arithmetic.

Units are dropped by the calculator, so those that would have to be converted first are refused:
hours with minutes, dollars with cents.
"""

from .errors import ToolError

CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "INR", "CNY", "SEK", "NOK", "DKK")
"""Codes read before or behind a number."""

SCALES = {
    "thousand": 3, "million": 6, "mn": 6, "mln": 6, "billion": 9, "bn": 9, "bln": 9,
    "trillion": 12, "tn": 12,
}  # fmt: skip
"""Scale words: powers of ten."""
SHORT_SCALES = {"k": 3, "m": 6, "mm": 6, "b": 9, "t": 12}
"""Scale letters: read as such only when attached to an amount of money, `k` to any number."""

_REFUSED = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred hundreds thousands millions billions trillions dozen dozens half halves third thirds "
    "quarter quarters twice thrice double doubled triple tripled halved squared cubed square cube "
    "bps bp basis points st nd rd th and or not if else is to by than from into with without "
    "rounded negative minus plus times divided multiplied over root power mod modulo sqrt j "
    "fifth fifths sixth sixths seventh sevenths eighth eighths ninth ninths tenth tenths "
    "hundredth hundredths thousandth thousandths zero below i lakh lakhs crore crores mil mio mrd "
    "bil tril ppm permille pp ppt inverse reciprocal"
)
REFUSED_WORDS = frozenset(_REFUSED.split())
"""Words that would change the value if they were dropped, or that join two numbers."""

_MEASURES = {
    "time": "second seconds sec secs s|minute minutes min mins|hour hours hr hrs h|day days|"
    "week weeks|month months|year years yr yrs|decade decades|century centuries",
    "length": "mm millimeter millimeters millimetre millimetres|cm centimeter centimeters "
    "centimetre centimetres|m meter meters metre metres|km kilometer kilometers kilometre "
    "kilometres|inch inches|foot feet ft|yard yards yd|mile miles mi",
    "mass": "mg milligram milligrams|g gram grams|kg kilogram kilograms kilo kilos|ounce ounces "
    "oz|pound pounds lb lbs|ton tons|tonne tonnes",
    "volume": "ml milliliter milliliters millilitre millilitres|l liter liters litre litres|"
    "gallon gallons|quart quarts|pint pints|cup cups|tablespoon tablespoons|teaspoon teaspoons",
    "money": "cent cents penny pennies pence c|dime dimes|nickel nickels|$ dollar dollars",
    "data": "byte bytes|kb kilobyte kilobytes|mb megabyte megabytes|gb gigabyte gigabytes|"
    "tb terabyte terabytes",
}
_MEASURE = {
    word: (kind, group.split()[0])
    for kind, groups in _MEASURES.items()
    for group in groups.split("|")
    for word in group.split()
}


class Units:
    """The units of one expression, to see whether they may be dropped."""

    def __init__(self) -> None:
        self.adds = False
        """Whether something is added or subtracted."""
        self._used: dict[str, set[str]] = {}
        self._linked: list[tuple[str, str]] = []
        self._currencies: set[str] = set()
        self._last: tuple[str, str] | None = None
        self.below = False
        """Whether the next unit word is one below the line: `/hour`."""
        self._angle = False
        self._trigonometry = False
        self._plain = True

    def word(self, word: str) -> None:
        """A unit word behind an operand, in its order."""
        if word in ("per", "each", "every"):
            self.per()
            return
        self._angle |= word in ("degree", "degrees", "deg", "°")
        if word in ("sq", "cubic"):
            self._plain = False
        elif self._plain and (measure := _MEASURE.get(word)):
            self._used.setdefault(measure[0], set()).add(measure[1])
            if self.below and self._last and self._last[0] == measure[0]:
                self._linked.append((self._last[1], measure[1]))
            self._last = measure

    def per(self) -> None:
        """What follows is the unit below the line."""
        self.below = True

    def currency(self, sign: str) -> None:
        """A currency sign or code."""
        self._currencies.add("$" if sign in ("USD", "US$") else sign)
        self._used.setdefault("money", set()).add("$")

    def call(self, name: str) -> None:
        """A function is called."""
        self._trigonometry |= name in ("sin", "cos", "tan")

    def next_operand(self) -> None:
        """An operator was passed: the next unit is that of another number."""
        self.below, self._last, self._plain = False, None, True

    def check(self) -> None:
        """Raises `ToolError` when dropping the units would give a wrong number."""
        if self._angle and self._trigonometry:
            raise ToolError("sin, cos and tan take radians; write degrees as degrees*pi/180")
        if self.adds and len(self._currencies) > 1:
            raise ToolError(
                f"{' and '.join(sorted(self._currencies))} are added; convert one of them first"
            )
        for kind, names in self._used.items():
            groups = {name: name for name in names}
            for left, right in self._linked:
                if left in groups and right in groups:
                    old, new = groups[left], groups[right]
                    groups = {n: new if g == old else g for n, g in groups.items()}
            if len(set(groups.values())) > 1:
                raise ToolError(
                    f"units of {kind} are mixed ({', '.join(sorted(names))}); convert to one of "
                    "them first, then write the numbers without units"
                )
