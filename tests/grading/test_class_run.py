"""Is a class judged in parallel, each answer once, with nothing lost when a worker dies, and nothing opened that is
no file?"""

import csv
import os

import nbformat
import pytest
import sqlalchemy as sa
from golden import FULL, LESSON
from nbgrader.api import Gradebook

from graders.grading import workers
from graders.grading.grade_class import ClassJudging, grade_class
from graders.grading.judge_requests import ReportStore, judge_request, report_from_json, report_to_json
from graders.grading.lesson_grader import LessonGrader, LessonGraders
from graders.grading.submissions import find_submissions
from graders.grading.workers import NoReport
from graders.kernel.failures import RunStopped
from graders.kernel.report import Report, Table, Verdict
from graders.kernel.scoring import Outcome

SEED = "a seed that no student knows"
WRONG = "def days_late(due, returned):\n    return None if returned is None else 0"


@pytest.fixture(scope="module")
def grader(course):
    return LessonGrader.prepare(course, LESSON, SEED)


@pytest.fixture
def hand_in(solved, tmp_path):
    """Hands in the solved lesson for a student, with other answers (by exercise) in it."""

    def write(student, **answers):
        notebook = nbformat.from_dict(solved)
        notebook = nbformat.reads(nbformat.writes(notebook), 4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-answer")
            if name.replace("-", "_") in answers and cell.metadata["nbgrader"]["solution"]:
                cell.source = f"%%answer {name}\n{answers[name.replace('-', '_')]}"
        path = tmp_path / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
        return path

    return write


def table(out):
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {(row["student"], row["exercise"]): (row["score"], row["status"]) for row in csv.DictReader(file)}


class HereAndCounted:
    """Judges in this process and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def judge(self, requests):
        for request in requests:
            self.asked.append(request)
            yield request, report_from_json(judge_request(request.json))


def test_equal_answers_are_judged_once(course, hand_in, tmp_path):
    """Are three students with the same answers, one with other line ends, one request an exercise?"""
    for student in ("a", "b"):
        hand_in(student, days_late=WRONG)
    hand_in("c", days_late=WRONG.replace("\n", "\r\n"))
    graders, judges = LessonGraders(course, SEED), HereAndCounted()
    found = [graders.read(each) for each in find_submissions(tmp_path / "submitted")]
    with ReportStore(tmp_path / "results.db") as store:
        done = list(ClassJudging(graders, found).run(store, judges))
    assert len(judges.asked) == len(FULL)
    assert [each.reports["days-late"].status for each in done] == ["partly right"] * 3


def test_a_second_run_judges_nothing(course, hand_in, tmp_path, monkeypatch):
    """Is a class that was graded before graded without one worker, to the same bytes?"""
    hand_in("a", days_late=WRONG)
    hand_in("b")
    grade_class(course, SEED, tmp_path / "submitted", tmp_path / "out", jobs=1)
    before = (tmp_path / "out/grades.csv").read_bytes()
    monkeypatch.setattr(workers, "_Worker", None)
    grade_class(course, SEED, tmp_path / "submitted", tmp_path / "out", jobs=1)
    assert (tmp_path / "out/grades.csv").read_bytes() == before
    with pytest.raises(RunStopped):
        grade_class(course, "another seed", tmp_path / "submitted", tmp_path / "out", jobs=1)


def test_a_request_tells_of_one_exercise_only(grader):
    """Does a worker learn neither the course's seed nor anything of another exercise?"""
    request = grader.request("days-late", WRONG).json
    assert SEED not in request
    assert "open-loans" not in request


def test_reports_travel_unchanged(grader):
    """Is a report equal to itself after a journey, and any kind of cell drawn as before?"""
    rows = [(1, None, "é\ud800", b"\x00", 1.5, True, ("a",)), (2, float("inf"), "", b"", -0.0, False, ())]
    tables = (Table("t", tuple("abcdefg"), rows, frozenset({1}), "odd"),)
    verdict = Verdict("c", "s", Outcome.FAILS, 2, "e", "f", "h", tables, "<svg/>")
    report = Report("x-1", 2.5, (verdict, Verdict("d", "t", Outcome.WAITS)), ("remark",))
    assert report_from_json(report_to_json(report)) == report
    with pytest.raises(ValueError, match="no report"):
        report_from_json('{"exercise": "x-1"}')


def test_what_needs_review_is_judged_again(tmp_path, grader):
    """Is a report that our own fault spoilt not kept, and a store that was damaged begun anew?"""
    fault = Report("x-1", 1, (Verdict("c", "s", Outcome.OUR_FAULT),))
    right = Report("x-1", 1, (Verdict("c", "s", Outcome.HOLDS),))
    path = tmp_path / "results.db"
    path.write_bytes(b"no database at all, but long enough to be taken for one " * 100)
    with ReportStore(path) as store:
        store.keep("fault", fault)
        store.keep("right", right)
        assert (store.find("fault"), store.find("right")) == (None, right)


def test_what_cannot_be_judged_needs_review(course, hand_in, tmp_path, monkeypatch):
    """Does a lost answer cost nothing but a person's look, and is it judged by the next run?"""
    hand_in("a")

    class Broken(HereAndCounted):
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def judge(self, requests):
            for request, report in super().judge(requests):
                yield request, NoReport("it rained") if "days_late" in request.answer else report

    with monkeypatch.context() as patch:
        patch.setattr("graders.grading.grade_class.Workers", lambda jobs: Broken())
        grade_class(course, SEED, tmp_path / "submitted", tmp_path / "out")
    assert table(tmp_path / "out")["a", "days-late"] == ("0", "needs review")
    assert "it rained" in (tmp_path / "out/feedback/a" / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    grade_class(course, SEED, tmp_path / "submitted", tmp_path / "out", jobs=1)
    assert table(tmp_path / "out")["a", "days-late"] == ("2", "right")


def scores(out):
    with Gradebook(f"sqlite:///{out}/gradebook.db") as gradebook:
        books = gradebook.find_submission(LESSON, "a").notebooks
        return {each.name: (each.auto_score, each.needs_manual_grade) for book in books for each in book.grades}


def claims_kept(out):
    with sa.create_engine(f"sqlite:///{out}/gradebook.db").connect() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM course_claim WHERE student = 'a'"))


def test_marks_are_of_the_notebook_that_lies_there_now(course, hand_in, tmp_path):
    """Does nothing of an earlier submission survive: a better answer, a worse one, one that cannot be read?"""
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    seen = []
    for way in ({}, {"days_late": WRONG}, None, {}):
        path = hand_in("a", **(way or {}))
        if way is None:
            path.write_text("{", encoding="utf-8")
        grade_class(course, SEED, submitted, out, jobs=1)
        seen.append((scores(out), claims_kept(out)))
    right, worse, unread, again = seen
    assert right == again
    assert right[0]["days-late"] == (2.0, False)
    assert worse[0]["days-late"] == (0.67, False)
    assert set(unread[0].values()) == {(None, False)}
    assert (unread[1], right[1] > 5) == (0, True)


def test_a_persons_mark_is_looked_at_again_only_if_the_answer_changed(course, hand_in, tmp_path):
    """Is what a person marked left alone by a second run, and flagged when the student answers otherwise?"""
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    hand_in("a", days_late=WRONG)
    grade_class(course, SEED, submitted, out, jobs=1)
    with Gradebook(f"sqlite:///{out}/gradebook.db") as gradebook:
        for name in ("open-loans", "days-late"):
            mark = gradebook.find_grade(name, LESSON, LESSON, "a")
            mark.manual_score, mark.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    flags = []
    for answer in (WRONG, WRONG + " + 1"):
        hand_in("a", days_late=answer)
        grade_class(course, SEED, submitted, out, jobs=1)
        flags.append({name: flag for name, (_, flag) in scores(out).items() if flag})
    assert flags == [{}, {"days-late": True}]


def test_only_ordinary_files_are_read(course, hand_in, tmp_path):
    """Are links refused in words wherever they stand, and a pipe never opened?"""
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    good = hand_in("good")
    for student in ("file", "folder", "pipe", "device"):
        (submitted / student).mkdir()
    for student in ("file", "pipe", "device"):
        (submitted / student / LESSON).mkdir()
    name = f"{LESSON}.ipynb"
    (submitted / "file" / LESSON / name).symlink_to(good)
    (submitted / "folder" / LESSON).symlink_to(good.parent)
    (submitted / "student").symlink_to(good.parents[1])
    (submitted / "dangling").symlink_to(tmp_path / "nowhere")
    os.mkfifo(submitted / "pipe" / LESSON / name)
    (submitted / "device" / LESSON / name).mkdir()
    (submitted / "notes.txt").write_text("no student")
    grade_class(course, SEED, submitted, out, jobs=1)
    link = ("", "unreadable: a symbolic link stands in its place, and links are not followed")
    rows = {student: mark for (student, exercise), mark in table(out).items() if not exercise}
    assert rows == dict.fromkeys(("file", "folder", "student", "dangling"), link) | dict.fromkeys(
        ("pipe", "device"), ("", "unreadable: it is no ordinary file")
    )
    assert table(out)["good", "open-loans"] == ("2", "right")


def test_names_are_made_visible_and_hidden_folders_are_told(course, hand_in, tmp_path):
    """Does no sign of a folder's name that moves a cursor or turns a line reach table or page, and is ".x" a row?"""
    submitted, out = tmp_path / "submitted", tmp_path / "out"
    hand_in("ann")
    for name in ("99-x\x1b[31m", "\u202egpj.10", ".hidden", ".ipynb_checkpoints"):
        (submitted / "ann" / name).mkdir()
    (submitted / ".ben" / LESSON).mkdir(parents=True)
    (submitted / "cem\x1b[2J" / "99-none").mkdir(parents=True)
    grade_class(course, SEED, submitted, out, jobs=1)
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["student"], row["lesson"], row["status"]) for row in csv.DictReader(file) if not row["exercise"]]
    dot = "unreadable: the folder's name begins with a dot: rename it if it was handed in, or move it away"
    assert sorted(rows) == [
        (".ben", "", dot),
        ("ann", ".hidden", dot),
        ("ann", "99-x\\x1b[31m", "unreadable: there is no lesson 99-x\\x1b[31m"),
        ("ann", "\\u202egpj.10", "unreadable: there is no lesson \\u202egpj.10"),
        ("cem\\x1b[2J", "99-none", "unreadable: there is no lesson 99-none"),
    ]
    texts = [path.read_text(encoding="utf-8") for path in [*out.rglob("*.html"), *out.glob("*.csv")]]
    assert len(texts) > 5
    assert not any(sign in text for text in texts for sign in "\x1b\u202e")


