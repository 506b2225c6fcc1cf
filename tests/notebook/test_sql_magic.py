"""The traps of ipython-sql, each of them sprung in a real IPython shell on SQLite and on DuckDB."""

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from sqlalchemy import make_url

from graders.labs import DuckDBLab, SQLiteLab
from graders.notebook.sql import SQLError, SqlMagic, install, show_script, use_lab
from graders.notebook.sql_sessions import OpenElsewhere

IN_MEMORY = ["sqlite://", "duckdb://"]
ON_DISK = ["sqlite:///bank.db", "duckdb:///bank.db"]
ACCOUNTS = "CREATE TABLE account(name text, amount int); INSERT INTO account VALUES ('Ann', 10), ('Bob', NULL)"


@pytest.fixture(params=IN_MEMORY + ON_DISK)
def bank(notebook, request):
    notebook.run(f"%sql {request.param}")
    assert notebook.run(f"%%sql\n{ACCOUNTS}").error is None
    return notebook


@pytest.fixture(params=ON_DISK)
def two_sessions(notebook, request):
    for name in ("alice", "bob"):
        assert notebook.run(f"%sql {name} = {request.param}").error is None
    notebook.run(f"%%sql alice\n{ACCOUNTS}")
    return notebook


def total(notebook, session=""):
    return notebook.rows(f"%%sql {session}\nSELECT sum(amount) FROM account")[0][0]


# set-up


def test_install_says_nothing_and_can_be_repeated(bare_notebook):
    bare_notebook.run("from graders.notebook.sql import install")
    done = bare_notebook.run("m = install(get_ipython()); assert install(get_ipython()) is m")
    assert (done.error, done.out, done.err, done.shown) == (None, "", "", [])


@pytest.mark.parametrize("url", IN_MEMORY)
def test_a_bare_load_ext_sql_before_or_after_changes_nothing(bare_notebook, url):
    bare_notebook.run("%load_ext sql")
    magic = install(bare_notebook.shell)
    bare_notebook.run(f"%sql {url}")
    bare_notebook.run("%reload_ext sql")
    assert bare_notebook.shell.magics_manager.registry["SqlMagic"] is magic
    assert bare_notebook.rows("%sql SELECT 1") == [(1,)]


def test_load_ext_sql_after_install_is_silent(notebook):
    done = notebook.run("%load_ext sql")
    assert (done.error, done.out, done.err) == (None, "", "")
    notebook.run("%sql duckdb://")
    assert notebook.rows("%sql SELECT 1") == [(1,)]


@pytest.mark.parametrize("url", IN_MEMORY + ON_DISK)
def test_a_database_that_ipython_sql_has_open_is_taken_over(bare_notebook, url):
    for cell in (
        "%load_ext sql",
        f"%sql {url}",
        "%sql CREATE TABLE t(a int)",
        "%sql INSERT INTO t VALUES (7)",
    ):
        bare_notebook.run(cell)
    install(bare_notebook.shell)
    assert bare_notebook.rows("%sql SELECT a FROM t") == [(7,)]
    bare_notebook.run(f"%sql {url}")
    bare_notebook.run("%%sql\nBEGIN; DELETE FROM t; ROLLBACK")
    assert bare_notebook.rows("%sql SELECT a FROM t") == [(7,)]


def test_settings_of_ipython_sql_do_no_harm(bank):
    for setting in ("autocommit=False", "short_errors=True", "style='PLAIN_COLUMNS'", "displaycon=True"):
        assert bank.run(f"%config SqlMagic.{setting}").error is None
    bank.run("%sql DELETE FROM account WHERE name = 'Bob'")
    assert bank.rows("%sql SELECT * FROM account") == [("Ann", 10)]


def test_settings_that_keep_their_meaning(bank):
    bank.run("%config SqlMagic.displaylimit = 1")
    assert "1 of 2 rows shown" in repr(bank.run("%sql SELECT * FROM account").value)
    bank.run("%config SqlMagic.autopandas = True")
    assert list(bank.run("%sql SELECT * FROM account").value.columns) == ["name", "amount"]


# autocommit and transactions


def test_rows_come_back_and_changes_are_kept(bank):
    assert bank.rows("%sql SELECT name, amount FROM account ORDER BY name") == [("Ann", 10), ("Bob", None)]


@pytest.mark.parametrize("begin", ["begin", "BEGIN", "BEGIN;", "begin transaction"])
def test_a_transaction_over_several_cells(bank, begin):
    bank.rows(f"%%sql\n{begin}\n")
    bank.rows("%sql UPDATE account SET amount = 0")
    assert total(bank) == 0
    bank.rows("%sql ROLLBACK")
    assert total(bank) == 10


