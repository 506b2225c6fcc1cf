"""Does the filter of system calls hold by itself, on a kernel where nothing else keeps signals from other processes?"""

import subprocess
import sys

import pytest

from graders.sandbox.isolation import HERE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's alone")

FILTER = f"""
import ctypes, runpy
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(38, 1, 0, 0, 0)
runpy.run_path({str(HERE / "in_sandbox" / "seccomp.py")!r})["load"](libc)
"""
ATTACK = """
import fcntl, os, signal, socket, struct, sys
F_SETOWN, F_SETSIG, F_SETOWN_EX, FIOSETOWN = 8, 10, 15, 0x8901
victim, way = int(sys.argv[1]), sys.argv[2]
reader, writer = os.pipe() if way != "ioctl" else (end.detach() for end in socket.socketpair())
try:
    fcntl.fcntl(reader, F_SETSIG, signal.SIGKILL)
except PermissionError:
    pass
if way == "owner":
    fcntl.fcntl(reader, F_SETOWN, victim)
elif way == "owner of a kind":
    fcntl.fcntl(reader, F_SETOWN_EX, struct.pack("ii", 1, victim))
else:
    fcntl.ioctl(reader, FIOSETOWN, struct.pack("i", victim))
fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC)
os.write(writer, b"x")
"""


def survives(way, behind):
    """Whether a process lives on after the attack on it, made behind the filter or not."""
    victim = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    words = [sys.executable, "-I", "-c", behind + ATTACK, str(victim.pid), way]
    attack = subprocess.run(words, capture_output=True, text=True, check=False)
    assert not attack.stderr or "PermissionError" in attack.stderr
    victim.communicate(b"\n")
    return victim.returncode == 0


@pytest.mark.parametrize("way", ["owner", "owner of a kind", "ioctl"])
def test_no_file_sends_signals_to_others(way):
    """Is a process of the same user out of reach for a pipe's signals, and in reach without the filter?"""
    assert not survives(way, behind="")
    assert survives(way, behind=FILTER)


def test_ordinary_calls_on_files_are_allowed():
    """Can files still be locked, made non-blocking and closed on exec behind the filter?"""
    source = FILTER + (
        "import fcntl, os, tempfile\n"
        "with tempfile.TemporaryFile() as file:\n"
        "    fcntl.lockf(file, fcntl.LOCK_EX)\n"
        "    os.set_blocking(file.fileno(), False)\n"
        "    os.set_inheritable(file.fileno(), False)\n"
        "print('done')\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", source], capture_output=True, text=True, check=False)
    assert done.stdout == "done\n"
