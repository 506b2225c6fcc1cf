"""Is what a statement gave shown whole, safe and in order?"""

import pytest
from bank import ACCOUNTS


def test_null_empty_text_and_the_word_null_differ(bank):
    html = bank.run("%sql SELECT NULL AS a, '' AS b, 'NULL' AS c").value._repr_html_()
    assert html.count(">NULL<") == 1
    assert html.count("&#x27;&#x27;") == 1
    assert html.count("&#x27;NULL&#x27;") == 1


def test_html_is_escaped_and_dollars_are_no_mathematics(bank):
    html = bank.run("%sql SELECT '<b>bold</b> $5 and $6' AS a").value._repr_html_()
    assert "<b>" not in html
    assert "<span>$</span>5 and <span>$</span>6" in html


def test_a_long_result_is_cut_and_counted(bank):
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234) SELECT i FROM n"
    value = bank.run(f"%sql {numbers}").value
    assert len(value) == 1234
    assert value._repr_html_().count("<tr>") == 21
    assert "20 of 1,234 rows shown" in value._repr_html_()
    assert str(value).endswith("20 of 1,234 rows shown")


def test_an_empty_result_keeps_its_columns(bank):
    value = bank.run("%sql SELECT name, amount FROM account WHERE false").value
    assert str(value) == "name  amount\n----  ------\n0 rows"
    assert list(value.DataFrame().columns) == ["name", "amount"]


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("CREATE TABLE t(a int)", "done"),
        ("CREATE TABLE t AS SELECT * FROM account", "done"),
        ("INSERT INTO account VALUES ('C', 1), ('D', 2), ('E', 3)", "3 rows changed"),
        ("UPDATE account SET amount = 1 WHERE name = 'Ann'", "1 row changed"),
        ("-- nobody\nDELETE FROM account WHERE name = 'Zed'", "0 rows changed"),
        (
            "WITH x AS (SELECT 'Ann' AS n) DELETE FROM account WHERE name IN (SELECT n FROM x)",
            "1 row changed",
        ),
        ("-- nothing but words", "nothing to run"),
    ],
)
def test_a_statement_without_rows_says_a_word(bank, statement, word):
    value = bank.run(f"%%sql\n{statement}").value
    assert (repr(value), str(value), list(value)) == (word, word, [])
    assert word in value._repr_html_()


def test_a_column_called_count_is_still_shown(bank):
    assert bank.rows('%sql SELECT count(*) AS "Count" FROM account') == [(2,)]
    assert bank.rows("%sql INSERT INTO account VALUES ('C', 3) RETURNING amount") == [(3,)]


def test_every_result_of_a_cell_is_shown_in_order(bank):
    done = bank.run("%%sql\nCREATE TABLE t(a int);\nINSERT INTO t VALUES (7);\nSELECT a FROM t;\nSELECT 8 AS b;")
    assert done.shown[:2] == ["done", "1 row changed"]
    assert done.shown[2:] == ["a\n-\n7"]
    assert str(done.value) == "b\n-\n8"


@pytest.mark.parametrize("cell", ["%sql kept << SELECT 7 AS a", "%%sql kept <<\nSELECT 7 AS a;\nVACUUM"])
def test_a_result_kept_in_a_variable_is_not_shown(bank, cell):
    done = bank.run(cell)
    assert (done.error, done.value, done.shown, done.out) == (None, None, [], "")
    kept = bank.shell.user_ns["kept"]
    assert (list(kept), kept.keys, kept.dict(), kept.csv()) == ([(7,)], ["a"], {"a": (7,)}, "a\r\n7\r\n")


def test_a_decimal_can_be_plotted(notebook):
    notebook.run("%sql duckdb://")
    frame = notebook.run("%sql SELECT 1.50::decimal(5, 2) AS price UNION ALL SELECT NULL").value.DataFrame()
    assert frame["price"].dtype == float


def test_sqlites_plan_is_a_tree(notebook):
    notebook.run("%sql sqlite://")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    inner = "SELECT amount FROM account a UNION SELECT 3"
    value = notebook.run(f"%sql EXPLAIN QUERY PLAN SELECT * FROM account WHERE amount IN ({inner})").value
    lines = str(value).splitlines()
    assert lines[0] == "├─ SCAN account"
    # Which of the two plans it takes depends on the version of SQLite.
    assert "   └─ COMPOUND QUERY" in lines or "   └─ MERGE (UNION)" in lines
    assert "<pre" in value._repr_html_()


@pytest.mark.parametrize("explain", ["EXPLAIN", "EXPLAIN ANALYZE"])
def test_duckdbs_plan_is_in_a_fixed_width_font(notebook, explain):
    notebook.run("%sql duckdb://")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    value = notebook.run(f"%sql {explain} SELECT * FROM account").value
    assert value._repr_html_().startswith("<pre")
    assert "account" in str(value)
    assert len(str(value).splitlines()) > 3
