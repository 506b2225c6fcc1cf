"""Reads from the names in Canvas' and Moodle's downloads whose a file is, and whether it came late.

Canvas: `name_LATE_<user>_<attachment>_<file>`. Moodle: `name_<participant>_assignsubmission_file_/<file>`, in which
the participant's number is another in each assignment.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<file>.*)")
CANVAS = re.compile(r"(?P<name>.+?)_(?P<late>(?i:late)_)?(?P<number>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
AGAIN = re.compile(r"(-|\s*\()(?P<number>\d{1,4})\)?$")
NOT_IN_A_NAME = re.compile(r"[^\w.@+-]")
MAX_NAME = 100
# The columns of Canvas' exported gradebook, and of Moodle's grading worksheet: a number, and who has it.
ROSTERS = (
    ("ID", ("SIS Login ID", "SIS User ID", "Student")),
    ("Identifier", ("Username", "Email address", "ID number", "Full name")),
)


@dataclass(frozen=True)
class Sender:
    """Who handed a file in, as the download's names say it; `number` is "" where names have none.

    `is_unique` says that the number is the student's own, the same in every download.
    """

    name: str
    number: str = ""
    is_unique: bool = False
    late: bool = False
    attachment: int = 0


def sender_of(path: Sequence[str]) -> Sender | None:
    """Whose the file at `path` in a download is; None if its names do not say so.

    A path that ends as submissions are kept, <student>/<lesson>/<lesson>.ipynb, says so too.
    """
    for part in path:
        if found := MOODLE.fullmatch(part):
            return Sender(clean_name(found["name"]), found["number"])
        if found := CANVAS.fullmatch(part):
            late, attachment = bool(found["late"]), int(found["attachment"][:18])
            return Sender(clean_name(found["name"]), found["number"], True, late, attachment)
    if len(path) >= 3 and Path(path[-1]).stem == path[-2]:
        return Sender(clean_name(path[-3]))
    return None


def clean_name(name: str) -> str:
    """`name` as the name of a folder."""
    return NOT_IN_A_NAME.sub("", re.sub(r"\s+", "_", name.strip())).strip(".-")[:MAX_NAME] or "student"


def upload_number(stem: str) -> int:
    """Which upload of a file it was, by the number that platforms and browsers put behind its name; 0 for the first."""
    found = AGAIN.search(stem)
    return int(found["number"]) if found else 0


def read_roster(path: Path) -> dict[str, str]:
    """From Canvas' exported gradebook or Moodle's grading worksheet: the students' folders by their numbers.

    Raise `ValueError` for another table.
    """
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        rows = list(csv.DictReader(file))
    columns = set(rows[0]) if rows else set()
    for key, names in ROSTERS:
        if key in columns and (name := next((one for one in names if one in columns), "")):
            numbered = ((re.search(r"\d+$", row[key] or ""), row[name]) for row in rows)
            return {found[0]: clean_name(who) for found, who in numbered if found and who}
    raise ValueError("neither Canvas' exported gradebook nor Moodle's grading worksheet")
