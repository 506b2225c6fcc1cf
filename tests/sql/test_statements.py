"""Are scripts split as their engines would split them, and told apart by their keywords?"""

import random
import sqlite3

import duckdb
import pytest

from graders.sql import first_keyword, has_code, split_statements

PIECES = (
    *(";", ";", "; ", " x ", "CREATE ", "TEMP ", "TRIGGER ", "BEGIN ", "END", ";END;", "EXPLAIN ", "QUERY PLAN "),
    *(
        "'",
        "''",
        '"',
        "`",
        "[",
        "]",
        "--",
        "\n",
        "/*",
        "*/",
        "a",
        "$a",
        "1",
        "(",
        ")",
        "CASE ",
        "é",
        "'a;b'",
        ":x",
        "\r",
    ),
)


def scripts(seed, count):
    rng = random.Random(seed)
    for number in range(count):
        begins = "CREATE TRIGGER " if number % 2 else ""
        yield begins + "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 14)))


def split_by_sqlite(script):
    """The pieces that SQLite's own function takes for complete; tried at every semicolon, so slow."""
    found, rest = [], ""
    for piece in script.split(";"):
        rest += piece + ";"
        if sqlite3.complete_statement(rest):
            found.append(rest[:-1].strip())
            rest = ""
    return [statement for statement in (*found, rest[:-1].strip()) if has_code(statement, "SQLite")]


def test_sqlite_is_split_where_sqlite_says_that_a_statement_is_complete():
    for script in scripts(1, 20_000):
        # Of a last statement that is not complete, SQLite says nothing.
        found, expected = split_statements(script, "SQLite"), split_by_sqlite(script)
        assert [*found[:-1], *(text.rstrip("; ") for text in found[-1:])] == [
            *expected[:-1],
            *(text.rstrip("; ") for text in expected[-1:]),
        ], script


@pytest.mark.parametrize(
    "script",
    [
        "SELECT 1; SELECT 2",
        "SELECT 'a;b'; SELECT $$c;d$$;",
        "SELECT E'\\';'; SELECT 1",
        "/* a; /* b; */ c; */ SELECT 1; -- d;\nSELECT 2",
        'SELECT 1 AS "a;""b"; SELECT 2',
        ";;SELECT 1;;",
    ],
)
def test_duckdb_is_split_where_duckdb_splits_it(script):
    """Do the statements give what DuckDB's own give, whoever keeps the comments between them?"""
    theirs = [duckdb.execute(statement).fetchall() for statement in duckdb.extract_statements(script)]
    assert [duckdb.execute(statement).fetchall() for statement in split_statements(script, "DuckDB")] == theirs


POSTGRES = {
    "SELECT 1; SELECT 2;": ["SELECT 1", "SELECT 2"],
    "SELECT ';' ; -- a;b\n": ["SELECT ';'"],
    "CREATE FUNCTION f() RETURNS int AS $$ BEGIN; END; $$ LANGUAGE plpgsql; SELECT f()": [
        "CREATE FUNCTION f() RETURNS int AS $$ BEGIN; END; $$ LANGUAGE plpgsql",
        "SELECT f()",
    ],
    "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; SELECT 1": [
        "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END",
        "SELECT 1",
    ],
    "CREATE RULE r AS ON DELETE TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3": [
        "CREATE RULE r AS ON DELETE TO t DO ALSO (SELECT 1; SELECT 2)",
        "SELECT 3",
    ],
    "BEGIN; SELECT 1; END; SELECT 2": ["BEGIN", "SELECT 1", "END", "SELECT 2"],
    "SELECT E'\\';'; SELECT 1": ["SELECT E'\\';'", "SELECT 1"],
    "SELECT 'open; SELECT 1": ["SELECT 'open; SELECT 1"],
}


@pytest.mark.parametrize("script", POSTGRES)
def test_postgresql_is_split_as_psql_does(script):
    assert split_statements(script, "PostgreSQL") == POSTGRES[script]


def test_an_engine_without_rules_is_split_by_sqlparse():
    assert split_statements("SELECT 'a;b'; SELECT 2;", "MySQL") == ["SELECT 'a;b';", "SELECT 2;"]


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB", "PostgreSQL"])
def test_what_is_only_comments_is_no_statement(engine):
    assert split_statements("-- a;\n; /* b; */ ; SELECT 1; -- c", engine) == ["SELECT 1"]
    assert not has_code("-- a\n/* b */ ;", engine)
    assert has_code("/* a */ b", engine)


@pytest.mark.parametrize(
    ("statement", "keyword"),
    [
        ("select 1", "SELECT"),
        ("-- a\n/* b */ ((SELECT 1))", "SELECT"),
        ("WITH a AS (DELETE FROM t) INSERT INTO b SELECT 1", "INSERT"),
        ('WITH a ("DELETE") AS (SELECT 1) SELECT 1', "SELECT"),
        ('"SELECT" 1', ""),
        ("SELEC 1", ""),
        ("WITH", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("engine", ["SQLite", "DuckDB", "PostgreSQL"])
def test_the_keyword_says_what_a_statement_does(statement, keyword, engine):
    assert first_keyword(statement, engine) == keyword


HOSTILE = [
    *("'" + ";" * 100_000, ";" * 20_000, "a;" * 20_000, "/*" * 50_000, "$a" * 50_000, '"' * 99_999, "[" * 99_999),
    *("".join(f"$a{number}$ " for number in range(10_000)), "CREATE TRIGGER " + ";" * 20_000, "E'\\" * 30_000),
]


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB", "PostgreSQL"])
@pytest.mark.parametrize("script", HOSTILE, ids=lambda script: script[:18])
def test_no_script_takes_more_than_linear_work(script, engine, counted_calls):
    """Does twice the text take twice the calls, or fewer?"""
    texts = (script[: len(script) // 2], script)
    half, whole = (counted_calls(lambda text=text: split_statements(text, engine)) for text in texts)
    assert whole <= 2.2 * half + 1000
