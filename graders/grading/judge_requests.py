"""Judges one answer as a pure function: a request goes in as text, a report comes out as text, in any process."""

from __future__ import annotations

import hashlib
import json
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from functools import cache, cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

import course_data
import graders
from graders.kernel.claims import load_claims
from graders.kernel.exercise import Exercise, exercise_from_plain
from graders.kernel.judge import JudgeOptions, judge, with_line_feeds
from graders.kernel.report import Report, Table, Verdict
from graders.kernel.scoring import Outcome
from graders.labs.find_postgres import installations
from graders.sandbox import best_isolation
from graders.sandbox.plain_data import decode, encode
from graders.sandbox.runtimes import find_java, find_node, installed_libraries

PROJECT = "databases-by-experiment"
EXTRAS_THAT_JUDGE = ("", "postgres", "orms")
# A request brings its exercise's key, so that a change to one key leaves the reports on all others as they are.
IGNORED = frozenset({"commands", "grading", "notebook", "keys", "__pycache__"})


@cache
def rules_digest() -> str:
    """A digest of everything but the request that a report depends on: our files that judge, and `find_versions`."""
    digest = hashlib.sha256("\x1f".join(find_versions()).encode())
    for name, path in find_judging_files():
        digest.update(f"\x1f{name}\x1f".encode() + path.read_bytes())
    return digest.hexdigest()


def find_versions() -> list[str]:
    """The versions of Python, the engines, mappers and runtimes here, and the libraries of other languages."""
    packages = [f"{name} {_version(name)}" for name in _packages()]
    return [platform.python_version(), sqlite3.sqlite_version, *packages, *_programs(), *installed_libraries()]


def _packages() -> list[str]:
    """The packages that answers and claims run on, as the project declares them."""
    declared = map(Requirement, requires(PROJECT) or [])
    return sorted({one.name for one in declared if _judges(one)})


def _judges(requirement: Requirement) -> bool:
    return requirement.marker is None or any(requirement.marker.evaluate({"extra": one}) for one in EXTRAS_THAT_JUDGE)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _programs() -> Iterator[str]:
    """What the programs that pip did not bring say of their versions: theirs are packages like others."""
    servers = [each.programs / "postgres" for each in installations()[:1]]
    for path in (find_node(), find_java(), *servers):
        if path is not None and not path.is_relative_to(sys.prefix):
            yield subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout


def find_judging_files() -> list[tuple[str, Path]]:
    """The files of the project that may change a report, in any language, each with its name."""
    return [*_files_in(Path(graders.__file__).parent), *_files_in(Path(course_data.__file__).parent)]


