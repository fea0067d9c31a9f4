"""Reports of an evaluation: built once as data, told as HTML, Markdown, JUnit or in a terminal.

from workings.evals.report import build, html_page
html_page(build(evaluation, gold, against=baseline))
"""

from .building import build
from .facts import Calibration, CaseView, Labelled, MetricLine, Report
from .junit import junit
from .markdown import markdown
from .page import html_page

__all__ = [
    "Calibration",
    "CaseView",
    "Labelled",
    "MetricLine",
    "Report",
    "build",
    "html_page",
    "junit",
    "markdown",
]
