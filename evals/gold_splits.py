"""Parts of a gold set (development, held out) by group, so that nothing leaks between them.

Every case of a group is in one part. Which one is told by a hash of the seed and the group alone:
the same everywhere, and a case that is added later moves no other. Writes no file.
"""

import hashlib
import math
import re
from collections.abc import Mapping

from ..tools.errors import GoldError
from .gold import GoldCase, GoldSet, plain_question

WAYS = ("document", "company", "group", "case", "tag:PREFIX")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
_FIRST = re.compile(r"[^\W_]+")


def split(
    gold: GoldSet, ratios: Mapping[str, float], *, by: str = "document", seed: int = 0
) -> dict[str, GoldSet]:
    """The parts by name; `ratios` are of groups and sum to 1 (dev=0.7, held=0.3).

    `by`: see `group_of`. The sizes of parts are near the ratios where there are many groups of
    about one size. Raises `GoldError`: ratios that are none, a part that no group fell to.
    """
    _check(ratios)
    parts: dict[str, list[GoldCase]] = {name: [] for name in ratios}
    groups = set()
    for case in gold.cases:
        group = group_of(case, by)
        groups.add(group)
        parts[_part(group, ratios, seed)].append(case)
    for name, cases in parts.items():
        if not cases:
            raise GoldError(
                f"no case falls to {name!r}: by {by} there are {len(groups)} groups for"
                f" {len(parts)} parts; give another seed, or split by something finer"
            )
    return {name: GoldSet(cases=tuple(cases)) for name, cases in parts.items()}


def group_of(case: GoldCase, by: str) -> str:
    """What must stay together with this case.

    `document`: its document. `company`: its `group`, else its tag `company:NAME`, else the first
    word of its document's name (which may join two companies, but never parts one). `group`: its
    `group`. `tag:PREFIX`: its tags that begin with PREFIX. `case`: itself. A case that does not say
    is grouped with those that ask the same question. Raises `GoldError` for another way.
    """
    found: str | None
    if by == "document":
        found = case.document
    elif by == "group":
        found = case.group
    elif by == "company":
        tags = [tag.removeprefix("company:") for tag in case.tags if tag.startswith("company:")]
        first = _FIRST.search(case.document or "")
        found = case.group or (tags[0] if tags else first[0] if first else None)
    elif by.startswith("tag:") and by != "tag:":
        prefix = by.removeprefix("tag:")
        found = ";".join(sorted(tag for tag in case.tags if tag.startswith(prefix))) or None
    elif by == "case":
        return f"case {case.id}"
    else:
        raise GoldError(f"by {by!r}: expected {', '.join(WAYS[:-1])} or {WAYS[-1]}")
    if found is None:
        return f"question {plain_question(case.question)}"
    return f"{by} {found.casefold()}"


def _part(group: str, ratios: Mapping[str, float], seed: int) -> str:
    """The part of a group: where its hash, as a number from 0 to 1, falls among the ratios."""
    found = hashlib.blake2b(f"{seed}\n{group}".encode("utf-8", "surrogatepass"), digest_size=8)
    place = int.from_bytes(found.digest()) / 2**64
    reached = 0.0
    for name, ratio in ratios.items():
        reached += ratio
        if place < reached:
            return name
    return name


def _check(ratios: Mapping[str, float]) -> None:
    for name, ratio in ratios.items():
        if not _NAME.fullmatch(name):
            raise GoldError(f"part {name!r}: expected letters, digits, '-', '_' and '.'")
        if not math.isfinite(ratio) or not 0 < ratio < 1:
            raise GoldError(f"part {name} = {ratio:g}: expected a share between 0 and 1")
    total = sum(ratios.values())
    if len(ratios) < 2 or abs(total - 1) > 1e-9:
        shown = ",".join(f"{name}={ratio:g}" for name, ratio in ratios.items())
        raise GoldError(f"{shown}: expected two or more shares that sum to 1, as dev=0.7,held=0.3")
