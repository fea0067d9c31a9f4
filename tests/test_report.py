"""Reports: one page that needs nothing, whose texts can do nothing; Markdown, JUnit, terminal."""

import html.parser
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from workings.agent.cli import main
from workings.evals.checks import Verdict
from workings.evals.divergence import Divergence
from workings.evals.evaluation import Evaluation, PageRef, Row
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.labels import Label
from workings.evals.report import build, html_page, junit, markdown
from workings.evals.summary import summary
from workings.tools.errors import GoldError

HOSTILE = "</title><script>alert(1)</script><img src=x onerror='a()'> \u202e\x00 | `x` @all & \"q\""


def row(place, value, **more):
    facts = {
        "case": f"c{place}",
        "question": f"What is {place}?",
        "trace": f"t{place}",
        "text": "It is so.",
        "seconds": 0.5 + place,
        "retrieved": (PageRef(document="a.pdf", page=1), PageRef(document="a.pdf", page=2)),
        "verdicts": (Verdict(metric="correct", value=value, reason=f"value is {value}"),),
    }
    return Row(**{**facts, **more})


def evaluation(values, id="e", **more):
    rows = tuple(row(place, value) for place, value in enumerate(values))
    return Evaluation(
        **{"id": id, "gold": "gold.jsonl", "gold_hash": "h", "model": "m", "rows": rows, **more}
    )


def gold_of(count, page=2):
    cases = (
        GoldCase(id=f"c{i}", question=f"What is {i}?", answer="so", document="a.pdf", pages=(page,))
        for i in range(count)
    )
    return GoldSet(cases=tuple(cases))


class Tags(html.parser.HTMLParser):
    """Every tag with its attributes, and whether each is closed in its turn."""

    VOID = frozenset(("meta", "input", "br", "line", "circle", "rect"))

    def __init__(self, page):
        super().__init__()
        self.seen, self.open = [], []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


MIXED = [1.0] * 12 + [0.0] * 6 + [None] * 2


def full():
    rows = [row(place, value, cost_usd=0.01 * (place + 1)) for place, value in enumerate(MIXED)]
    rows.append(row(20, 0.0, error="ProviderError: busy", text="", refused=False))
    now = evaluation([], id="now", rows=tuple(rows), settings={"k": 8})
    before = evaluation([0.0] * 3 + [1.0] * 11 + [0.0] * 7, id="before")
    labels = [Label(case=f"c{i}", value=float(i < 10)) for i in range(18)]
    apart = Divergence(trace="t3", step=2, node="agent", kind="prompt_changed", path="/x",
                       before="old", after="new", severity="behavioural")  # fmt: skip
    return now, build(now, gold_of(21), against=before, labels=labels, divergences={"t3": [apart]})


def test_the_page_is_whole_and_needs_nothing_else():
    page = html_page(full()[1])
    tags = Tags(page)
    assert not re.search(r"https?:|@import|url\(|javascript:", page)
    names = {tag for tag, _ in tags.seen}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert not any(name.startswith("on") for _, found in tags.seen for name in found)
    policy = next(found for _, found in tags.seen if "http-equiv" in found)["content"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    for title in ("Against before", "Flips", "Metrics", "Where it fails", "Retrieval", "Latency",
                  "Cost against quality", "Judge against people", "Cases"):  # fmt: skip
        assert f"<h2>{title}</h2>" in page
    assert all(found.get("aria-label") for tag, found in tags.seen if tag == "svg")
    ids = [found["id"] for _, found in tags.seen if "id" in found]
    assert len(ids) == len({*ids})
    assert {found["for"] for tag, found in tags.seen if tag == "label"} == {*ids}


def test_no_text_of_a_case_becomes_markup():
    bad = row(0, 0.0, case=HOSTILE, question=HOSTILE, text=HOSTILE, trace=HOSTILE, tags=(HOSTILE,),
              error=HOSTILE, tools=(HOSTILE,), retrieved=(PageRef(document=HOSTILE, page=1),),
              verdicts=(Verdict(metric="correct", value=0.0, reason=HOSTILE),))  # fmt: skip
    hostile = {"id": HOSTILE, "gold": HOSTILE, "model": HOSTILE, "settings": {HOSTILE: HOSTILE}}
    now = evaluation([], rows=(bad, row(1, 1.0)), **hostile)
    passed = row(0, 1.0, case=HOSTILE, question=HOSTILE)
    before = now.model_copy(update={"rows": (passed, row(1, 1.0))})
    report = build(now, against=before)
    page, told = html_page(report), markdown(report)
    assert {tag for tag, _ in Tags(page).seen}.isdisjoint({"script", "img"})
    assert "\u202e" not in page + told and "\x00" not in page + told
    outside = re.sub(r"`[^`\n]*`", "", told)  # a span of code is text to every reader
    assert not re.search(r"<script|<img|@all", outside)
    suite = ElementTree.fromstring(junit(now))[0]
    assert suite[0].get("name") == HOSTILE.replace("\x00", "\ufffd")


def test_the_figures_are_those_of_the_evaluation():
    now, report = full()
    first = summary(now).metrics[0].estimate
    assert report.metrics[0].estimate == first
    assert f"{first.value * 100:.1f} %" in html_page(report)
    assert report.outcomes == {"pass": 12, "fail": 6, "error": 1, "unscored": 2}
    assert (report.cost_rows, round(report.total_cost, 2)) == (20, 2.1)
    assert [(item.rank, item.passed, item.failed) for item in report.ranks] == [
        ("1", 0, 0), ("2", 12, 6), ("not found", 0, 0)]  # fmt: skip


def test_every_row_is_a_case_on_the_page_and_lost_ones_come_first():
    report = full()[1]
    page = html_page(report)
    cases = page.partition('<div class="cases">')[2]
    assert cases.count("<details") == 21
    assert cases.index("lost</span>") < cases.index("pass</span>")
    assert "failed 6</label>" in page and "errors 1</label>" in page and "flipped" in page
    assert "step 2, prompt_changed: old -&gt; new" in page
    assert "workings trace show t3" in page


def test_a_long_evaluation_is_cut_aloud_and_failures_stay():
    report = build(evaluation([1.0] * 30 + [0.0]), most_cases=10)
    page = html_page(report)
    assert report.hidden == 21 and "21 more rows are not shown here" in page
    assert report.views[0].outcome == "fail"


@pytest.mark.parametrize("values", [[1.0], [0.0], [None], [1.0] * 20, [0.0] * 20])
def test_a_report_of_one_case_or_of_one_outcome(values):
    now = evaluation(values)
    report = build(now, gold_of(len(values)), against=evaluation(values, id="same"))
    Tags(html_page(report))
    assert markdown(report).startswith("## m on gold.jsonl")
    assert ElementTree.fromstring(junit(now)).get("tests") == str(len(values))


def test_nothing_was_asked_yet():
    with pytest.raises(GoldError, match="has no row"):
        build(evaluation([]))


def test_no_data_is_never_shown_as_nought():
    rows = tuple(row(i, None, seconds=0.0, retrieved=()) for i in range(5))
    page = html_page(build(evaluation([], rows=rows)))
    assert "not scored in any case" in page and "0.0 %" not in page
    assert "Neither price nor tokens are known" in page and "No time was measured" in page
    assert "Ranks need the gold set" in page


def test_markdown_tells_the_verdict_and_what_flipped():
    told = markdown(full()[1])
    assert "**Inconclusive** against `before` by correct: " in told
    assert "3 won" in told and "| metric | before | now |" in told
    assert "- lost `c" in told and told.count("<details>") == told.count("</details>") == 1


def test_junit_counts_each_ending():
    now, _ = full()
    root = ElementTree.fromstring(junit(now))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "21", "failures": "6", "errors": "1", "skipped": "2"}  # fmt: skip
    failure = root.find(".//failure")
    assert failure.get("message") == "correct: value is 0.0" and "t12" in failure.text