def test_a_transaction_within_one_cell(bank):
    bank.run("%%sql\nBEGIN;\nUPDATE account SET amount = 5;\nCOMMIT;\nBEGIN;\nDELETE FROM account;\nROLLBACK;")
    assert total(bank) == 10


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///bank.db"])
def test_savepoints_mean_what_they_say(notebook, url):
    notebook.run(f"%sql {url}")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    for cell in (
        "BEGIN",
        "UPDATE account SET amount = 1",
        "SAVEPOINT s",
        "DELETE FROM account",
        "ROLLBACK TO s",
    ):
        notebook.rows(f"%sql {cell}")
    notebook.rows("%sql COMMIT")
    assert total(notebook) == 2


def test_vacuum_works(bank):
    assert str(bank.run("%sql VACUUM").value) == "done"


@pytest.mark.parametrize("url", ON_DISK)
def test_uncommitted_changes_are_not_in_the_file(notebook, url):
    notebook.run(f"%sql {url}")
    notebook.run(f"%%sql\n{ACCOUNTS}; BEGIN; DELETE FROM account")
    notebook.run(f"%sql other = {url}")
    assert total(notebook, "other") == 10


# sessions


def test_two_sessions_see_only_what_is_committed(two_sessions):
    two_sessions.rows("%%sql alice\nBEGIN; UPDATE account SET amount = 99 WHERE name = 'Ann'")
    assert (total(two_sessions, "alice"), total(two_sessions, "bob")) == (99, 10)
    two_sessions.rows("%sql alice COMMIT")
    assert total(two_sessions, "bob") == 99


def test_duckdb_sessions_in_memory_share_one_database(notebook):
    for cell in ("%sql alice = duckdb://", f"%%sql\n{ACCOUNTS}", "%sql bob = duckdb://"):
        assert notebook.run(cell).error is None
    assert total(notebook, "bob") == 10


def test_write_skew_on_duckdb(notebook):
    for cell in (
        "%sql alice = duckdb://",
        "%sql bob = duckdb://",
        "%sql CREATE TABLE on_call(name text, yes bool)",
        "%sql INSERT INTO on_call VALUES ('A', true), ('B', true)",
        "%%sql alice\nBEGIN; SELECT count(*) FROM on_call WHERE yes",
        "%%sql bob\nBEGIN; SELECT count(*) FROM on_call WHERE yes",
        "%%sql alice\nUPDATE on_call SET yes = false WHERE name = 'A'; COMMIT",
        "%%sql bob\nUPDATE on_call SET yes = false WHERE name = 'B'; COMMIT",
    ):
        assert notebook.run(cell).error is None, cell
    assert notebook.rows("%sql SELECT count(*) FROM on_call WHERE yes") == [(0,)]


def test_a_locked_sqlite_database_is_said_soon(notebook):
    for name in ("alice", "bob"):
        notebook.run(f"%sql {name} = sqlite:///bank.db")
    notebook.run(f"%%sql alice\n{ACCOUNTS}; BEGIN IMMEDIATE")
    assert notebook.refusal("%sql bob DELETE FROM account").startswith("SQLite says: database is locked")


@pytest.mark.parametrize("engine", ["sqlite", "duckdb"])
def test_databases_are_told_apart_exactly(notebook, engine):
    for name in ("a1.db2", "a1.db"):
        notebook.run(f"%sql {engine}:///{name}")
        assert notebook.run(f"%sql CREATE TABLE t AS SELECT '{name}' AS name").error is None
    notebook.run(f"%sql {engine}://")
    assert "no such table" in (said := notebook.refusal("%sql SELECT * FROM t")) or "does not exist" in said
    notebook.run(f"%sql {engine}:///a1.db2")
    assert notebook.rows("%sql SELECT name FROM t") == [("a1.db2",)]


@pytest.mark.parametrize("again", ["duckdb://", "duckdb:///:memory:"])
def test_the_same_url_leads_back_to_the_same_database(notebook, again):
    notebook.run("%sql duckdb:///:memory:")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    notebook.run("%sql sqlite://")
    notebook.run(f"%sql {again}")
    assert total(notebook) == 10


def test_a_name_given_again_is_a_new_connection(two_sessions):
    two_sessions.run("%%sql alice\nBEGIN; DELETE FROM account")
    url = two_sessions.shell.magics_manager.registry["SqlMagic"].sessions.by_name["alice"].database
    two_sessions.run(f"%sql alice = {url}")
    assert total(two_sessions, "alice") == 10


@pytest.mark.parametrize("url", ON_DISK)
def test_a_file_deleted_and_made_anew_is_opened_anew(notebook, url):
    notebook.run(f"%sql {url}")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    notebook.run("import pathlib\nfor file in pathlib.Path().glob('bank.db*'): file.unlink()")
    notebook.run(f"%sql {url}")
    assert notebook.run(f"%%sql\n{ACCOUNTS}").error is None


