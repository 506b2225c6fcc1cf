"""Indexes that are asked for: right, wrong, lucky and costly answers, each with its hint."""

import re
from dataclasses import fields

import pytest

from course_data import loans
from graders.kernel import claims
from graders.kernel.claims import claims_of
from graders.kernel.exercise import Exercise, make_key
from graders.kernel.judge import JudgeOptions, judge
from graders.techniques.plans import IndexExercise, index_exercise
from graders.techniques.plans import index_hints as hints
from graders.techniques.plans.cost import Growth, max_work
from graders.techniques.plans.indexes import ALTERED, REFUSED

ONE_MEMBER = ["SELECT title FROM loans WHERE member_id = 7 AND due_on >= '2025-06-01'"]
LOST = ["SELECT loan_id FROM loans WHERE status = 'lost' AND due_on < '2023-06-01'"]
NEWEST = ["SELECT due_on, fine FROM loans WHERE member_id = 3 ORDER BY due_on DESC"]
DEAREST = ["SELECT loan_id FROM loans WHERE status = 'lost' ORDER BY fine DESC, due_on LIMIT 5"]
EMAIL = ["SELECT name FROM members WHERE lower(email) = 'ada.noor3@example.com'"]
RETURNED = ["UPDATE loans SET returned_on = '2026-01-01', status = 'returned' WHERE loan_id BETWEEN 10 AND 60"]
COPIES = "INSERT INTO loans SELECT loan_id + 100000, member_id, title, due_on, returned_on, status, fine FROM loans"
GOOD = "CREATE INDEX a ON loans (member_id, due_on)"
SMALL = (500, 2_000, 8_000)


@pytest.fixture
def exercise(monkeypatch):
    """Make an exercise from a solution and what `index_exercise` takes, in a registry of its own."""
    for registry in ("CLAIMS", "KEY_MAKERS", "KEY_CLASSES", "LABS"):
        monkeypatch.setattr(claims, registry, {})
    for registry in ("KEY_MAKERS", "KEY_CLASSES"):
        monkeypatch.setattr(f"graders.kernel.exercise.{registry}", getattr(claims, registry))

    def make(solution, seed=1, **more):
        claims.CLAIMS.clear()
        index_exercise("index-1", IndexExercise(loans.open_sized, sizes=SMALL, **more))
        return Exercise("index-1", "sql", 6, "made", key=make_key("index-1", claims.KeyRequest(solution, seed)))

    return make


def judged(exercise, answer, seed=1):
    report = judge(exercise, answer, JudgeOptions(seed, None))
    assert report.status != "needs review", [verdict.found for verdict in report.verdicts]
    return {verdict.claim: verdict for verdict in report.verdicts}


def failed(exercise, answer, seed=1):
    return {name: one for name, one in judged(exercise, answer, seed).items() if one.outcome.value == "does not hold"}


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        "CREATE INDEX a ON loans (member_id, due_on DESC)",
        "CREATE INDEX IF NOT EXISTS a ON loans (member_id, due_on, loan_id); ANALYZE",
        "CREATE UNIQUE INDEX a ON loans (member_id, due_on, loan_id)",
    ],
)
@pytest.mark.parametrize("seed", [1, 4711])
def test_right_answers(exercise, answer, seed):
    made = exercise(GOOD, seed, workload=ONE_MEMBER, writes=RETURNED)
    assert failed(made, answer, seed) == {}


