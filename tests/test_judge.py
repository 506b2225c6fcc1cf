"""Do verdicts and scores say what happened, whatever the answer and whatever the claim does?"""

import pytest

from graders import Mismatch
from graders.grading import workers
from graders.kernel.answers import catch_mismatch
from graders.kernel.claims import CLAIMS, claim, experiment
from graders.kernel.exercise import Exercise
from graders.kernel.judge import JudgeOptions, judge
from graders.kernel.report import raise_if_mismatch
from graders.kernel.scoring import Outcome
from graders.labs import MissingEngine
from graders.sandbox import SandboxStartError, isolations


@pytest.fixture
def exercise():
    """An exercise of our own whose claims are forgotten afterwards."""
    yield Exercise("trial-1", "sql", 4, "query", stub="%%answer trial-1\n-- YOUR SQL HERE")
    CLAIMS.pop("trial-1", None)


@pytest.fixture
def read_query(exercise):
    """An experiment of that exercise that gives the answer back."""

    @experiment("trial-1")
    def read(attempt):
        return attempt.answer

    return read


def outcomes(report):
    return [verdict.outcome for verdict in report.verdicts]


def test_a_claim_that_waits_is_neither_right_nor_wrong(exercise, read_query):
    """Is a claim that needs an unmet one left out, and its weight not earned?"""

    @claim(read_query, weight=1)
    def first(query):
        """the first holds"""
        raise Mismatch("one", "two", hint="Which?")

    @claim(read_query, weight=3, after=first)
    def second(query):
        """the second holds"""

    report = judge(exercise, "SELECT 1")
    assert outcomes(report) == [Outcome.FAILS, Outcome.WAITS]
    assert (report.score, report.status, report.hints) == (0, "wrong", ["Which?"])


def test_line_ends_are_no_part_of_an_answer(exercise, read_query):
    """Does a claim see line feeds, whatever ends the lines of the answer?"""

    @claim(read_query)
    def has_two_lines(query):
        """the answer has two lines"""
        if query != "SELECT 1\nFROM t":
            raise Mismatch("two lines", repr(query))

    for text in ("SELECT 1\r\nFROM t", "SELECT 1\rFROM t"):
        assert judge(exercise, text).status == "right"


def test_weights_share_the_points(exercise, read_query):
    """Does a claim of weight 3 among 4 earn three quarters?"""

    @claim(read_query, weight=3)
    def first(query):
        """the first holds"""

    @claim(read_query, weight=1)
    def second(query):
        """the second holds"""
        raise Mismatch("one", "two")

    report = judge(exercise, "SELECT 1")
    assert (report.score, report.status) == (3, "partly right")


def test_our_own_error_costs_nothing_and_says_so(exercise, read_query):
    """Is a broken claim named as our fault, with the place, and is the exercise sent to a person?"""

    @claim(read_query)
    def broken(query):
        """this cannot be judged"""
        raise ZeroDivisionError("by us")

    report = judge(exercise, "SELECT 1")
    assert outcomes(report) == [Outcome.OUR_FAULT]
    assert (report.confirmed_score, report.status) == (0, "needs review")
    assert "ZeroDivisionError: by us; test_judge.py, line" in report.verdicts[0].found


def test_an_experiment_is_run_once_for_all_its_claims(exercise):
    """Do two claims speak of the same run of the answer?"""
    runs = []

    @experiment("trial-1", condition="it runs")
    def measure(attempt):
        runs.append(attempt.answer)
        return len(attempt.answer)

    @claim(measure, weight=3)
    def is_short(length):
        """it is short"""

    @claim(measure)
    def is_empty(length):
        """it is empty"""
        raise Mismatch("0", str(length))

    report = judge(exercise, "SELECT 1")
    assert [verdict.sentence for verdict in report.verdicts] == ["it runs", "it is short", "it is empty"]
    assert outcomes(report) == [Outcome.HOLDS, Outcome.HOLDS, Outcome.FAILS]
    assert (report.score, runs) == (3, ["SELECT 1"])


@pytest.mark.parametrize("condition", ["", "it runs"])
def test_what_an_experiment_refuses_is_said_once(exercise, condition):
    """Is the reason on one line of the report, and do the claims that have nothing to go by wait?"""

    @experiment("trial-1", condition=condition)
    def measure(attempt):
        raise Mismatch("a script that runs", "one that does not", hint="Why?")

    @claim(measure)
    def is_short(length):
        """it is short"""

    @claim(measure)
    def is_empty(length):
        """it is empty"""

    report = judge(exercise, "SELECT 1")
    assert outcomes(report) == [Outcome.FAILS] + [Outcome.WAITS] * (2 if condition else 1)
    assert (report.score, report.hints) == (0, ["Why?"])


