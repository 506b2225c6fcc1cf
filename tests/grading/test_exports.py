"""Do the exports hold what the gradebook holds, with absence told from zero and no name that runs?"""

import csv
import os
import shutil
import sys
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from ending import run_to_end
from nbgrader.api import Gradebook

from graders.build.release import let_nbgrader_find_alembic
from graders.grading.exports import CanvasExport, write_canvas, write_exercises, write_moodle
from graders.grading.gradebook import CLAIMS, METADATA, GradebookWriter, create_gradebook
from graders.grading.grades import format_score, read_grades
from graders.kernel.readable import escape_formula
from graders.term.roster import Person

LESSONS = {"01-start": {"start-1": 1, "start-2": 2, "start-10": 3}, "02-next": {"next-1": 4}}
STUDENTS = {
    "ann": ("Ann", 'O"Neil, Jr.', "ann@example.org"),
    "bob": ("=1+1", "Line\nBreak", "+bob@example.org"),
    "cem": ("Cem", None, None),
    "dee": (None, None, "dee@example.org"),
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """The file of a gradebook with nothing in it."""
    let_nbgrader_find_alembic()
    path = tmp_path_factory.mktemp("book") / "empty.db"
    Gradebook(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="module")
def url(empty):
    """A gradebook in which ann has all, bob waits for a person, cem handed in nothing readable, dee is absent."""
    url = f"sqlite:///{shutil.copy(empty, empty.with_name('gradebook.db'))}"
    with Gradebook(url) as gradebook:
        fill(gradebook)
    return url


def fill(gradebook):
    for lesson, exercises in LESSONS.items():
        gradebook.add_assignment(lesson)
        gradebook.add_notebook(lesson, lesson)
        for name, points in exercises.items():
            gradebook.add_grade_cell(name, lesson, lesson, max_score=points, cell_type="code")
    for name, (first, last, email) in STUDENTS.items():
        gradebook.add_student(name, first_name=first, last_name=last, email=email)
    gradebook.find_student("ann").lms_user_id = "4711"
    enter(gradebook, "ann", "01-start", {"start-1": (1, None), "start-2": (0, None), "start-10": (1, 2.5)})
    enter(gradebook, "ann", "02-next", {"next-1": (1.335, None)}, penalty=1)
    enter(gradebook, "bob", "01-start", {"start-1": (0, None), "start-2": (0.67, None), "start-10": (None, None)})
    enter(gradebook, "bob", "02-next", {"next-1": (0, None)}, penalty=1)
    enter(gradebook, "cem", "01-start", dict.fromkeys(LESSONS["01-start"], (None, None)))
    METADATA.create_all(gradebook.engine)
    row = {"lesson": "01-start", "sentence": "", "weight": 1, "hint": ""}
    for student, exercise, claim, outcome in (
        ("bob", "start-1", "a", "not attempted"),
        ("bob", "start-1", "b", "not attempted"),
        ("ann", "start-2", "a", "not attempted"),
        ("ann", "start-2", "b", "does not hold"),
    ):
        more = {"student": student, "exercise": exercise, "claim": claim, "outcome": outcome}
        gradebook.db.execute(CLAIMS.insert(), row | more)
    gradebook.db.commit()


def enter(gradebook, student, lesson, scores, penalty=None):
    with gradebook.db.no_autoflush:
        submission = gradebook.add_submission(lesson, student, timestamp=datetime(2026, 1, 2))
    submission.notebooks[0].late_submission_penalty = penalty
    for grade in submission.notebooks[0].grades:
        grade.auto_score, grade.manual_score = scores[grade.name]
        grade.needs_manual_grade = grade.auto_score is None and grade.manual_score is None
    gradebook.db.commit()


# What key files say of the lessons, whose exercises come in another order than their names.
KNOWN = {
    "start": ("start-1", "start-2", "start-10"),
    "next": ("next-1",),
    "more": ("look-up", "agree", "compare", "beyond"),
}
FURTHER = ("beyond",)


def key_file(lesson):
    if lesson not in KNOWN:
        raise FileNotFoundError(lesson)
    numbered = enumerate(KNOWN[lesson], start=1)
    exercises = {
        name: {"number": i, "title": f"T {name}", "further": name in FURTHER, "kind": "sql"} for i, name in numbered
    }
    return {"exercises": exercises}


@pytest.fixture(autouse=True)
def known_lessons(monkeypatch):
    monkeypatch.setattr("graders.grading.grades.key_file", key_file)


@pytest.fixture
def grades(url):
    with Gradebook(url) as gradebook:
        yield read_grades(gradebook)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_one_row_for_each_exercise(grades, tmp_path):
    """Has every student a row for every exercise, in the order of its number, with nothing where there is nothing?"""
    warnings = write_exercises(tmp_path / "x.csv", grades)
    head, *rows = read(tmp_path / "x.csv")
    assert head[4:] == [
        *("lesson", "number", "title", "exercise", "further"),
        *("score", "max_score", "manual_score", "status"),
    ]
    assert [row[5:7] for row in rows[:4]] == [
        ["1", "T start-1"],
        ["2", "T start-2"],
        ["3", "T start-10"],
        ["1", "T next-1"],
    ]
    assert {row[8] for row in rows} == {"no"}
    assert [[row[0], row[4], row[7], *row[9:]] for row in rows] == [
        ["ann", "01-start", "start-1", "1", "1", "", "right"],
        ["ann", "01-start", "start-2", "0", "2", "", "wrong"],
        ["ann", "01-start", "start-10", "2.5", "3", "2.5", "marked by a person"],
        ["ann", "02-next", "next-1", "1.335", "4", "", "partly right"],
        ["bob", "01-start", "start-1", "0", "1", "", "not attempted"],
        ["bob", "01-start", "start-2", "0.67", "2", "", "partly right"],
        ["bob", "01-start", "start-10", "", "3", "", "not marked yet"],
        ["bob", "02-next", "next-1", "0", "4", "", "wrong"],
        ["cem", "01-start", "start-1", "", "1", "", "not marked yet"],
        ["cem", "01-start", "start-2", "", "2", "", "not marked yet"],
        ["cem", "01-start", "start-10", "", "3", "", "not marked yet"],
        ["cem", "02-next", "next-1", "", "4", "", ""],
        ["dee", "01-start", "start-1", "", "1", "", ""],
        ["dee", "01-start", "start-2", "", "2", "", ""],
        ["dee", "01-start", "start-10", "", "3", "", ""],
        ["dee", "02-next", "next-1", "", "4", "", ""],
    ]
    assert warnings == ["2 submissions wait for a person: bob/01-start, cem/01-start"]


class BreaksForBob(dict):
    """What was handed in, of which bob's cannot be read."""

    def get(self, key, default=None):
        if key[0] == "bob":
            raise RecursionError("too deep")
        return super().get(key, default)


@pytest.mark.parametrize("write", [write_exercises, write_canvas, write_moodle, partial(write_moodle, feedback=True)])
def test_a_student_who_breaks_the_export_is_left_out(grades, tmp_path, write):
    """Have the others their rows, and is the one named whose marks cannot be read?"""
    write(tmp_path / "whole.csv", grades)
    warnings = write(tmp_path / "x.csv", replace(grades, by_submission=BreaksForBob(grades.by_submission)))
    others = [row for row in read(tmp_path / "whole.csv") if "bob" not in row]
    assert len(others) < len(read(tmp_path / "whole.csv"))
    assert read(tmp_path / "x.csv") == others
    assert any("bob is left out and needs review: exporting broke (" in warning for warning in warnings)


def test_names_survive_and_do_not_run(grades, tmp_path):
    """Do commas, quotes and line ends come back, and do formulas come back as text?"""
    write_exercises(tmp_path / "x.csv", grades)
    names = {row[0]: row[1:4] for row in read(tmp_path / "x.csv")}
    assert names["ann"] == ['O"Neil, Jr.', "Ann", "ann@example.org"]
    assert names["bob"] == ["Line\nBreak", "'=1+1", "'+bob@example.org"]
    assert names["dee"] == ["", "", "dee@example.org"]


def test_canvas(grades, tmp_path):
    """Are the columns Canvas's, the points in the second row, penalties taken off, and absent students empty?"""
    write_canvas(tmp_path / "x.csv", grades)
    assert read(tmp_path / "x.csv") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "01-start", "02-next"],
        ["    Points Possible", "", "", "", "", "6", "4"],
        ['O"Neil, Jr., Ann', "4711", "", "ann", "", "3.5", "0.335"],
        ["Line\nBreak, =1+1", "", "", "bob", "", "0.67", "0"],
        ["Cem", "", "", "cem", "", "", ""],
        ["dee", "", "", "dee", "", "", ""],
    ]


