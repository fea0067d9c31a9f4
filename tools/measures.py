"""Measures that reports rarely print, and the rows that they are computed from.

Usual definitions of financial analysis, as textbooks give them; a balance that stands beside a flow
is the average of the two year ends. Knows names and formulas, nothing of questions or of rows.
"""

import re
from dataclasses import dataclass

_LINES = """
working capital = total current assets - total current liabilities
net working capital = total current assets - total current liabilities
current ratio = total current assets / total current liabilities
working capital ratio = total current assets / total current liabilities
quick ratio = (cash and cash equivalents + accounts receivable) / total current liabilities
acid test ratio = (cash and cash equivalents + accounts receivable) / total current liabilities
cash ratio = cash and cash equivalents / total current liabilities
debt to equity = total liabilities / total shareholders equity
inventory turnover = cost of sales / average inventories
receivables turnover = net sales / average accounts receivable
asset turnover = net sales / average total assets
fixed asset turnover = net sales / average property plant and equipment net
days payable outstanding = 365 * average accounts payable / cost of sales
days sales outstanding = 365 * average accounts receivable / net sales
days inventory outstanding = 365 * average inventories / cost of sales
return on assets = net income / average total assets
return on equity = net income / average total shareholders equity
gross margin = (net sales - cost of sales) / net sales %
operating margin = operating income / net sales %
operating income margin = operating income / net sales %
net margin = net income / net sales %
net profit margin = net income / net sales %
net income margin = net income / net sales %
interest coverage = operating income / interest expense
free cash flow = net cash provided by operating activities - purchases of property and equipment
dividend payout = dividends paid / net income
ebitda = operating income + depreciation and amortization
capital intensity = total assets / net sales
"""
_DROPPED = re.compile(r"\b(?:percentage|percent|the|a|fy|fiscal|year|annual)\b|[^a-z ]")


@dataclass(frozen=True)
class Measure:
    """A formula over line items: `{0} / {1}`; an item with `average` is of two year ends."""

    template: str
    items: tuple[str, ...]
    averages: tuple[bool, ...]
    percent: bool


def measure(name: str) -> Measure | None:
    """The measure of a name, also with `ratio` behind it; None when it is none of these.

    >>> measure("Inventory turnover ratio").items
    ('cost of sales', 'inventories')
    """
    key = _key(name)
    return _BY_NAME.get(key) or _BY_NAME.get(key.removesuffix(" ratio"))


def measure_in(text: str) -> str | None:
    """The longest name of a measure that a text has, if any.

    >>> measure_in("Does it have positive working capital in 2022?")
    'working capital'
    """
    plain = f" {_key(text)} "
    return max((name for name in _BY_NAME if f" {name} " in plain), key=len, default=None)


def _key(name: str) -> str:
    plain = name.lower().replace("-", " ").replace("/", " to ")
    return " ".join(_DROPPED.sub(" ", plain).split())


def _read(line: str) -> tuple[str, Measure]:
    name, _, formula = line.partition(" = ")
    percent = formula.endswith("%")
    items: list[str] = []
    averages: list[bool] = []

    def item(match: re.Match[str]) -> str:
        text = match.group().strip()
        bare = text.removeprefix("average ")
        if bare not in items:
            items.append(bare)
            averages.append(bare != text)
        space = " " * match.group().endswith(" ")
        return f"{{{items.index(bare)}}}{space}"

    template = re.sub(r"[a-z][a-z ]*", item, formula.rstrip("% "))
    return _key(name), Measure(template, tuple(items), tuple(averages), percent)


_BY_NAME = dict(_read(line) for line in _LINES.strip().splitlines())
