"""SQLite's plans in the vocabulary of all engines, on Python's SQLite and on a newer one."""

import re
from itertools import product

import pytest
from newer_sqlite import NewerSQLiteLab

from graders.labs import EngineError, SQLiteLab
from graders.techniques.plans import Access, read_accesses, read_plan
from graders.techniques.plans.sqlite_plan import Program, read_program

SCHEMA = """
CREATE TABLE t (id INTEGER PRIMARY KEY, a INT NOT NULL, b INT, c TEXT, d INT);
CREATE TABLE u (id INTEGER PRIMARY KEY, tid INT, x TEXT, y INT);
CREATE TABLE w (k TEXT PRIMARY KEY, v INT) WITHOUT ROWID;
CREATE TABLE parent (id INTEGER PRIMARY KEY);
CREATE TABLE child (id INTEGER PRIMARY KEY, p INT REFERENCES parent (id));
CREATE INDEX tab ON t (a, b);
CREATE INDEX td ON t (d);
CREATE INDEX tp ON t (c) WHERE b = 3;
CREATE INDEX tl ON t (lower(c));
CREATE UNIQUE INDEX ux ON u (x);
CREATE INDEX wv ON w (v)
"""
EACH_KIND = {
    "SELECT * FROM t WHERE b = 1": [Access("t", "scan")],
    "SELECT * FROM t WHERE id = 1": [Access("t", "rowid", "", ("id",))],
    "SELECT * FROM t WHERE id > 1": [Access("t", "rowid", "", (), ("id",))],
    "SELECT * FROM t WHERE id < 1": [Access("t", "rowid", "", (), ("id",))],
    "SELECT * FROM t WHERE id BETWEEN 1 AND 3": [Access("t", "rowid", "", (), ("id",))],
    "SELECT * FROM t WHERE id IN (1, 2)": [Access("t", "rowid", "", ("id",))],
    "SELECT * FROM t WHERE a = 1": [Access("t", "search", "tab", ("a",))],
    "SELECT * FROM t WHERE a = 1 AND b = 2": [Access("t", "search", "tab", ("a", "b"))],
    "SELECT * FROM t WHERE a = 1 AND b > 2 AND b < 9": [Access("t", "search", "tab", ("a",), ("b",))],
    "SELECT * FROM t WHERE a = 1 AND b < 9": [Access("t", "search", "tab", ("a",), ("b",))],
    "SELECT * FROM t WHERE a < 9": [Access("t", "search", "tab", (), ("a",))],
    "SELECT * FROM t WHERE a IN (1, 2) AND b = 2": [Access("t", "search", "tab", ("a", "b"))],
    "SELECT * FROM t WHERE d IS NULL": [Access("t", "search", "td", ("d",))],
    "SELECT a, b FROM t WHERE a = 1": [Access("t", "search of a covering index", "tab", ("a",))],
    "SELECT a FROM t ORDER BY a": [Access("t", "scan of a covering index", "tab")],
    "SELECT * FROM t ORDER BY a": [Access("t", "scan", "tab")],
    "SELECT max(a) FROM t": [Access("t", "search of a covering index", "tab")],
    "SELECT min(d) FROM t": [Access("t", "search of a covering index", "td")],
    "SELECT * FROM t WHERE c = 'x' AND b = 3": [Access("t", "search", "tp", ("c",), partial=True)],
    "SELECT * FROM t WHERE lower(c) = 'x'": [Access("t", "search", "tl", ("(expression)",))],
    "SELECT * FROM t WHERE a = 1 OR d = 2": [Access("t", "search", "tab", ("a",)), Access("t", "search", "td", ("d",))],
    "SELECT * FROM w WHERE k = 'x'": [Access("w", "rowid", "", ("k",))],
    "SELECT * FROM w WHERE k > 'x'": [Access("w", "rowid", "", (), ("k",))],
    "SELECT * FROM w ORDER BY k": [Access("w", "scan")],
    "SELECT t.c FROM u JOIN t ON t.a = u.y": [Access("u", "scan"), Access("t", "search", "tab", ("a",))],
    "SELECT u.y FROM t AS one JOIN u ON u.id = one.d": [
        Access("t", "scan of a covering index", "td"),
        Access("u", "rowid", "", ("id",)),
    ],
    "SELECT * FROM u AS one JOIN u AS two ON one.y = two.tid": [
        Access("u", "scan"),
        Access("u", "search of a covering index", automatic=True),
    ],
    "DELETE FROM t WHERE a = 1": [Access("t", "search", "tab", ("a",))],
    "UPDATE t SET c = 'x' WHERE id = 1": [Access("t", "rowid", "", ("id",))],
}


@pytest.fixture(params=[SQLiteLab, NewerSQLiteLab], ids=["python's", "newer"])
def lab(request):
    with request.param() as lab:
        for statement in SCHEMA.split(";"):
            lab.execute(statement)
        yield lab


def found(lab, query):
    return sorted(read_accesses(lab, query), key=lambda one: (one.table, one.index, one.method))


@pytest.mark.parametrize("query", EACH_KIND)
def test_each_kind_of_access(lab, query):
    expected = sorted(EACH_KIND[query], key=lambda one: (one.table, one.index, one.method))
    assert found(lab, query) == expected