def _files_in(package: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if path.is_file() and not path.name.startswith(".") and not IGNORED.intersection((parts[0], *parts[-2:-1])):
            yield path.relative_to(package.parent).as_posix(), path


UNSAFE = "Marked without isolation (--unsafe)."
KINDS_OF_CODE = ("python", "sql", "javascript", "java", "shell", "parsons")


@dataclass(frozen=True)
class JudgeRequest:
    """One answer to judge, with all that its report depends on and nothing else of the course.

    `exercise` is the exercise as JSON with its key encoded; `seed` is that of this exercise's data. `unsafe` lets
    a student's code run without isolation, and is written on the report.
    """

    exercise: str
    solution: str
    seed: int
    answer: str
    unsafe: bool = False

    @property
    def json(self) -> str:
        """What `judge_request` takes; it tells nothing of other exercises, of students or of the course's seed."""
        content = {"rules": rules_digest(), "exercise": self.exercise, "solution": self.solution, "seed": self.seed}
        return json.dumps(content | {"answer": with_line_feeds(self.answer), "unsafe": self.unsafe})

    @cached_property
    def digest(self) -> str:
        """Equal where exercise, key, solution, seed, answer, rules and engines are."""
        return hashlib.sha256(self.json.encode()).hexdigest()


def judge_request(request: str) -> str:
    """Judge the answer in `request`, which is JSON, and give the report as JSON.

    Raise `RuntimeError` in a process that has other rules than the one that asks, and where no isolation holds.
    """
    content = json.loads(request)
    if content["rules"] != rules_digest():
        raise RuntimeError("this worker has another version of the course or of an engine")
    exercise, unsafe = _exercise(content["exercise"]), content["unsafe"]
    isolation = best_isolation() if exercise.kind in KINDS_OF_CODE and not unsafe else None
    report = judge(exercise, content["answer"], JudgeOptions(content["seed"], content["solution"], isolation))
    if exercise.kind in KINDS_OF_CODE and unsafe:
        report = report.with_remarks(UNSAFE)
    return report_to_json(report)


@lru_cache(maxsize=256)
def _exercise(text: str) -> Exercise:
    exercise = exercise_from_plain(json.loads(text))
    load_claims(exercise.lesson)
    return exercise


def report_to_json(report: Report) -> str:
    """`report` as one line of JSON, which `report_from_json` reads back as an equal report."""
    verdicts = [_verdict_to_plain(verdict) for verdict in report.verdicts]
    plain = {each.name: getattr(report, each.name) for each in fields(Report)}
    return json.dumps(plain | {"verdicts": verdicts})


def report_from_json(text: str) -> Report:
    """Read what `report_to_json` wrote; raise `ValueError` for anything else."""
    try:
        plain = json.loads(text)
        verdicts = tuple(_verdict_from_plain(verdict) for verdict in plain["verdicts"])
        return Report(**plain | {"verdicts": verdicts, "remarks": tuple(plain["remarks"])})
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no report: {error}") from error


def _verdict_to_plain(verdict: Verdict) -> dict[str, Any]:
    plain = {each.name: getattr(verdict, each.name) for each in fields(Verdict)}
    tables = [_table_to_plain(table) for table in verdict.tables]
    return plain | {"outcome": verdict.outcome.value, "tables": tables}


def _verdict_from_plain(plain: dict[str, Any]) -> Verdict:
    tables = tuple(_table_from_plain(table) for table in plain["tables"])
    return Verdict(**plain | {"outcome": Outcome(plain["outcome"]), "tables": tables})


def _table_to_plain(table: Table) -> dict[str, Any]:
    rows = [list(map(encode, row)) for row in table.rows]
    return asdict(table) | {"rows": rows, "marked": sorted(table.marked)}


def _table_from_plain(plain: dict[str, Any]) -> Table:
    rows = [tuple(map(decode, row)) for row in plain["rows"]]
    return Table(**plain | {"rows": rows, "columns": tuple(plain["columns"]), "marked": frozenset(plain["marked"])})


class ReportStore:
    """Reports in one SQLite file by the digest of their request, so that no answer is judged twice; use it in a `with`.

    It survives a kill at any moment, and holds nothing that cannot be judged again: a file that is no store any
    more is begun anew. A report that needs a person's review is kept only where another try would cost as much for
    the same; with `again`, it is not found.
    """

    def __init__(self, path: Path, again: bool = False):
        self.path = path
        self.again = again
        try:
            self._open()
        except sqlite3.DatabaseError:
            self.close()
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()
            self._open()

    def _open(self) -> None:
        self._connection = sqlite3.connect(self.path, isolation_level=None, timeout=60)
        # With a write-ahead log a kept report costs no wait for the disk, and a kill loses none.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS report (key TEXT PRIMARY KEY, report TEXT) WITHOUT ROWID")

    def find(self, digest: str) -> Report | None:
        """The report on the request with this digest, or None."""
        report = self._read(digest)
        return None if report and self.again and report.status == "needs review" else report

    def _read(self, digest: str) -> Report | None:
        row = self._connection.execute("SELECT report FROM report WHERE key = ?", (digest,)).fetchone()
        try:
            return report_from_json(row[0]) if row else None
        except ValueError:
            return None

    def keep(self, digest: str, report: Report) -> None:
        """Keep `report`, unless it needs review."""
        if report.status != "needs review":
            self.keep_for_review(digest, report)

    def keep_for_review(self, digest: str, report: Report) -> None:
        """Keep `report` although it needs review."""
        self._connection.execute("INSERT OR REPLACE INTO report VALUES (?, ?)", (digest, report_to_json(report)))

    def forget(self, digests: Iterable[str]) -> None:
        """Drop the reports on the requests with these digests."""
        self._connection.executemany("DELETE FROM report WHERE key = ?", [(digest,) for digest in digests])

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> ReportStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
