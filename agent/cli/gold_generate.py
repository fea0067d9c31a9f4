"""`workings gold generate`: cases from documents, each with the words on the page it rests on."""

import argparse
from collections.abc import Callable
from pathlib import Path

from ..wording import plural
from . import common
from .gold_out import add_force, check_free


def add(action: Callable[..., argparse.ArgumentParser]) -> None:
    """The arguments."""
    parser = action(
        "generate",
        "make cases from documents, by code or with a model",
        "reports/ -n 50 -o gold.jsonl",
        run,
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", help="documents, as with --docs")
    common.add_documents(parser)
    parser.add_argument("-n", metavar="N", type=common.count, default=20, help="cases (20)")
    parser.add_argument("-o", "--out", metavar="FILE", help="the set to write (stdout, as JSONL)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the choice (0)")
    parser.add_argument(
        "--model", metavar="M", help="ask a model for questions: openai:NAME or compatible:NAME"
    )
    add_force(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make cases and write them."""
    from ...evals.generate import generate
    from ...evals.gold import GoldSet
    from ...tools.errors import GoldError
    from ..indexes import open_index

    out = None if arguments.out is None else Path(arguments.out)
    if out is not None:
        check_free(out, arguments.force)
    settings = common.settings_of(arguments)
    index = open_index(settings)
    chosen = None
    paths = [Path(path) for path in (*arguments.paths, *arguments.docs)]
    if paths:
        with common.Progress("Reading documents") as progress:
            report = index.update(paths, progress.count)
        for item in report.skipped:
            common.note(f"left out {item.path.name}: {item.reason}")
        chosen = index.select(paths)
    if arguments.model is None:
        cases = generate(index, arguments.n, documents=chosen, seed=arguments.seed)
    else:
        from ...evals.generate_asking import generate_with
        from ..background import wait_for
        from ..models import make_model

        with common.Progress("Asking") as line:
            made = wait_for(
                generate_with(
                    make_model(arguments.model, settings),
                    index,
                    arguments.n,
                    documents=chosen,
                    seed=arguments.seed,
                    progress=lambda done, total: line.say(f"Asking: {done} of {total} kept"),
                )
            )
        cases = made.cases
        common.note(f"asked about {made.asked} passages; {len(made.dropped)} replies not kept")
        for reason in made.dropped[:5]:
            common.note(f"  {reason}")
    if not cases:
        raise GoldError(
            "no case could be made: of documents with tables or sentences that hold a number there"
            " is none here; add some with --docs PATH"
        )
    if out is not None:
        GoldSet(cases=cases).save(out)
    if arguments.json or out is None:
        for case in cases:
            common.print_json(case.model_dump(mode="json", exclude_defaults=True))
    if out is not None and not arguments.json:
        print(
            f"wrote {plural(len(cases), 'case')} to {arguments.out}: look them over before you rely"
            " on them"
        )
    if len(cases) < arguments.n:
        common.note(f"{arguments.n} were asked for; the documents gave {len(cases)}")
    return common.DONE
