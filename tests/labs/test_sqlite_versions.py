"""Do labs on any SQLite from 3.40 on answer as the newest does, and refuse what only newer ones know?"""

import sqlite3

import apsw
import pytest

from graders.labs import EngineError, SQLiteLab, open_shared_lab
from graders.labs.sqlite_lab import find_newer_syntax, why_too_old

VALUES = "CREATE TABLE v (x); INSERT INTO v VALUES (NULL), ('a'), (7), (-2.5), (1e20), (3.0), (x'41'), (''), ('0.5x');"
EXPRESSIONS = (
    *("concat(x, '-', x)", "concat(x)", "concat_ws('+', x, 'b', NULL, 1.5)", "concat_ws(x, 1, 2)", "octet_length(x)"),
    *("octet_length('é')", "iif(x, 'yes')", "if(x, 'yes', 'no')", "if(x, 1)", "typeof(concat(x, 1))"),
)
REFUSED = (
    *(
        "ALTER TABLE v ALTER COLUMN x SET NOT NULL",
        "alter table main.v alter x drop not null",
        "ALTER TABLE v ADD CHECK (x)",
    ),
    *("/* now */ ALTER TABLE [v] ADD CONSTRAINT c CHECK (x <> 1)", "ALTER TABLE v DROP CONSTRAINT c"),
)
TAKEN = (
    *("ALTER TABLE v ADD COLUMN y CHECK (y <> 1)", "ALTER TABLE v ADD y INTEGER CONSTRAINT c NOT NULL DEFAULT 0"),
    *(
        "ALTER TABLE v RENAME TO alter_column",
        "ALTER TABLE v RENAME x TO z",
        "INSERT INTO v VALUES ('ALTER TABLE v ADD CHECK')",
    ),
)


def newest(query):
    connection = apsw.Connection(":memory:")
    connection.execute(VALUES)
    return [tuple(row) for row in connection.execute(query)]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_functions_of_newer_sqlites_are_there(expression):
    """Does a function give what the newest SQLite gives, for NULL, numbers, texts and bytes?"""
    query = f"SELECT {expression} FROM v"
    with SQLiteLab() as lab:
        lab.run(VALUES)
        assert lab.execute(query).rows == newest(query)


def test_texts_are_put_together_as_the_newest_does():
    """Does string_agg leave NULLs out, and give NULL for no value?"""
    for query in (
        "SELECT string_agg(x, ', ') FROM v WHERE x <> x'41'",
        "SELECT string_agg(x, NULL) FROM v WHERE x = 9",
    ):
        with SQLiteLab() as lab:
            lab.run(VALUES)
            assert lab.execute(query).rows == newest(query)


@pytest.mark.parametrize("statement", REFUSED)
def test_changes_in_place_are_refused_by_all(statement):
    """Is what SQLite can do since 3.53 refused in one sentence, alone and in a shared lab?"""
    with SQLiteLab() as lab, pytest.raises(EngineError, match="before 3.53"):
        lab.run(VALUES)
        lab.execute(statement)
    with open_shared_lab("SQLite", VALUES) as shared, pytest.raises(EngineError, match="before 3.53"):
        shared.execute(statement)


@pytest.mark.parametrize("statement", TAKEN)
def test_other_statements_are_taken(statement):
    """Does whatever every SQLite knows run as before, whatever words are in it?"""
    assert find_newer_syntax(statement) == ""
    with SQLiteLab() as lab:
        lab.run(VALUES)
        lab.execute(statement)


@pytest.mark.parametrize(
    "query", ["SELECT group_concat(x ORDER BY x) FROM v", "SELECT (SELECT count(*) + sum(x order by x) FROM v)"]
)
def test_ordered_aggregates_are_refused_by_all(query):
    """Is what SQLite can do since 3.44 refused in one sentence?"""
    with SQLiteLab() as lab, pytest.raises(EngineError, match="before 3.44"):
        lab.run(VALUES)
        lab.execute(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT row_number() OVER (PARTITION BY x ORDER BY x) FROM v WINDOW w AS (ORDER BY x) ORDER BY count(*) OVER w",
        "SELECT group_concat(x) FROM (SELECT x FROM v ORDER BY x)",
        "SELECT coalesce((SELECT x FROM v ORDER BY x LIMIT 1), 0), x IN (SELECT x FROM v ORDER BY x) FROM v",
        "WITH t (a) AS (SELECT x FROM v ORDER BY x), u AS MATERIALIZED (SELECT a FROM t ORDER BY a) SELECT * FROM u",
        "SELECT max((SELECT x FROM v ORDER BY x LIMIT 1)) FROM v ORDER BY 1",
    ],
)
def test_order_by_is_taken_everywhere_else(query):
    """Do windows and subqueries with ORDER BY run?"""
    with SQLiteLab() as lab:
        lab.run(VALUES)
        assert lab.execute(query).rows


def test_an_older_sqlite_is_named(monkeypatch):
    """Is this SQLite one of those that the course is made for, and is one before them told from it in a sentence?"""
    assert why_too_old() == ""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 39, 4))
    assert "older than 3.40" in why_too_old()
