"""What can be read in two ways: commas (thousands or arguments) and `%` (per cent or remainder).

Decides only where one reading is possible; else raises `ToolError` naming both.
"""

import re
from dataclasses import replace

from .errors import ToolError
from .functions import ARITY
from .symbols import Symbol

_GROUPED = re.compile(r"[1-9]\d{0,2}")
_GROUP = re.compile(r"\d{3}(?:\.\d*)?")


def commas(symbols: list[Symbol]) -> list[Symbol]:
    """Join thousands groups; leave the commas between arguments."""
    calls: list[str | None] = []
    result: list[Symbol] = []
    at = 0
    while at < len(symbols):
        symbol = symbols[at]
        if symbol.kind == "open":
            last = result[-1] if result else None
            name = last.text if last and last.kind == "call" else None
            if symbol.text == "[":
                name = calls[-1] if calls and last and last.kind == "open" else None
                if name is None or ARITY[name][1] is not None:
                    raise ToolError("a list stands only inside sum, mean, median, min or max")
                symbol = Symbol("open", "(", symbol.before)
            calls.append(name)
        elif symbol.kind == "close":
            symbol = Symbol("close", ")", symbol.before, symbol.after)
            calls.pop()
        elif symbol.text == ",":
            where = calls[-1] if calls else None
            if where is None:
                raise ToolError(
                    "a comma stands outside a function and is not a thousands comma; write a "
                    "decimal point, or no comma"
                )
        elif symbol.kind == "number" and (end := _group_end(symbols, at)) > at:
            where = calls[-1] if calls else None
            if where is None or _reads_as_groups(symbols, at, where):
                whole = "".join(t.text for t in symbols[at : end + 1] if t.text != ",")
                symbol = Symbol("number", whole, symbol.before, symbols[end].after, grouped=True)
                at = end
        if symbol.kind == "number" and symbol.text[0] == "0":
            symbol = replace(symbol, text=_without_zeros(symbol.text))
        result.append(symbol)
        at += 1
    return result


def _without_zeros(number: str) -> str:
    """`05` is 5 in every notation; `010` is 8 in some."""
    if re.match(r"0\d\d", number):
        raise ToolError(f"{number!r} may be octal; write the number without its leading 0")
    return re.sub(r"^0(?=\d)", "", number)


def _group_end(symbols: list[Symbol], at: int) -> int:
    """Index of the last group of a number written with thousands commas, else `at` itself."""
    if not _GROUPED.fullmatch(symbols[at].text):
        return at
    end = at
    while (
        end + 2 < len(symbols)
        and symbols[end + 1].text == ","
        and not (symbols[end].after or symbols[end + 2].before)
        and symbols[end + 2].kind == "number"
        and _GROUP.fullmatch(symbols[end + 2].text)
    ):
        end += 2
        if "." in symbols[end].text:
            break
    return end


def _reads_as_groups(symbols: list[Symbol], at: int, name: str) -> bool:
    """Whether the number at `at` inside a call of `name` is one number with thousands commas.

    Both readings of each such comma are counted against the arguments that the function takes;
    if they do not agree the call is ambiguous.
    """
    start = at
    depth = 0
    while depth or symbols[start].kind != "open":
        depth += (symbols[start].kind == "close") - (symbols[start].kind == "open")
        start -= 1
    sure, doubtful, index = 1, [], start + 1
    depth = 0
    while depth or symbols[index].kind != "close":
        symbol = symbols[index]
        depth += (symbol.kind == "open") - (symbol.kind == "close")
        if not depth and symbol.text == ",":
            sure += 1
        elif not depth and symbol.kind == "number" and (end := _group_end(symbols, index)) > index:
            doubtful.append((end - index) // 2)
            index = end
        index += 1
    least, most = ARITY[name]
    most = most or len(symbols)
    possible = [n for n in range(sure, sure + sum(doubtful) + 1) if least <= n <= most]
    if possible == [sure]:
        return True
    if possible == [sure + sum(doubtful)]:
        return False
    raise ToolError(
        f"the commas in {name}(...) may separate thousands or arguments; write numbers without "
        "thousands commas and a space after each comma between arguments"
    )


def percents(symbols: list[Symbol]) -> list[Symbol]:
    """Tell the percent sign from the remainder; percentages become calls of `percent`."""
    result: list[Symbol] = []
    readings = set()
    for index, symbol in enumerate(symbols):
        spelt = symbol.kind == "word" and symbol.text.lower() in ("percent", "pct")
        if symbol.text != "%" and not spelt:
            result.append(symbol)
            continue
        if not spelt and _is_remainder(symbols, index):
            readings.add("remainder")
            result.append(symbol)
            continue
        readings.add("per cent")
        last = result[-1] if result else symbol
        if last.kind == "number":
            result[-1] = Symbol("percent", f"percent({last.text})", last.before, symbol.after)
        elif last.kind == "close":
            result[_opening(result)].text = "percent("
            last.after = symbol.after
        else:
            raise ToolError(f"{symbol.text!r} must stand right behind a number")
    if len(readings) > 1:
        raise ToolError(
            "'%' is used as per cent and as remainder in one expression; write the per cent as a "
            "decimal fraction"
        )
    return result


def _is_remainder(symbols: list[Symbol], index: int) -> bool:
    """Whether the `%` at `index` is an operator between two operands."""
    symbol = symbols[index]
    last = symbols[index - 1] if index else symbol
    following, beyond, further = (*symbols[index + 1 : index + 4], None, None, None)[:3]
    if following is None or following.kind in ("close", "times"):
        return False
    if following.kind == "word" and following.text.lower() not in ("pi", "e"):
        return False
    if following.text == "%":
        raise ToolError("'%%' cannot be read; write one '%'")
    if following.text in ("+", "-"):
        spaced = following.before and following.after
        if not symbol.before and spaced:
            return False
        if symbol.before and symbol.after and not following.after:
            return True
        tight = not (symbol.before or following.before or following.after)
        if tight and beyond is not None:
            money = "currency" in (beyond.kind, symbols[index - 2].kind if index > 1 else "")
            if money or (further is not None and further.text == "%"):
                return False
            if following.text == "-" and last.text.isdigit() and beyond.text.isdigit():
                return True
    elif following.kind in ("op", "comma"):
        return False
    elif symbol.before or (
        not symbol.after and following.kind != "currency" and "." not in last.text
    ):
        return True
    raise ToolError(
        f"'%' before {following.text!r} may be per cent or remainder; write the per cent as a "
        "decimal fraction, or put spaces on both sides of '%' for the remainder"
    )


def _opening(symbols: list[Symbol]) -> int:
    """Index of the bracket that the last symbol closes."""
    depth = 0
    for index in range(len(symbols) - 1, -1, -1):
        depth += (symbols[index].kind == "close") - (symbols[index].kind == "open")
        if not depth:
            if index and symbols[index - 1].kind == "call":
                raise ToolError("'%' behind a function is unclear; divide by 100 instead")
            return index
    raise ToolError("a bracket is closed that was never opened")
