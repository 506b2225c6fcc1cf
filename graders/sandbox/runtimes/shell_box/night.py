"""One run of a machine's job: a shell in a session of its own, and the programs that ask the machine what they say."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graders.sandbox.runtimes.shell_box.server import Said

FIRST_DESCRIPTOR, DESCRIPTORS = 30, (6, 7, 8, 9)
MAX_ASKED, MAX_OUTPUT, MAX_LINE = 400, 4_000, 4_096
MAX_FILE_SIZE, MAX_MEMORY = 8 << 20, 64 << 20
Program = Callable[[str, list[str], str, Path], Said]


@dataclass(frozen=True)
class Job:
    """What is run: the words, where, with which environment and input, and how large a file may get, in bytes."""

    words: list[str]
    folder: Path
    environment: dict[str, str]
    stdin: Path
    room: int = MAX_FILE_SIZE


class Night:
    """One run of a job; `say` is what a stand-in says that is called with words and input in a folder.

    A stand-in leaves its words in the folder `box`, and waits for a line that ends with what it is to print.
    """

    def __init__(self, job: Job, box: Path, say: Program):
        self.asked: list[str] = []
        self._box, self._say = box, say
        self._said, self._rest = bytearray(), b""
        (turns, give), (answers, reply), (requests, ask), (output, said), (woken, wake) = (_pipe() for _ in range(5))
        self._requests, self._reply, self._output, self._woken = requests, reply, output, woken
        self._ends = (turns, give, answers, reply, requests, ask, output, woken, wake)
        for end in (output, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        os.write(give, b"\n")
        self._process = _start(job, dict(zip(DESCRIPTORS, (give, turns, answers, ask), strict=True)), said)
        os.close(said)

    def wait(self) -> int:
        """Answer the programs until the job has ended, and give its exit code; below 0, what it was killed by."""
        watched = {self._requests, self._woken, self._output}
        while not self._has_ended():
            ready, _, _ = select.select(watched, [], [])
            if self._woken in ready:
                os.read(self._woken, MAX_LINE)
            if self._output in ready and not self._listen():
                watched -= {self._output}
            if self._requests in ready:
                self._answer_all()
        self._kill()
        while self._listen():
            pass
        signal.set_wakeup_fd(-1)
        for end in self._ends:
            os.close(end)
        return self._process.wait()

    def _has_ended(self) -> bool:
        """Whether the shell has ended. It is not waited for before its group is killed: its number stays taken."""
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _listen(self) -> bool:
        """Read what the job says, as far as it is kept; whether there may be more."""
        try:
            text = os.read(self._output, 1 << 16)
        except BlockingIOError:
            return False
        self._said += text[: MAX_OUTPUT - len(self._said)]
        return bool(text)

    def output(self) -> str:
        """What the job has said."""
        return self._said.decode("utf-8", "replace")

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _answer_all(self) -> None:
        *lines, rest = (self._rest + os.read(self._requests, MAX_LINE)).split(b"\n")
        self._rest = rest[-MAX_LINE:]
        for line in lines:
            number, _, (name, _, folder) = _split(line.decode("utf-8", "replace"))
            if number.isdecimal():
                self._answer(number, name, folder)

    def _answer(self, number: str, name: str, folder: str) -> None:
        if name == "power" or len(self.asked) >= MAX_ASKED:
            self._kill()
            return
        box = self._box / number
        words = _take(box.with_suffix(".words")).split("\0")[:-1]
        self.asked.append(" ".join([name, *words])[:200])
        said = self._say(name, words, _take(box.with_suffix(".in")), Path(folder))
        os.write(self._reply, f"{said.code} {_hand_over(said, box)}\n".encode())


def _split(line: str) -> tuple[str, str, tuple[str, str, str]]:
    number, space, rest = line.partition(" ")
    return number, space, rest.partition(" ")


def _start(job: Job, places: dict[int, int], said: int) -> subprocess.Popen[bytes]:
    with job.stdin.open("rb") as stdin:
        return subprocess.Popen(
            job.words,
            cwd=job.folder,
            env=job.environment,
            stdin=stdin,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=DESCRIPTORS,
            preexec_fn=lambda: _begin(places, job.room),
        )


def _begin(places: dict[int, int], room: int) -> None:
    """Between fork and exec: put the pipes where the stand-ins look for them, and set the limits of the night."""
    for place, end in places.items():
        os.dup2(end, place)
    # A write beyond the limit then fails as on a full disk, instead of killing the process.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, MAX_FILE_SIZE))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def _pipe() -> tuple[int, int]:
    """A pipe whose ends have high numbers, so that the low ones are free for the shell."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


def _hand_over(said: Said, box: Path) -> str:
    """How a stand-in gets what it is to print: nothing, a short line in the reply itself, or two files beside `box`."""
    if not said.out + said.err:
        return "nothing"
    if not said.err and re.fullmatch(r"[\w:.-]{1,60}\n", said.out):
        return f"words {said.out.rstrip()}"
    box.with_suffix(".out").write_text(said.out)
    box.with_suffix(".err").write_text(said.err)
    return "files"


def _take(path: Path) -> str:
    try:
        text = path.read_bytes()[:MAX_FILE_SIZE].decode("utf-8", "replace")
        path.unlink()
    except OSError:
        return ""
    return text
