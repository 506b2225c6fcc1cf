"""Does docs/pattern-card.md name lessons, headings and exercises that exist, and every row of the card?"""

import re

import pytest
from foreseen_answers import COURSE, LESSONS

GROUPS = {
    "A": ("1a", "1b", "2", "3", "4", "5", "6", "7", "8a", "8b"),
    "N": "12345",
    "S": "123",
    "M": "12",
    "Q": "123",
    "B": "123",
    "O": "1234",
    "R": ("1a", "1b", "2", "3", "4"),
    "C": "123",
    "E": "123456",
    "X": "12",
}
ROWS = [f"{group}{number}" for group, numbers in GROUPS.items() for number in numbers]
NOT_YET = ["not yet", "–", "–"]
PAGE = (COURSE.root / "docs" / "pattern-card.md").read_text(encoding="utf-8")
TABLE = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.splitlines() if line[:2] == "| "][1:]
TAUGHT = [row for row in TABLE if row[2:] != NOT_YET]


def headings_of(lesson):
    parts = "\n".join(part.read_text(encoding="utf-8") for part in lesson.path.glob("[0-9]*.md"))
    return re.findall(r"^#{2,3} (.*)$", parts, re.M)


def test_every_row_of_the_card_is_there():
    """Are the 46 rows of the card in the table, in their order, and is none both taught and not yet taught?"""
    assert len(ROWS) == 46
    assert all(len(row) == 5 for row in TABLE)
    assert list(dict.fromkeys(row[0] for row in TABLE)) == ROWS
    assert {row[0] for row in TAUGHT}.isdisjoint(row[0] for row in TABLE if row[2:] == NOT_YET)


@pytest.mark.parametrize("row", TAUGHT, ids=lambda row: f"{row[0]}-{row[2]}")
def test_what_the_table_names_is_in_the_lesson(row):
    """Does the lesson have the heading and the exercise?"""
    _, _, name, heading, exercise = row
    assert heading in headings_of(LESSONS[name])
    assert exercise == "–" or exercise in LESSONS[name].tasks
