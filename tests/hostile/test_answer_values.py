"""Does every value that an answer can produce have its row in each result? `make fuzz FUZZ=n` tries n of them."""

import csv
import io
import json
import os
import random
import sys
from collections import Counter
from contextlib import ExitStack
from html import escape
from types import ModuleType, SimpleNamespace

import pytest
from nbgrader.api import Gradebook
from odd_values import python_value, query
from rich.console import Console
from student_words import in_student_words

from graders import Mismatch, claim, experiment
from graders.course.answer_cells import Answers
from graders.figures.report import ReportDisplay, report_text
from graders.grading import judge_requests
from graders.grading.feedback import feedback_page
from graders.grading.gradebook import GradebookWriter, SubmissionRows
from graders.grading.judge_requests import ReportStore
from graders.grading.rebuild import report_output
from graders.grading.results import ClassResults, ResultFiles
from graders.grading.submissions import GradedSubmission, Submission
from graders.kernel.claims import CLAIMS
from graders.kernel.exercise import Exercise
from graders.kernel.judge import judge
from graders.kernel.report import Table
from graders.labs import EngineError, Result, in_order, open_lab, why_no_postgres
from graders.notebook.sql_results import ResultSet
from graders.sandbox.calls import format_exception, read_value
from graders.sandbox.in_sandbox.serve import NotPlain, call, describe_exception, to_json
from graders.techniques.queries.comparison import compare, format_row

COUNT = int(os.environ.get("FUZZ", 10_000))
LESSON, NAMES = "07-odd", [f"odd-{number}" for number in range(50)]
ENGINES = ("SQLite", "DuckDB") if why_no_postgres() and not os.environ.get("CI") else ("SQLite", "DuckDB", "PostgreSQL")
EXERCISES = {name: Exercise(name, "sql", 2, "answer", f"Title {name}") for name in NAMES}
NOTHING_FORESEEN = SimpleNamespace(solution="", right=[], wrong=[], body={}, prompt="", has_options=False)
GRADER = SimpleNamespace(
    lesson=SimpleNamespace(id=LESSON, front={"title": "Odd"}, tasks=dict.fromkeys(NAMES, NOTHING_FORESEEN)),
    exercises=EXERCISES,
    autograded=NAMES,
    source=lambda: None,
)
MAX_REPORT, MAX_LINES, MAX_RESULT = 500_000, 60_000, 3_000_000
# What moves a cursor, colours, renames a window or turns text round.
OBEYED = set("\0\x07\x08\x1b\x9b\x7f\r\u202e\u2066")


class Values:
    """The values to judge, one after the other, and what a notebook's cell would show of a result."""

    def __init__(self, stack):
        self.rng = random.Random(11)
        self.labs = {engine: stack.enter_context(open_lab(engine)) for engine in ENGINES}
        self.now = None

    def draw(self):
        """Go on to the next value; what an engine gives is shown as a cell of `%%sql` shows it."""
        engine = self.rng.choice((*ENGINES, *["Python"] * 6))
        if engine == "Python":
            self.now = python_value(self.rng)
            return
        try:
            self.now = self.labs[engine].execute(query(self.rng, engine))
        except EngineError as error:
            self.now = error
            return
        shown = ResultSet(self.now)
        assert len(str(shown)) + len(shown._repr_html_()) < MAX_RESULT
        shown._repr_html_().encode()


@pytest.fixture(scope="module")
def values():
    """Odd values, and for each exercise a claim that says of the one drawn last what claims say of values."""
    sys.modules["graders.checks.odd"] = ModuleType("odd")
    sys.modules["graders.checks.odd"].__path__ = []
    with ExitStack() as stack:
        made = Values(stack)

        def is_right(value):
            """the value is the right one"""
            raise _mismatch(value)

        for name in NAMES:
            claim(experiment(name)(lambda attempt: made.now))(is_right)
        yield made
    for name in NAMES:
        del CLAIMS[name]
    del sys.modules["graders.checks.odd"]


def _mismatch(value):
    if isinstance(value, EngineError):
        return Mismatch("a query that runs", f"{value.engine} says: {value.sentence}", value.sentence)
    if isinstance(value, Result):
        return _other_rows(value)
    value = _given_by_a_sandbox(value)
    words = f"`{value!r:.120}`"
    return Mismatch(
        "1", words, f"What is {value!r}?", [Table("value", ("v",), [(value,)])], f"<svg>{escape(words)}</svg>"
    )


def _other_rows(found):
    expected = Result(found.columns, [(1,) * len(found.columns)])
    difference = compare(found, expected, ties=(1,))
    marked = frozenset(place for place, row in enumerate(found.rows) if row in difference.unwanted)
    tables = [
        Table("your rows", found.columns, found.rows, marked, "not asked for"),
        Table("rows in order", found.columns, in_order(found.rows)),
    ]
    return Mismatch(", ".join(found.columns), difference.describe(), ", ".join(map(format_row, found.rows)), tables)


