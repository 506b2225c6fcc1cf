"""Does whatever is raised while one submission is worked on cost that submission alone, at every step in turn?"""

import copy
import csv
import errno
import os
import re
import sqlite3
from functools import partial
from itertools import cycle
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from faults import ERRORS, STUDENTS, faults, steps_taken
from golden import LESSON
from nbgrader.api import Gradebook

from graders.__main__ import main
from graders.grading import class_tables, judge_requests, results
from graders.grading.lesson_grader import LessonGrader
from graders.grading.workers import Workers, _contain, _reply, _Worker
from graders.kernel.judge import all_claims
from graders.kernel.report import Report, Table, Verdict
from graders.kernel.scoring import Outcome
from graders.labs import why_no_postgres

HURT = STUDENTS[1:-1]
# The loops over the class: what they call is guarded, and they themselves have no other submission to go on with.
GUARDS = {"contain_failure", "review_on_fault", "take_steps", "ClassJudging.run"}
# What the row that tells of a fault is made of: if that broke every time, there would be no row.
LAST_RESORT = {"_encodable", "escape_formula", "to_one_line", "Submission.cells", "_csv"}
# What shows the fault in the terminal.
TELLING = {"grade_command.<locals>.show_progress", "_warnings", "Submission.name"}
# What keeps a report for the next run: without it the answer is only judged once more.
KEEPING = {f"ReportStore.{name}" for name in ("find", "keep", "_read", "keep_for_review")} | {"ClassJudging._keep"}
KEEPING |= {"Report.status", "Report.score", "Report._weigh", "weigh_points", "name_status"}
# What fills a cell of the table of who handed in what: without it the cell says "needs review", and no mark changes.
# What the class page says of minutes is left out where the logs cannot be read, and a time where its stamp cannot.
# Python that cannot be read is compared by its words.
SHOWING = {"_cell", "_lateness", "days_late", "measure_pace", "exchange_files", "_OneName.visit_Name"}
FAILED = {"tables": (Table("t", ("a",), [(1,), (None,)], frozenset({1}), "odd"),), "hint": "Which `a`?", "found": "1"}


def canned(exercise, text, setting):
    """A report with one claim that fails, drawn with all that a report can have, and the others that hold."""
    first, *others = all_claims(exercise)
    verdicts = [Verdict(first.name, first.sentence, Outcome.FAILS, first.weight, **FAILED)]
    verdicts += [Verdict(claim.name, claim.sentence, Outcome.HOLDS, claim.weight) for claim in others]
    return Report(exercise.name, exercise.points, tuple(verdicts), ("remark",))


class HereAtOnce(_Worker):
    """A worker without a process of its own: what is sent comes back judged."""

    def __init__(self):
        self.slot = 0
        self._connection = self

    def send_bytes(self, request):
        self.reply = _reply(request.decode())

    def _receive(self, bounds):
        return self.reply

    def end(self):
        pass


class WorkersHere(Workers):
    """Judges one answer after the other, in this process and thread, where a fault can be raised."""

    def judge(self, requests):
        for request in requests:
            yield request, _contain(partial(self._judge, request))

    def _take_worker(self):
        return HereAtOnce()


class Class:
    """Students who answer anew before each run, so that nothing is known from the run before."""

    def __init__(self, solved, folder: Path, *options: str):
        notebook = nbformat.from_dict(copy.deepcopy(solved))
        for cell in notebook.cells:
            if cell.source.startswith("%%answer"):
                cell.source += "\n# TURN of STUDENT"
        self.notebook = nbformat.writes(notebook)
        self.folder = folder
        self.options = options
        self.turn = 0

    def hand_in(self) -> None:
        self.turn += 1
        for student in STUDENTS:
            path = self.folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.notebook.replace("TURN", str(self.turn)).replace("STUDENT", student))

    def run(self) -> Result:
        """The command with its output and exit code."""
        words = ["grade", str(self.folder / "submitted"), "--out", str(self.folder / "out"), *self.options]
        return CliRunner().invoke(main, words)

    def grade(self) -> tuple[str, dict[str, list[tuple[str, ...]]]]:
        """What the terminal shows of a run that ends well, and the rows of each student."""
        done = self.run()
        assert done.exit_code == 0, (done.output, done.exception)
        with (self.folder / "out/grades.csv").open(encoding="utf-8", newline="") as file:
            table = [tuple(row.values()) for row in csv.DictReader(file)]
        return done.output, {student: [row[1:] for row in table if row[0] == student] for student in STUDENTS}


def flags(url: str) -> dict[str, bool]:
    """Whether the gradebook asks for a person's look, for each student it knows."""
    with Gradebook(url) as gradebook:
        return {each.student.id: each.needs_manual_grade for each in gradebook.assignment_submissions(LESSON)}


@pytest.fixture(scope="module")
def grader(course):
    return LessonGrader.prepare(course, LESSON, "secret")


@pytest.fixture
def quick(monkeypatch, grader, root):
    """Grading in this process, with keys made once and canned reports."""
    monkeypatch.setattr(LessonGrader, "prepare", lambda *_, **__: grader)
    monkeypatch.setattr("graders.grading.grade_class.Workers", WorkersHere)
    monkeypatch.setattr(judge_requests, "judge", canned)
    monkeypatch.setenv("COURSE_SEED", "secret")
    monkeypatch.chdir(root)