@pytest.mark.parametrize(
    ("answer", "claim", "hint"),
    [
        ("SELECT 1", "only_indexes", hints.NO_INDEX),
        (f"{GOOD}; DELETE FROM loans WHERE loan_id = 3", "only_indexes", ALTERED),
        (f"{GOOD}; CREATE TABLE copy AS SELECT * FROM loans", "only_indexes", ALTERED),
        ("DROP TABLE loans", "only_indexes", ALTERED),
        (
            "CREATE TEMP TABLE loans AS SELECT * FROM main.loans; CREATE INDEX temp.a ON loans (member_id, due_on)",
            "only_indexes",
            ALTERED,
        ),
        ("CREATE INDEX a ON", "only_indexes", ""),
        ("CREATE INDEX a ON members (name)", "searches", hints.WRONG_TABLE.format(table="loans")),
        ("CREATE INDEX a ON loans (title)", "searches", hints.NOT_COMPARED.format(first="title")),
        ("CREATE INDEX a ON loans (lower(title))", "searches", hints.EXPRESSION_UNUSED),
        (f"{GOOD} WHERE status = 'open'", "searches", hints.NOT_IMPLIED.format(condition="status = 'open'")),
        ("CREATE INDEX a ON loans (due_on, member_id)", "takes_little", hints.ORDER.format(first="due_on")),
        (f"{GOOD}; CREATE INDEX b ON loans (member_id)", "costs_little", hints.REDUNDANT.format(index="b", other="a")),
        (f"{GOOD}; CREATE INDEX b ON loans (title)", "costs_little", hints.TOO_MANY),
        ("CREATE INDEX a ON loans (member_id, due_on, title)", "costs_little", hints.TOO_WIDE),
        (
            f"{GOOD}; CREATE INDEX m ON members (email)",
            "costs_little",
            hints.BESIDE_UNIQUE.format(columns="email", index="m"),
        ),
        (
            f"{GOOD}; CREATE INDEX m ON loans (loan_id)",
            "costs_little",
            hints.BESIDE_UNIQUE.format(columns="loan_id", index="m"),
        ),
    ],
)
def test_each_mistake_meets_its_hint(exercise, answer, claim, hint):
    made = exercise(GOOD, workload=ONE_MEMBER, writes=RETURNED)
    wrong = failed(made, answer)
    assert list(wrong) == [claim]
    assert wrong[claim].hint == hint


@pytest.mark.parametrize("column", ["member_id", "due_on"])
def test_half_an_index_searches_but_reads_too_much(exercise, column):
    """A search by one of two conditions looks right in the plan: does the work tell, and to how many rows it leads?"""
    made = exercise(GOOD, workload=ONE_MEMBER)
    (wrong,) = failed(made, f"CREATE INDEX a ON loans ({column})").values()
    assert wrong.claim == "takes_little"
    assert f"By `{column}` the index leads to " in wrong.hint
    sizes, counts, allowed = zip(*wrong.tables[0].rows, strict=True)
    assert sizes == SMALL
    assert counts[-1] > allowed[-1]


def test_a_partial_index_in_the_order_of_the_rest_is_as_good_as_a_search(exercise):
    made = exercise("CREATE INDEX a ON loans (due_on) WHERE status = 'lost'", workload=LOST)
    assert failed(made, "CREATE INDEX a ON loans (due_on, loan_id) WHERE status = 'lost'") == {}
    wrong = failed(made, "CREATE INDEX a ON loans (due_on) WHERE (status = 'open') -- open")["searches"]
    assert wrong.hint == hints.NOT_IMPLIED.format(condition="(status = 'open')")
    for more in ("(status, due_on)", "(due_on) WHERE status = 'lost' OR status = 'open'"):
        assert failed(made, f"CREATE INDEX a ON loans {more}")["costs_little"].hint == hints.TOO_MANY_ROWS


def test_covering_and_order(exercise):
    solution = "CREATE INDEX a ON loans (member_id, due_on, fine)"
    made = exercise(solution, workload=NEWEST, covering={1}, ordered={1})
    assert failed(made, solution) == {}
    assert failed(made, "CREATE INDEX a ON loans (member_id, due_on)")["covers"].hint == hints.NOT_COVERING.format(
        column="fine"
    )
    assert failed(made, "CREATE INDEX a ON loans (member_id, fine, due_on)")["keeps_order"].hint == hints.SORTS
    scanned = failed(made, "CREATE INDEX a ON loans (due_on, member_id, fine)")
    assert scanned["takes_little"].hint == hints.ORDER.format(first="due_on")
    assert "the work grows with the table" in scanned["takes_little"].found


def test_directions(exercise):
    solution = "CREATE INDEX a ON loans (status, fine DESC, due_on)"
    made = exercise(solution, workload=DEAREST, ordered={1})
    assert failed(made, "CREATE INDEX a ON loans (status, fine, due_on DESC)") == {}
    assert failed(made, "CREATE INDEX a ON loans (status, fine, due_on)")["keeps_order"].hint == hints.DIRECTION