def _given_by_a_sandbox(value):
    """`value` as a claim gets it if a function gives it in its sandbox; raise `Mismatch` where it gets none."""
    try:
        reply = to_json(call(lambda: value, [], None))
    except NotPlain as error:
        reply = json.dumps({"unplain": str(error)})
    except Exception as error:
        raise Mismatch("`f()` to run", format_exception(describe_exception(error))) from None
    with in_student_words():
        return read_value(json.loads(reply), "`f()`")


@pytest.fixture(scope="module")
def found(values, tmp_path_factory):
    """A class whose every answer gives another value: judged, passed on as text, kept and found again."""
    submissions = []
    with ReportStore(tmp_path_factory.mktemp("store") / "results.db") as store:
        for number in range(-(-COUNT // len(NAMES))):
            reports = {name: _kept(store, f"{number} {name}", _judged(values, name)) for name in NAMES}
            answers = Answers(dict.fromkeys(NAMES, "SELECT 1"))
            submissions.append(GradedSubmission(Submission(f"s{number:05}", LESSON, None), reports, answers))
    return submissions


def _judged(values, name):
    values.draw()
    return judge(EXERCISES[name], "SELECT 1")


def _kept(store, key, report):
    if report.status == "needs review":
        return report
    text = judge_requests.report_to_json(report)
    store.keep(key, judge_requests.report_from_json(text))
    kept = store.find(key)
    # A NaN is equal to nothing, its text is.
    assert judge_requests.report_to_json(kept) == text
    return kept


def test_no_claim_breaks(found):
    """Is every value judged, with nothing left to a person?"""
    broken = Counter(v.found for one in found for r in one.reports.values() for v in r.verdicts if r.status != "wrong")
    assert broken == {}


def test_each_is_drawn_and_printed_in_bounds(found):
    """Are the cell's display, nbgrader's output and the lines for a terminal small, writable and harmless?"""
    for one in found:
        for report in one.reports.values():
            shown, lines = ReportDisplay(report)._repr_html_(), report_text(report)
            assert len(shown.encode()) < MAX_REPORT
            assert len(lines.encode()) < MAX_LINES
            assert not OBEYED & set(lines + shown)
            json.dumps(report_output(report), ensure_ascii=False).encode()


def test_each_has_its_row_and_its_place_on_a_page(found, tmp_path):
    """Are table, class page and feedback pages written, with a row for each value?"""
    graders = SimpleNamespace(find=lambda lesson: GRADER, catalogue={})
    results = ClassResults(ResultFiles(tmp_path), graders, None)
    for one in found:
        results._make_rows(one)
    results.write_class(found, 1.0)
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = Counter((row["student"], row["exercise"], row["status"]) for row in csv.DictReader(file))
    assert rows == {(one.submission.student, name, "wrong"): 1 for one in found for name in NAMES}
    assert (tmp_path / "class.html").stat().st_size < 1_500 * COUNT + 100_000
    for one in found:
        page = feedback_page(one, GRADER)
        assert page.count("wrong") >= len(NAMES)
        page.encode()


def test_each_is_told_to_the_instructor(found):
    """Does the console of `grade` take every reason?"""
    console = Console(file=io.StringIO(), force_terminal=True)
    for one in found:
        for report in one.reports.values():
            console.print(report.verdicts[0].found, markup=False, highlight=False)
    assert len(console.file.getvalue()) > COUNT


def test_each_is_entered_in_the_gradebook(found, tmp_path):
    """Does a gradebook on SQLite take every claim and hint?"""
    _entered(found, f"sqlite:///{tmp_path}/gradebook.db")


@pytest.mark.skipif("PostgreSQL" not in ENGINES, reason=why_no_postgres())
def test_some_are_entered_on_postgresql(found, postgres_gradebook):
    """Does one on PostgreSQL, which knows no NUL?"""
    _entered(found[: len(found) // 5], postgres_gradebook)


def _entered(found, url):
    with GradebookWriter(None, url) as writer:
        writer.gradebook.add_assignment(LESSON)
        writer.gradebook.add_notebook(LESSON, LESSON)
        for name in NAMES:
            writer.gradebook.add_grade_cell(name, LESSON, LESSON, max_score=2, cell_type="code")
        writer._rows[LESSON] = SubmissionRows(writer.gradebook, LESSON)
        for one in found:
            writer.enter_submission(GRADER, one)
    with Gradebook(url) as gradebook:
        assert gradebook.db.execute(_count("grade")).scalar() == len(found) * len(NAMES)
        assert gradebook.db.execute(_count("course_claim")).scalar() == len(found) * len(NAMES)


def _count(table):
    import sqlalchemy as sa

    return sa.text(f"SELECT count(*) FROM {table}")
