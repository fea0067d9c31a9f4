"""Gives a trace to other programs: OpenAI messages, OpenTelemetry spans, or one file of ours.

Knows which forms there are; each is a module of `evals.exporters`. A trace was redacted when it was
recorded, so what is exported holds no secret that redaction knows.
"""

import json
from pathlib import Path
from typing import Any

import orjson

from ..graphs.trace import Trace
from ..tools.errors import TraceError
from .exporters.bundle import bundle
from .exporters.openai import openai_messages
from .exporters.otel import otel

FORMATS = ("otel", "openai", "bundle")


def export(path: Path, format: str) -> bytes:
    """A trace file in another format, ready to be written. Raises `TraceError`."""
    trace = Trace.load(path)
    if format == "bundle":
        return bundle(path)
    if format == "openai":
        value: Any = openai_messages(trace)
    elif format == "otel":
        value = otel(trace)
    else:
        raise TraceError(f"the format {format!r:.40} is not known; expected {', '.join(FORMATS)}")
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # it refuses integers over 64 bits and lone surrogates
        text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
        return text.encode("utf-8", "replace")
