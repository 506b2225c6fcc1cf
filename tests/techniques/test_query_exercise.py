"""One declaration makes the claims and the key of a query exercise; each mistake meets its sentence."""

import datetime

import pytest

from graders.kernel import claims
from graders.kernel.claims import claims_of
from graders.kernel.exercise import Exercise, find_exercise, make_key
from graders.kernel.judge import JudgeOptions, judge
from graders.techniques.queries import QueryExercise, query_exercise
from graders.techniques.queries import explanations as hints

SCHEMA = """
CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);
CREATE TABLE loan (id INTEGER PRIMARY KEY, member INTEGER REFERENCES member (id), title TEXT NOT NULL);
"""
COUNTS = """SELECT name, COUNT(loan.id) AS n FROM member LEFT JOIN loan ON member = member.id
GROUP BY member.id, name"""
NAMES = "SELECT name FROM member"


@pytest.fixture
def exercise(monkeypatch):
    """Make an exercise from a solution and what `query_exercise` takes, in a registry of its own."""
    monkeypatch.setattr(claims, "CLAIMS", {})
    for registry in ("KEY_MAKERS", "KEY_CLASSES"):
        monkeypatch.setattr(claims, registry, {})
        monkeypatch.setattr(f"graders.kernel.exercise.{registry}", getattr(claims, registry))

    def make(solution, *, wrong=(), cases=60, schema=SCHEMA, **more):
        claims.CLAIMS.clear()
        query_exercise("query-1", QueryExercise(schema, cases=cases, **more))
        key = make_key("query-1", claims.KeyRequest(solution, 1, tuple(wrong)))
        return Exercise("query-1", "sql", 5, "q1", key=key)

    return make


def verdicts(exercise, answer, solution=None):
    report = judge(exercise, answer, JudgeOptions(1, solution))
    assert report.status != "needs review", [verdict.found for verdict in report.verdicts]
    return {verdict.claim: verdict for verdict in report.verdicts}


def failed(exercise, answer, solution=None):
    return {name: v for name, v in verdicts(exercise, answer, solution).items() if v.outcome.value != "holds"}


def test_the_claims_in_their_order(exercise):
    exercise(COUNTS + " ORDER BY n", ordered=True)
    assert [(one.name, one.weight) for one in claims_of("query-1")] == [
        ("runs", 0),
        ("gives_the_rows", 3),
        ("names_the_columns", 1),
        ("keeps_the_order", 1),
    ]


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB"])
def test_the_solution_and_another_form_are_right(exercise, engine):
    made = exercise(COUNTS, engine=engine, cases=15)
    other = "SELECT name, (SELECT COUNT(*) FROM loan WHERE member = member.id) AS n FROM member"
    other = other.replace("= member.id", "= m.id").replace("FROM member", "FROM member AS m")
    assert judge(made, COUNTS).score == judge(made, other + ";").score == 5


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("SELEC name", "SQLite says: near"),
        ("SELECT nam FROM member", "SQLite says: no such column: nam"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("DELETE FROM loan RETURNING id", "a statement that starts with DELETE"),
        ("WITH m AS (SELECT 1) DELETE FROM loan", "a statement that starts with DELETE"),
        ("DROP TABLE loan", "a statement that starts with DROP"),
        ("PRAGMA user_version", "a statement that starts with PRAGMA"),
    ],
)
def test_what_is_no_query_does_not_run(exercise, answer, words):
    made = exercise(COUNTS)
    assert words in verdicts(made, answer)["runs"].found
    assert judge(made, answer).score == 0


def test_a_query_may_start_with_a_parenthesis_or_with(exercise):
    made = exercise(COUNTS)
    assert not failed(made, f"WITH c AS ({COUNTS}) SELECT name, n FROM c")
    assert not failed(made, f"-- my answer\n{COUNTS}\n;\n")


def test_wrong_columns_cost_the_columns_only(exercise):
    made = exercise(COUNTS)
    wrong = failed(made, COUNTS.replace(" AS n", " AS total"))
    assert list(wrong) == ["names_the_columns"]
    assert (wrong["names_the_columns"].expected, wrong["names_the_columns"].found) == (
        "2 columns: name, n",
        "name, total",
    )
    swapped = "SELECT n, name FROM (" + COUNTS + ")"
    assert list(failed(made, swapped)) == ["names_the_columns"]


def test_names_do_not_count_where_nobody_asked_for_them(exercise):
    assert not failed(exercise(COUNTS, names=False), COUNTS.replace(" AS n", " AS total"))
    assert not failed(exercise(COUNTS.replace(" AS n", "")), COUNTS)


