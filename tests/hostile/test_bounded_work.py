"""Is the work of judging bounded, counted in calls, whatever the size, depth and shape of what an answer gives?"""

import json
from decimal import Decimal

import pytest
from student_words import in_student_words

from graders.grading.judge_requests import ReportStore
from graders.kernel.exercise import find_exercise
from graders.kernel.judge import judge
from graders.kernel.report import Mismatch
from graders.kernel.scoring import Outcome
from graders.labs import Result, SQLiteLab, open_shared_lab
from graders.sandbox import Sandbox
from graders.sandbox.errors import SandboxError
from graders.sandbox.limits import MAX_CHARACTERS
from graders.sandbox.plain_data import MAX_COLLISIONS, MAX_EXPONENT, decode, encode
from graders.techniques.queries import compare
from graders.techniques.queries.comparison import row_key
from graders.techniques.queries.query_syntax import collect_literals

MODULUS = 2**61 - 1
QUERIES = {
    "a long list": "SELECT name FROM members WHERE 1 IN (" + "1, " * 33_000 + "1)",
    "ANY in ANY": "SELECT name FROM members WHERE 1 = " + "ANY (" * 6_000 + "1" + ")" * 6_000,
    "brackets": "SELECT " + "(" * 49_000 + "1" + ")" * 49_000,
    "STRUCT in STRUCT": "SELECT name FROM members WHERE 1 = " + "STRUCT(" * 60 + "1" + ")" * 60,
    "comparisons": "SELECT name FROM members WHERE 1" + " = 1" * 900,
    "NOT NOT": "SELECT name FROM members WHERE " + "NOT " * 900 + "1",
    "a list of numbers": f"SELECT name FROM members WHERE 1 IN ({', '.join(map(str, range(2_400)))})",
    "a long number": "SELECT name FROM members WHERE 1 = " + "1" * 5_000,
    "a long duration": f"SELECT name FROM members WHERE city = '{'1' * 5_000} day'",
    "no digit": "SELECT name FROM members WHERE city = '²'",
    "semicolons": ";" * 99_000,
    "semicolons in an open quote": "'" + ";" * 99_000,
    "statements": "SELECT 1;" * 11_000,
    "comments": "/**/" * 24_000 + "SELECT 1",
    "unions": "SELECT 1" + " UNION SELECT 1" * 1_200,
    "many rows": "SELECT 1.5 FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) SELECT i FROM n)",
}
# A right answer takes a third of it.
MAX_CALLS = 6_000_000


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
@pytest.mark.parametrize("exercise", ["open-loans", "one-row-group"])
def test_a_query_gets_its_verdict_with_bounded_work(exercise, query, counted_calls, tmp_path):
    """Is every query judged wrong, not left to a person, and is the report kept?"""
    reports = []
    assert counted_calls(lambda: reports.append(judge(find_exercise(exercise), query))) < MAX_CALLS
    (report,) = reports
    assert not report.score
    assert Outcome.OUR_FAULT not in {verdict.outcome for verdict in report.verdicts}
    with ReportStore(tmp_path / "results.db") as store:
        store.keep("key", report)
        assert store.find("key").status == "wrong"


def test_a_query_too_large_is_told_so():
    (verdict, *_) = judge(find_exercise("open-loans"), QUERIES["ANY in ANY"]).verdicts
    assert verdict.found == "a statement that nests more than 100 levels deep"


@pytest.mark.parametrize("tag", ["set", "frozenset", "dict"])
def test_forged_numbers_with_one_hash_are_refused(tag):
    forged = [number * MODULUS for number in range(MAX_COLLISIONS + 2)]
    with pytest.raises(ValueError, match="one hash"):
        decode({tag: [[number, 1] for number in forged] if tag == "dict" else forged})