def is_step(code, students) -> bool:
    """Whether the function works on each student in turn, and holds no guard around what it calls.

    The tables of the class have a guard around each, and tests of their own.
    """
    guarded = code.co_qualname in GUARDS or GUARDS & set(code.co_names) or code.co_filename == class_tables.__file__
    return students >= set(STUDENTS) and not guarded


def steps_and_rows(group: Class):
    """The functions of ours that a run calls for each student, and the rows of an undisturbed run."""
    group.hand_in()
    group.grade()
    group.hand_in()
    with steps_taken() as found:
        _, clean = group.grade()
    assert not any(row[-1].startswith("needs review") for rows in clean.values() for row in rows)
    return [code for code, students in found.items() if is_step(code, students)], clean


def grade_with_faults(group, steps, clean, monkeypatch, once):
    """Grade with one step broken for each of some students; give those whom it cost their marks, by student."""
    where = dict(zip(steps, zip(HURT, cycle(ERRORS)), strict=False))
    hurt = {student: step.co_qualname for step, (student, _) in where.items()}
    group.hand_in()
    with faults(where, monkeypatch, once) as raised:
        said, found = group.grade()
    assert raised == set(where)
    others = set(STUDENTS) - set(hurt)
    assert {student: found[student] for student in others} == {student: clean[student] for student in others}
    spared = {student for student in hurt if found[student] == clean[student]}
    assert {hurt[student] for student in spared} <= KEEPING | SHOWING
    for student in set(hurt) - spared:
        assert any(row[-1].startswith("needs review") for row in found[student]), hurt[student]
        told = re.search(rf"^{student}(/{LESSON})?: .*needs review", said, re.M)
        assert told or hurt[student] in TELLING, hurt[student]
    return {student: found[student] for student in set(hurt) - spared}


@pytest.mark.parametrize("once", [True, False], ids=["once", "every-time"])
def test_a_fault_at_any_step_costs_one_submission(quick, solved, tmp_path, monkeypatch, once):
    """Does every other student keep the full row, and the hurt one get a row that says why, until the next run?"""
    group, url = Class(solved, tmp_path), f"sqlite:///{tmp_path}/out/gradebook.db"
    steps, clean = steps_and_rows(group)
    steps = [step for step in steps if once or step.co_qualname not in LAST_RESORT]
    assert len(steps) > 150
    for start in range(0, len(steps), len(HURT)):
        hurt = grade_with_faults(group, steps[start : start + len(HURT)], clean, monkeypatch, once)
        page = (tmp_path / "out/class.html").read_text(encoding="utf-8")
        assert [student for student in hurt if student not in page] == []
        if once:
            look = flags(url)
            assert [student for student, rows in hurt.items() if rows[0][0] and not look[student]] == []
    group.hand_in()
    assert group.grade()[1] == clean
    assert not any(flags(url).values())


@pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())
@pytest.mark.parametrize("once", [True, False], ids=["once", "every-time"])
def test_a_fault_at_a_gradebook_on_postgresql(quick, solved, tmp_path, monkeypatch, postgres_url, once):
    """Is it the same where the gradebook is a server's, which goes on with the next student after a fault?"""
    group = Class(solved, tmp_path, "--gradebook", postgres_url)
    steps, clean = steps_and_rows(group)
    steps = [step for step in steps if Path(step.co_filename).stem in ("gradebook",)]
    assert len(steps) > 8
    for start in range(0, len(steps), len(HURT)):
        broken = steps[start : start + len(HURT)]
        hurt = grade_with_faults(group, broken, clean, monkeypatch, once)
        assert len(hurt) == len(broken)
        look = flags(postgres_url)
        assert not any(look[student] for student in set(STUDENTS) - set(hurt))
        assert not once or all(look[student] for student in hurt)
    group.hand_in()
    assert group.grade()[1] == clean
    assert not any(flags(postgres_url).values())


@pytest.mark.parametrize(
    ("target", "error", "says"),
    [
        (
            "write_whole",
            OSError(errno.ENOSPC, "No space left", "out/grades.csv"),
            "Error: No space left: out/grades.csv.",
        ),
        ("summarize_class", sqlite3.OperationalError("disk is full"), "results.db cannot be used: disk is full."),
    ],
)
def test_a_failure_of_the_machine_is_one_sentence(quick, solved, tmp_path, monkeypatch, target, error, says):
    """Does a full disk end the run with one sentence and what is done kept, rather than as every student's fault?"""

    def fail(*_):
        raise error

    group = Class(solved, tmp_path)
    group.hand_in()
    with monkeypatch.context() as patch:
        patch.setattr(results, target, fail)
        done = group.run()
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (1, True)
    assert f"{says} What is done is kept: run the same command again." in done.output
    assert len(group.grade()[1]["s00"]) == 4


def test_a_gradebook_out_of_reach_is_one_sentence(quick, solved, tmp_path):
    """Is a server that does not answer told without a traceback and without its password?"""
    group = Class(solved, tmp_path, "--gradebook", "postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    group.hand_in()
    done = group.run()
    assert "Error: The gradebook or results.db cannot be used: connection" in done.output
    assert (done.exit_code, "Traceback" in done.output, "secret" in done.output) == (1, False, False)
