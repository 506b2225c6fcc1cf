"""Does a whole term come to the marks that one gets by hand: three lessons, forty students, three ways to hand in?"""

import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from term_of_forty import (
    AGAIN_FIRST,
    AGAIN_SECOND,
    ASKED,
    COURSE_FILE,
    DUE,
    EXERCISES,
    EXTRA,
    FIRST,
    LESSONS,
    LOGINS,
    NOBODY,
    NUMBERS,
    PROSE,
    REPAIRED,
    SECOND,
    THIRD,
    UNREADABLE,
    WITHOUT_TIME,
    WORKSHEET,
    answered,
    hand_in_by_exchange,
    hand_in_on_canvas,
    hand_in_on_moodle,
    hand_mark,
    handed_in,
    moodle_row,
    moodle_start,
    read_csv,
    roster,
    write_csv,
)
from traitlets.config import Config

from graders.__main__ import main
from graders.course.course import Course
from graders.course.reading import read_lesson
from graders.grading.exports import CanvasExport, ExerciseExport, MoodleExport
from graders.grading.lesson_grader import LessonGraders
from graders.grading.nbgrader_steps import FeedbackExporter
from graders.grading.secret_seed import course_seed
from graders.grading.submissions import find_submissions

BY_HAND = {row["student"]: row for row in read_csv(Path(__file__).with_name("term_by_hand.csv"))}
AT_THE_END = ("--on", "2027-02-01T00:00:00")


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A project's folder with a course file, in which the term runs."""
    folder = tmp_path_factory.mktemp("term")
    for part in ("lessons", "notebooks", "graders", "nbgrader_config.py"):
        (folder / part).symlink_to(root / part)
    (folder / "course.toml").write_text(COURSE_FILE, encoding="utf-8")
    write_csv(folder / "roster.csv", roster())
    return folder


@pytest.fixture(scope="module")
def notebook(course):
    """Makes a student's notebook: the released one with solutions to what the student answers."""
    lessons = {lesson: read_lesson(course.lessons / lesson) for lesson in LESSONS}
    released = {one: (course.notebooks / one / f"{one}.ipynb").read_text(encoding="utf-8") for one in LESSONS}

    def make(number, lesson, names=None):
        made = nbformat.reads(released[lesson], 4)
        names = answered(number, lesson) if names is None else names
        for cell in made.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-answer")
            if name in names and cell.metadata["nbgrader"]["solution"]:
                text = lessons[lesson].tasks[name].solution or "What I think of it."
                own = "\n# My own." if (name, number) == (REPAIRED, ASKED) else ""
                cell.source = text if cell.cell_type == "markdown" else f"%%answer {name}\n{text}{own}"
        return nbformat.writes(made)

    return make


