"""No socket is opened but the configured ones: an audit hook sees every attempt of a whole run."""

import subprocess
import sys
from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "evals" / "samples" / "documents"
RUN = """
import sys
seen = []
def hook(event, arguments):
    # Not socket.bind: urllib3, which LangChain brings, probes for IPv6 with one on loopback.
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.listen"):
        seen.append((event, str(arguments[1:])))
sys.addaudithook(hook)
from workings import Assistant, replay
assistant = Assistant(documents=[sys.argv[1]], home=sys.argv[2])
answer = assistant.ask("How long is the warranty of the Curlew 210?")
assert replay(answer.trace).ok
print(seen)
"""


def test_an_ask_and_its_replay_open_no_socket(tmp_path):
    environment = {"LANGSMITH_TRACING": "true", "LANGSMITH_API_KEY": "k", "PATH": ""}
    command = [sys.executable, "-c", RUN, str(SAMPLES / "curlew-210-product-sheet.pdf")]
    done = subprocess.run(
        [*command, str(tmp_path / "home")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
