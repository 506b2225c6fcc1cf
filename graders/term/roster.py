"""Reads the students of a course from Canvas' exported gradebook, Moodle's grading worksheet, or a table by hand."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

HANDED_IN = "Last modified (submission)"
MOODLE_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M")
NOT_IN_A_NAME = re.compile(r"[^\w.@+-]")
MAX_NAME = 100


@dataclass(frozen=True)
class Person:
    """A student; `student` is the name of the folder in `submitted/`, and `number` the platform's, if it has one.

    `handed_in` is when, by the clock where the course is, in Moodle's worksheet of one assignment.
    """

    student: str
    name: str = ""
    section: str = ""
    number: str = ""
    handed_in: datetime | None = None

    @property
    def first_and_last_name(self) -> tuple[str, str]:
        """The name in two, as written in "Last, First"; without a comma the last word is the last name."""
        if "," in self.name:
            last, _, first = self.name.partition(",")
        else:
            first, _, last = self.name.strip().rpartition(" ")
        return first.strip(), last.strip()


@dataclass(frozen=True)
class _Columns:
    """Where a kind of table has what: the first of `student` that it has names the folders."""

    number: str
    student: Sequence[str]
    name: str
    section: str


KINDS = (
    _Columns("ID", ("SIS Login ID", "SIS User ID", "Student"), "Student", "Section"),
    _Columns("Identifier", ("Username", "Email address", "ID number", "Full name"), "Full name", "Groups"),
    _Columns("", ("student",), "name", "section"),
)


def clean_name(name: str) -> str:
    """`name` as the name of a folder."""
    return NOT_IN_A_NAME.sub("", re.sub(r"\s+", "_", name.strip())).strip(".-")[:MAX_NAME] or "student"


def read_roster(path: Path) -> list[Person]:
    """The students in the table at `path`; a table by hand has the columns `student`, `name` and `section`.

    Raise `ValueError` for another table, and where two students would have one folder.
    """
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        rows = list(csv.DictReader(file))
    people = [person for row in rows if (person := _person(row, *_find_columns(set(rows[0])))) is not None]
    twice = [name for name, count in Counter(person.student for person in people).items() if count > 1]
    if twice:
        raise ValueError(f"two students would have the folder {twice[0]}; give each a name of their own")
    if not people:
        raise ValueError("it names no student")
    return people


def _find_columns(there: set[str]) -> tuple[_Columns, str]:
    """The kind of table that has the columns `there`, and which of them names the folders."""
    for kind in KINDS:
        name = next((one for one in kind.student if one in there), "")
        if name and (not kind.number or kind.number in there):
            return kind, name
    raise ValueError(
        "neither Canvas' exported gradebook, nor Moodle's grading worksheet, nor a table with a column `student`"
    )


def _person(row: dict[str, str], kind: _Columns, column: str) -> Person | None:
    """The student of `row`; None where it is of nobody, like Canvas' row of points."""
    found = re.search(r"\d+$", row.get(kind.number) or "") if kind.number else None
    if not row[column] or (kind.number and not found):
        return None
    number = found[0] if found else ""
    time = _read_time(row.get(HANDED_IN) or "")
    return Person(clean_name(row[column]), row.get(kind.name) or "", row.get(kind.section) or "", number, time)


def _read_time(words: str) -> datetime | None:
    """The time that Moodle writes as "Sunday, 31 January 2027, 11:58 PM"; None for "-" and for another language."""
    for form in MOODLE_TIMES:
        with contextlib.suppress(ValueError):
            return datetime.strptime(words, form)
    return None