def test_an_experiment_that_breaks_costs_nothing(exercise):
    """Is each claim about an experiment that we broke left to a person?"""

    @experiment("trial-1")
    def measure(attempt):
        raise ZeroDivisionError("by us")

    @claim(measure)
    def is_short(length):
        """it is short"""

    @claim(measure)
    def is_empty(length):
        """it is empty"""

    report = judge(exercise, "SELECT 1")
    assert outcomes(report) == [Outcome.OUR_FAULT] * 2
    assert (report.score, report.confirmed_score) == (4, 0)


def test_a_claim_comes_after_one_that_exists(read_query):
    """Is a claim that would wait for ever refused when it is written?"""
    with pytest.raises(LookupError, match="`late` comes after `never`, which is no claim before it"):

        @claim(read_query, after="never")
        def late(query):
            """it holds"""


@pytest.mark.parametrize("text", ["", "  \n", "-- YOUR SQL HERE", "%%answer trial-1\n-- YOUR SQL HERE", "-- todo"])
def test_blank_is_not_attempted(exercise, read_query, text):
    """Is a cell without anything but comments never called wrong?"""

    @claim(read_query)
    def holds(query):
        """it holds"""

    report = judge(exercise, text)
    assert (report.score, report.status) == (0, "not attempted")


def test_a_claim_needs_a_sentence(read_query):
    """Is a claim without a docstring refused when it is written, by name?"""
    with pytest.raises(TypeError, match="a claim needs a docstring"):

        @claim(read_query)
        def silent(query):
            pass


@pytest.mark.parametrize(
    ("function", "source", "found"),
    [(True, "f = 5", "`5`"), (False, "def f(): return 5", "a function"), (False, "class f: pass", "a function")],
)
def test_a_value_is_no_function_and_a_function_no_value(function, source, found):
    """Is an answer of the wrong kind a wrong answer, before any claim is tried?"""
    report = judge(Exercise("trial-3", "python", 1, "f", function=function), source)
    assert (report.verdicts[0].outcome, report.verdicts[0].found) == (Outcome.FAILS, found)


def test_no_verdict_where_no_sandbox_can_be_had(monkeypatch):
    """Is an answer that asks for isolation left unjudged, rather than marked, if its sandbox cannot be started?"""

    def fails(isolation):
        raise OSError("no room")

    monkeypatch.setattr("graders.sandbox.process.start_fork", fails)
    trial = Exercise("trial-3", "python", 1, "f", function=True)
    with pytest.raises(SandboxStartError, match="no room"):
        judge(trial, "def f(): return 1", JudgeOptions(isolation=isolations()[0]))
    assert workers._reply("{}")[:1] == workers.BROKE
    monkeypatch.setattr(
        workers, "judge_request", lambda request: judge(trial, "f = 1", JudgeOptions(isolation=isolations()[0]))
    )
    assert workers._reply("{}") == workers.NOT_NOW + b"a sandbox could not be started: no room"


def test_a_part_of_an_observation_that_fails_is_raised_by_the_claims_about_it():
    """Is a part given back as it was observed, and its mismatch kept until a claim asks for the part?"""

    def fail():
        raise Mismatch("a table", "none")

    assert raise_if_mismatch(catch_mismatch(lambda: 7)) == 7
    part = catch_mismatch(fail)
    with pytest.raises(Mismatch) as raised:
        raise_if_mismatch(part)
    assert raised.value is part


def test_a_missing_engine_counts_neither_way(exercise, read_query):
    """Is an answer left to a person, and told what is missing, where the engine that judges it is not here?"""

    @experiment("trial-1")
    def open_nothing(attempt):
        raise MissingEngine("PostgreSQL is not installed here.")

    @claim(open_nothing)
    def is_never_known(observed):
        """it can be seen on PostgreSQL"""

    report = judge(exercise, "SELECT 1")
    assert (report.status, report.score, report.confirmed_score) == ("needs review", 4, 0)
    assert report.verdicts[0].found == "not tried: PostgreSQL is not installed here. It counts neither way."
