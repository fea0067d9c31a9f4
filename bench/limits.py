"""Faults of a model service through the whole assistant: what runs, how often, how it ends.

python bench/limits.py      (the fault server is in the shared data folder)
"""

import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import shared, table
from workings.agent.assistant import Assistant
from workings.agent.models import make_model
from workings.tools.errors import WorkingsError

NAMED = {  # fault -> what must not happen, as a check on (answer or error, trace, requests, seconds)
    "truncated_args": "no tool ran",
    "truncated_args_stop": "no tool ran",
    "args_duplicate_keys": "no tool ran",
    "sse_reset_in_args": "no tool ran",
    "args_huge": "no tool ran",
    "unknown_tool": "no tool ran",
    "infinite_loop": "at most 12 requests",
    "infinite_loop_varied": "at most 12 requests",
    "many_tool_calls": "at most 24 calls",
    "rate_limit:retry_after=90": "no sleep over the deadline",
    "rate_limit_forever": "no sleep over the deadline",
    "stall_mid_stream": "ends at the deadline",
    "slow_drip": "ends at the deadline",
    "close_no_done": "marked partial",
    "empty_choices": "a named error",
    "http_502_html": "a named error",
    "content_filter": "a named error",
    "not_json": "a named error",
    "bad_key": "a named error",
    "quota": "a named error",
}
DEADLINE = 3.0


def server(path):
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("provider_faults", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Server()


def play(fault, url, stream, home):
    model = make_model(
        f"compatible:fault:{fault}",
        base_url=url,
        decision="native",
        stream=stream,
        deadline=DEADLINE,
        api_key="sk-canary-0123456789abcdef",
    )
    assistant = Assistant(model=model, home=home, web=False)
    began = time.monotonic()
    try:
        answer, error = assistant.ask("What is 2+2?"), None
    except WorkingsError as problem:
        answer, error = None, problem
    seconds = time.monotonic() - began
    trace = answer.trace if answer is not None else error.trace
    ran = [s for s in trace.steps if s.kind == "tool" and s.status == "ok"]
    requests = sum(1 + len(s.attempts) for s in trace.steps if s.kind == "model")
    return answer, error, ran, requests, seconds


def holds(rule, answer, error, ran, requests, seconds):
    if seconds > DEADLINE + 2 or requests > 12 or len(ran) > 24:
        return False
    if answer is not None and not answer.text.strip():
        return False
    if rule == "no tool ran":
        return not ran
    if rule == "marked partial":
        return error is not None and "partial" in str(error)
    if rule in ("a named error", "ends at the deadline", "no sleep over the deadline"):
        return error is not None and type(error).__name__ in ("ProviderError", "LimitReached")
    return True


def main():
    path = shared("faults", "provider_faults.py")
    if path is None:
        return 0
    body, good = [], 0
    with server(path) as fake, tempfile.TemporaryDirectory() as home:
        for fault, rule in NAMED.items():
            for stream in (False, True):
                answer, error, ran, requests, seconds = play(
                    fault, fake.url + "/v1", stream, Path(home)
                )
                # A plain reply is only ever whole: what a stream would cut off is another fault there.
                plain_is_whole = not stream and fault in ("close_no_done",)
                ok = plain_is_whole or holds(rule, answer, error, ran, requests, seconds)
                good += ok
                ended = (
                    "answer"
                    if answer and not answer.refused
                    else "refusal"
                    if answer
                    else (
                        f"{type(error).__name__} {getattr(error, 'kind', getattr(error, 'limit', ''))}"
                    )
                )
                body.append(
                    [
                        fault,
                        "stream" if stream else "plain",
                        rule,
                        ended,
                        requests,
                        len(ran),
                        f"{seconds:.1f}",
                        "yes" if ok else "NO",
                    ]
                )
        command = [
            sys.executable,
            "-m",
            "workings",
            "ask",
            "What is 2+2?",
            "--model",
            "compatible:fault:http_502_html",
            "--home",
            home,
            "--deadline",
            "3",
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": "", "WORKINGS_BASE_URL": fake.url + "/v1"},
        )
    table(["fault", "way", "rule", "ended", "requests", "tools run", "s", "holds"], body)
    clean = done.returncode == 3 and "Traceback" not in done.stderr
    print(
        f"{good}/{len(body)} hold. The command line ends with exit code {done.returncode}, "
        f"{'no traceback' if clean else 'A TRACEBACK'}: `{done.stderr.strip().splitlines()[0][:100]}`"
    )
    return 0 if good == len(body) and clean else 1


if __name__ == "__main__":
    sys.exit(main())