def test_what_took_too_long_is_not_paid_for_again(course, hand_in, tmp_path, monkeypatch):
    """Is an answer lost to the time limit left for review at once in the next run, until it is asked for again?"""
    hand_in("a")
    tried = []

    class Slow(HereAndCounted):
        def __init__(self, jobs):
            super().__init__()

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def judge(self, requests):
            for request in requests:
                tried.append(request)
                yield request, NoReport("judging it took longer than 120 s", costly=True)

    monkeypatch.setattr("graders.grading.grade_class.Workers", Slow)
    counts = []
    for again in (False, False, True, False):
        grade_class(course, SEED, tmp_path / "submitted", tmp_path / "out", again=again)
        counts.append(len(tried))
        assert set(table(tmp_path / "out").values()) == {("0", "needs review")}
    assert counts == [4, 4, 8, 8]


@pytest.mark.slow
def test_a_cluster_gives_the_same_marks_and_may_lose_a_worker(course, hand_in, tmp_path):
    """Does dask, with one of two workers killed in the middle, give the marks of this machine?"""
    from distributed import LocalCluster

    for number in range(8):
        slow = f"import time\ntime.sleep(0.5)\nTHIS = {number}\n"
        hand_in(f"s{number}", days_late=slow + WRONG, open_loans=f"SELECT {number}")
    submitted = tmp_path / "submitted"
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        before = {worker.pid for worker in cluster.workers.values()}

        def kill_one(marked, done, total):
            if done == 1:
                os.kill(min(before), 9)

        grade_class(
            course, SEED, submitted, tmp_path / "far", on_progress=kill_one, scheduler=cluster.scheduler_address
        )
        assert min(before) not in {worker.pid for worker in cluster.workers.values()}
    grade_class(course, SEED, submitted, tmp_path / "near")
    assert (tmp_path / "far/grades.csv").read_bytes() == (tmp_path / "near/grades.csv").read_bytes()
    assert set(table(tmp_path / "far").values()) >= {("0", "wrong"), ("0.67", "partly right")}
