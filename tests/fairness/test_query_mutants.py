"""Is each kind of mistake made in a statement, one at a time?"""

import pytest
import sqlglot

from graders.fairness.sql_mutants import mutate_statement

QUERIES = [
    ("SELECT a FROM t JOIN u ON t.x = u.x", "join kind", "SELECT a FROM t LEFT JOIN u ON t.x = u.x"),
    ("SELECT a FROM t LEFT JOIN u ON t.x = u.x", "join kind", "SELECT a FROM t JOIN u ON t.x = u.x"),
    ("SELECT a FROM t WHERE a < 3", "operator", "SELECT a FROM t WHERE a <= 3"),
    ("SELECT a FROM t WHERE a <> b", "operator", "SELECT a FROM t WHERE a = b"),
    ("SELECT a FROM t WHERE a AND b", "operator", "SELECT a FROM t WHERE a OR b"),
    ("SELECT a FROM t WHERE a AND b", "condition dropped", "SELECT a FROM t WHERE b"),
    ("SELECT DISTINCT a FROM t", "DISTINCT", "SELECT a FROM t"),
    ("SELECT a FROM t", "DISTINCT", "SELECT DISTINCT a FROM t"),
    ("SELECT a FROM t", "LIMIT added", "SELECT a FROM t LIMIT 10"),
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
    ("SELECT a FROM t UNION SELECT b FROM t", "UNION or UNION ALL", "SELECT a FROM t UNION ALL SELECT b FROM t"),
    ("SELECT a FROM t WHERE b NOT IN (1, 2)", "NOT dropped", "SELECT a FROM t WHERE b IN (1, 2)"),
]
STATEMENTS = [
    ("UPDATE t SET a = 1, b = a - ? WHERE c = ?", "SET dropped", "UPDATE t SET a = 1 WHERE c = ?"),
    ("UPDATE t SET b = a - ? WHERE c = ?", "operator", "UPDATE t SET b = a + ? WHERE c = ?"),
    ("CREATE TABLE t (a INTEGER NOT NULL)", "constraint dropped", "CREATE TABLE t (a INTEGER)"),
    ("CREATE TABLE t (a TEXT UNIQUE)", "constraint dropped", "CREATE TABLE t (a TEXT)"),
    ("CREATE TABLE t (a TEXT, UNIQUE (a))", "constraint dropped", "CREATE TABLE t (a TEXT)"),
    ("CREATE TABLE t (a INTEGER REFERENCES u (b))", "constraint dropped", "CREATE TABLE t (a INTEGER)"),
    ("CREATE UNIQUE INDEX i ON t (a)", "UNIQUE dropped", "CREATE INDEX i ON t (a)"),
    ("CREATE INDEX i ON t (a) WHERE b IS NULL", "WHERE dropped", "CREATE INDEX i ON t (a)"),
    ("CREATE INDEX i ON t (a, b)", "column of the index dropped", "CREATE INDEX i ON t (b)"),
    ("CREATE INDEX i ON t (a, b)", "columns of the index swapped", "CREATE INDEX i ON t (b, a)"),
    ("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING", "ONCONFLICT dropped", "INSERT INTO t (a) VALUES (1)"),
]


def in_one_line(sql: str) -> str:
    return sqlglot.parse_one(sql, dialect="sqlite").sql("sqlite")


@pytest.mark.parametrize(("statement", "kind", "mutant"), QUERIES + STATEMENTS)
def test_each_kind_of_mistake_is_made(statement, kind, mutant):
    """Is this mistake among those made, and told by its name?"""
    made = [(found, in_one_line(text)) for found, text, _ in mutate_statement(statement, "sqlite")]
    assert (kind, in_one_line(mutant)) in made


def test_no_mutant_is_the_statement_itself_or_comes_twice():
    """Does each mutant differ from the statement, and from the others?"""
    query = "SELECT DISTINCT a, COUNT(*) FROM t WHERE a < 3 AND b = 1 GROUP BY a ORDER BY a LIMIT 5"
    texts = [text for _, text, _ in mutate_statement(query, "sqlite")]
    assert in_one_line(query) not in map(in_one_line, texts)
    assert len(texts) == len(set(texts)) > 15


def test_one_row_is_neither_cut_off_nor_made_distinct():
    """Are DISTINCT and LIMIT left away where there is one row, and made where a subquery alone aggregates?"""
    one, many = "SELECT COUNT(*) + 1 FROM t", "SELECT (SELECT COUNT(*) FROM u) FROM t"
    kinds = [{kind for kind, *_ in mutate_statement(query, "sqlite")} for query in (one, many)]
    assert not {"DISTINCT", "LIMIT added"} & kinds[0]
    assert {"DISTINCT", "LIMIT added"} <= kinds[1]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t (a INTEGER) STRICT",
        "CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID",
        "SELECT a FROM",
        "nonsense",
    ],
)
def test_what_would_lose_a_part_is_left_alone(statement):
    """Is nothing made of a statement that cannot be written again as it was?"""
    made = [in_one_line(text) for _, text, _ in mutate_statement(statement, "sqlite")]
    assert made == [] or all("ROWID" in text for text in made)
