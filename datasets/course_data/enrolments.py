"""Four enrolments: who takes which course with which instructor.

Origin: made up here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: one course has two instructors, so `course` does not determine `instructor`; each instructor teaches
one course only.
"""

from __future__ import annotations

SCHEMA = """
CREATE TABLE enrolments (
    student    VARCHAR NOT NULL,
    course     VARCHAR NOT NULL,
    instructor VARCHAR NOT NULL,
    PRIMARY KEY (student, course)
);
"""
ROWS = (
    ("Ann", "Databases", "Ng"),
    ("Bob", "Databases", "Ng"),
    ("Cem", "Databases", "Ito"),
    ("Ann", "Logic", "Roy"),
)


def data(seed: int) -> dict[str, list[tuple]]:
    """The four rows of `enrolments`, the same for every seed."""
    return {"enrolments": list(ROWS)}
