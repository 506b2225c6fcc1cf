"""Hands in the whole hostile class, lays out what is at stake, has it graded, and looks at what became of both."""

from __future__ import annotations

import contextlib
import csv
import os
import socket
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import places
import python_reaching
import python_world
import sql_answers
import texts
from case import ONE, TWO, Case
from ending import run_to_end
from other_users import ORDINARY, ROOT, run_as

import notebooks
from graders.build.notebook import source_notebook
from graders.course.reading import read_lesson

CONTROLS = [Case(name, "control", "it loses a mark") for name in ("a-control", "z-control")]
CATALOGUES = (python_reaching, python_world, sql_answers, notebooks, texts, places)
CASES = [case for catalogue in CATALOGUES for case in catalogue.CASES]
CANARY = "canary-4711"
OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm")


@dataclass
class HostileClass:
    """What lies where, and what grading gave: its rows by student, how it ended."""

    base: Path
    uid: int
    rows: dict[str, list[dict]] = field(default_factory=lambda: defaultdict(list))
    ended: str = ""
    arrived: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def submitted(self) -> Path:
        return self.base / "submitted"

    @property
    def out(self) -> Path:
        return self.base / "out"

    def hand_in(self, at: dict[str, str]) -> None:
        """Write every submission; answers to the second lesson go into a notebook that is blank otherwise."""
        solved = source_notebook(read_lesson(ROOT / f"lessons/{ONE}"))
        blank = nbformat.read(ROOT / f"notebooks/{TWO}/{TWO}.ipynb", 4)
        (self.base / "solved.ipynb").write_text(nbformat.writes(solved))
        for case in [*CONTROLS, *CASES]:
            folder = self.submitted / case.name
            folder.mkdir(parents=True)
            case.hand_in(solved if case.lesson == ONE else blank, folder, at)

    def stakes(self) -> dict[str, str]:
        """Lay out what is at stake, and say where it is."""
        for name in ("stake", "open", "home", "temporary", "out"):
            (self.base / name).mkdir()
        (self.base / "open").chmod(0o777)
        secret = self.base / "stake/secret.txt"
        secret.write_text(CANARY)
        control = self.submitted / "a-control" / ONE / f"{ONE}.ipynb"
        named = {"secret": secret, "open": self.base / "open", "home": self.base / "home", "out": self.out}
        return {name: str(path) for name, path in (named | {"control": control, "root": ROOT}).items()}

    def grade(self) -> None:
        """Grade the class as the user `uid`, with a server listening on TCP and one on a local socket."""
        with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix:
            tcp.bind(("127.0.0.1", 0))
            unix.bind(str(self.base / "open-socket"))
            (self.base / "open-socket").chmod(0o777)
            self.hand_in(self.stakes() | {"tcp": str(tcp.getsockname()[1]), "unix": str(self.base / "open-socket")})
            if self.uid:
                for path in (self.base, *self.base.rglob("*")):
                    os.chown(path, self.uid, self.uid, follow_symlinks=False)
            for server in (tcp, unix):
                server.listen()
                server.setblocking(False)
            before = self.state()
            self._run()
            after = self.state()
            self.changed = [path for path in before.keys() | after if before.get(path) != after.get(path)]
            self.arrived = [name for name, server in (("TCP", tcp), ("local", unix)) if _arrived(server)]
        self._read()

    def _run(self) -> None:
        environment = {"COURSE_SEED": f"seed-{CANARY}", "TMPDIR": str(self.base / "temporary")}
        words = (str(ROOT / "tests/hostile/run_class.py"), str(self.submitted), str(self.out))
        run = run_as if os.geteuid() == 0 else _run_here
        done = run(self.uid, self.base / "home", *words, shown=[self.base], **environment)
        self.ended = f"{done.returncode} {done.stderr[-2000:]}"

    def _read(self) -> None:
        with (self.out / "grades.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self.rows[row["student"]].append(row)

    def state(self) -> dict[str, tuple]:
        """Everything that grading must leave as it is: names, kinds, sizes and times."""
        kept = [self.base / name for name in ("submitted", "stake", "open")]
        paths = [path for folder in kept for path in (folder, *folder.rglob("*"))]
        paths += [ROOT / "nbgrader_config.py", *(ROOT / "lessons").glob("*"), *(ROOT / "notebooks").rglob("*")]
        states = [(path, path.lstat()) for path in paths]
        return {str(path): (state.st_mode, state.st_size, state.st_mtime_ns) for path, state in states}


def _arrived(server: socket.socket) -> bool:
    try:
        server.accept()
    except BlockingIOError:
        return False
    return True


def _run_here(uid, home, *words, shown, **environment):
    names = {"HOME": str(home), "PYTHONPATH": str(ROOT)} | environment
    command = [sys.executable, *words]
    return run_to_end(command, env=os.environ | names, cwd=ROOT)


def left_behind(base: Path) -> list[str]:
    """What is left after the run: processes that were started in it, files where anybody can write."""
    mark, found = str(base / "temporary").encode(), []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            found += [path.name] if mark in (path / "environ").read_bytes() else []
    return found + [str(path) for folder in OPEN_TO_ALL for path in Path(folder).glob("hostile-file*")]


def users() -> dict[str, int]:
    """Who can grade here: root and an ordinary user for root, ourselves for anybody else."""
    return {"root": 0, "ordinary user": ORDINARY} if os.geteuid() == 0 else {"ourselves": os.geteuid()}