def test_duckdb_connect_works_beside_a_session(notebook):
    notebook.run("%sql duckdb:///f.db")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    with duckdb.connect("f.db") as own:
        assert own.execute("SELECT count(*) FROM account").fetchall() == [(2,)]


def test_an_unknown_session_is_said_in_a_sentence(two_sessions):
    said = two_sessions.refusal("%%sql alic\nSELECT 1")
    assert said == "No session is called alic. Open sessions: alice, bob.\n"


def test_sessions_are_listed_and_closed(two_sessions):
    assert [row[0] for row in two_sessions.rows("%sql -l")] == ["alice", "bob"]
    two_sessions.run("%sql -x alice")
    assert [row[::2] for row in two_sessions.rows("%sql -l")] == [("bob", "current")]


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            "%sql SELECT 1",
            "No database is open here. Run the cell with fresh_lab(...) above again, or open one",
        ),
        ("%sql sqlite://bank.db", "A file is named after three slashes: sqlite:///bank.db"),
        ("%sql duckdb://bank.db", "A file is named after three slashes: duckdb:///bank.db"),
        ("%sql oracles://x", "oracles://x is not the URL of a database, such as sqlite:///name.db"),
        ("%sql select = sqlite://", "select begins an SQL statement, so a session needs another name"),
        ("%sql -x carol", "No session is called carol."),
        ("%sql sqlite:///no/such/folder.db", "SQLite says: unable to open database file"),
        ("%sql -f nowhere.sql", "nowhere.sql"),
        ("%sql --persist nothing", "nothing is not the name of a pandas DataFrame"),
        ("%sql mysql+pymysql://me@x/y", "mysql needs a Python driver that is not installed here: pymysql"),
    ],
)
def test_mistakes_of_use_are_one_sentence(notebook, cell, sentence):
    said = notebook.refusal(cell)
    assert sentence in said
    assert "Traceback" not in said


# mistakes in SQL


def test_a_refused_statement_shows_the_engines_sentence_and_the_line(bank):
    said = bank.refusal("%%sql\nSELECT name,\n  nope\nFROM account").splitlines()
    assert said[0] in (
        "SQLite says: no such column: nope",
        'DuckDB says: Binder Error: Referenced column "nope" not found in FROM clause!',
    )
    assert said[1:] == ["  line 3: nope"]


def test_a_word_that_stands_twice_is_not_pinned_to_a_line(notebook):
    notebook.run("%sql sqlite://")
    said = notebook.refusal("%%sql\nSELECT nope\nWHERE nope")
    assert said == "SQLite says: no such column: nope\n  in the statement that begins on line 2: SELECT nope\n"


def test_a_refused_statement_is_a_failed_cell(bank):
    assert isinstance(bank.run("%sql SELEC 1").error, SQLError)


def test_results_before_the_refused_statement_are_shown(bank):
    done = bank.run("%%sql\nSELECT 'first' AS a;\nSELECT * FROM nowhere;\nSELECT 'third' AS a")
    assert ["first" in shown for shown in done.shown] == [True]


def test_duckdb_keeps_its_own_behaviour_after_an_error_in_a_transaction(notebook):
    notebook.run("%sql duckdb://")
    notebook.run("%%sql\nBEGIN; SELECT * FROM nowhere")
    assert "aborted" in notebook.refusal("%sql SELECT 1")
    notebook.rows("%sql ROLLBACK")
    assert notebook.rows("%sql SELECT 1") == [(1,)]


def test_a_dataframe_is_not_a_table_and_the_way_is_told(bank):
    bank.run("import pandas; frame = pandas.DataFrame({'a': [1, 2]})")
    assert "%sql --persist frame" in bank.refusal("%sql SELECT * FROM frame")
    assert str(bank.run("%sql --persist frame").value) == "2 rows copied into the table frame"
    bank.run("%sql --append frame")
    assert bank.rows("%sql SELECT sum(a) FROM frame") == [(6,)]


def test_copying_a_frame_leaves_the_transaction_to_the_student(bank):
    bank.run("import pandas; frame = pandas.DataFrame({'a': [1, 2]})")
    bank.run("%sql BEGIN")
    bank.rows("%sql --persist frame")
    bank.rows("%sql ROLLBACK")
    assert bank.run("%sql SELECT * FROM frame").error is not None


def test_names_of_this_modules_variables_are_no_tables(notebook):
    notebook.run("%sql duckdb://")
    assert "Table with name statement does not exist" in notebook.refusal("%sql SELECT * FROM statement")


# the text that the engine gets


