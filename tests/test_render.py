"""What a person sees: whole screens, and no character that could steer a terminal."""

import io

import pytest
from rich.console import Console
from workings.agent.render import answer_view, hits_view
from workings.agent.render_runs import demo_view, trace_view
from workings.agent.wording import quoted, seconds, short_number, snippet, visible
from workings.graphs.answer import Answer, Calculation, Citation, Operand, Struck, Usage
from workings.graphs.trace import Start, ToolStep, Trace
from workings.tools.documents import Hit, Passage

PASSAGE = {
    "id": "p1",
    "document": "report.pdf",
    "document_id": "d",
    "title": "t",
    "page": 12,
    "page_label": "10",
    "text": "Revenue 412.3 396.1",
}


def tool_step(name, arguments, index=1, status="ok", **result):
    return ToolStep(
        index=index,
        node="tools",
        name=name,
        key="k",
        request_id="r",
        arguments=arguments,
        raw_arguments="",
        status=status,
        result=result,
        seconds=0.03,
    )


ANSWER = Answer(
    question="By how much did revenue grow?",
    text="Revenue grew by 4.09 % [1].",
    value=4.09,
    unit="%",
    citations=(
        Citation(
            marker=1,
            passage="p1",
            document="report.pdf",
            page=12,
            page_label="10",
            url=None,
            quote="Revenue 412.3 396.1",
            verified=True,
        ),
    ),
    calculations=(
        Calculation(
            expression="pct_change(396.1, 412.3)",
            result="4.09",
            operands=(
                Operand(number="396.1", source="passage p1"),
                Operand(number="412.3", source="passage p1"),
            ),
        ),
    ),
    struck=(Struck(text="Costs fell.", reason="no verified citation"),),
    usage=Usage(model="extractive", requests=3, seconds=0.2),
)
TRACE = Trace(
    start=Start(id="run-1", created="2026-01-01T00:00:00Z", question="q", model="extractive"),
    steps=(
        tool_step("search_documents", {"query": "revenue"}, passages=[PASSAGE]),
        tool_step(
            "calculator",
            {"expression": "pct_change(396.1, 412.3)"},
            index=2,
            expression="pct_change(396.1, 412.3)",
            content="4.09",
        ),
    ),
    status="done",
)

SCREEN = """\
Revenue grew by 4.09 % [1].

Sources
  [1]  report.pdf, page 12 (printed 10)
       “Revenue 412.3 396.1”

Workings
  pct_change(396.1, 412.3) = 4.09
    396.1  [1] report.pdf, page 12 (printed 10)
    412.3  [1] report.pdf, page 12 (printed 10)

Left out (1 claim)
  Costs fell.  no verified citation

Steps
  search_documents "revenue" -> 1 passage  30 ms
  calculator "pct_change(396.1, 412.3)" -> 4.09  30 ms

extractive (no language model: it quotes and computes) · 3 requests · 0.2 s
again, offline: workings replay run-1
"""


def screen(view, width=80, **options):
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False, **options)
    console.print(view)
    return out.getvalue()


def plain(view, width=80):
    return "\n".join(line.rstrip() for line in screen(view, width).split("\n"))


def test_an_answer_is_shown_with_its_workings():
    assert plain(answer_view(ANSWER.with_trace(TRACE))) == SCREEN


def test_colour_changes_no_word():
    view = answer_view(ANSWER.with_trace(TRACE))
    coloured = screen(view, force_terminal=True, color_system="truecolor", legacy_windows=False)
    assert "\x1b[" in coloured
    out = Console(file=io.StringIO(), width=80)
    assert "\x1b" not in screen(view)
    assert out.width == 80


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(width):
    view = answer_view(ANSWER.with_trace(TRACE))
    assert max(map(len, screen(view, width).split("\n"))) <= width


def test_a_refusal_says_why_and_what_was_looked_at():
    refusal = Answer(
        question="q",
        text="I cannot answer that: nothing supports an answer.",
        refused=True,
        reason="nothing in the documents supports an answer",
        usage=Usage(model="openai:x", requests=2, seconds=3),
    )
    shown = plain(answer_view(refusal.with_trace(TRACE)))
    assert shown.startswith("No answer is supported by the sources.\n  nothing in the documents")
    assert "What was looked at\n  search_documents" in shown
    assert "tokens unknown · cost unknown" in shown


