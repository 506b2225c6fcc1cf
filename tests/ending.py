"""Runs programs for tests to their end, however busy the machine is, and lets nothing of them outlive the test."""

import shutil
import subprocess

# Who meets it hangs: on a machine at load 20 an ordinary program takes a twentieth of it.
FAR_NET = 3600


def bound_to_us():
    """The words before a program that have the system kill it when the process that started it ends, even killed."""
    return ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


def run_to_end(words, **options):
    """Run a program and give what it said and how it ended; it ends with us."""
    options = {"capture_output": True, "text": True, "timeout": FAR_NET} | options
    return subprocess.run([*bound_to_us(), *map(str, words)], **options)
