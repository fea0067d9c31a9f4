"""Starts a command as a shell in the foreground does, also where tests run in the background."""

import signal
import subprocess


def _interruptible():
    # A background job's children ignore Ctrl-C, and hand that on to theirs.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def popen(command, **options):
    return subprocess.Popen(command, preexec_fn=_interruptible, **options)