def test_a_deletion_that_looks_for_children_says_so(lab):
    """EXPLAIN QUERY PLAN is silent about it: does the program tell that every child is read?"""
    lab.execute("PRAGMA foreign_keys = ON")
    statement = "DELETE FROM parent WHERE id = 1"
    assert Access("child", "scan") in read_accesses(lab, statement)
    lab.execute("CREATE INDEX cp ON child (p)")
    assert Access("child", "search of a covering index", "cp", ("p",)) in read_accesses(lab, statement)


def test_a_skip_scan_is_a_search_of_the_later_column(lab):
    lab.execute("CREATE TABLE s (few INT, many INT, more INT)")
    lab.execute("CREATE INDEX sf ON s (few, many)")
    lab.execute(
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO s SELECT i % 2, i, i FROM n"
    )
    lab.execute("ANALYZE")
    assert read_accesses(lab, "SELECT * FROM s WHERE many = 7") == [Access("s", "search", "sf", ("many",))]


WHERE = ("1", "a = 1", "a > 1", "a = 1 AND b = 2", "a = 1 AND b > 2", "a < 5 AND b = 1", "d = 4", "d <> 4", "id = 3")
WHERE += ("d BETWEEN 1 AND 4", "id > 3 AND id < 9", "b = 3 AND c > 'x'", "a IN (1, 2, 3)", "c LIKE 'x%'", "a + 0 = 1")
WHERE += ("a = 1 AND d > 2", "lower(c) = 'x'", "d IS NULL", "a >= 2 AND a <= 4", "a = 1 AND b < 4", "d = 1 AND b = 3")
WHAT = ("*", "a, b", "id", "count(*)", "max(d)")
ORDER = ("", "ORDER BY a", "ORDER BY d DESC", "ORDER BY a DESC, b DESC LIMIT 3")


@pytest.mark.parametrize("what", WHAT)
def test_the_program_and_the_words_agree(lab, what):
    """What is read from the program is what EXPLAIN QUERY PLAN says, in the words of these two versions."""
    for where, order in product(WHERE, ORDER):
        query = f"SELECT {what} FROM t WHERE {where} {order}"
        words = [row[3] for row in lab.execute(f"EXPLAIN QUERY PLAN {query}").rows]
        lines = [line for line in words if line.startswith(("SCAN", "SEARCH"))]
        assert [as_said(line) for line in lines] == [as_read(one) for one in read_accesses(lab, query)], (query, words)
        assert Program(read_program(lab, query), {}).count_sorts() == sum("ORDER BY" in line for line in words), (
            query,
            words,
        )


def as_said(line):
    index = re.search(r"INDEX (\w+)", line)
    columns = re.search(r"\((.*)\)", line)
    compared = re.findall(r"(rowid|<expr>|\w+)([=<>])", columns[1]) if columns else []
    names = {"rowid": "id", "<expr>": "(expression)"}
    return (
        line.startswith("SEARCH"),
        told_covering("COVERING" in line, index[1] if index else ""),
        index[1] if index else "",
        tuple(names.get(name, name) for name, sign in compared if sign == "="),
        tuple(dict.fromkeys(names.get(name, name) for name, sign in compared if sign != "=")),
    )


def as_read(one):
    searches = one.method in ("search", "rowid", "search of a covering index")
    return searches, told_covering(one.covering, one.index), one.index, one.equal, one.ranged


def told_covering(covering, index):
    """Older words do not call an index covering whose condition or expression stands for a column; no row is read."""
    return covering and index not in ("tp", "tl")


def test_the_tree_has_the_steps_in_their_places(lab):
    plan = read_plan(lab, "SELECT * FROM t WHERE a = 1 OR d = 2 ORDER BY c")
    assert [node.kind for node in plan.walk() if node.kind != "step"] == ["search", "search", "sort"]
    assert {node.table for node in plan.walk()} == {"t", ""}
    assert [one.index for one in plan.accesses()] == ["tab", "td"]
    assert "distinct" in read_plan(lab, "SELECT DISTINCT b FROM t").kinds()
    assert "group" in read_plan(lab, "SELECT c, count(*) FROM t GROUP BY c").kinds()


def test_every_access_stands_in_the_tree_once(lab):
    for query in (
        *EACH_KIND,
        "SELECT * FROM t WHERE a IN (SELECT tid FROM u)",
        "SELECT a FROM t UNION SELECT tid FROM u",
    ):
        in_tree = sorted(map(str, read_plan(lab, query).accesses()))
        assert in_tree == sorted(map(str, read_accesses(lab, query))), query


def test_a_refused_statement_is_the_engines_error(lab):
    with pytest.raises(EngineError):
        read_accesses(lab, "SELECT * FROM nowhere")


@pytest.mark.parametrize(
    ("access", "words", "searches"),
    [
        (Access("t", "scan"), "scan of `t`", False),
        (Access("t", "scan", "i"), "scan of `t` by the index `i`", False),
        (Access("t", "search", "i", ("a",), ("b",)), "search of `t` by the index `i`: a =, b in a range", True),
        (Access("t", "scan", "i", partial=True), "scan of `t` by the partial index `i`", True),
        (Access("t", "rowid", "", ("id",)), "search of `t` by its primary key: id =", True),
        (Access("t", "scan of a covering index", "i"), "scan of `t` by the covering index `i`", False),
        (
            Access("t", "search of a covering index", automatic=True),
            "search of `t` by an index made for this statement only",
            False,
        ),
    ],
)
def test_an_access_in_words(access, words, searches):
    assert (str(access), access.searches) == (words, searches)