def test_plain_data_that_people_make_pass_as_ever():
    value = [
        {-1, -2, 2.5, None, "a", (1, 2)},
        frozenset({MODULUS, 0}),
        {1: {2: 3}, "b": Decimal("1.50")},
        set(range(9_999)),
    ]
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_a_decimal_of_a_thousand_million_digits_is_refused():
    for sign in ("", "-"):
        with pytest.raises(ValueError, match="digits"):
            decode({"decimal": f"1E{sign}{10 * MAX_EXPONENT}"})
    assert decode({"decimal": "1E400"}) == Decimal("1E400")
    assert compare(Result(("a",), [(Decimal("1E400"),)]), Result(("a",), [(10**400,)])).rows_differ in (True, False)


class Colliding:
    """A value whose hash is that of every other, and that counts how often it is compared."""

    compared = 0

    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return 1

    def __eq__(self, other):
        Colliding.compared += 1
        return isinstance(other, Colliding) and self.number == other.number

    def __repr__(self):
        return f"Colliding({self.number})"


def test_rows_with_one_hash_are_compared_by_their_text():
    Colliding.compared = 0
    found, expected = ([(Colliding(number + shift),) for number in range(1_000)] for shift in (0, 1_000))
    assert len(compare(Result(("a",), found), Result(("a",), expected[:500])).missing) == 500
    assert Colliding.compared < 10_000


def test_rows_that_say_the_same_have_one_text():
    assert row_key((1, True, 2.0, Decimal("2.50"))) == row_key((1.0, 1, Decimal(2), 2.5))
    assert row_key((1,)) != row_key(("1",))
    assert row_key((None,)) != row_key(("None",))


def test_many_rows_are_not_paired_with_each_other(counted_calls):
    found = Result(("a",), [(number + 0.5,) for number in range(100_000)])
    expected = Result(("a",), [(-number - 0.25,) for number in range(200)])
    assert counted_calls(lambda: compare(found, expected)) < 5_000_000


def test_literals_combine_a_bounded_number_of_values():
    found = collect_literals([f"SELECT a FROM t WHERE a IN ({', '.join(map(str, range(2_000)))})"], "SQLite")
    assert 2_000 <= len(found.by_column["a"]) < 10_000


@pytest.fixture
def call():
    """A function that calls Python source on a fresh shared database, driven to its end."""
    with open_shared_lab("SQLite", "CREATE TABLE t (a)") as lab, Sandbox() as sandbox, lab.connect() as session:

        def run(body):
            function = sandbox.define(f"def answer(connection):\n    {body}", "answer")
            return function(session)

        yield run


@pytest.mark.parametrize("do", ["execute", "executescript"])
@pytest.mark.parametrize("script", ["\"'\" + ';' * 4_900_000", f"'-' * {MAX_CHARACTERS + 1}"])
def test_sql_too_long_is_told_so(call, do, script, counted_calls):
    def run():
        with pytest.raises(Mismatch) as caught, in_student_words():
            call(f"connection.{do}({script})")
        assert f"at most {MAX_CHARACTERS:,} characters" in caught.value.expected

    assert counted_calls(run) < 500_000


@pytest.mark.parametrize("script", ["\"'\" + ';' * 90_000", "';' * 90_000", "'CREATE TRIGGER ' + ';' * 90_000"])
def test_a_long_script_is_split_with_linear_work(call, script, counted_calls):
    def run():
        try:
            call(f"connection.executescript({script})")
        except SandboxError:
            return

    assert counted_calls(run) < 2_000_000


def test_a_sandbox_that_writes_without_end_is_closed(call, monkeypatch):
    monkeypatch.setattr("graders.sandbox.sandbox.MAX_BYTES_IN_ALL", 1_000_000)
    assert len(call("return 'x' * 600_000")) == 600_000
    with pytest.raises(Mismatch) as caught, in_student_words():
        call("return 'x' * 600_000")
    assert caught.value.found == "more than 1 million characters"


def test_an_engines_error_is_cut():
    with SQLiteLab() as lab, pytest.raises(Exception, match="unrecognized token") as caught:
        lab.execute("'" + ";" * 900_000)
    assert len(caught.value.sentence) == 2_000
