"""The report as JUnit XML, for a build server: a test for each row, by the primary metric.

Knows the format that GitHub, GitLab and Jenkins read. Every row is told, also those that a page
leaves out.
"""

import re
import xml.etree.ElementTree as ElementTree

from ..evaluation import Evaluation
from .facts import outcome

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def junit(evaluation: Evaluation) -> str:
    """`<testsuites>` with one suite. A failure has the verdict's reason; unscored is skipped."""
    metric = evaluation.metrics[0] if evaluation.metrics else "correct"
    ended = [outcome(row, metric) for row in evaluation.rows]
    counts = {
        "tests": len(ended),
        "failures": ended.count("fail"),
        "errors": ended.count("error"),
        "skipped": ended.count("unscored"),
    }
    total = sum(row.seconds for row in evaluation.rows)
    facts = {**{name: str(count) for name, count in counts.items()}, "time": f"{total:.3f}"}
    root = ElementTree.Element("testsuites", facts)
    name = _clean(f"{evaluation.gold or 'gold'} ({evaluation.model})")
    suite = ElementTree.SubElement(root, "testsuite", {"name": name, **facts})
    for row, end in zip(evaluation.rows, ended, strict=True):
        again = f" #{row.repeat + 1}" if evaluation.repeats > 1 else ""
        case = ElementTree.SubElement(
            suite,
            "testcase",
            {
                "classname": _clean(evaluation.gold or evaluation.id),
                "name": _clean(f"{row.case}{again}"),
                "time": f"{row.seconds:.3f}",
            },
        )
        reason = next((item.reason for item in row.verdicts if item.metric == metric), "")
        if end == "error":
            kind = (row.error or "").partition(":")[0]
            item = ElementTree.SubElement(
                case, "error", {"message": _clean(row.error or ""), "type": _clean(kind)}
            )
            item.text = _clean(row.question)
        elif end == "fail":
            told = _clean(f"{metric}: {reason}")
            item = ElementTree.SubElement(case, "failure", {"message": told, "type": metric})
            item.text = _clean(f"question: {row.question}\nanswer: {row.text}\ntrace: {row.trace}")
        elif end == "unscored":
            said = _clean(reason or f"{metric} is unscored")
            ElementTree.SubElement(case, "skipped", {"message": said})
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)
