"""One message of a raw record dropped, swapped or edited: is it caught, and at its place?

One message is dropped, two unlike neighbours are swapped, or one word is replaced (in the text, a
failed call's error, or the arguments of a call). The edited record is imported;
`differences(original, edited)` runs its conversation again and holds each request against the
recorded one. It is caught at its place when the first difference that is named is at the index of
the edited message.
"""

import asyncio
import copy
import json
import re
from collections import Counter

from common import rows
from raw_records import messages_in, plain, put_back
from workings.evals.foreign import differences
from workings.evals.importing import import_file, safe_id
from workings.graphs.store import TraceStore

EDITS_A_FILE = 40


def edit_word(name, message, rng):
    """One word of a message replaced, where it has any; says whether it could."""
    if name == "toolbench_gpt35_cot":
        places = [(message, "message")]
    else:
        places = (
            [(message, "error")] if message.get("error") is not None else [(message, "content")]
        )
        if isinstance(message.get("content"), list) and message.get("error") is None:
            places = [
                (part, key)
                for part in message["content"]
                for key in ("text", "content")
                if part.get(key)
            ]
        for call in message.get("tool_calls") or []:
            inner = call if isinstance(call["function"], str) else call["function"]
            key = "args" if "args" in inner else "arguments"
            if isinstance(inner[key], str):
                places.append((inner, key))
            else:
                places += [(inner[key], k) for k, v in inner[key].items() if isinstance(v, str)]
    places = [
        (holder, key)
        for holder, key in places
        if isinstance(holder[key], str) and re.search(r"[a-z]{3,}", holder[key])
    ]
    if not places:
        return False
    holder, key = rng.choice(places)
    word = rng.choice(list(re.finditer(r"[a-z]{3,}", holder[key])))
    holder[key] = holder[key][: word.start()] + "qzx" + holder[key][word.end() :]
    return True


def edited(name, raw, rng):
    """The record after one random edit, what was done, and the indexes where it may be named."""
    for _ in range(100):
        changed = copy.deepcopy(raw)
        messages = messages_in(name, changed)
        before = [plain(name, message) for message in messages]
        if len(messages) < 2:
            return None
        kind = rng.choice(("drop", "swap", "edit"))
        place = rng.randrange(len(messages))
        start = sum(len(item) for item in before[:place])
        if kind == "edit":
            if not edit_word(name, messages[place], rng):
                continue
        elif place + 1 < len(messages) and before[place] == before[place + 1]:
            continue
        elif kind == "drop":
            del messages[place]
        elif place + 1 == len(messages):
            continue
        else:
            messages[place], messages[place + 1] = messages[place + 1], messages[place]
        put_back(name, changed, messages)
        after = [item for message in messages_in(name, changed) for item in plain(name, message)]
        if after == [item for group in before for item in group]:
            continue
        return changed, kind, range(start, start + max(1, len(before[place])))
    return None


def record_of(store, row, folder, count):
    """A row imported under its own name in a folder of its own."""
    other = TraceStore(folder / f"edit-{count}", fsync=False)
    path = folder / f"edit-{count}.json"
    path.write_text(json.dumps({**row, "raw": row["raw"]}), encoding="utf-8")
    result = import_file(path, other)
    return other.load(result.traces[0].trace) if result.traces else None


def index_of(path):
    found = re.match(r"/messages/(\d+)", path)
    return int(found[1]) if found else -1


def edits(name, path, store, folder, rng):
    """Random edits of records: how many were caught, and caught at their place, by kind."""
    found = Counter()
    data = rows(path)
    count = 0
    while count < EDITS_A_FILE:
        row = rng.choice(data)
        made = edited(name, row["raw"], rng)
        if made is None:
            continue
        changed, kind, places = made
        after = record_of(store, {**row, "raw": changed}, folder / name, count)
        before = store.load(safe_id(row["id"]))
        first = asyncio.run(differences(before, after)) if after is not None else ()
        named = next(
            (index_of(item.path) for item in first if item.path.startswith("/messages")), -1
        )
        found[kind, "all"] += 1
        found[kind, "caught"] += bool(first)
        found[kind, "placed"] += named in places
        if named not in places:
            print("missed:", name, row["id"], kind, places, named)
        count += 1
    return found