def test_moodle(grades, tmp_path):
    """Is no grade Moodle's own sign for it, which it never reads as 0?"""
    write_moodle(tmp_path / "x.csv", grades)
    assert read(tmp_path / "x.csv") == [
        ["username", "01-start", "02-next"],
        ["ann", "3.5", "0.335"],
        ["bob", "0.67", "0"],
        ["cem", "-", "-"],
        ["dee", "-", "-"],
    ]


def test_moodle_by_email_leaves_out_who_has_none(grades, tmp_path):
    """Is a row that Moodle would give to the student above left out, and told?"""
    warnings = write_moodle(tmp_path / "x.csv", grades, "email")
    rows = read(tmp_path / "x.csv")
    assert [row[0] for row in rows] == ["email", "ann@example.org", "'+bob@example.org", "dee@example.org"]
    assert warnings[1:] == [
        "left out, because the gradebook has no usable email of: cem",
        "these begin like a formula and got an apostrophe before them: +bob@example.org",
    ]


def test_moodle_feedback(grades, tmp_path):
    """Does feedback say each exercise, and nothing for a student who handed in nothing?"""
    write_moodle(tmp_path / "x.csv", grades, feedback=True)
    rows = read(tmp_path / "x.csv")
    assert rows[0][3:] == ["01-start feedback", "02-next feedback"]
    assert rows[2][3] == (
        "1 T start-1 (start-1): 0 of 1 point, not attempted; 2 T start-2 (start-2): 0.67 of 2 points, partly right; "
        "3 T start-10 (start-10): not marked yet"
    )
    assert (
        rows[1][4] == "1.335 of 4 points, less 1 for being late; 1 T next-1 (next-1): 1.335 of 4 points, partly right"
    )
    assert rows[4][3:] == ["", ""]


