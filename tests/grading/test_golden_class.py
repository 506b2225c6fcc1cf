"""Does every golden student get exactly the marks and words they must get?"""

import re

import pytest
import sqlalchemy as sa
from golden import BROKEN, FULL, LESSON, RIGHT, STUDENTS
from nbgrader.api import Gradebook

from graders.grading.grade_class import grade_class

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", STUDENTS)
def test_marks_are_exact(graded, name):
    """Are score and status of each exercise in the table of grades?"""
    student = STUDENTS[name]
    scores, statuses = FULL | student.scores, RIGHT | student.statuses
    expected = {exercise: (scores[exercise], statuses[exercise]) for exercise in FULL}
    assert graded.marks(name) == expected


@pytest.mark.parametrize("name", STUDENTS)
def test_gradebook_has_the_same_marks(graded, name):
    """Does nbgrader's gradebook hold what the table says?"""
    with Gradebook(f"sqlite:///{graded.out}/gradebook.db") as gradebook:
        submission = gradebook.find_submission(LESSON, name)
        found = {grade.name: grade.auto_score for book in submission.notebooks for grade in book.grades}
    assert found == {exercise: float(score) for exercise, (score, _) in graded.marks(name).items()}


@pytest.mark.parametrize("name", [name for name, student in STUDENTS.items() if student.page])
def test_the_page_says_what_happened(graded, name):
    """Does the student read the reason?"""
    assert STUDENTS[name].page in graded.page(name)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_submission_is_one_row_with_its_reason(graded, name):
    """Is what cannot be read told, in the table and on the page, and kept out of what waits for a mark by hand?"""
    rows = [row for row in graded.rows if row["student"] == name]
    assert [(r["lesson"], r["exercise"], r["score"], r["max_score"], r["status"]) for r in rows] == [
        (LESSON, "", "", "6", BROKEN[name][1])
    ]
    assert BROKEN[name][1].removeprefix("unreadable: ") in graded.page(name)
    with Gradebook(f"sqlite:///{graded.out}/gradebook.db") as gradebook:
        assert not gradebook.find_submission(LESSON, name).needs_manual_grade


def test_an_unknown_lesson_is_one_row(graded):
    """Does a folder that is no lesson stop nothing?"""
    rows = [row for row in graded.rows if row["lesson"] == "99-no-such-lesson"]
    assert [row["status"] for row in rows] == ["unreadable: there is no lesson 99-no-such-lesson"]


def test_no_page_has_a_script_or_a_link_to_anywhere(graded):
    """Is a student's text shown as text, and nothing fetched?"""
    for path in (graded.out / "feedback").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script|<iframe|<link|src=|href=\"(?!#)|\son\w+=\"", text), path


def test_every_verdict_is_in_the_gradebook(graded):
    """Are claims kept one by one, with the hint that was met?"""
    engine = sa.create_engine(f"sqlite:///{graded.out}/gradebook.db")
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT claim, outcome FROM course_claim WHERE student = 'exits' AND exercise = 'days-late'")
        ).fetchall()
    assert dict(map(tuple, rows)) == {
        "runs": "holds",
        "counts_days_over_any_calendar": "does not hold",
        "loan_in_time_gives_zero": "does not hold",
        "open_loan_gives_none": "does not hold",
    }


def test_grading_again_changes_nothing(course, graded):
    """Is a second run with the same seed the same, row by row, into the same gradebook?"""
    before = (graded.out / "grades.csv").read_bytes()
    grade_class(course, graded.seed, graded.submitted, graded.out)
    assert (graded.out / "grades.csv").read_bytes() == before