def test_an_expression(exercise):
    made = exercise("CREATE INDEX a ON members (lower(email))", workload=EMAIL)
    wrapped = failed(made, "CREATE INDEX a ON members (email)")["searches"]
    assert wrapped.hint == hints.WRAPPED.format(column="email")


def test_a_rule_that_nobody_asked_for_is_refused_by_the_writes(exercise):
    made = exercise(GOOD, workload=ONE_MEMBER, writes=[f"{COPIES} LIMIT 20"])
    unique = "CREATE UNIQUE INDEX a ON loans (member_id, due_on, title, status, returned_on, fine)"
    assert failed(made, unique)["costs_little"].hint == REFUSED


def test_a_rule_that_only_more_rows_break_is_the_answers_fault(exercise):
    made = exercise("CREATE INDEX a ON loans (title, due_on)", workload=["SELECT fine FROM loans WHERE title = 'x'"])
    wrong = failed(made, "CREATE UNIQUE INDEX a ON loans (title, due_on)")
    assert wrong["only_indexes"].hint == REFUSED
    assert wrong["only_indexes"].found.startswith("with ")


def test_indexes_to_drop(exercise):
    before = f"{GOOD}; CREATE INDEX b ON loans (member_id); CREATE UNIQUE INDEX m ON members (email)"
    made = exercise("DROP INDEX b; DROP INDEX m", workload=ONE_MEMBER, setup=before, may_drop=True)
    assert failed(made, "DROP INDEX m; DROP INDEX b") == {}
    assert failed(made, "DROP INDEX b")["costs_little"].hint == hints.BESIDE_UNIQUE.format(columns="email", index="m")
    assert failed(made, "DROP INDEX a; DROP INDEX b; DROP INDEX m")["searches"].hint == hints.DROPPED
    made = exercise(GOOD, workload=ONE_MEMBER, setup="CREATE INDEX b ON loans (title)", max_indexes=2)
    assert failed(made, f"{GOOD}; DROP INDEX b")["only_indexes"].hint == ALTERED


def test_one_index_may_serve_two_queries(exercise):
    both = [*ONE_MEMBER, "SELECT count(*) FROM loans WHERE member_id = 11"]
    made = exercise(GOOD, workload=both, covering={2})
    assert failed(made, GOOD) == {}
    assert failed(made, "CREATE INDEX a ON loans (due_on, member_id)").keys() == {"takes_little"}
    (first, *_) = failed(made, "CREATE INDEX a ON loans (title)").values()
    assert first.found.startswith("query 1: a scan of `loans`")
    assert [row[0] for row in first.tables[0].rows] == [1, 2]


def test_the_claims_and_what_the_key_tells(exercise):
    made = exercise(GOOD, workload=ONE_MEMBER)
    assert [(one.name, one.weight) for one in claims_of("index-1")] == [
        ("only_indexes", 0),
        ("searches", 2),
        ("takes_little", 2),
        ("costs_little", 1),
    ]
    assert {field.name for field in fields(made.key)} == {"work", "writes", "pages", "rows"}
    assert "due_on" not in repr(made.key)


def test_the_work_allowed_may_be_reached_and_no_more():
    """Is twice the solution's work and 40 steps more the bound, and one further step too much?"""
    allowed = max_work(100, 2)
    assert allowed == 240
    assert not Growth((500,), (allowed,), (allowed,)).exceeds
    assert Growth((500,), (allowed + 1,), (allowed,)).exceeds


def test_the_writes_leave_nothing_behind(exercise):
    """Are the pages of indexes counted on the data as they were before the writes?"""
    made = exercise(GOOD, workload=ONE_MEMBER, writes=[COPIES])
    assert made.key.pages == exercise(GOOD, workload=ONE_MEMBER).key.pages


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"engine": "PostgreSQL"}, "indexes are judged on SQLite, not on 'PostgreSQL'"),
        ({"covering": [2]}, "there is no query 2 in a workload of 1"),
        ({"weights": {"covers": 2}}, "this exercise has no claim 'covers' to be weighted"),
        ({"sizes": (2_000, 500)}, "the smaller before the larger"),
    ],
)
def test_a_knob_that_could_do_nothing_is_refused_where_the_exercise_is_declared(knobs, sentence):
    with pytest.raises(ValueError, match=sentence):
        index_exercise("index-1", IndexExercise(loans.open_sized, **{"workload": ONE_MEMBER, **knobs}))