def test_what_could_not_be_read_waits_for_nobody(empty, tmp_path):
    """Is it told apart from what a person has still to mark, and is there no mark of 0 for it?"""
    url = f"sqlite:///{shutil.copy(empty, tmp_path / 'unread.db')}"
    with Gradebook(url) as gradebook:
        fill(gradebook)
        for grade in gradebook.find_submission("01-start", "cem").notebooks[0].grades:
            grade.needs_manual_grade = False
        gradebook.db.commit()
        grades = read_grades(gradebook)
    warnings = write_exercises(tmp_path / "x.csv", grades)
    waits, unread = "1 submission waits for a person: bob/01-start", "1 submission could not be read: cem/01-start"
    assert warnings == [waits, unread]
    assert {row[-1] for row in read(tmp_path / "x.csv") if row[0] == "cem"} == {"", "unreadable"}
    write_canvas(tmp_path / "y.csv", grades)
    assert [row[5] for row in read(tmp_path / "y.csv") if row[3] == "cem"] == [""]


@pytest.fixture
def with_bonus(empty, tmp_path):
    """The grades of a lesson with an exercise that is further and one that the lesson lost; ann has more than all."""
    url = f"sqlite:///{shutil.copy(empty, tmp_path / 'bonus.db')}"
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("03-more")
        gradebook.add_notebook("03-more", "03-more")
        for name, points in {"agree": 4, "beyond": 2, "gone": 1, "look-up": 3}.items():
            gradebook.add_grade_cell(name, "03-more", "03-more", max_score=points, cell_type="code")
        for name, beyond, penalty in (("ann", 2, 0.5), ("bob", 1, None), ("cem", 0, None)):
            gradebook.add_student(name)
            scores = dict.fromkeys(("agree", "look-up"), (3, None))
            enter(gradebook, name, "03-more", scores | {"gone": (1, None), "beyond": (beyond, None)}, penalty)
        gradebook.find_submission("03-more", "ann").notebooks[0].grades[0].manual_score = 4
        gradebook.db.commit()
        yield read_grades(gradebook)