def test_the_smallest_failing_data_are_shown(exercise):
    made = exercise(COUNTS)
    rows = failed(made, COUNTS.replace("LEFT ", ""))["gives_the_rows"]
    assert rows.found.endswith("missing")
    member, loan, yours, asked = rows.tables
    assert [table.title for table in rows.tables] == ["member", "loan", "your rows", "rows asked for"]
    assert 1 <= len(member.rows) <= 2
    assert loan.rows == yours.rows == []
    assert (asked.marked, asked.mark) == (set(range(len(asked.rows))), "missing")


def test_the_grader_shrinks_the_data_further(exercise):
    made = exercise(COUNTS)
    rows = failed(made, COUNTS.replace("LEFT ", ""), solution=COUNTS)["gives_the_rows"]
    assert [row[:2] for row in rows.tables[0].rows] == [(1, "a")]
    assert rows.tables[3].rows == [("a", 0)]


def test_a_query_that_fails_on_some_data_only(exercise):
    made = exercise("SELECT name, MAX(age, 1) AS n FROM member")
    fails = "abs(-9223372036854775807 - 1)"
    answer = f"SELECT name, CASE age WHEN 2 THEN {fails} ELSE MAX(age, 1) END AS n FROM member"
    wrong = verdicts(made, answer)
    assert "SQLite says: integer overflow" in (wrong["runs"].found + wrong["gives_the_rows"].found)


def test_a_row_limit_among_ties_asks_nobody_for_a_certain_row(exercise):
    made = exercise("SELECT name, age FROM member ORDER BY age DESC LIMIT 1", ordered=True)
    assert not failed(made, "SELECT name, age FROM member ORDER BY age DESC, id DESC LIMIT 1")
    assert failed(made, "SELECT name, MIN(age) AS age FROM member")


@pytest.mark.parametrize("key", ["age", "COALESCE(age, 0)", "age % 2, name", "2", "name COLLATE NOCASE"])
def test_ties_are_free_whatever_the_sort_key(exercise, key):
    solution = f"SELECT name, id FROM member ORDER BY {key}"
    made = exercise(solution, ordered=True)
    assert not failed(made, solution + ", id DESC")
    assert list(failed(made, "SELECT name, id FROM member")) == ["keeps_the_order"]


def test_an_order_that_the_solution_does_not_give_cannot_be_asked_for(exercise):
    with pytest.raises(ValueError, match="no ORDER BY"):
        exercise(NAMES, ordered=True)


def test_own_data_are_tried_last_and_not_shown(exercise):
    fixture = {"member": [(n, "Zed", n) for n in range(1, 30)], "loan": []}
    made = exercise(NAMES, fixture=fixture, cases=30)
    rows = failed(made, NAMES + " WHERE id < 29")["gives_the_rows"]
    assert rows.expected == "the rows asked for, on the lesson's own data"
    assert rows.found == "1 row missing"
    assert rows.tables == ()


def test_a_key_holds_no_query(exercise):
    made = exercise(COUNTS, wrong=[(NAMES, "Which columns?")], fixture={"member": [(1, "Ann", 2)]})
    assert "select" not in repr(made.key).lower()


def test_dates_of_duckdb_survive_the_key_file(exercise):
    made = exercise("SELECT d FROM t WHERE d > DATE '2024-03-01'", schema="CREATE TABLE t (d DATE)", engine="DuckDB")
    assert any(isinstance(row[0], datetime.date) for case in made.key.cases for row in case.rows)
    assert not failed(made, "SELECT d FROM t WHERE NOT d <= '2024-03-01'")
    assert failed(made, "SELECT d FROM t WHERE d >= '2024-03-01'")


KNOWN = [
    (COUNTS.replace("loan.id", "*"), "What does a member without loans have?"),
    (COUNTS.replace(" AS n", ""), "What is the column to be called?"),
    (COUNTS.replace("LEFT JOIN", "LEFT JION"), "How is JOIN spelt?"),
    (COUNTS + " ORDER BY n DESC", "Is that upwards?"),
]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (COUNTS.replace("loan.id", "1") + " ORDER BY 2", KNOWN[0][1]),
        (COUNTS.replace(" AS n", "") + " ORDER BY 2", KNOWN[1][1]),
        (COUNTS.replace("LEFT JOIN", "LEFT JION"), KNOWN[2][1]),
        (COUNTS + " ORDER BY 2 DESC", KNOWN[3][1]),
    ],
)
def test_a_known_mistake_meets_its_own_hint_once(exercise, answer, hint):
    made = exercise(COUNTS + " ORDER BY n", ordered=True, wrong=KNOWN)
    assert judge(made, answer).hints == [hint]


