"""The chat in a real pseudo-terminal: Ctrl-C stops an answer and keeps the chat."""

import fcntl
import os
import pty
import select
import signal
import socket
import struct
import sys
import termios
import time

import pytest
from foreground import popen

PROMPT = "\x1b[?2004h"
"""What a terminal is told when a line may be typed: bracketed paste on."""


class Screen:
    """A process in a terminal of its own, and all that it has written."""

    def __init__(self, *arguments, folder):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = popen(
            [sys.executable, "-m", "workings", *arguments],
            stdin=slave, stdout=slave, stderr=slave, cwd=folder, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.text = ""

    def wait_for(self, text, seconds=30):
        """Read until the text has come, and forget what came before its end."""
        until = time.monotonic() + seconds
        while text not in self.text:
            assert time.monotonic() < until, f"{text!r} did not come: {self.text[-500:]!r}"
            if select.select([self.master], [], [], 0.2)[0]:
                self.text += os.read(self.master, 4096).decode("utf-8", "replace")
        self.text = self.text.partition(text)[2]

    def type(self, keys):
        os.write(self.master, keys.encode())

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def chat(tmp_path, monkeypatch):
    screens = []
    monkeypatch.delenv("WORKINGS_MODEL", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")

    def start(*arguments):
        screens.append(Screen("chat", *arguments, folder=tmp_path))
        return screens[-1]

    yield start
    for screen in screens:
        screen.close()


def test_a_question_is_answered_and_ctrl_d_leaves(chat):
    screen = chat()
    screen.wait_for(PROMPT)
    screen.type("What is 2 + 2?\r")
    screen.wait_for("= 4")
    screen.wait_for(PROMPT)
    screen.type("\x04")
    assert screen.process.wait(20) == 0


def test_ctrl_c_stops_the_answer_and_keeps_the_chat(chat, monkeypatch):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(60)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        monkeypatch.setenv("WORKINGS_BASE_URL", address)
        screen = chat("--model", "compatible:m")
        screen.wait_for(PROMPT)
        screen.type("Anything?\r")
        connection, _ = silent.accept()
        screen.process.send_signal(signal.SIGINT)
        screen.wait_for("stopped.")
        connection.close()
    screen.wait_for(PROMPT)
    screen.type("/help\r")
    screen.wait_for("/quit   leave")
    screen.wait_for(PROMPT)
    screen.type("\x03")
    screen.wait_for("Ctrl-D or /quit leaves.")
    screen.wait_for(PROMPT)
    screen.type("/quit\r")
    assert screen.process.wait(20) == 0