def test_the_order_is_that_of_the_notebook(with_bonus, tmp_path):
    """Do exercises come by their number, one that the lesson lost last, each marked if it is further?"""
    write_exercises(tmp_path / "x.csv", with_bonus)
    rows = [row[5:9] for row in read(tmp_path / "x.csv") if row[0] == "bob"]
    assert rows == [
        ["1", "T look-up", "look-up", "no"],
        ["2", "T agree", "agree", "no"],
        ["4", "T beyond", "beyond", "yes"],
        ["", "", "gone", "no"],
    ]


def test_a_bonus_is_above_the_points_of_the_main_path(with_bonus, tmp_path):
    """Is the lesson's maximum that of its main path, and are points for what is further added to the scores?"""
    write_canvas(tmp_path / "x.csv", with_bonus)
    assert [row[-1] for row in read(tmp_path / "x.csv")] == ["03-more", "8", "9.5", "8", "7"]
    warnings = write_moodle(tmp_path / "y.csv", with_bonus, feedback=True)
    rows = read(tmp_path / "y.csv")
    assert [row[1] for row in rows] == ["03-more", "9.5", "8", "7"]
    assert rows[1][2].startswith(
        "8 of 8 points, and 2 for what is further, less 0.5 for being late; 1 T look-up (look-up)"
    )
    assert "4 T beyond (beyond, further): 2 of 2 points, right; gone: 1 of 1 point, right" in rows[1][2]
    assert rows[3][2].startswith("1 T look-up")
    (warning,) = warnings
    assert warning.startswith("above the lesson's points with the bonus: ann/03-more; Moodle takes them only where")


def test_some_students_and_lessons(url, tmp_path):
    """Are only those named exported, and is one that nobody knows an error?"""
    with Gradebook(url) as gradebook:
        write_canvas(tmp_path / "x.csv", read_grades(gradebook, ["cem"], ["02-next"]))
        with pytest.raises(LookupError, match="no lesson 03-none"):
            read_grades(gradebook, lessons=["03-none"])
    assert [row[3:] for row in read(tmp_path / "x.csv")[1:]] == [["", "", "4"], ["cem", "", ""]]


def test_numbers_of_the_roster_reach_canvas(course, empty, tmp_path):
    """Does Canvas get its own ids from the roster, and keep those that the gradebook has?"""
    url = f"sqlite:///{shutil.copy(empty, tmp_path / 'numbered.db')}"
    with GradebookWriter(course, url) as writer:
        fill(writer.gradebook)
        writer.enter_names([Person("ann", number="1"), Person("dee", "Dee Dee", number="4712")])
        write_canvas(tmp_path / "x.csv", read_grades(writer.gradebook))
    found = {row[3]: (row[0], row[1]) for row in read(tmp_path / "x.csv")[2:]}
    assert found["ann"][1] == "4711"
    assert found["dee"] == ("Dee, Dee", "4712")


def test_an_answer_to_look_at_again(url, grades):
    """Does a mark flagged for review say so and keep its score?"""
    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade("next-1", "02-next", "02-next", "ann")
        grade.needs_manual_grade, grade.extra_credit = True, 0.5
        gradebook.db.flush()
        mark = read_grades(gradebook).by_submission["ann", "02-next"].scores["next-1"]
        gradebook.db.rollback()
    assert (mark.score, mark.status) == (1.835, "needs review")
    assert not grades.by_submission["ann", "02-next"].waits


