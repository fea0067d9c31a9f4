"""Every fault of a model or search service, and how it ends: `bench/faults.py [--list]`.

Client level: `LiveCalls` on a `compatible:` model and the `web_search` tool, against the fault
servers of the shared folder on loopback. Prints one Markdown table; `--list` adds a line a fault.
"""

import argparse
import asyncio
import collections
import importlib.util
import io
import logging
import sys
import time

from common import share, shared, table
from workings.agent.models import make_model
from workings.graphs.calls import Call
from workings.graphs.live import LiveCalls
from workings.graphs.model import Message, ModelRequest
from workings.tools.errors import ToolError
from workings.tools.web import web_tool

KEY = "sk-canary-0123456789abcdefXYZ"
DEADLINE = 3.0
GRACE = 2.0
"""Seconds over the deadline after which a call counts as hung."""
SILENT = {
    "timeout": "s=30",
    "stall_mid_stream": "s=30",
    "slow_drip": "gap=0.4,n=100",
    "slow_bytes": "gap=0.1",
    "keepalive_only": "n=100,gap=0.3",
}
WANTED = {
    "reply": "ok echo tool_call two_tool_calls no_usage length unknown_finish wrong_model lc_payload"
    " markdown_exfil forged_citation html truncated_args truncated_args_stop args_not_object"
    " args_wrong_type args_extra_keys args_empty args_duplicate_keys unknown_tool odd_tool_name"
    " no_tool_id same_tool_id many_tool_calls infinite_loop infinite_loop_varied text_and_tool"
    " tool_as_text legacy_function_call schema_wrong schema_fenced schema_nan sse_tool_interleaved",
    "rate_limit": "rate_limit rate_limit_ms rate_limit_date rate_limit_forever"
    " rate_limit_bad_header",
    "quota": "quota",
    "auth": "bad_key forbidden",
    "not_found": "no_model",
    "context_length": "context_length",
    "unsupported": "no_tools",
    "content_filter": "content_filter content_filter_400",
    "refusal": "refusal",
    "server": "http_500 http_502_html http_503 sse_error_event",
    "connection": "reset_before close_before huge_header",
    "truncated": "reset_mid_body short_body reset_mid_stream reset_mid_event close_no_done"
    " sse_reset_in_args",
    "deadline": "timeout stall_mid_stream slow_drip slow_bytes keepalive_only endless",
    "empty": "empty_choices no_choices_key null_content empty_content emb_wrong_dim emb_missing"
    " emb_nan emb_shuffled",
    "bad_response": "redirect_metadata malformed_json empty_body not_json json_null json_array"
    " sse_bad_json sse_bad_utf8 huge_text args_huge deep_json huge_header endless",
}
"""Outcome -> faults. Event streams sent to a client that asked for plain JSON are bad_response."""
STREAM_ONLY = ["close_no_done", "sse_error_event", "sse_tool_interleaved"]
RETRIED = "rate_limit rate_limit_ms rate_limit_bad_header http_500 http_502_html http_503"
RETRIED = (RETRIED + " reset_before close_before").split()
CALCULATOR = {
    "name": "calculator",
    "description": "calculates",
    "parameters": {"type": "object", "properties": {"expression": {"type": "string"}}},
}


def load(path):
    """A server of the shared folder, by path (the two import each other by name)."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wanted(fault, stream):
    if fault in STREAM_ONLY and not stream:
        return {"bad_response"}
    return {kind for kind, faults in WANTED.items() if fault in faults.split()}


async def ask(server, fault, stream):
    """(outcome, its whole text, requests, seconds)"""
    name = f"fault:{fault}" + (f":{SILENT[fault]}" if fault in SILENT else "")
    model = make_model(
        f"compatible:{name}", base_url=f"{server.url}/v1", api_key=KEY, stream=stream
    )
    request = ModelRequest(
        model=model.id, messages=(Message(role="user", content="hi"),), tools=(CALCULATOR,)
    )
    before, began, draft = len(server.log), time.monotonic(), []
    try:
        outcome = await LiveCalls(model, DEADLINE).model(
            Call("agent", "decide", "key"), request, draft.append
        )
    except Exception as error:
        return f"TRACEBACK {type(error).__name__}", str(error), 0, 0.0
    seconds = time.monotonic() - began
    detail = outcome.error.detail if outcome.error else {}
    kind = "reply" if outcome.reply else detail.get("kind") or detail.get("limit")
    if outcome.reply and not outcome.reply.content and not outcome.reply.tool_requests:
        kind = "EMPTY REPLY"
    if draft and not outcome.reply and not detail.get("partial"):
        kind = "PARTIAL NOT MARKED"
    text = repr(outcome)
    return kind, text, len(server.log) - before, seconds


async def search(server, fault):
    tool = web_tool(KEY, server.url, timeout=DEADLINE)
    server.s.scenario = fault + (":s=30" if fault == "timeout" else "")
    before, began = len(server.log), time.monotonic()
    try:
        result = await tool.run({"query": "capital of France"})
        kind, text = f"{len(result.passages)} passages", repr(result)
    except ToolError as error:
        kind, text = "ToolError", str(error)
    except Exception as error:
        kind, text = f"TRACEBACK {type(error).__name__}", str(error)
    return kind, text, len(server.log) - before, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="a line a fault")
    given = parser.parse_args()
    providers, tavily = shared("faults", "provider_faults.py"), shared("faults", "tavily_faults.py")
    if providers is None or tavily is None:
        return
    log = io.StringIO()
    logging.basicConfig(level=logging.DEBUG, stream=log, force=True)
    body, lines = [], []
    for label, stream in (("model, plain", False), ("model, streamed", True), ("web search", None)):
        module = load(tavily if stream is None else providers)
        count, kinds = collections.Counter(), collections.Counter()
        with module.Server() as server:
            for fault in module.FAULTS:
                if stream is None:
                    kind, text, requests, seconds = asyncio.run(search(server, fault))
                    good = kind.endswith("passages") or kind == "ToolError"
                    kinds["ToolError" if kind == "ToolError" else "results"] += good
                else:
                    kind, text, requests, seconds = asyncio.run(ask(server, fault, stream))
                    good = kind in wanted(fault, stream)
                    good &= requests == 3 or fault not in RETRIED
                    good &= (
                        requests <= 3
                        if wanted(fault, stream) & {"rate_limit", "server", "connection"}
                        else requests == 1
                    )
                    kinds[kind] += 1
                count["n"] += 1
                count["good"] += good
                count["hung"] += seconds > DEADLINE + GRACE
                count["traceback"] += kind.startswith("TRACEBACK")
                count["leak"] += "canary" in text
                lines.append((label, fault, kind, requests, f"{seconds:.1f}", "" if good else "!"))
        count["leak"] += "canary" in log.getvalue()
        log.seek(0)
        log.truncate()
        body.append(
            (
                label,
                share(count["good"], count["n"]),
                count["hung"],
                count["traceback"],
                count["leak"],
                ", ".join(f"{kind} {n}" for kind, n in kinds.most_common()),
            )
        )
    if given.list:
        table(("client", "fault", "outcome", "requests", "s", ""), lines)
    head = ("client", "ends as it should (Wilson 95 %)", "hung", "tracebacks", "key leaks")
    table((*head, "outcomes"), body)


if __name__ == "__main__":
    main()