@pytest.fixture(scope="module")
def run(folder):
    """Runs a verb of the command line in the project's folder; gives what it said."""

    def run_verb(*words):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            result = CliRunner().invoke(main, list(map(str, words)), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return run_verb


@pytest.fixture(scope="module")
def collected(folder, notebook, run):
    """Hands in by nbgrader's exchange, on Moodle, and on Canvas, a lesson each; gives what `collect` said."""
    for number in NUMBERS:
        hand_in_by_exchange(folder, number, notebook(number, FIRST), handed_in(number, FIRST))
    moodle = run("collect", hand_in_on_moodle(folder, notebook), "--roster", folder / "worksheet.csv")
    canvas = run("collect", hand_in_on_canvas(folder, notebook), "--roster", folder / "gradebook.csv")
    return moodle, canvas


@pytest.fixture(scope="module")
def graded(folder, collected, run):
    """Grades with a check that is broken for one student's answer, marks prose by hand, then grades that one again."""
    grade(run)
    spoil_report(folder)
    grade(run)
    mark_prose(folder)
    return run(
        *("regrade", "submitted", "--out", "results", "--student", LOGINS[ASKED], "--exercise", REPAIRED),
        *("--why", "The check was too strict"),
    )


def grade(run):
    return run("grade", "submitted", "--out", "results", "--jobs", 2)


def spoil_report(folder):
    """Put a report into the store as a broken check would have made it."""
    graders = LessonGraders(Course.at(folder), course_seed(folder)[0])
    (submission,) = [
        one for one in find_submissions(folder / "submitted") if (one.student, one.lesson) == (LOGINS[ASKED], SECOND)
    ]
    digest = graders.requests(graders.read(submission))[REPAIRED].digest
    spoiled = "UPDATE report SET report = replace(report, '\"holds\"', '\"does not hold\"') WHERE key = ?"
    with closing(sqlite3.connect(folder / "results" / "results.db")) as store, store:
        assert store.execute(spoiled, [digest]).rowcount == 1


def mark_prose(folder):
    """Mark what formgrader lists, as a person does there."""
    with Gradebook(f"sqlite:///{folder / 'results/gradebook.db'}") as gradebook:
        for lesson, exercise in PROSE.items():
            for submission in gradebook.assignment_submissions(lesson):
                mark = gradebook.find_grade(exercise, lesson, lesson, submission.student.id)
                if mark.needs_manual_grade:
                    number = LOGINS.index(submission.student.id)
                    mark.manual_score, mark.needs_manual_grade = hand_mark(number), False
                    mark.extra_credit = 0.5 if (number, lesson) == (EXTRA, SECOND) else None
        gradebook.db.commit()


@pytest.fixture(scope="module")
def marks_in_between(folder, graded, run):
    """The final marks before anybody hands in again: at the end of the term, and before the lessons were due."""
    said = run("marks", *AT_THE_END)
    shutil.copy(folder / "final-marks.csv", folder / "before.csv")
    run("marks", "--on", "2027-01-12T12:00:00", "--to", folder / "early.csv")
    return said


@pytest.fixture(scope="module")
def handed_in_again(folder, notebook, marks_in_between, run):
    """One hands in again through the exchange, another on Moodle with all answered; gives what `collect` said."""
    hand_in_by_exchange(folder, AGAIN_FIRST, notebook(0, FIRST, EXERCISES[FIRST]), DUE + timedelta(hours=50))
    with zipfile.ZipFile(folder / "again.zip", "w") as archive:
        archive.writestr(f"{moodle_start(AGAIN_SECOND)}.ipynb", notebook(0, SECOND, EXERCISES[SECOND]))
    write_csv(folder / "again.csv", [WORKSHEET, moodle_row(AGAIN_SECOND, DUE + timedelta(hours=25))])
    said = run("collect", folder / "again.zip", "--roster", folder / "again.csv")
    grade(run)
    run("marks", *AT_THE_END, "--to", folder / "unread.csv")
    return said


@pytest.fixture(scope="module")
def finished(folder, handed_in_again, run):
    """The end of the term: prose that came again is read, and all pages are drawn with the marks that stand then."""
    mark_prose(folder)
    with Gradebook(f"sqlite:///{folder / 'results/gradebook.db'}") as gradebook:
        gradebook.find_grade(PROSE[SECOND], SECOND, SECOND, LOGINS[AGAIN_SECOND]).manual_score = 2
        gradebook.db.commit()
    grade(run)
    return run("marks", *AT_THE_END)


def test_the_tables_say_who_is_missing_late_and_double(collected):
    moodle, canvas = collected
    assert re.search(r"39 notebooks collected; 6 late, 1 missing, 1 duplicate", moodle)
    assert re.search(r"39 notebooks collected; 4 late, 1 missing, 0 duplicate", canvas)
    assert re.search(rf"{LOGINS[UNREADABLE]} .*collected; cannot be read", canvas)


def test_final_marks_are_those_by_hand(folder, finished):
    rows = {row["student"]: row for row in read_csv(folder / "final-marks.csv")}
    assert list(rows) == LOGINS
    found = {login: {column: row[column] for column in ("student", *LESSONS, "percent")} for login, row in rows.items()}
    assert found == BY_HAND
    assert {tuple(row[f"{lesson} of"] for lesson in LESSONS) for row in rows.values()} == {("6", "19", "16")}
    assert {row["final"] for row in rows.values()} == {"yes"}


def test_what_an_instructor_should_know_is_said(finished):
    """Is whoever came late by nobody knows how much named, and whose notebook cannot be read?"""
    assert f"{LOGINS[WITHOUT_TIME]}/{THIRD} was late, and the download does not say how late" in finished
    assert finished.count("was late") == 1
    assert f"could not be read, and counts as 0 until it is handed in again: {LOGINS[UNREADABLE]}/{THIRD}" in finished


def test_rows_written_out(folder, finished):
    """Rows counted with a pencil, each with its sum."""
    rows = {row["student"]: row for row in read_csv(folder / "final-marks.csv")}
    found = {login: tuple(rows[login][lesson] for lesson in LESSONS) for login in rows}
    # 13 % 5 = 3: 1+2+2, a day after the extension: less 10 %. 13 % 12 = 1. 13 % 10 = 3, one of them extra.
    assert found["student13"] == ("4.5", "1", "3")
    # Again: 1+2+2+1, 50 hours late are 3 days, 30 % but never more than 25. 18 % 12 = 6: 1+2+1+1+2. 18 % 10 = 8: 14.
    assert found["student18"] == ("4.5", "7", "14")
    # Nothing at first. Again all: 1+2+1+1+2+1+3+1+4 = 16 and 2 by hand, 25 hours late are 2 days: 18 less 20 %.
    assert found["student12"] == ("3", "14.4", "2")
    # Ten days late earns nothing. 17 % 12 = 5: 1+2+1+1. 17 % 10 = 7: 1+1+1+3+1+3+1.
    assert found["student17"] == ("0", "5", "11")
    # 19 % 12 = 7: 1+2+1+1+2, prose 2.5 and half a point of extra credit. 19 % 10 = 9: 14 and 2.5.
    assert found["student19"] == ("6", "10", "16.5")
    statuses = {login: rows[login][f"{lesson} status"] for login, lesson in STATUSES}
    assert statuses == {login: words for (login, _), words in STATUSES.items()}
    assert [rows[login]["name"] for login in LOGINS[:4]] == ["Zoë Müller", "Jane Doe", "Jane Doe", "Sinéad O'Neil"]


STATUSES = {
    ("student38", THIRD): "missing",
    ("student29", THIRD): "could not be read",
    ("student22", THIRD): "handed in, 3 days late",
    ("student17", FIRST): "handed in, 10 days late",
    ("student09", FIRST): "handed in",
    ("student13", FIRST): "handed in, 1 day late",
}


def test_before_its_date_nothing_is_missing(folder, marks_in_between):
    """Does a lesson that is not due yet not count, and is the mark called what it is, not final?"""
    row = {row["student"]: row for row in read_csv(folder / "early.csv")}["student38"]
    assert (row[THIRD], row[f"{THIRD} status"], row["final"]) == ("", "not due yet", "not yet")
    assert row["percent"] == "31.29"  # 5 of 6 once, 1 of 19 twice.


def test_who_hands_in_again_has_the_marks_of_what_is_there_now(folder, handed_in_again):
    """Does it replace the first with its time, and does prose that is another now wait for a person?"""
    assert re.search(rf"{LOGINS[AGAIN_SECOND]} .*late +collected, replaces an earlier one", handed_in_again)
    before, unread = ({row["student"]: row for row in read_csv(folder / f"{one}.csv")} for one in ("before", "unread"))
    first, second = LOGINS[AGAIN_FIRST], LOGINS[AGAIN_SECOND]
    assert (before[first][FIRST], unread[first][FIRST]) == ("5", "4.5")
    assert (before[second][SECOND], unread[second][SECOND]) == ("0", "12.8")  # 16 less 20 %, prose not read yet.
    assert unread[second][f"{SECOND} status"] == "waits for a person, 2 days late"
    assert (before[second]["final"], unread[second]["final"]) == ("yes", "not yet")
    others = [login for login in LOGINS if login not in (first, second)]
    assert [before[login] for login in others] == [unread[login] for login in others]


def test_the_log_says_which_mark_changed_and_why(folder, graded):
    assert f"{LOGINS[ASKED]} {SECOND} {REPAIRED}: 0 -> 2" in graded
    (row,) = read_csv(folder / "results" / "regrades.csv")
    assert (row["student"], row["before"], row["after"], row["why"]) == (
        LOGINS[ASKED],
        *("0", "2"),
        "The check was too strict",
    )


@pytest.fixture
def export(folder, finished):
    """Writes the marks as a platform takes them; gives the rows."""

    def write(kind):
        exporter = kind(config=Config({"CourseDirectory": {"root": str(folder)}}), to=str(folder / "export.csv"))
        with Gradebook(f"sqlite:///{folder / 'results/gradebook.db'}") as gradebook:
            exporter.export(gradebook)
        return read_csv(folder / "export.csv")

    return write


def test_the_exports_are_those_by_hand(export):
    """Does what goes to Canvas and Moodle have the penalties, and no 0 for what is not there?"""
    possible, *canvas = export(CanvasExport)
    assert [possible[lesson] for lesson in LESSONS] == ["6", "19", "16"]
    assert [row["Student"] for row in canvas[:4]] == ["Müller, Zoë", "Doe, Jane", "Doe, Jane", "O'Neil, Sinéad"]
    moodle = export(MoodleExport)
    assert [row["SIS Login ID"] for row in canvas] == [row["username"] for row in moodle] == LOGINS
    for number, (one, other) in enumerate(zip(canvas, moodle, strict=True)):
        for lesson in LESSONS:
            absent = number == NOBODY.get(lesson) or (number, lesson) == (UNREADABLE, THIRD)
            by_hand = BY_HAND[LOGINS[number]][lesson]
            assert (one[lesson], other[lesson]) == (("", "-") if absent else (by_hand, by_hand)), (number, lesson)


def test_a_spreadsheet_has_the_points_before_the_penalty(export):
    rows = [row for row in export(ExerciseExport) if (row["student"], row["lesson"]) == (LOGINS[EXTRA], SECOND)]
    assert [row["score"] for row in rows] == ["1", "2", "1", "1", "2", "3", "0", "0", "0", "0"]
    assert [row["status"] for row in rows if row["exercise"] == PROSE[SECOND]] == ["marked by a person"]


def test_one_comment_reaches_all_who_did_the_same(folder, finished, run):
    """Does it stand on the pages of those who answered alike, and on nobody else's, beside the marks given by hand?"""
    said = run("comment", REPAIRED, "Well rounded.", "--like", LOGINS[ASKED])
    there = [number for number in NUMBERS if number != NOBODY[SECOND]]
    alike = [LOGINS[one] for one in there if REPAIRED in answered(one, SECOND) or one == AGAIN_SECOND]
    assert said.strip() == f"commented on {len(alike)} answers: {', '.join(alike)}"
    grade(run)
    for login in (LOGINS[number] for number in there):
        assert ("Well rounded." in page_of(folder, login, SECOND)) == (login in alike), login
    # 11 answers all: 20 points less the prose's 3 and one that is left out, and 2.5 by hand.
    page = page_of(folder, "student11", SECOND)
    assert "18.5 of 19 points" in page and "marked by a person" in page and "more read by a person" not in page


def page_of(folder, login, lesson):
    return words_of((folder / f"results/feedback/{login}/{lesson}/{lesson}.html").read_text(encoding="utf-8"))


def words_of(page):
    return " ".join(re.sub(r"<(style|title)>.*?</\1>|<[^>]+>", " ", page, flags=re.S).split())


def test_each_page_ends_in_the_mark_that_is_given_out(folder, finished):
    """Are the points, what being late costs, and the mark on every page those of the table of final marks?"""
    seen = 0
    for row in read_csv(folder / "final-marks.csv"):
        for lesson in LESSONS:
            status = row[f"{lesson} status"]
            if status.startswith("handed in"):
                page = page_of(folder, row["student"], lesson)
                points, lost, mark = mark_on(page)
                assert (mark, points) == (row[lesson], row[f"{lesson} of"]), (row["student"], lesson)
                assert not lost or "late" in status
                assert ("does not count" in page) == (lesson == SECOND)
                seen += bool(lost)
    assert seen == 8 + 6 + 3  # Whoever earned nothing loses nothing.
    assert "could not be marked" in page_of(folder, LOGINS[UNREADABLE], THIRD)


def mark_on(page):
    """The points of the lesson that a page of feedback says, those lost for being late, and what is left."""
    before = re.search(r"· ([\d.]+) of ([\d.]+) points ?(?:, and ([\d.]+) for what is further)?", page)
    after = re.search(r"For being late: −([\d.]+) ?\. That leaves ([\d.]+) of ([\d.]+) points ?\.", page)
    if after:
        assert after[3] == before[2]
        return before[2], after[1], after[2]
    return before[2], "", f"{float(before[1]) + float(before[3] or 0):g}"


@pytest.mark.parametrize(
    ("login", "lesson", "words"),
    [
        (
            *("student22", THIRD),
            "1 of 16 points, and 1 for what is further For being late: −0.5 . That leaves 1.5 of 16 points . "
            "Handed in on 15 January 2027 at 12:00, 3 days late: it was due on 12 January 2027 at 23:59 "
            "(times of Europe/Berlin). Each day that has begun costs 10 % of the points earned, but never more than "
            "25 %: here 25 %.",
        ),
        ("student09", FIRST, "in time: it was due, with your extension, on 20 January 2027 at 00:00"),
        ("student13", FIRST, "1 day late: it was due, with your extension, on 13 January 2027 at 12:00"),
        ("student17", FIRST, "23:59 (times of Europe/Berlin). After 7 days a lesson earns nothing."),
        ("student01", SECOND, "12 minutes late: it was due on 12 January 2027 at 23:59"),
        ("student01", SECOND, "Up to 15 minutes late costs nothing."),
    ],
)
def test_a_page_says_why_points_were_taken_off(folder, finished, login, lesson, words):
    """Does it name days, grace and extension, also where nbgrader draws it?"""
    assert words in page_of(folder, login, lesson)
    assert words in drawn_by_nbgrader(folder, login, lesson)


def test_a_page_says_nothing_of_a_time_that_nobody_knows(folder, finished):
    assert "due" not in page_of(folder, LOGINS[WITHOUT_TIME], THIRD).partition("Marks")[0]


def drawn_by_nbgrader(folder, login, lesson):
    """The page that `nbgrader generate_feedback` writes."""
    url = f"sqlite:///{folder / 'results/gradebook.db'}"
    ids = {"student": login, "assignment": lesson, "db_url": url}
    path = folder / f"results/autograded/{login}/{lesson}/{lesson}.ipynb"
    exporter = FeedbackExporter(config=Config({"CourseDirectory": {"root": str(folder)}}))
    return words_of(exporter.from_filename(str(path), resources={"nbgrader": ids})[0])


def test_where_some_lessons_have_a_weight_all_need_one(folder, finished, monkeypatch):
    """Is nobody given a mark in which the weight of one lesson is held against the points of another?"""
    monkeypatch.chdir(folder)
    (folder / "course.toml").write_text(COURSE_FILE.replace("weight = 2, ", ""), encoding="utf-8")
    refused = CliRunner().invoke(main, ["marks", "--to", "mixed.csv"])
    (folder / "course.toml").write_text(COURSE_FILE, encoding="utf-8")
    assert refused.exit_code == 1 and not (folder / "mixed.csv").exists()
    assert f"course.toml: lessons.{SECOND}: it has no weight, and others have." in refused.output


def test_the_class_page_says_who_is_missing_and_late(folder, finished):
    page = (folder / "results/class.html").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert re.search(r"student22 Student 22 evening [\d.]+ ([\d.]+) [\d.]+ 3 days late", words)
    assert re.search(r"student38 Student 38 evening [\d.]+ [\d.]+ missing", words)


def test_an_answer_is_written_as_a_fence(finished, run):
    assert run("foresee", REPAIRED, "--student", LOGINS[ASKED]).startswith(f'```python wrong="{REPAIRED}"')
