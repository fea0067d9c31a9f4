"""What raw records of other programs say, by code that shares nothing with the importers.

A message in plain form is `{role, text, name, calls}`; a call is `(id, name, arguments)`.
"""

import ast
import json
import re


def text(content):
    if isinstance(content, list):
        return "".join(part.get("text") or part.get("content") or "" for part in content)
    return content or ""


def plain_chat(message):
    """Role, text, name, calls, what is answered: of one raw chat message."""
    calls = []
    for call in message.get("tool_calls") or []:
        function = call["function"]
        name, given = (
            (function, call["args"])
            if isinstance(function, str)
            else (function["name"], function["arguments"])
        )
        calls.append((call["id"], name, given))
    shown = message["error"] if message.get("error") is not None else text(message["content"])
    return {"role": message["role"], "text": shown, "name": message.get("name"), "calls": calls}


def plain_agents(message):
    role, name = message["role"], message.get("name")
    if role == "human":
        role = "user"
    elif role not in ("user", "assistant", "system"):
        role, name = ("user" if role == "ComputerTerminal" else "assistant"), role
    return {"role": role, "text": message["content"], "name": name, "calls": []}


def chain(raw):
    node, nodes = raw["answer"]["answer_details"][0], []
    while node:
        nodes.append(node)
        node = node["next"][0] if node["next"] else None
    return nodes


PIECES = re.compile(
    r"^\{'name': '(?P<name>[^']*)'(?:, 'arguments': (?P<a>['\"])(?P<arguments>(?:\\.|(?!(?P=a))[^\\])*)(?:(?P=a)(?:, 'response': (?P<r>['\"])(?P<response>(?:\\.|(?!(?P=r))[^\\])*))?)?)?",
    re.S,
)


def unescape(value):
    value = value.rstrip("\\") if (len(value) - len(value.rstrip("\\"))) % 2 else value
    return ast.literal_eval(
        '"' + re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', value).replace("\n", "\\n") + '"'
    )


def plain_node(node):
    if node["role"] != "tool":
        return [{"role": node["role"], "text": node["message"], "name": None, "calls": []}]
    found = PIECES.match(node["message"])
    unquoted = "'arguments': " in node["message"] and not node["message"].endswith("'arguments': ")
    if found is None or (found["arguments"] is None and unquoted):
        return [{"role": "tool", "text": node["message"], "name": None, "calls": []}]
    call = ("", found["name"], unescape(found["arguments"] or ""))
    asks = {"role": "assistant", "text": "", "name": None, "calls": [call]}
    if found["response"] is None:
        return [asks]
    return [asks, {"role": "tool", "text": unescape(found["response"]), "name": None, "calls": []}]


def messages_in(name, raw):
    """The raw messages, as a list that can be edited and put back."""
    if name == "tau_bench_airline":
        return raw["traj"]
    if name == "who_and_when":
        return raw["history"]
    return chain(raw) if name == "toolbench_gpt35_cot" else raw["messages"]


def put_back(name, raw, messages):
    if name != "toolbench_gpt35_cot":
        raw[{"tau_bench_airline": "traj", "who_and_when": "history"}.get(name, "messages")] = (
            messages
        )
        return
    following = []
    for node in reversed(messages):
        following = [{**node, "next": following}]
    raw["answer"]["answer_details"] = following


def plain(name, message):
    if name == "toolbench_gpt35_cot":
        return plain_node(message)
    return [plain_agents(message) if name == "who_and_when" else plain_chat(message)]


def exported(messages, name):
    """Our export in the same plain form."""
    found = []
    for message in messages:
        calls = []
        for call in message.get("tool_calls") or []:
            given = call["function"]["arguments"]
            if name in ("agentdojo", "luna_websearch"):
                given = json.loads(given)
            id = "" if name == "toolbench_gpt35_cot" else call["id"]
            calls.append((id, call["function"]["name"], given))
        found.append(
            {
                "role": message["role"],
                "text": text(message["content"]),
                "name": message.get("name"),
                "calls": calls,
            }
        )
    return found