SHARED = [
    (hints.COUNTED, COUNTS, COUNTS.replace("loan.id", "*")),
    (hints.UNMATCHED, COUNTS, COUNTS.replace("LEFT ", "")),
    (hints.COPIES, "SELECT DISTINCT name FROM member", NAMES),
    (hints.LOST_COPIES, NAMES, "SELECT DISTINCT name FROM member"),
    (hints.TEXT_OR_NUMBER, "SELECT id FROM member", "SELECT CAST(id AS TEXT) AS id FROM member"),
    (
        hints.NOTHING_TO_ADD,
        "SELECT COALESCE(SUM(age), 0) AS s FROM member",
        "SELECT SUM(age) AS s FROM member",
    ),
    (hints.SWAPPED, "SELECT id, age FROM member", "SELECT age AS id, id AS age FROM member"),
    (hints.NULLS, NAMES + " WHERE age <> 30 OR age IS NULL", NAMES + " WHERE age <> 30"),
    (hints.BOUNDARY.format(value=30), NAMES + " WHERE age > 30", NAMES + " WHERE age >= 30"),
    (hints.STOPS.format(rows="6 rows"), NAMES, NAMES + " LIMIT 6"),
    (hints.NO_ORDER, NAMES + " ORDER BY name", NAMES),
    (hints.BACKWARDS, "SELECT id FROM member ORDER BY id", "SELECT id FROM member ORDER BY id DESC"),
]


@pytest.mark.parametrize(("hint", "solution", "answer"), SHARED)
def test_a_shared_mistake_meets_its_hint(exercise, hint, solution, answer):
    made = exercise(solution, ordered="ORDER BY" in solution, cases=100)
    assert judge(made, answer).hints == [hint]


def test_every_shared_hint_is_reached():
    reached = {hint for hint, _, _ in SHARED}
    stated = {value for name, value in vars(hints).items() if name.isupper() and str(value).endswith("?")}
    assert {hint.format(value=30, rows="6 rows") for hint in stated} == reached


def test_a_mistake_that_is_not_recognised_meets_no_hint(exercise):
    made = exercise(NAMES + " WHERE age > 30")
    assert judge(made, NAMES + " WHERE age < 30").hints == []


@pytest.mark.parametrize(
    ("schema", "solution", "wrong"),
    [
        (
            "CREATE TABLE t (x TEXT COLLATE NOCASE, y INTEGER)",
            "SELECT lower(x) AS x, COUNT(*) AS n FROM t GROUP BY x",
            "SELECT lower(x) AS x, COUNT(*) AS n FROM t GROUP BY x COLLATE BINARY",
        ),
        (
            "CREATE TABLE t (x INTEGER); CREATE VIEW v AS SELECT x FROM t WHERE x > 1",
            "SELECT x FROM v",
            "SELECT x FROM t",
        ),
        (
            "CREATE TABLE t (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES t (id))",
            "SELECT a.id FROM t AS a JOIN t AS b ON a.boss = b.id",
            "SELECT a.id FROM t AS a JOIN t AS b ON a.id = b.boss",
        ),
    ],
)
def test_collations_views_and_tables_that_refer_to_themselves(exercise, schema, solution, wrong):
    made = exercise(solution, schema=schema)
    assert len(made.key.cases) == 60
    assert not failed(made, solution)
    assert "gives_the_rows" in failed(made, wrong)


def test_null_is_not_blamed_where_the_answer_asks_for_it():
    """Is the hint about NULL kept back from an answer that goes wrong for another reason and needs NULLs anyway?"""
    uncorrelated = "SELECT name FROM members WHERE EXISTS (SELECT 1 FROM loans WHERE returned_on IS NULL)"
    report = judge(find_exercise("open-loans"), uncorrelated)
    assert report.status == "wrong"
    assert hints.NULLS not in report.hints


@pytest.mark.parametrize(
    "order",
    [
        "ORDER BY rowid",
        "ORDER BY member.oid",
        "AS m ORDER BY m._rowid_",
        "ORDER BY id",
    ],
)
def test_rowid_is_another_name_of_an_integer_key(exercise, order):
    """Is an order by rowid the order by the key, although the tables without keys number their rows anew?"""
    made = exercise(NAMES + " ORDER BY id", ordered=True)
    assert not failed(made, f"{NAMES} {order}", solution=NAMES + " ORDER BY id")


def test_an_order_by_the_rowid_of_another_key_is_chance(exercise):
    """Does rowid stay what it is where no column is another name of it?"""
    schema = "CREATE TABLE member (id TEXT PRIMARY KEY, name TEXT)"
    assert list(failed(exercise(NAMES + " ORDER BY id", ordered=True, schema=schema), NAMES + " ORDER BY rowid"))


def test_an_engine_without_query_exercises_is_named(exercise):
    with pytest.raises(ValueError, match="judged on SQLite and DuckDB, not on 'PostgreSQL'"):
        exercise(NAMES, engine="PostgreSQL")


def test_as_many_data_sets_are_made_as_wanted(exercise):
    assert len(exercise(NAMES, cases=150).key.cases) == 150


def test_a_negative_number_of_data_sets_is_refused_where_the_exercise_is_declared():
    with pytest.raises(ValueError, match="cannot be tried on -1 data sets"):
        QueryExercise(SCHEMA, cases=-1)
