"""Rewrites that are asked for: the same rows with less work, or the reason why not."""

import pytest

from course_data import loans
from graders.kernel import claims
from graders.kernel.exercise import Exercise, make_key
from graders.kernel.judge import JudgeOptions, judge
from graders.techniques.plans import RewriteExercise, rewrite_exercise
from graders.techniques.plans import query_shape as hints
from graders.techniques.plans.cost import Growth
from graders.techniques.queries import QueryExercise, read_tables

BY_DAY = "CREATE INDEX d ON loans (due_on)"
BY_MEMBER_AND_TITLE = "CREATE INDEX m ON loans (member_id); CREATE INDEX t ON loans (title)"
MARCH = "SELECT loan_id FROM loans WHERE due_on >= '2024-03-01' AND due_on < '2024-04-01'"
EITHER = "SELECT loan_id FROM loans WHERE member_id = 7 UNION SELECT loan_id FROM loans WHERE title = 'The Glass Map'"
COUNTS = "SELECT m.member_id, count(loan_id) AS n FROM members m LEFT JOIN loans USING (member_id) GROUP BY m.member_id"
SMALL = (500, 2_000, 8_000)
WORK = {"opener", "sizes", "setup", "work_factor"}


@pytest.fixture
def exercise(monkeypatch):
    """Make an exercise from a solution and what `rewrite_exercise` takes, in a registry of its own."""
    for registry in ("CLAIMS", "KEY_MAKERS", "KEY_CLASSES", "LABS"):
        monkeypatch.setattr(claims, registry, {})
    for registry in ("KEY_MAKERS", "KEY_CLASSES"):
        monkeypatch.setattr(f"graders.kernel.exercise.{registry}", getattr(claims, registry))

    def make(solution, wrong=(), **more):
        given = {"opener": loans.open_sized, "sizes": SMALL} | {name: more.pop(name) for name in WORK & set(more)}
        query = QueryExercise(**{"schema": loans.SCHEMA, "cases": 40} | more)
        claims.CLAIMS.clear()
        rewrite_exercise("rewrite-1", RewriteExercise(query, **given))
        key = make_key("rewrite-1", claims.KeyRequest(solution, 1, tuple(wrong)))
        return Exercise("rewrite-1", "sql", 5, "query", key=key)

    return make


def failed(exercise, answer, solution=None):
    report = judge(exercise, answer, JudgeOptions(1, solution))
    assert report.status != "needs review", [verdict.found for verdict in report.verdicts]
    return {verdict.claim: verdict for verdict in report.verdicts if verdict.outcome.value == "does not hold"}


def test_rows_and_work_of_a_range(exercise):
    made = exercise(MARCH, setup=BY_DAY, values={"due_on": ["2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01"]})
    assert failed(made, MARCH) == {}
    assert failed(made, "SELECT loan_id FROM loans WHERE due_on BETWEEN '2024-03-01' AND '2024-03-31'") == {}
    boundary = failed(made, "SELECT loan_id FROM loans WHERE due_on BETWEEN '2024-03-01' AND '2024-04-01'", MARCH)
    assert list(boundary) == ["gives_the_rows"]
    assert [row[3] for table in boundary["gives_the_rows"].tables for row in table.rows if table.title == "loans"] == [
        "2024-04-01"
    ]


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        ("strftime('%Y-%m', due_on) = '2024-03'", hints.WRAPPED.format(column="due_on")),
        ("substr(due_on, 1, 7) = '2024-03'", hints.WRAPPED.format(column="due_on")),
        ("due_on || '' BETWEEN '2024-03-01' AND '2024-03-31'", hints.WRAPPED.format(column="due_on")),
        ("due_on LIKE '2024-03%'", hints.ANY_CASE),
        ("due_on GLOB '*024-03*'", hints.WILDCARD),
    ],
)
def test_a_condition_that_no_index_serves(exercise, where, hint):
    made = exercise(MARCH, setup=BY_DAY, values={"due_on": ["2024-03-01", "2024-03-31"]})
    (wrong,) = failed(made, f"SELECT loan_id FROM loans WHERE {where}").values()
    assert (wrong.claim, wrong.hint) == ("takes_little", hint)
    assert "the work grows with the table" in wrong.found


def test_two_columns_under_or(exercise):
    made = exercise(EITHER, setup=BY_MEMBER_AND_TITLE)
    assert failed(made, EITHER.replace("UNION", "UNION ALL") + " AND member_id <> 7") == {}
    whole = "SELECT loan_id FROM loans WHERE +member_id = 7 OR +title = 'The Glass Map'"
    assert failed(made, whole)["takes_little"].hint == hints.EITHER


def test_a_correlated_subquery_stops_where_it_is_far_too_much(exercise):
    made = exercise(COUNTS, sizes=(500, 4_000, 16_000))
    again = "SELECT member_id, (SELECT count(*) FROM loans l WHERE l.member_id = m.member_id) AS n FROM members m"
    wrong = failed(made, again)["takes_little"]
    assert wrong.hint == hints.CORRELATED
    assert [row[0] for row in wrong.tables[0].rows] == [500, 4_000]


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("SELECT loan_id FROM loans ORDER BY loan_id LIMIT 5 OFFSET 400", hints.OFFSET),
        ("SELECT loan_id FROM loans WHERE title = 5", hints.OTHER_TYPE.format(column="title")),
        ("SELECT loan_id FROM loans WHERE fine = '5'", hints.OTHER_TYPE.format(column="fine")),
        ("SELECT loan_id FROM loans WHERE fine = 5", ""),
        ("SELECT loan_id FROM loans LIMIT 5 OFFSET 0", ""),
        ("SELECT loan_id FROM loans WHERE loan_id IN (SELECT loan_id FROM loans WHERE title = 'x')", ""),
    ],
)
def test_what_the_query_itself_tells(query, hint):
    with loans.open_sized("SQLite", 1, 100) as lab:
        table = next(table for table in read_tables(lab) if table.name == "loans")
    assert hints.rewrite_hint(query, [table], "SQLite") == hint


def test_duckdb_counts_rows_scanned(exercise):
    early = "SELECT loan_id FROM loans WHERE due_on <= '2023-01-09'"
    made = exercise(early, engine="DuckDB", work_factor=1.1, cases=5)
    assert failed(made, early) == {}
    wrapped = "SELECT loan_id FROM loans WHERE CAST(due_on AS VARCHAR) <= '2023-01-09'"
    wrong = failed(made, wrapped)["takes_little"]
    assert wrong.hint == hints.WRAPPED.format(column="due_on")
    assert "rows scanned" in wrong.expected


@pytest.mark.parametrize(
    ("counts", "grows"),
    [((100, 400, 1_600), True), ((100, 110, 120), False), ((100, 200, 400), False), ((9_999,), False)],
)
def test_growth_is_told_from_several_sizes(counts, grows):
    assert Growth((1_000, 4_000, 16_000)[: len(counts)], counts, counts).grows_with_table is grows