def test_on_the_command_line(tmp_path, capsys):
    home = tmp_path / "home"
    now, _ = full()
    now.save(home / "evaluations" / "now")
    evaluation([1.0] * 21, id="before").save(home / "evaluations" / "before")
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(c.model_dump_json() for c in gold_of(21).cases), encoding="utf-8")
    lines = tmp_path / "replays.jsonl"
    lines.write_text('{"traces": 3}\n', encoding="utf-8")
    at = ["report", "now", "--home", str(home)]
    files = ["--html", str(tmp_path / "r.html"), "--junit", str(tmp_path / "r.xml")]
    more = ["--gold", str(gold), "--against", "before", "--divergences", str(lines)]
    assert main([*at, *files, *more]) == 0
    shown = capsys.readouterr()
    assert "Where it fails" in shown.out and "worse" in shown.out and "wrote " in shown.err
    Tags((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert main([*at, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["primary"] == "correct" and len(document["cases"]) == 21
    assert main([*at, "--markdown", "-"]) == 0
    assert capsys.readouterr().out.startswith("## m on")
    assert main([*at, "--html", str(tmp_path / "no" / "r.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["report", "nothing", "--home", str(home)]) == 2
    assert "is not an evaluation" in capsys.readouterr().err


@pytest.mark.parametrize("margin", ["-1", "nan", "inf", "five"])
def test_a_margin_that_is_none_is_no_fault_of_ours(margin, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["report", "now", "--against", "before", "--margin", margin])
    assert stopped.value.code == 2
    assert "expected a number of 0 or more" in capsys.readouterr().err


def test_a_report_for_other_questions_on_these_documents_says_what_compare_says():
    rows = {
        name: tuple(row(i, float(value), group="one.pdf") for i, value in enumerate(values))
        for name, values in (("before", [0] * 15 + [1] * 25), ("now", [1] * 40))
    }
    before, now = (evaluation([], id=name, rows=given) for name, given in rows.items())
    verdicts = {
        by: build(now, against=before, by=by).comparison.metrics[0].verdict
        for by in ("group", "case")
    }
    assert verdicts == {"group": "inconclusive", "case": "better"}


def test_the_plot_of_latency_has_the_median_of_the_table():
    rows = tuple(row(i, 1.0, seconds=float(i + 1)) for i in range(4))
    page = html_page(build(evaluation([], rows=rows)))
    assert "half within 2.5 s" in page and ">2.5 s<" in page and "9 of 10 within 3.7 s" in page


def test_a_judge_that_is_no_metric_and_labels_of_other_answers_are_told(tmp_path, capsys):
    home, labels = tmp_path / "home", tmp_path / "labels.jsonl"
    evaluation([1.0, 0.0]).save(home / "evaluations" / "e")
    labels.write_text('{"case": "other", "value": 1, "who": "ann"}\n', encoding="utf-8")
    words = ["report", "e", "--home", str(home), "--labels", str(labels)]
    assert main([*words, "--judge", "judge:kind"]) == 2
    assert "'judge:kind' is no metric of e: correct" in capsys.readouterr().err
    assert main(words) == 0
    assert "both labelled and judged" in capsys.readouterr().err
