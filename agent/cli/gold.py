"""`workings gold`: make gold sets, check them, split them, and take over those of other programs.

Knows the arguments and how results are told; the work is in `evals`. Adding from a trace,
generating and grading by hand are modules of their own.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..wording import plural
from . import common, gold_add, gold_generate, gold_grade
from .gold_out import add_force, check_free

if TYPE_CHECKING:
    from ...evals.gold import GoldSet

_SHOWN = 20
"""Lines of what was not carried over, unless --json."""


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "gold",
        "gold sets: questions with what a right answer holds",
        "workings gold check gold.jsonl",
        lambda arguments: _help(parser),
    )
    action = common.actions(parser, "gold")
    checking = action(
        "check", "read a set, and say what it holds or what is wrong", "gold.jsonl", run_check
    )
    checking.add_argument("file", metavar="FILE", help=".jsonl, .csv, .yaml, .xlsx or .parquet")
    converting = action(
        "convert", "write a set as another kind of file", "gold.jsonl gold.xlsx", run_convert
    )
    converting.add_argument("file", metavar="A", help="the set")
    converting.add_argument("to", metavar="B", help="the file to write; its ending says the kind")
    add_force(converting)
    splitting = action(
        "split",
        "split a set by group, so that nothing leaks",
        "gold.jsonl --by document --ratio dev=0.7,held=0.3 -o parts/",
        run_split,
    )
    splitting.add_argument("file", metavar="FILE", help="the set")
    splitting.add_argument(
        "--by",
        metavar="WAY",
        default="document",
        help="what stays together: document, company, group, case or tag:PREFIX (document)",
    )
    splitting.add_argument(
        "--ratio",
        metavar="R",
        type=_ratios,
        default={"dev": 0.7, "held": 0.3},
        help="parts and their shares (dev=0.7,held=0.3)",
    )
    splitting.add_argument("--seed", metavar="N", type=int, default=0, help="of the hash (0)")
    splitting.add_argument("-o", "--out", metavar="DIR", required=True, help="the folder to write")
    add_force(splitting)
    importing = action(
        "import",
        "take over a set of another program",
        "promptfooconfig.yaml -o gold.jsonl",
        run_import,
    )
    importing.add_argument("file", metavar="FILE", help="what it exported, or its configuration")
    importing.add_argument(
        "--format",
        metavar="F",
        help="promptfoo, openai-evals, langsmith or langfuse (told by the content)",
    )
    importing.add_argument("-o", "--out", metavar="FILE", required=True, help="the set to write")
    add_force(importing)
    gold_add.add(action)
    gold_generate.add(action)
    gold_grade.add(action)


def run_check(arguments: argparse.Namespace) -> int:
    """Read a set; what is in it."""
    gold = load(arguments.file)
    tags = Counter(tag for case in gold.cases for tag in case.tags)
    counts = {
        "cases": len(gold),
        "with a value": sum(case.value is not None for case in gold.cases),
        "with words": sum(bool(case.contains) for case in gold.cases),
        "with pages": sum(bool(case.pages) for case in gold.cases),
        "refusals": sum(case.refusal for case in gold.cases),
        "with a note only": sum(not case.refusal and not case.gradable for case in gold.cases),
        "documents": len({case.document for case in gold.cases} - {None}),
        "questions asked twice": len(gold) - len(gold.by_question()),
    }
    if arguments.json:
        common.print_json({"file": Path(arguments.file).name, **counts, "tags": dict(tags)})
        return common.DONE
    print(
        f"{Path(arguments.file).name}: {plural(counts.pop('cases'), 'case')}, each as it should be"
    )
    for name, count in counts.items():
        if count:
            print(f"  {name:22} {count}")
    if tags:
        common.note("tags: " + ", ".join(f"{tag} {n}" for tag, n in tags.most_common(12)))
    return common.DONE


def run_convert(arguments: argparse.Namespace) -> int:
    """Write a set as another kind of file."""
    gold = load(arguments.file)
    out = Path(arguments.to)
    check_free(out, arguments.force)
    gold.save(out)
    return _told(arguments, {"cases": len(gold), "file": arguments.to})


def run_split(arguments: argparse.Namespace) -> int:
    """Write the parts, one file each."""
    from ...evals.gold_splits import group_of, split

    gold = load(arguments.file)
    parts = split(gold, arguments.ratio, by=arguments.by, seed=arguments.seed)
    folder = Path(arguments.out)
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: folder / f"{name}.jsonl" for name in parts}
    for file in files.values():
        check_free(file, arguments.force)
    facts: dict[str, Any] = {"by": arguments.by, "seed": arguments.seed, "parts": {}}
    for name, part in parts.items():
        part.save(files[name])
        groups = {group_of(case, arguments.by) for case in part.cases}
        facts["parts"][name] = {
            "cases": len(part), "groups": len(groups), "file": str(files[name]),
        }  # fmt: skip
    if arguments.json:
        common.print_json(facts)
        return common.DONE
    for name, told in facts["parts"].items():
        share = told["cases"] / len(gold)
        print(
            f"{name:12} {told['cases']:6} cases ({share:.0%}) of {told['groups']} groups"
            f"  {told['file']}"
        )
    common.note(f"no group by {arguments.by} is in two parts; cases added later move no other")
    return common.DONE


def run_import(arguments: argparse.Namespace) -> int:
    """Write the set of another program as ours, and tell what was left."""
    from ...evals.gold_import import import_gold

    out = Path(arguments.out)
    check_free(out, arguments.force)
    found = import_gold(arguments.file, arguments.format)
    found.gold.save(out)
    facts = {
        "cases": len(found.gold),
        "file": arguments.out,
        "format": found.format,
        "left": [vars(left) for left in found.left],
    }
    if arguments.json:
        common.print_json(facts)
        return common.DONE
    print(f"wrote {plural(len(found.gold), 'case')} of {found.format} to {arguments.out}")
    if found.left:
        common.note(f"not carried over ({len(found.left)}):")
    for left in found.left[:_SHOWN]:
        common.note(f"  {left.place}: {left.what}: {left.why}")
    if len(found.left) > _SHOWN:
        common.note(f"  and {len(found.left) - _SHOWN} more: --json lists all of them")
    return common.DONE


def load(path: str) -> "GoldSet":
    """The set in a file."""
    from ...evals.gold import GoldSet

    return GoldSet.load(path)


def _told(arguments: argparse.Namespace, facts: dict[str, Any]) -> int:
    if arguments.json:
        common.print_json(facts)
    else:
        print(f"wrote {plural(facts['cases'], 'case')} to {facts['file']}")
    return common.DONE


def _help(parser: argparse.ArgumentParser) -> int:
    parser.print_help()
    return common.DONE


def _ratios(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in text.split(","):
        name, _, share = item.partition("=")
        try:
            found[name.strip()] = float(share)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"{item!r}: expected NAME=SHARE, as in dev=0.7,held=0.3"
            ) from None
    return found