@pytest.mark.parametrize("text", ['{"k":1}', '{"a": {"b": 2}}', "a.{2}", "$5 and $6", "$name", "{name}", ":name", "%s"])
@pytest.mark.parametrize("magic", ["%sql ", "%%sql\n", "%%sql SELECT 1;\n"])
def test_text_reaches_the_engine_unchanged(bank, magic, text):
    bank.run("name = 'Ann'")
    assert bank.rows(f"{magic}SELECT '{text}' AS t") == [(text,)]


def test_comments_and_casts_reach_duckdb(notebook):
    notebook.run("%sql duckdb://")
    assert notebook.rows("%%sql -- don't\nSELECT '7'::int AS seven -- it's 7") == [(7,)]
    assert notebook.rows("%sql SELECT [1, 2, 3][1:2] AS s, {'k': 1} AS d") == [([1, 2], {"k": 1})]


def test_a_parameter_without_a_value_is_explained(bank):
    cell = "%sql SELECT $name"
    assert "a parameter such as :name, $name or ? has no value here" in bank.refusal(cell)


def test_python_names_stand_for_a_path_in_the_url(notebook):
    notebook.run("path = 'with a space.db'")
    notebook.run("%sql sqlite:///{path}")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    notebook.run("url = 'sqlite:///with a space.db'")
    notebook.run("%sql again = $url")
    assert total(notebook, "again") == 10


# what is shown


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
    assert "   └─ COMPOUND QUERY" in lines
    assert "<pre" in value._repr_html_()


@pytest.mark.parametrize("explain", ["EXPLAIN", "EXPLAIN ANALYZE"])
def test_duckdbs_plan_is_in_a_fixed_width_font(notebook, explain):
    notebook.run("%sql duckdb://")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    value = notebook.run(f"%sql {explain} SELECT * FROM account").value
    assert value._repr_html_().startswith("<pre")
    assert "account" in str(value)
    assert len(str(value).splitlines()) > 3


# labs, other engines, whole notebooks


@pytest.mark.parametrize("kind", [SQLiteLab, DuckDBLab])
def test_cells_run_in_a_lab_that_is_open(notebook, kind):
    with kind() as lab:
        lab.run(ACCOUNTS)
        use_lab(notebook.shell, "bank", lab)
        notebook.run("%sql sqlite://")
        assert total(notebook, "bank") == 10
        notebook.run("%sql DELETE FROM account")
        assert lab.dump() == {"account": []}
        notebook.run("%sql -x bank")
        assert lab.execute("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize("kind", [SQLiteLab, DuckDBLab])
def test_a_script_is_shown_like_a_cell(kind):
    with kind() as lab:
        assert str(show_script(lab, ACCOUNTS)) == "2 rows changed"
        with pytest.raises(SQLError, match="says"):
            show_script(lab, "SELECT nope FROM account")


def test_a_lab_keeps_its_bounds(notebook):
    with SQLiteLab(most_steps=200_000) as lab:
        use_lab(notebook.shell, "small", lab)
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        assert "cut off after 200,000 steps" in notebook.refusal(f"%sql {endless}")
        assert notebook.rows("%sql SELECT 1") == [(1,)]


def test_other_engines_go_through_sqlalchemy_in_autocommit():
    lab = OpenElsewhere(make_url("sqlite://"))
    for statement in lab.statements(f"{ACCOUNTS}; BEGIN; DELETE FROM account; ROLLBACK;"):
        lab.execute(statement)
    assert lab.execute("SELECT '%s :x' AS t, sum(amount) AS s FROM account").rows == [("%s :x", 10)]
    with pytest.raises(Exception, match="no such table: nope"):
        lab.execute("SELECT * FROM nope")
    assert str(show_script(lab, "UPDATE account SET amount = 1")) == "2 rows changed"


def test_the_magic_says_how_it_is_used():
    assert "%sql alice = sqlite:///name.db" in SqlMagic.execute.__doc__


@pytest.mark.slow
@pytest.mark.parametrize("url", IN_MEMORY)
def test_run_all_stops_at_a_refused_statement(tmp_path, url, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    sources = [
        "from graders.notebook.sql import install; install(get_ipython());",
        f"%sql {url}",
        f"%%sql\n{ACCOUNTS}; SELECT * FROM account",
        "%sql SELECT nope FROM account",
        "print('not reached')",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    with pytest.raises(CellExecutionError, match="nope"):
        NotebookClient(book, timeout=60, kernel_name="python3").execute()
    kinds = [[output.output_type for output in cell.outputs] for cell in book.cells]
    assert kinds == [[], [], ["display_data", "display_data", "execute_result"], ["error"], []]
    assert "says:" in book.cells[3].outputs[0].traceback[0]
    assert not any("Traceback" in line for line in book.cells[3].outputs[0].traceback)