def test_a_gradebook_without_the_table_of_claims(url, tmp_path):
    """Does a gradebook that nbgrader alone has made export too?"""
    copy = shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "gradebook.db")
    with Gradebook(f"sqlite:///{copy}") as gradebook:
        gradebook.db.execute(sa.text("DROP TABLE course_claim"))
        gradebook.db.commit()
        assert read_grades(gradebook).by_submission["bob", "01-start"].scores["start-1"].status == "wrong"


def test_an_empty_gradebook(empty, tmp_path):
    """Are there heads and nothing else?"""
    with Gradebook(f"sqlite:///{empty}") as gradebook:
        grades = read_grades(gradebook)
    assert write_exercises(tmp_path / "a.csv", grades) == []
    assert write_canvas(tmp_path / "b.csv", grades) == []
    assert write_moodle(tmp_path / "c.csv", grades) == []
    assert [len(read(tmp_path / f"{name}.csv")) for name in "abc"] == [1, 2, 1]


def test_the_exporter_refuses_a_name_that_nobody_knows(url, tmp_path):
    """Does it end with a sentence and no file?"""
    exporter = CanvasExport(to=str(tmp_path / "x.csv"), student=["nobody"])
    with Gradebook(url) as gradebook, pytest.raises(SystemExit, match="knows no student nobody"):
        exporter.export(gradebook)
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\rx", "\nx", "  =1", "＝1"])
def test_what_could_be_a_formula(text):
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "O'Neil", "'=1", "1-2", "Ann-Marie"])
def test_what_is_no_formula(text):
    assert escape_formula(text) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0, "0"), (2.0, "2"), (1 / 3, "0.3333"), (1234567.25, "1234567.25")]
)
def test_numbers(value, text):
    assert format_score(value) == text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("exporter", "more", "file", "columns"),
    [
        ("ExerciseExport", ['--student=["ann"]'], "exercises.csv", 13),
        ("CanvasExport", ["--to", "canvas-to.csv", '--assignment=["01-start"]'], "canvas-to.csv", 6),
        ("MoodleExport", ["--MoodleExport.identifier=email", "--MoodleExport.feedback=True"], "moodle.csv", 5),
    ],
)
def test_nbgrader_export(root, url, tmp_path, exporter, more, file, columns):
    """Does `nbgrader export`, in a project's folder, take the exporter and its options?"""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    (tmp_path / "results").mkdir()
    shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "results/gradebook.db")
    said = nbgrader(root, tmp_path, "export", "--exporter", f"graders.grading.exports.{exporter}", *more)
    assert f"Wrote {file}" in said and "nrecognized" not in said
    rows = read(tmp_path / file)
    assert {len(row) for row in rows} == {columns}
    assert len(rows) == {"ExerciseExport": 5, "CanvasExport": 6, "MoodleExport": 4}[exporter]
    assert ("wait for a person" in said) == (exporter != "ExerciseExport")


def nbgrader(root, folder, *words):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = run_to_end(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env=os.environ | {"PATH": path, "PYTHONPATH": str(root)},
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_a_gradebook_of_an_older_release_opens(tmp_path):
    """Does a table of claims that called the weight of a claim its worth keep its rows under the new name, for good?"""
    url = f"sqlite:///{tmp_path}/old.db"
    create_gradebook(url)
    engine = sa.create_engine(url)
    row = dict.fromkeys(("student", "lesson", "exercise", "claim", "sentence", "outcome", "hint"), "x")
    with engine.begin() as connection:
        connection.execute(CLAIMS.insert(), row | {"weight": 2.5})
        connection.execute(sa.text("ALTER TABLE course_claim RENAME COLUMN weight TO worth"))
    for _ in range(2):
        create_gradebook(url)
        with engine.connect() as connection:
            assert connection.execute(sa.select(CLAIMS.c.student, CLAIMS.c.weight)).all() == [("x", 2.5)]
