"""Canary secrets of many shapes, where they are put, and where they are looked for.

Shared by tests/test_secrets.py and bench/canaries.py.
"""

import base64
import json
from urllib.parse import quote

from fake_provider import FakeProvider, calls, says, status
from reportlab.pdfgen.canvas import Canvas
from workings import Assistant, tool
from workings.agent.settings import load_settings
from workings.tools.errors import ToolError

KNOWN = "plain/horse+battery=staple"
"""The configured key: nothing in its shape gives it away."""


def core(number):
    return f"Q7MV2XN9PL4KR8{number:02d}"


def in_base64(text, before=""):
    return base64.b64encode((before + text).encode()).decode()


# what stands in the text, and the part of it that may be nowhere
CANARIES = {
    "sk": (f"sk-proj-{core(1)}", core(1)),
    "tvly": (f"tvly-dev-{core(2)}", core(2)),
    "jwt": (f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{core(3)}.c2ln{core(3)}", core(3)),
    "aws": (f"AKIA{core(4)}", core(4)),
    "url userinfo": (f"https://ann:{core(5)}@example.com/x", core(5)),
    "authorization": (f"Authorization: Basic {core(6)}==", core(6)),
    "cookie": (f"Set-Cookie: session={core(7)}; Path=/", core(7)),
    "password field": (f'{{"password": "{core(8)}"}}', core(8)),
    "pdf password": (f"pdf_password={core(9)}", core(9)),
    "base64 of sk": (in_base64(f"sk-proj-{core(10)}"), in_base64(f"sk-proj-{core(10)}")[12:26]),
    "url parameter, encoded": (f"?next=%3Fapi_key%3D{core(11)}", core(11)),
    "bearer, url-encoded": (f"Bearer%20{core(12)}", core(12)),
    "github": (f"ghp_{core(13)}abcdefgh", core(13)),
    "private key": (
        f"-----BEGIN PRIVATE KEY-----\n{core(14)}\n-----END PRIVATE KEY-----",
        core(14),
    ),
    "configured": (KNOWN, KNOWN),
    "configured, url-encoded": (quote(KNOWN, safe=""), quote(KNOWN, safe="")),
    "configured, base64 0": (in_base64(KNOWN), in_base64(KNOWN)[4:30]),
    "configured, base64 1": (in_base64(KNOWN, "a"), in_base64(KNOWN, "a")[4:30]),
    "configured, base64 2": (in_base64(KNOWN, "ab"), in_base64(KNOWN, "ab")[4:30]),
}
ALL = "\n".join(text for text, _ in CANARIES.values())
NEEDLES = {name: needle for name, (_, needle) in CANARIES.items()}


PART = core(0)[:9]
"""The half of most of them: a secret that was cut is one still."""


def found(text):
    """The canaries that stand in a text, or a half of one."""
    names = sorted(name for name, needle in NEEDLES.items() if needle in text)
    return names or ["a half of one"] * (PART in text)


def written(home):
    """The canaries in anything below a folder but the index, with the file."""
    files = [path for path in home.rglob("*") if path.is_file() and "index" not in path.parts]
    assert files
    leaks = []
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace")
        # also as it stands in a JSON text within a JSON text
        plain = text.replace("\\\\", "\\").replace('\\"', '"').replace("\\n", "\n")
        leaks += [
            (path.parent.parent.name, name)
            for name in {*found(text), *found(plain), *found(str(path))}
        ]
    return leaks


def documents(folder):
    """A text and a PDF that hold them all."""
    folder.mkdir()
    (folder / "vault.txt").write_text(f"The keys of the vault.\n\n{ALL}\n", encoding="utf-8")
    canvas = Canvas(str(folder / "keys.pdf"))
    for row, line in enumerate(["The keys of the ship.", *ALL.split("\n")]):
        canvas.drawString(40, 800 - 20 * row, line)
    canvas.save()
    return folder


def assistant(home, docs, fake, decision="native"):
    settings = load_settings(
        {
            "home": home,
            "model": "compatible:any",
            "base_url": fake.url,
            "api_key": KNOWN,
            "decision": decision,
        }
    )

    @tool(effect="read")
    def vault(shelf: str) -> str:
        """What is in the vault."""
        if shelf == "broken":
            raise ToolError(f"the vault said: {ALL}")
        return ALL

    return Assistant([docs], settings=settings, tools=[vault])


DRAFT = json.dumps(
    {
        "refused": False,
        "reason": "",
        "value": "",
        "unit": "",
        "sentences": [
            {"text": text, "citations": [{"passage": "1", "quote": text[:390]}]}
            for text in ("The keys of the vault.", ALL[:550])
        ],
    }
)  # fmt: skip


def whole_run(home, docs, drafts=False):
    """A run with them in question, history, documents, arguments, results, errors and replies,
    streamed in pieces of four characters: the assistant and the answer.
    """
    asked = json.dumps({"shelf": ALL})
    script = (
        calls(("search_documents", json.dumps({"query": "keys of the vault"})), ("vault", asked)),
        calls(("vault", '{"shelf": "broken"}'), ("vault", '{"shelf": "' + KNOWN)),
        status(500, f"overloaded: {ALL}"),
        says(ALL),
        says(DRAFT),
    )
    with FakeProvider(*script) as fake:
        made = assistant(home, docs, fake)
        question = f"What are the keys? {ALL}"
        events = list(made.stream(question, history=[(f"before {ALL}", ALL)], drafts=drafts))
    return made, events[-1].answer


def imported():
    """A conversation of another program that holds them."""
    arguments = json.dumps({"password": core(8), "all": ALL})
    call = {"id": "1", "type": "function", "function": {"name": "vault", "arguments": arguments}}
    return [
        {"role": "system", "content": ALL},
        {"role": "user", "content": ALL},
        {"role": "assistant", "content": ALL, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": ALL, "name": "vault"},
        {"role": "assistant", "content": ALL},
    ]
