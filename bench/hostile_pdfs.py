"""A folder of hostile PDFs, names and file-system tricks into one index: what it cost, what it read.

    python bench/hostile_pdfs.py [FOLDER]

FOLDER is what `faults/make_pdfs.py OUT` of the shared folder wrote; without it, it is made (a
minute). Three good files are put first, in the middle and last. One update reads it all, in a
process of its own under strace (where there is one), which sees every file that it, and its reading
processes, open.

Growth is the peak of resident memory (VmHWM, mapped files counted) over that after a first small
update and a search. That baseline holds Python, the libraries and the default embedder's table, as
any process that answers questions does; it is printed. No part of the build is in another process
but the reading of files. At last one small file is added to the index that was made, in a process
that has not opened it before.
"""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from common import rows, share, shared, table
from opened import outside, traced
from workings.tools.embedders import WordLlama
from workings.tools.folder import find_files, restore
from workings.tools.index import Index
from workings.tools.readers import Read, read_all

GROWTH = 50
"""MB that the parent may grow by while it reads, and until the whole index is written."""
GOOD = {"00_a_good.txt": "quokka", "50_m_good.md": "wombat", "names/zz_good.txt": "numbat"}


def memory(key):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    return 0.0


def work(folder, home):
    """In a process of its own: index it all, and say what came of it."""
    (home / "small").mkdir(parents=True)
    (home / "small" / "a.md").write_text("A first small file.")
    index = Index.open(home / "index")
    index.update([home / "small"])
    index.search("small")
    start = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    peaks = {}

    def watch(now):
        peaks["reading"] = memory("VmHWM") - start

    print("ready", flush=True)
    began = time.monotonic()
    report = index.update([folder], watch=watch)
    took = time.monotonic() - began
    peaks["whole"] = memory("VmHWM") - start
    found = [word for word in GOOD.values() if index.search(f"the {word} stands here", 1)]
    hits = [index.search(f"the {word} stands here", 1)[0].passage.text for word in found]
    answer = {
        "seconds": took,
        "reading": peaks["reading"],
        "whole": peaks["whole"],
        "asked": memory("VmHWM") - start,
        "baseline": start,
        "child": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "good": sum(word in hit for word, hit in zip(found, hits, strict=True)),
        "read": [path for path in (*report.added, *report.duplicates)],
        "skipped": [[os.fsencode(i.path).hex(), i.reason] for i in report.skipped],
        "pages": report.pages,
        "passages": report.passages,
    }
    print(json.dumps(answer), flush=True)


def add(_, home):
    """In a process of its own: one more small file into the index that is there."""
    (home / "b.md").write_text("Another small file.")
    model = WordLlama()
    model.embed(["load the table"])
    before = memory("VmRSS")
    index = Index.open(home / "index", model)
    opened = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    report = index.update([home / "b.md"])
    grown = memory("VmHWM") - opened
    print(json.dumps({"open": opened - before, "add": grown, "passages": report.passages}))


def read(folder, home):
    """In a process of its own: read it all, keep nothing; by how much the process grew."""
    home.mkdir(parents=True)
    (home / "a.md").write_text("A first small file.")
    list(read_all(find_files([home])[0]))
    start = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    for _ in read_all(find_files([folder])[0]):
        pass
    print(json.dumps({"growth": memory("VmHWM") - start}))


def run(folder, home, log, how="--work"):
    command = [sys.executable, __file__, how, str(folder), str(home)]
    command = command if log is None else traced(command, log)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-2000:])
        return None
    return json.loads(done.stdout.splitlines()[-1])


