"""Do transactions and sessions of `%sql` mean what they say, on SQLite and on DuckDB?"""

import duckdb
import pytest
from bank import ACCOUNTS, ON_DISK, total

from graders.labs import SQLiteLab
from graders.notebook import sql_sessions
from graders.notebook.sql_magic import use_lab


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
    two_sessions.run("%sql --close alice")
    assert [row[::2] for row in two_sessions.rows("%sql --connections")] == [("bob", "current")]


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
        ("%sql -f nowhere.sql", "%sql has no option -f here."),
        ("%sql --persist frame", "%sql has no option --persist here."),
        ("%sql frame --persist", "%sql has no option --persist here."),
        ("%sql sqlite:// --persist frame", "A DataFrame is no table"),
        (
            "%%sql --save boats\nSELECT 1",
            "%sql has no option --save here. %sql? says what it can do. CREATE VIEW keeps",
        ),
        ("%%sql rows << --with boats\nSELECT 1", "%sql has no option --with here."),
        ("%sql --alias=x sqlite://", "%sql alice = sqlite:///name.db opens a session called alice."),
        ("%sql --find members", "%sql has no option --find here. %sql? says what it can do. A comment has a blank"),
        ("%sql sqlite:// --connections", "--connections comes first, with no SQL beside it"),
        ("%sql postgres://u:secret@h/db", "postgres://u:***@h/db is not the URL of a database"),
        ("%sql nosuch://u:se:c@ret@h/db", "nosuch://u:***@h/db is not the URL of a database"),
        ("%sql -x postgresql://u:secret@h/db", "No session is called postgresql://u:***@h/db."),
        ("%sql mysql+pymysql://u:secret@h/db", "mysql needs a Python driver"),
        ("%sql mysql+pymysql://me@x/y", "mysql needs a Python driver that is not installed here: pymysql"),
    ],
)
def test_mistakes_of_use_are_one_sentence(notebook, cell, sentence):
    said = notebook.refusal(cell)
    assert sentence in said
    assert "Traceback" not in said
    assert "secret" not in said
    assert "ret@" not in said


def test_a_password_is_in_no_line_that_is_shown(notebook):
    """Is the line at fault shown without it, where it holds the URL too?"""
    url = "sqlite://?note=x://u:secret@h"
    assert "secret" not in notebook.refusal(f"%sql {url} SELEC 1")


@pytest.mark.parametrize("cell", ["%sql --help", "%sql -h", "%%sql --help\nSELECT 1"])
def test_help_is_shown(notebook, cell):
    assert "%sql --close alice" in repr(notebook.run(cell).value)


@pytest.mark.parametrize(
    "cell", ["%sql SELECT '--save' AS t", "%%sql -- no option\nSELECT 1", "%%sql\n--save\nSELECT 1"]
)
def test_comments_and_texts_are_no_options(bank, cell):
    assert bank.run(cell).error is None


@pytest.mark.parametrize("url", ["sqlite://", "duckdb://", "sqlite:///other.db"])
def test_a_lab_is_not_taken_away_without_a_word(notebook, url):
    with SQLiteLab() as lab:
        use_lab(notebook.shell, "loans", lab)
        (said,) = notebook.run(f"%sql {url}").shown
        assert "`%sql loans` goes back to the lab loans." in said
        assert notebook.run("%sql loans").shown == []
        assert "`%sql loans` goes back" in notebook.run(f"%%sql {url}\nSELECT 1").shown[0]
        assert notebook.run("%sql sqlite:///third.db").shown == []


@pytest.mark.parametrize(
    ("url", "lab"), [("sqlite://", "OpenSQLite"), ("sqlite:///bank.db", "OpenSQLite"), ("duckdb://", "OpenDuckDB")]
)
def test_an_endless_query_is_cut_off(notebook, url, lab, monkeypatch):
    """Is a database of the student's own bounded too?"""
    monkeypatch.setattr(sql_sessions, "MAX_STEPS", 200_000)
    monkeypatch.setattr(sql_sessions, "MAX_SECONDS", 0.2)
    notebook.run(f"%sql {url}")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    assert "cut off after" in notebook.refusal(f"%sql {endless} SELECT max(i) FROM n")
    monkeypatch.setattr(getattr(sql_sessions, lab), "max_rows", 100)
    rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
    assert "more than 100 rows" in notebook.refusal(f"%sql {rows} SELECT i FROM n")
    assert notebook.rows("%sql SELECT 1") == [(1,)]
