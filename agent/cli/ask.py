"""`workings ask`: one answer with its workings."""

import argparse

from . import asking, common


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "ask",
        "answer one question, with its workings",
        'workings ask "What was revenue in 2025?" --docs reports/',
        run,
    )
    parser.add_argument("question", metavar="QUESTION", help="the question; - reads it from stdin")
    common.add_documents(parser)
    common.add_embedder(parser)
    common.add_model(parser)
    common.add_pack(parser)
    parser.add_argument("-k", type=common.count, metavar="N", help="passages of one search (8)")
    parser.add_argument(
        "--fail-on-refusal", action="store_true", help="exit with 1 when there is no answer"
    )


def run(arguments: argparse.Namespace) -> int:
    """Ask, and show the answer."""
    question = asking.question_of(arguments.question)
    if not question.strip():
        common.complain('the question is empty; ask something, as in: workings ask "..."')
        return common.BAD_INPUT
    assistant = asking.open_assistant(arguments)
    answer = asking.ask(assistant, question)
    if arguments.json:
        common.print_json(answer.to_json())
    else:
        from ..render import answer_view

        recorded = assistant.not_recorded is None
        common.show(answer_view(answer, again=recorded, home=arguments.home))
        if answer.refused:
            asking.hint_documents(assistant)
        asking.hint_model(assistant.settings)
    return common.NO if answer.refused and arguments.fail_on_refusal else common.DONE
