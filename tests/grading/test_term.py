"""Does a whole term come to the marks that one gets by hand: three lessons, forty students, three ways to hand in?"""

import csv
import re
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from traitlets.config import Config

from graders.__main__ import main
from graders.course.reading import read_lesson
from graders.grading.exports import CanvasExport
from graders.grading.lesson_grader import LessonGraders
from graders.grading.nbgrader_steps import FeedbackExporter
from graders.grading.secret_seed import course_seed
from graders.grading.submissions import find_submissions

FIRST, SECOND, THIRD = LESSONS = ("01-start-here", "02-schema-values", "03-normalization")
NUMBERS = range(40)
NAMES = {0: "Zoë Müller", 1: "Jane Doe", 2: "Jane Doe", 3: "Sinéad O'Neil"}
LOGINS = [f"student{number:02}" for number in NUMBERS]
DUE = datetime(2027, 1, 12, 22, 59, tzinfo=UTC)  # 23:59 in Berlin.
# Exercises and their points; prose is marked by hand.
POINTS = {
    FIRST: {"compare-with-null": 1, "open-loans": 2, "days-late": 2, "read-a-report": 1},
    SECOND: {
        **{"row-of-nonsense": 1, "price-list": 1, "split-the-bill": 2, "minutes-between": 1, "default-and-null": 1},
        **{"rename-a-status": 2, "words-in-three-designs": 3, "ids-from-a-card": 1, "repair-the-users": 3},
        **{"totals-that-follow": 1, "rent-out-tents": 4},
    },
    THIRD: {
        **{"one-address-change": 1, "contradict-the-table": 1, "tail-number-rule": 1, "test-a-dependency": 3},
        **{"trace-a-closure": 1, "compute-the-closure": 3, "spot-the-keys": 1, "find-candidate-keys": 3},
        "judge-a-rule": 3,
    },
}
PROSE = {SECOND: "words-in-three-designs", THIRD: "judge-a-rule"}
LEFT_OUT, OPTIONAL, REPAIRED, ASKED = "price-list", "contradict-the-table", "split-the-bill", 4
NOBODY = {SECOND: 39, THIRD: 38}
WITHOUT_TIME = 33
COURSE_FILE = f"""
timezone = "Europe/Berlin"
roster = "roster.csv"
late = {{ grace_minutes = 15, percent_a_day = 10, at_most_percent = 25 }}
lessons.{FIRST} = {{ due = 2027-01-12T23:59:00, weight = 1, sections = {{ evening = 2027-01-13T23:59:00 }} }}
lessons.{SECOND} = {{ due = 2027-01-12T23:59:00, weight = 2, left_out = ["{LEFT_OUT}"] }}
lessons.{THIRD} = {{ due = 2027-01-12T23:59:00, weight = 3, optional = ["{OPTIONAL}"] }}
extensions = [{{ student = "student05", lesson = "{FIRST}", due = 2027-01-20T00:00:00 }}]
hand_ins = [
  {{ student = "student11", lesson = "{THIRD}", at = 2027-01-15T12:00:00 }},
  {{ student = "student22", lesson = "{THIRD}", at = 2027-01-15T12:00:00 }},
  {{ student = "student00", lesson = "{THIRD}", at = 2027-01-15T12:00:00 }},
]
"""


def answered(number, lesson):
    """The exercises that a student answers: the first few of the lesson, from none for the first student to all."""
    return list(POINTS[lesson])[: number % (len(POINTS[lesson]) + 1)]


def hours_late(number, lesson):
    """How late a student hands in, as the platform or the course file says."""
    if lesson == FIRST:
        return 30 if number % 5 == 0 else -1
    if lesson == SECOND:
        return 0.5 if number % 7 == 0 else 0.2
    return 61 if number in (0, 11, 22) else -1


def percent_lost(number, lesson):
    """By hand: 10 per cent a day, not within 15 minutes, at most 25; evening students have a day more in the first."""
    if lesson == FIRST:
        if number == 5 or number % 5:
            return 0
        return 10 if is_evening(number) else 20
    if lesson == SECOND:
        return 10 if number % 7 == 0 else 0
    return 25 if number in (0, 11, 22) else 0


