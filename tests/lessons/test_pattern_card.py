"""Is every row of the card taught, its flaw run and its sound form run, where docs/pattern-card.md says so?"""

import re

import pytest
from foreseen_answers import COURSE, LESSONS

from graders.course.lesson import Task
from graders.kernel.answers import read_order

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
SOUND = {"N1", "N3", "S2", "O1", "C3", "E6"}
NONE = "–"
PAGE = (COURSE.root / "docs" / "pattern-card.md").read_text(encoding="utf-8")
TABLE = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in PAGE.splitlines() if line[:2] == "| "][1:]
FLAWS = [row for row in TABLE if row[5] != NONE]
SOUND_FORMS = [row for row in TABLE if row[6] != NONE]


def headings_of(lesson):
    parts = "\n".join(part.read_text(encoding="utf-8") for part in lesson.path.glob("[0-9]*.md"))
    return re.findall(r"^#{2,3} (.*)$", parts, re.M)


def answers(task, foreseen):
    """The texts of an exercise's answers as they are run: of steps put in order, the steps."""
    if task is None or task.kind in ("choice", "prediction", "prose"):
        return []
    if task.kind != "parsons":
        return foreseen
    return [read_order(task.body["steps"], answer) for answer in foreseen]


def texts_of(lesson, task):
    """What the lesson runs, by what the table calls it; the options of a choice are its text, and stand for no run."""
    solution = [] if task is None else [task.body["solution"] if task.kind == "parsons" else task.solution]
    options = task.body["options"].values() if task and task.kind in ("choice", "prediction") else ()
    return {
        "wrong answer": answers(task, [one.text for one in task.wrong] if task else []),
        "right answer": answers(task, [one.text for one in task.right] if task else []),
        "solution": answers(task, solution),
        "fact": [fact.text for _, fact in lesson.facts],
        "demonstration": [one.text for one in lesson.pieces if not isinstance(one, Task) and not one.is_prose],
        "wrong option": [one["text"] for one in options if not one.get("right")],
        "right option": [one["text"] for one in options if one.get("right")],
    }


def is_run(row, cell):
    """Whether what `cell` quotes stands where it says, in the row's lesson and exercise."""
    kind, text = re.fullmatch(r"([a-z ]+) `(.+)`", cell).groups()
    lesson = LESSONS[row[2]]
    return any(text in one for one in texts_of(lesson, lesson.tasks.get(row[4]))[kind])


def test_every_row_of_the_card_is_there():
    """Are the 46 rows of the card in the table, in their order?"""
    assert len(ROWS) == 46
    assert all(len(row) == 7 for row in TABLE)
    assert list(dict.fromkeys(row[0] for row in TABLE)) == ROWS


def test_every_flaw_and_every_sound_form_has_a_place():
    """Is the flaw of each of 40 rows found in an exercise or shown, and the sound form of all 46 run?"""
    assert len(set(ROWS) - SOUND) == 40
    assert set(ROWS) - SOUND <= {row[0] for row in FLAWS}
    assert {row[0] for row in SOUND_FORMS} == set(ROWS)
    assert {row[0] for row in TABLE if row[4] != NONE} == set(ROWS)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]}-{row[2]}-{row[4]}")
def test_what_the_table_names_is_in_the_lesson(row):
    """Does the lesson have the heading and the exercise?"""
    _, _, name, heading, exercise, *_ = row
    assert heading in headings_of(LESSONS[name])
    assert exercise == NONE or exercise in LESSONS[name].tasks


@pytest.mark.parametrize("row", FLAWS, ids=lambda row: f"{row[0]}-{row[2]}-{row[4]}")
def test_the_flaw_is_where_the_table_says(row):
    """Does a wrong answer, a demonstration, a fact or an option hold the card's flaw, word for word?"""
    assert row[5].startswith(("wrong answer", "demonstration", "fact", "wrong option", "right option"))
    assert is_run(row, row[5])


@pytest.mark.parametrize("row", SOUND_FORMS, ids=lambda row: f"{row[0]}-{row[2]}-{row[4]}")
def test_the_sound_form_is_run(row):
    """Is the sound form in a solution, a right answer or a fact, each of which the suite runs?"""
    assert row[6].startswith(("solution", "right answer", "fact"))
    assert is_run(row, row[6])


@pytest.mark.parametrize("row", LESSONS["the-card"].front["card"], ids=lambda row: row["row"])
def test_the_student_card_names_experiments(row):
    """Does each row of the student's own card name a heading of a lesson that teaches it?"""
    assert row["heading"] in headings_of(LESSONS[row["lesson"]])
