"""Runs a backup function in its sandbox beside a live database, and keeps the file it makes as it lies at each step."""

from __future__ import annotations

import ast
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from graders.kernel.report import Mismatch
from graders.labs import Result, Session
from graders.sandbox import Bounds, Sandbox, SandboxedFunction
from graders.techniques.backups.live import LiveDatabase

WATCHED_FILES = (Path(__file__).parent / "in_sandbox" / "watched_files.py").read_text(encoding="utf-8")
# The module that watches has no name that a student's function would meet by chance.
GLUE = """
def _run_watched():
    import types
    watched = types.ModuleType("watched")
    exec(compile({watched!r}, "<the watched files>", "exec"), watched.__dict__)
    watched.install(globals())
    return lambda connection, name, *arguments: watched.run(globals()[name], connection, *arguments)
_run_watched = _run_watched()
"""
# Python has no walls within a process: whoever reads these can reach what watches.
REFLECTION = {"__globals__", "__closure__", "__code__", "__func__", "__self__", "__subclasses__", "__builtins__"}
REFLECTION |= {"f_globals", "f_locals", "f_back", "_getframe", "gc", "inspect", "ctypes"}
LAST_STEP = "the end"
# What we define ourselves is no work of the function's.
OUR_OWN = Bounds()
TARGET = "shop.db"
MAX_STEPS, MAX_FILES, MAX_BYTES = 900, 60, 4_000_000
Files = dict[str, bytes]


@dataclass(frozen=True)
class Look:
    """The folder of backups as it lay when a step was about to be taken."""

    next: str
    """The step that was to come next."""
    files: Files
    """The content of each file in the folder."""
    committed: int
    """How many transactions had been committed."""


@dataclass(frozen=True)
class Trial:
    """One call of a backup function."""

    live: LiveDatabase
    """What was to be backed up."""
    looks: tuple[Look, ...]
    """The folder at each step, the last one when the function had ended."""
    exception: str
    """The exception that ended it, in words; "" if none did."""

    @property
    def last(self) -> Look:
        """The folder when the function had ended, and all its connections were closed."""
        return self.looks[-1]


class Steps(Session):
    """What the sandbox asks at each step, as if it were a connection: may others write now, and what?"""

    engine = "SQLite"

    def __init__(self, folder: Path, live: LiveDatabase):
        self._folder, self._transactions = folder, live.transactions
        self.looks: list[Look] = []
        self.committed = 0

    def execute(self, statement, parameters=()):
        """Take note of one step; give the statements of the transaction that is to be committed before it."""
        (kind,) = parameters
        if kind in ("committed", "locked"):
            self.committed += kind == "committed"
            return Result()
        if len(self.looks) >= MAX_STEPS:
            raise Mismatch("a backup that comes to its end", f"it has not ended after {MAX_STEPS} steps")
        self.look(statement)
        if kind == "alone" or self.committed >= len(self._transactions):
            return Result()
        return Result(("statement",), [(one,) for one in self._transactions[self.committed]])

    def look(self, following: str) -> None:
        """Keep the folder as it lies now."""
        self.looks.append(Look(following, read_files(self._folder), self.committed))

    def state(self) -> dict[str, Any]:
        return {"in_transaction": False, "isolation_level": None, "total_changes": 0}

    def in_transaction(self) -> bool:
        return False


def read_files(folder: Path) -> Files:
    """The content of each ordinary file in `folder`, which a student's function may have filled with anything."""
    found: Files = {}
    for path in sorted(folder.iterdir())[:MAX_FILES] if folder.is_dir() else ():
        try:
            found[path.name] = _read_file(path)
        except OSError:
            continue
    return found


def _read_file(path: Path) -> bytes:
    """The content of `path`; raise OSError if it is a link, no file, or too large to be a backup of ours."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path.name} is no file")
        return file.read(MAX_BYTES)


def find_reflection(source: str) -> str:
    """The first name in `source` by which Python's own insides are reached; "" if there is none."""
    for node in ast.walk(ast.parse(source)):
        aliases = node.names if isinstance(node, ast.Import | ast.ImportFrom) else ()
        names = [alias.name for alias in aliases]
        names += [getattr(node, name, "") for name in ("attr", "id", "value", "module")]
        if found := next((name for name in names if isinstance(name, str) and name in REFLECTION), ""):
            return found
    return ""


@dataclass
class WatchedFunction:
    """A student's function `backup(source, target)`, whose every step on files and databases is watched.

    Raise `Mismatch` for one that reaches for Python's own insides, where the watch could be put out of work.
    """

    function: SandboxedFunction
    _run: SandboxedFunction = field(init=False)
    _numbers: count = field(init=False, default_factory=count)

    def __post_init__(self) -> None:
        if name := find_reflection(self.function.source):
            raise Mismatch("a function that works with files and databases alone", f"one that reaches for `{name}`")
        source = GLUE.format(watched=WATCHED_FILES)
        self._run = self.function.sandbox.define(source, "_run_watched", OUR_OWN)

    @property
    def _sandbox(self) -> Sandbox:
        return self.function.sandbox

    def run(
        self,
        live: LiveDatabase,
        files: Mapping[str, bytes] | None = None,
        *,
        source: str = TARGET,
        room: int | None = None,
    ) -> Trial:
        """Call it in a fresh folder beside `live`, with `files` in the folder of backups.

        One of the transactions of `live` is committed before each step, until there are no more. `source` is the name
        of the file to be copied, and `room` the size that no file can outgrow. Raise `Mismatch` if it has no end, and
        `SandboxError` if it breaks a limit.
        """
        name = f"run-{next(self._numbers)}"
        steps = Steps(self._sandbox.folder / name / "backups", live)
        call = self._run.begin(steps, self.function.name, name, live.setup(), dict(files or {}), source, room)
        try:
            while request := call.waiting():
                call.hand_back(request.run())
        except Mismatch:
            call.abandon()
            raise
        exception = call.raised()
        if not exception and (not steps.looks or steps.looks[-1].next != LAST_STEP):
            raise Mismatch(
                "a function whose steps can be watched to its end", "one that keeps its steps from being seen"
            )
        steps.look("")
        return Trial(live, tuple(steps.looks), exception)