@pytest.mark.parametrize(
    ("columns", "unneeded"),
    [
        ("(member_id, due_on, title)", "title"),
        ("(member_id, due_on, loan_id) WHERE status = 'lost'", "loan_id"),
        ("(member_id, due_on, 1)", "(expression)"),
        ("(member_id, due_on, member_id)", "member_id"),
    ],
)
def test_a_column_that_does_not_help_is_found_however_small_it_is(exercise, columns, unneeded):
    lost = ["SELECT title FROM loans WHERE member_id = 7 AND status = 'lost' AND due_on < '2023-06-01'"]
    made = exercise("CREATE INDEX a ON loans (member_id, status, due_on)", workload=lost, narrow=True)
    assert failed(made, "CREATE INDEX a ON loans (member_id, due_on DESC) WHERE status = 'lost'") == {}
    assert failed(made, f"CREATE INDEX a ON loans {columns}")["costs_little"].found == f"`{unneeded}` in `a`"


def test_a_column_in_the_wrong_place_is_told_of_once(exercise):
    """Is a range that stands first told by the work, and by nothing else?"""
    made = exercise(GOOD, workload=ONE_MEMBER, narrow=True)
    assert failed(made, "CREATE INDEX a ON loans (due_on, member_id)").keys() == {"takes_little"}


def test_what_an_index_must_cover_is_needed(exercise):
    made = exercise("CREATE INDEX a ON loans (member_id, due_on, fine)", workload=NEWEST, covering={1}, narrow=True)
    assert failed(made, "CREATE INDEX a ON loans (member_id, due_on DESC, fine)") == {}
    wide = failed(made, "CREATE INDEX a ON loans (member_id, due_on, fine, title)")["costs_little"]
    assert wide.hint == hints.UNNEEDED.format(column="title")
    small = judged(made, "CREATE INDEX a ON loans (member_id, due_on)")
    assert small["costs_little"].outcome.value == "needs the line above"


def test_an_index_for_a_few_values_serves_no_other(exercise):
    """Are the other values drawn, so that an index for those in the exercise and for its neighbours fails?"""
    by_member = "SELECT title FROM loans WHERE member_id = {}"

    def draw(rng):
        return [by_member.format(rng.randint(3, 20))]

    made = exercise("CREATE INDEX a ON loans (member_id)", workload=[by_member.format(1)], other_queries=draw)
    assert failed(made, "CREATE INDEX a ON loans (title) WHERE member_id = 1")["searches"].hint == hints.ONE_VALUE


@pytest.mark.parametrize(
    ("where", "hint"),
    [("title COLLATE NOCASE", hints.COLLATED), ("title", "")],
)
def test_a_collation_is_told_apart(exercise, where, hint):
    titles = ["SELECT loan_id FROM loans WHERE title = 'The Red Map'"]
    made = exercise("CREATE INDEX a ON loans (title)", workload=titles)
    wrong = failed(made, f"CREATE INDEX a ON loans ({where})")
    assert (wrong["searches"].hint if wrong else "") == hint


@pytest.mark.parametrize("seed", [1, 7, 4711])
def test_a_partial_index_leads_to_the_rows_that_it_holds(exercise, seed):
    """Does the hint count what an index leads to among the rows of its own WHERE?"""
    lost = ["SELECT title FROM loans WHERE member_id = 2 AND status = 'lost' AND due_on < '2025-06-01'"]
    made = exercise("CREATE INDEX a ON loans (member_id, status, due_on)", seed, workload=lost)
    wrong = failed(made, "CREATE INDEX a ON loans (due_on) WHERE status = 'lost'", seed)["takes_little"]
    (found,) = re.findall(r"leads to ([\d,]+) of 8,000 rows", wrong.hint)
    assert int(found.replace(",", "")) < 160
