"""Mutants have one mistake each; what survives the grading data is found."""

from dataclasses import replace

import pytest
from query_mutants import mutants, survivors

from graders.kernel.claims import KeyRequest
from graders.techniques.queries import QueryExercise, make_query_key

SCHEMA = "CREATE TABLE t (a INTEGER NOT NULL, b INTEGER)"


@pytest.mark.parametrize(
    ("query", "kind", "sql"),
    [
        ("SELECT a FROM t JOIN u ON t.x = u.x", "join kind", "SELECT a FROM t LEFT JOIN u ON t.x = u.x"),
        ("SELECT a FROM t LEFT JOIN u ON t.x = u.x", "join kind", "SELECT a FROM t JOIN u ON t.x = u.x"),
        ("SELECT a FROM t WHERE a < 3", "operator", "SELECT a FROM t WHERE a <= 3"),
        ("SELECT a FROM t WHERE a <> b", "operator", "SELECT a FROM t WHERE a = b"),
        ("SELECT a FROM t WHERE a AND b", "operator", "SELECT a FROM t WHERE a OR b"),
        ("SELECT a FROM t WHERE a AND b", "condition dropped", "SELECT a FROM t WHERE b"),
        ("SELECT DISTINCT a FROM t", "DISTINCT", "SELECT a FROM t"),
        ("SELECT a FROM t", "DISTINCT", "SELECT DISTINCT a FROM t"),
        ("SELECT a FROM t WHERE b", "WHERE dropped", "SELECT a FROM t"),
        ("SELECT a FROM t GROUP BY a HAVING b", "HAVING dropped", "SELECT a FROM t GROUP BY a"),
        ("SELECT COUNT(*), b FROM t", "COUNT of a column", "SELECT COUNT(b), b FROM t"),
        ("SELECT COUNT(b) FROM t", "COUNT(*)", "SELECT COUNT(*) FROM t"),
        ("SELECT COUNT(b) FROM t", "COUNT(DISTINCT)", "SELECT COUNT(DISTINCT b) FROM t"),
        ("SELECT COUNT(DISTINCT b) FROM t", "COUNT without DISTINCT", "SELECT COUNT(b) FROM t"),
        ("SELECT SUM(b) FROM t", "aggregate", "SELECT AVG(b) FROM t"),
        ("SELECT MIN(b) FROM t", "aggregate", "SELECT MAX(b) FROM t"),
        ("SELECT a FROM t ORDER BY a, b", "ORDER BY direction", "SELECT a FROM t ORDER BY a DESC, b"),
        ("SELECT a FROM t ORDER BY a, b", "ORDER BY key dropped", "SELECT a FROM t ORDER BY a"),
        ("SELECT a FROM t ORDER BY a", "ORDER dropped", "SELECT a FROM t"),
        ("SELECT a FROM t LIMIT 2", "literal", "SELECT a FROM t LIMIT 3"),
        ("SELECT a FROM t LIMIT 2", "LIMIT dropped", "SELECT a FROM t"),
        ("SELECT a FROM t WHERE b IS NULL", "NOT added", "SELECT a FROM t WHERE NOT b IS NULL"),
        ("SELECT a FROM t WHERE b IS NOT NULL", "NOT dropped", "SELECT a FROM t WHERE b IS NULL"),
        ("SELECT COALESCE(b, 0) FROM t", "COALESCE dropped", "SELECT b FROM t"),
        (
            "SELECT a FROM t UNION SELECT b FROM t",
            "UNION or UNION ALL",
            "SELECT a FROM t UNION ALL SELECT b FROM t",
        ),
        ("SELECT a FROM t WHERE b NOT IN (1, 2)", "NOT dropped", "SELECT a FROM t WHERE b IN (1, 2)"),
        (
            "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u)",
            "NOT added",
            "SELECT a FROM t WHERE NOT EXISTS(SELECT 1 FROM u)",
        ),
    ],
)
def test_each_kind_of_mistake_is_made(query, kind, sql):
    assert (kind, sql) in [(mutant.kind, mutant.sql) for mutant in mutants(query)]


def test_no_mutant_is_the_query_itself_or_comes_twice():
    query = "SELECT DISTINCT a, COUNT(*) FROM t WHERE a < 3 AND b = 1 GROUP BY a ORDER BY a LIMIT 5"
    texts = [mutant.sql for mutant in mutants(query)]
    assert query not in texts
    assert len(texts) == len(set(texts)) > 15


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB"])
def test_survivors_are_what_means_the_same(engine):
    exercise = QueryExercise(SCHEMA, engine, cases=40)
    query = "SELECT COUNT(b) AS n FROM t WHERE a < 3"
    left = survivors(exercise, query, make_query_key(exercise, KeyRequest(query, 1)))
    assert [mutant.sql for mutant in left] == ["SELECT DISTINCT COUNT(b) AS n FROM t WHERE a < 3"]


def test_poor_data_let_mutants_survive():
    exercise = QueryExercise(SCHEMA, cases=40)
    query = "SELECT a FROM t WHERE a < 3"
    key = make_query_key(exercise, KeyRequest(query, 1))
    poor = replace(key, cases=key.cases[:1])
    assert len(survivors(exercise, query, poor)) > len(survivors(exercise, query, key))