def is_evening(number):
    return number >= 20


def hand_mark(number):
    """What a person gives for prose, whoever wrote any."""
    return (0, 1, 2, 2.5)[number % 4]


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A project's folder with a course file, in which the term runs."""
    folder = tmp_path_factory.mktemp("term")
    for name in ("lessons", "notebooks", "graders", "nbgrader_config.py"):
        (folder / name).symlink_to(root / name)
    (folder / "course.toml").write_text(COURSE_FILE, encoding="utf-8")
    people = [(login, NAMES.get(n, f"Student {n}"), "evening" * is_evening(n)) for n, login in enumerate(LOGINS)]
    write_csv(folder / "roster.csv", ("student", "name", "section"), *people)
    return folder


def write_csv(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def notebook(course):
    """Makes a student's notebook: the released one with solutions to what the student answers."""
    lessons = {name: read_lesson(course.lessons / name) for name in LESSONS}
    released = {name: (course.notebooks / name / f"{name}.ipynb").read_text(encoding="utf-8") for name in LESSONS}

    def make(number, lesson, names=None):
        made = nbformat.reads(released[lesson], 4)
        names = answered(number, lesson) if names is None else names
        for cell in made.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-answer")
            if name in names and cell.metadata["nbgrader"]["solution"]:
                solution = lessons[lesson].tasks[name].solution
                own = "\n# My own." if (name, number) == (REPAIRED, ASKED) else ""
                cell.source = solution + own if cell.cell_type == "markdown" else f"%%answer {name}\n{solution}{own}"
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
    hand_in_by_exchange(folder, notebook)
    moodle = run("collect", hand_in_on_moodle(folder, notebook), "--roster", folder / "worksheet.csv")
    canvas = run("collect", hand_in_on_canvas(folder, notebook), "--roster", folder / "gradebook.csv")
    return moodle, canvas


def hand_in_by_exchange(folder, notebook):
    for number in NUMBERS:
        place = folder / "submitted" / LOGINS[number] / FIRST
        place.mkdir(parents=True)
        (place / f"{FIRST}.ipynb").write_text(notebook(number, FIRST), encoding="utf-8")
        time = DUE + timedelta(hours=hours_late(number, FIRST))
        (place / "timestamp.txt").write_text(f"{time:%Y-%m-%d %H:%M:%S} UTC", encoding="utf-8")


def hand_in_on_moodle(folder, notebook):
    """The download, with two uploads of one student, and the worksheet beside it."""
    rows = []
    with zipfile.ZipFile(folder / "moodle.zip", "w") as archive:
        for number in NUMBERS:
            name = NAMES.get(number, f"Student {number}")
            time = DUE + timedelta(hours=1 + hours_late(number, SECOND))  # Berlin's clocks.
            rows.append((f"Participant {900 + number}", name, LOGINS[number], f"{time:%A, %d %B %Y, %I:%M %p}"))
            start = f"{name}_{900 + number}_assignsubmission_file_/{SECOND}"
            if number == 3:
                archive.writestr(f"{start}.ipynb", notebook(number, SECOND, ()))
                archive.writestr(f"{start} (1).ipynb", notebook(number, SECOND))
            elif number != NOBODY[SECOND]:
                archive.writestr(f"{start}.ipynb", notebook(number, SECOND))
    head = ("Identifier", "Full name", "Username", "Last modified (submission)")
    write_csv(folder / "worksheet.csv", head, *rows)
    return folder / "moodle.zip"


def hand_in_on_canvas(folder, notebook):
    """The download, in which late ones are called so, and the gradebook beside it."""
    rows = []
    with zipfile.ZipFile(folder / "canvas.zip", "w") as archive:
        for number in NUMBERS:
            rows.append((NAMES.get(number, f"Student {number}"), 500 + number, LOGINS[number], "Day"))
            late = "LATE_" if number in (0, 11, 22, WITHOUT_TIME) else ""
            if number != NOBODY[THIRD]:
                archive.writestr(f"x_{late}{500 + number}_{7000 + number}_{THIRD}.ipynb", notebook(number, THIRD))
    write_csv(folder / "gradebook.csv", ("Student", "ID", "SIS Login ID", "Section"), *rows)
    return folder / "canvas.zip"


@pytest.fixture(scope="module")
def graded(folder, collected, run):
    """Grades with a check that is broken for one student's answer, marks prose by hand, then grades that one again."""
    run("grade", "submitted", "--out", "results", "--jobs", 2)
    spoil_report(folder)
    run("grade", "submitted", "--out", "results", "--jobs", 2)
    mark_prose(folder)
    return run(
        *("regrade", "submitted", "--out", "results", "--student", LOGINS[ASKED], "--exercise", REPAIRED),
        *("--why", "The check was too strict"),
    )


def spoil_report(folder):
    """Put a report into the store as a broken check would have made it."""
    from graders.course.course import Course

    graders = LessonGraders(Course.at(folder), course_seed(folder)[0])
    (submission,) = [
        one for one in find_submissions(folder / "submitted") if (one.student, one.lesson) == (LOGINS[ASKED], SECOND)
    ]
    digest = graders.requests(graders.read(submission))[REPAIRED].digest
    spoiled = "UPDATE report SET report = replace(report, '\"holds\"', '\"does not hold\"') WHERE key = ?"
    with closing(sqlite3.connect(folder / "results" / "results.db")) as store, store:
        assert store.execute(spoiled, [digest]).rowcount == 1


def mark_prose(folder):
    with Gradebook(f"sqlite:///{folder / 'results/gradebook.db'}") as gradebook:
        for lesson, exercise in PROSE.items():
            for number, login in enumerate(LOGINS):
                if number != NOBODY[lesson]:
                    grade = gradebook.find_grade(exercise, lesson, lesson, login)
                    grade.manual_score = hand_mark(number) if exercise in answered(number, lesson) else 0
                    grade.needs_manual_grade = False
        gradebook.db.commit()


def by_hand(number, lesson):
    """A student's points in a lesson, without a program of the course."""
    if number == NOBODY.get(lesson):
        return 0
    points = {name: points for name, points in POINTS[lesson].items() if name != LEFT_OUT}
    earned = sum(
        hand_mark(number) if name in PROSE.values() else points.get(name, 0) for name in answered(number, lesson)
    )
    return earned * (100 - percent_lost(number, lesson)) / 100


def test_the_tables_say_who_is_missing_late_and_double(collected):
    moodle, canvas = collected
    late = sum(percent_lost(number, SECOND) > 0 for number in NUMBERS if number != NOBODY[SECOND])
    assert re.search(rf"39 notebooks collected; {late} late, 1 missing, 1 duplicate", moodle)
    assert re.search(r"39 notebooks collected; 4 late, 1 missing, 0 duplicate", canvas)


def test_final_marks_are_those_by_hand(folder, graded, run):
    said = run("marks", "--on", "2027-02-01T00:00:00")
    rows = {row["student"]: row for row in read_csv(folder / "final-marks.csv")}
    assert list(rows) == LOGINS
    most = {FIRST: 6, SECOND: 19, THIRD: 16}
    for number, login in enumerate(LOGINS):
        points = {lesson: by_hand(number, lesson) for lesson in LESSONS}
        assert {lesson: float(rows[login][lesson]) for lesson in LESSONS} == pytest.approx(points), login
        assert {lesson: float(rows[login][f"{lesson} of"]) for lesson in LESSONS} == most
        mean = (points[FIRST] / 6 + 2 * points[SECOND] / 19 + 3 * points[THIRD] / 16) / 6
        assert rows[login]["percent"] == f"{100 * mean:.2f}", login
    assert f"{LOGINS[WITHOUT_TIME]}/{THIRD} was late, and the download does not say how late" in said
    assert said.count("was late") == 1


def test_three_rows_written_out(folder, graded, run):
    """Rows counted with a pencil: late in all three; handed in twice; missing in one."""
    run("marks", "--on", "2027-02-01T00:00:00")
    rows = {row["student"]: row for row in read_csv(folder / "final-marks.csv")}
    found = {login: [rows[login][lesson] for lesson in LESSONS] for login in ("student10", "student03", "student38")}
    assert found == {
        # 10: nothing of 4+1, so 10 % 5 = 0; the first ten of eleven, less price-list: 1+2+1+1+2+2+1+3+1; all of none.
        "student10": ["0", "14", "0"],
        # 3: three of four: 1+2+2; three less price-list: 1+2; three, one of them extra: 1+1+1.
        "student03": ["5", "3", "3"],
        # 38: three of four; two, less price-list; nothing handed in.
        "student38": ["5", "1", "0"],
    }
    assert rows["student38"][f"{THIRD} status"] == "missing"
    assert rows["student22"][f"{THIRD} status"] == "handed in, 3 days late"
    assert rows["student00"]["name"] == "Zoë Müller"
    assert (rows["student01"]["name"], rows["student02"]["name"]) == ("Jane Doe", "Jane Doe")


def test_before_its_date_nothing_is_missing(folder, graded, run):
    """Does a lesson that is not due yet not count, and is the mark called what it is, not final?"""
    run("marks", "--on", "2027-01-12T12:00:00")
    row = {row["student"]: row for row in read_csv(folder / "final-marks.csv")}["student38"]
    assert (row[THIRD], row[f"{THIRD} status"], row["final"]) == ("", "not due yet", "not yet")
    assert row["percent"] == f"{100 * (5 / 6 + 2 * 1 / 19) / 3:.2f}"


def test_the_log_says_which_mark_changed_and_why(folder, graded):
    assert f"{LOGINS[ASKED]} {SECOND} {REPAIRED}: 0 -> 2" in graded
    (row,) = read_csv(folder / "results" / "regrades.csv")
    assert (row["student"], row["before"], row["after"], row["why"]) == (
        LOGINS[ASKED],
        *("0", "2"),
        "The check was too strict",
    )


def test_the_exports_follow_the_course_file(folder, graded, monkeypatch):
    """Does what goes to Canvas have the penalties, and not what is left out?"""
    export = CanvasExport(config=Config({"CourseDirectory": {"root": str(folder)}}), to=str(folder / "canvas.csv"))
    with Gradebook(f"sqlite:///{folder / 'results/gradebook.db'}") as gradebook:
        export.export(gradebook)
    possible, *rows = read_csv(folder / "canvas.csv")
    assert [row["Student"] for row in rows[:4]] == ["Müller, Zoë", "Doe, Jane", "Doe, Jane", "O'Neil, Sinéad"]
    assert [possible[lesson] for lesson in LESSONS] == ["6", "19", "16"]
    for number, row in enumerate(rows):
        assert row["SIS Login ID"] == LOGINS[number]
        points = {lesson: by_hand(number, lesson) for lesson in LESSONS if number != NOBODY.get(lesson)}
        assert {lesson: float(row[lesson]) for lesson in points} == pytest.approx(points)


def test_one_comment_reaches_all_who_did_the_same(folder, graded, run):
    """Does it stand on the pages of those who answered alike, and on nobody else's, beside the marks given by hand?"""
    said = run("comment", REPAIRED, "Well rounded.", "--like", LOGINS[ASKED])
    alike = [login for number, login in enumerate(LOGINS) if REPAIRED in answered(number, SECOND) and number != 39]
    assert said.strip() == f"commented on {len(alike)} answers: {', '.join(alike)}"
    run("grade", "submitted", "--out", "results", "--jobs", 2)
    for login in LOGINS[:39]:
        page = (folder / f"results/feedback/{login}/{SECOND}/{SECOND}.html").read_text(encoding="utf-8")
        assert ("Well rounded." in page) == (login in alike), login
    # 11 answers all: 20 points less the prose's 3 and one that is left out, and 2.5 by hand.
    page = page_of(folder, "student11", SECOND)
    assert "18.5 of 19 points" in page and "marked by a person" in page and "more read by a person" not in page


def page_of(folder, login, lesson):
    page = (folder / f"results/feedback/{login}/{lesson}/{lesson}.html").read_text(encoding="utf-8")
    return " ".join(re.sub(r"<(style|title)>.*?</\1>|<[^>]+>", "", page, flags=re.S).split())


def test_each_page_ends_in_the_mark_that_is_given_out(folder, graded, run):
    """Are points, what being late costs, and the mark on every student's page those of the table of final marks?"""
    run("grade", "submitted", "--out", "results", "--jobs", 2)
    run("marks", "--on", "2027-02-01T00:00:00")
    for row in read_csv(folder / "final-marks.csv"):
        for lesson in LESSONS:
            if row[f"{lesson} status"] != "missing":
                number, page = LOGINS.index(row["student"]), page_of(folder, row["student"], lesson)
                points, lost, mark = mark_on(page)
                assert (mark, points) == (row[lesson], row[f"{lesson} of"]), (row["student"], lesson)
                assert bool(lost) == (by_hand(number, lesson) > 0 and percent_lost(number, lesson) > 0)
                assert ("does not count" in page) == (lesson == SECOND)


def mark_on(page):
    """The points of the lesson that a page of feedback says, those lost for being late, and what is left."""
    before = re.search(r"· ([\d.]+) of ([\d.]+) points(?:, and ([\d.]+) for what is further)?", page)
    after = re.search(r"For being late: −([\d.]+)\. That leaves ([\d.]+) of ([\d.]+) points\.", page)
    if after:
        assert after[3] == before[2]
        return before[2], after[1], after[2]
    return before[2], "", f"{float(before[1]) + float(before[3] or 0):g}"


def test_a_page_says_why_points_were_taken_off(folder, graded, run):
    """Does it name the days, the grace and the extension, whoever draws it?"""
    run("grade", "submitted", "--out", "results", "--jobs", 2)
    late = page_of(folder, "student22", THIRD)
    assert "1 of 16 points, and 1 for what is further For being late: −0.5. That leaves 1.5 of 16 points." in late
    assert (
        "Handed in on 15 January 2027 at 12:00, 3 days late: it was due on 12 January 2027 at 23:59 (times of "
        "Europe/Berlin). Each day that has begun costs 10 % of the points earned, but never more than 25 %: here 25 %."
    ) in late
    extended = page_of(folder, "student05", FIRST)
    assert "in time: it was due, with your extension, on 20 January 2027 at 00:00" in extended
    assert "12 minutes late: it was due" in page_of(folder, "student01", SECOND)
    assert "Up to 15 minutes late costs nothing." in page_of(folder, "student01", SECOND)
    assert "due" not in page_of(folder, LOGINS[WITHOUT_TIME], THIRD).partition("Marks")[0]
    assert drawn_by_nbgrader(folder, "student22", THIRD) == late


def drawn_by_nbgrader(folder, login, lesson):
    """The page that `nbgrader generate_feedback` writes."""
    config = Config({"CourseDirectory": {"root": str(folder)}})
    url = f"sqlite:///{folder / 'results/gradebook.db'}"
    ids = {"student": login, "assignment": lesson, "db_url": url}
    path = folder / f"results/autograded/{login}/{lesson}/{lesson}.ipynb"
    page, _ = FeedbackExporter(config=config).from_filename(str(path), resources={"nbgrader": ids})
    return " ".join(re.sub(r"<(style|title)>.*?</\1>|<[^>]+>", "", page, flags=re.S).split())


def test_the_class_page_says_who_is_missing_and_late(folder, graded):
    page = (folder / "results/class.html").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert re.search(r"student22 Student 22 evening [\d.]+ ([\d.]+) [\d.]+ 3 days late", words)
    assert re.search(r"student38 Student 38 evening [\d.]+ [\d.]+ missing", words)


def test_an_answer_is_written_as_a_fence(run):
    assert run("foresee", REPAIRED, "--student", LOGINS[ASKED]).startswith(f'```python wrong="{REPAIRED}"')