def test_an_answer_without_a_trace_is_shown_too():
    assert "trace" not in plain(answer_view(ANSWER))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x9b31mb", r"a\x9b31mb"),
        ("a\rb\x00\x08\x7f", r"a\rb\x00\x08\x7f"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff", r"\udcff"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("two\nlines\r\nthree\tx", "two\nlines\nthree    x"),
        ("Zürich [1] 中文 é", "Zürich [1] 中文 é"),
    ],
)
def test_no_character_steers_the_terminal(text, shown):
    assert visible(text) == shown


def test_hostile_text_is_escaped_wherever_it_stands():
    bad = "\x1b]0;x\x07\x9b2J"
    answer = ANSWER.model_copy(
        update={
            "text": bad,
            "citations": (
                ANSWER.citations[0].model_copy(
                    update={"quote": bad, "document": bad, "page_label": bad}
                ),
            ),
            "calculations": (Calculation(expression=bad, result=bad),),
            "struck": (Struck(text=bad, reason=bad),),
            "usage": Usage(model=bad),
        }
    )
    hostile = TRACE.model_copy(
        update={
            "steps": (
                tool_step(bad, {"query": bad}, content=bad),
                tool_step("search_documents", None, passages=[{**PASSAGE, "text": bad}]),
            )
        }
    )
    passage = Passage(**{**PASSAGE, "text": bad, "document": bad, "url": bad})
    shown = (
        screen(answer_view(answer.with_trace(hostile)))
        + screen(trace_view(hostile, full=True))
        + screen(
            hits_view([Hit(passage=passage, score=1.0, parts={"lexical": 1.0})], "x", explain=True)
        )
    )
    assert not {"\x1b", "\x07", "\x9b"} & set(shown)


def test_brackets_of_a_document_are_text():
    answer = ANSWER.model_copy(update={"text": "[bold]x[/bold] :smile:", "calculations": ()})
    assert "[bold]x[/bold] :smile:" in plain(answer_view(answer))


def test_an_operand_from_a_page_that_is_not_cited_names_the_page():
    answer = ANSWER.model_copy(update={"citations": ()}).with_trace(TRACE)
    assert "396.1  report.pdf, page 12 (printed 10)" in plain(answer_view(answer))


def test_hits_are_ranked_with_the_parts_of_their_scores():
    hit = Hit(passage=Passage(**PASSAGE), score=1.25, parts={"lexical": 1.0, "dense": 0.25})
    assert plain(hits_view([hit], "revenue", explain=True)) == (
        "1. report.pdf, page 12 (printed 10)  score 1.250\n"
        "   p1  lexical +1.000  dense +0.250\n"
        "   Revenue 412.3 396.1\n"
    )
    assert plain(hits_view([], "x")) == "Nothing found.\n"


@pytest.mark.parametrize(
    ("value", "said"), [(0.03, "30 ms"), (0.0996, "0.1 s"), (12.34, "12.3 s"), (125, "2 min 5 s")]
)
def test_durations_are_said_as_people_say_them(value, said):
    assert seconds(value) == said


def test_a_snippet_is_where_the_words_of_the_query_stand():
    text = "filler " * 100 + "the battery is under warranty for 24 months" + " more" * 100
    shown = snippet(text, "battery warranty")
    assert "battery is under warranty for 24 months" in shown
    assert shown.startswith("... ") and shown.endswith(" ...") and len(shown) < 260
    assert snippet("short", "x") == "short"


def test_a_quote_is_read_as_prose_or_as_rows():
    assert (
        quoted("It was\nfounded in 1974 by\nPieter Moor") == "It was founded in 1974 by Pieter Moor"
    )
    rows = "Revenue 168,340 152,460\nCosts (90,100) (81,200)"
    assert quoted(rows) == rows


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("10.27834458222152461675", "10.27834458..."),
        ("0.125", "0.125"),
        ("1.2345678901", "1.2345678901"),
        ("v1.2345678901234", "v1.23456789..."),
        ("12345678901234567890", "12345678901234567890"),
    ],
)
def test_a_long_number_is_cut_and_marked(number, shown):
    assert short_number(number) == shown


def test_a_run_is_shown_step_by_step():
    assert (
        plain(trace_view(TRACE))
        == """\
trace     run-1  (done)
asked     2026-01-01T00:00:00Z
model     extractive
question  q

1  tools  search_documents "revenue" -> 1 passage  30 ms
          report.pdf, page 12 (printed 10): Revenue 412.3 396.1
2  tools  calculator "pct_change(396.1, 412.3)" -> 4.09  30 ms
"""
    )


def test_the_words_of_a_demo_table_are_never_cut():
    rows = [("q " * 60, "answered", "right", "identical")]
    shown = plain(demo_view(rows, [], 0.2), 60)
    assert all(word in shown for word in ("answered", "right ", "identical"))