def readers_of(folder):
    """Reading processes at work for this bench, by a mark in their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if b"workings.tools.child" in command and os.fsencode(str(folder)) in command:
            found.append(int(entry.name))
    return found


def ended(folder, home, how):
    """Seconds until no reading process is left after the parent got a signal in the midst."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(home),
    }  # the mark: it stands in their search path
    process = subprocess.Popen(
        [sys.executable, __file__, "--work", str(folder), str(home / how.name)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    process.stdout.readline()
    stop = time.monotonic() + 30
    while not readers_of(home) and time.monotonic() < stop:
        time.sleep(0.05)
    time.sleep(1)
    seen = len(readers_of(home))
    process.send_signal(how)
    began = time.monotonic()
    process.wait(30)
    while readers_of(home) and time.monotonic() < began + 30:
        time.sleep(0.02)
    return seen, len(readers_of(home)), time.monotonic() - began


def real_pages():
    """Do the limits refuse a page of real filings?"""
    folder = shared("data", "financebench", "pdfs")
    if folder is None:
        return 0
    pages = refused = 0
    for result in read_all(find_files([folder])[0]):
        if isinstance(result, Read):
            pages += result.document.pages
            told = [note for note in result.document.notes if "not read" in note or "only" in note]
            refused += len(told) + result.document.pages - len(result.pages)
        else:
            refused += 1
    print(f"- real filings: {pages:,} pages read, {refused} refused or cut by the limits")
    return refused


def main():
    given = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
    maker = shared("faults", "make_pdfs.py")
    if maker is None:
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch).resolve()
        folder = given or scratch / "hostile"
        if given is None:
            subprocess.run([sys.executable, maker, folder], check=True, stdout=subprocess.DEVNULL)
        cases = rows(folder / "manifest.jsonl")
        for name, word in GOOD.items():
            (folder / name).write_text(f"A good file: the {word} stands here and nowhere else.\n")
        log = scratch / "strace" if shutil.which("strace") else None
        answer = run(folder, scratch / "home", log)
        added = run(folder, scratch / "home", None, "--add")
        reading = run(folder, scratch / "reading", None, "--read")
        if answer is None or added is None or reading is None:
            return 1
        told = {os.fsencode(str(restore(path))): "read" for path in answer["read"]}
        told |= {bytes.fromhex(path): reason for path, reason in answer["skipped"]}
        missing, names, unlike = [], 0, []
        for case in cases:
            name = os.fsencode(case["file"]).replace(rb"\xe9\xff", b"\xe9\xff")
            path = os.path.join(os.fsencode(folder), name)
            if os.path.isdir(path) and not os.path.islink(path):
                continue  # a folder of that name is walked into
            if path not in told:
                missing.append(ascii(case["file"]))
                continue
            names += case["class"] == "name"
            wanted = {"ok": "read", "ok_empty": "read", "bounded": told[path]}.get(case["expect"])
            if (told[path] == "read") != (wanted == "read") and case["expect"] != "bounded":
                unlike.append((ascii(case["file"])[:60], case["expect"], told[path]))
        prefixes = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), Path(sys.prefix)}
        code = Path(__file__).resolve().parent.parent
        system = (
            "/usr/lib",
            "/usr/share",
            "/lib",
            "/lib64",
            "/sys/devices/system",
            "/sys/fs/cgroup",
        )
        harmless = ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/dev/shm")
        of_itself = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys")
        tried = None
        if log is not None:
            tried = outside(
                log, folder, scratch, code, *prefixes, *system, *harmless, *of_itself,
                sysconfig.get_paths()["stdlib"], "/usr/bin", "/usr/local", "/etc/ssl",
            )  # fmt: skip
            text = log.read_bytes()
            if re.search(rb'/proc/self/environ"[^=]*= \d', text):
                tried.append("/proc/self/environ")
        interrupted = ended(folder, scratch / "a", signal.SIGINT)
        killed = ended(folder, scratch / "b", signal.SIGKILL)
        total = len(cases)
        table(
            ["hostile files", "result"],
            [
                ["answered, read or with a reason", share(total - len(missing), total)],
                ["odd names given back as they are", names],
                ["good files found", f"{answer['good']}/{len(GOOD)}"],
                ["parent's growth while reading, MB", f"{reading['growth']:.0f}"],
                ["with what was read set aside as passages, MB", f"{answer['reading']:.0f}"],
                [
                    f"until the index of {answer['pages']:,} pages ({answer['passages']:,} passages)"
                    " is written, MB",
                    f"{answer['whole']:.0f}",
                ],
                ["and six searches in it (not counted below), MB", f"{answer['asked']:.0f}"],
                [
                    "baseline: Python, libraries, the embedder's table, a small index, MB",
                    f"{answer['baseline']:.0f}",
                ],
                ["one small file added to that index, MB", f"{added['add']:.0f}"],
                ["opening that index, all of it read and checked, MB", f"{added['open']:.0f}"],
                ["largest reading process, MB", f"{answer['child']:.0f}"],
                [
                    "seconds, all of it" + (" (under strace)" if log else ""),
                    f"{answer['seconds']:.0f}",
                ],
                [
                    "files opened outside folder, home, Python and system libraries",
                    "no strace here" if tried is None else len(tried),
                ],
                [
                    "readers left after Ctrl-C (of, gone after)",
                    "{1} ({0}, {2:.1f} s)".format(*interrupted),
                ],
                [
                    "readers left after kill -9 (of, gone after)",
                    "{1} ({0}, {2:.1f} s)".format(*killed),
                ],
            ],
        )
        for path in missing:
            print(f"- no answer for {path}")
        for path in tried or ():
            print(f"- opened: {path}")
        print("Answers unlike the one the corpus expects (each with its reason):")
        table(["case", "expected", "answer"], unlike)
        bad = len(missing) + len(tried or ()) + interrupted[1] + killed[1] + real_pages()
        bad += answer["good"] != len(GOOD)
        bad += max(reading["growth"], answer["reading"], answer["whole"], added["add"]) > GROWTH
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(Path(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--add"]:
        add(Path(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main())
