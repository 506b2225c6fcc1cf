"""Does `%sql` set itself up over ipython-sql in a real IPython shell, and run cells on labs and other engines?"""

import nbformat
import pytest
from bank import ACCOUNTS, IN_MEMORY, ON_DISK, total
from ending import FAR_NET
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from sqlalchemy import make_url

from graders.labs import DuckDBLab, SQLiteLab
from graders.notebook.sql_magic import SqlMagic, install, use_lab
from graders.notebook.sql_results import SQLError, show_script
from graders.notebook.sql_sessions import OpenElsewhere


def test_install_says_nothing_and_can_be_repeated(bare_notebook):
    bare_notebook.run("from graders.notebook.sql_magic import install")
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
    for setting in (
        "autocommit=False",
        "short_errors=True",
        "style='PLAIN_COLUMNS'",
        "displaycon=True",
        "feedback=False",
    ):
        assert bank.run(f"%config SqlMagic.{setting}").error is None
    bank.run("%sql DELETE FROM account WHERE name = 'Bob'")
    assert bank.rows("%sql SELECT * FROM account") == [("Ann", 10)]


def test_settings_that_keep_their_meaning(bank):
    bank.run("%config SqlMagic.displaylimit = 1")
    assert "1 of 2 rows shown" in repr(bank.run("%sql SELECT * FROM account").value)
    bank.run("%config SqlMagic.autopandas = True")
    assert list(bank.run("%sql SELECT * FROM account").value.columns) == ["name", "amount"]


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
    with SQLiteLab(max_steps=200_000) as lab:
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
    for use in ("%sql alice = sqlite:///name.db", "rows <<", "--close alice", "--connections", ":name"):
        assert use in SqlMagic.sql.__doc__


@pytest.mark.slow
@pytest.mark.parametrize("url", IN_MEMORY)
def test_run_all_stops_at_a_refused_statement(tmp_path, url, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    sources = [
        "from graders.notebook.sql_magic import install; install(get_ipython());",
        f"%sql {url}",
        f"%%sql\n{ACCOUNTS}; SELECT * FROM account",
        "%sql SELECT nope FROM account",
        "print('not reached')",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    with pytest.raises(CellExecutionError, match="nope"):
        NotebookClient(book, timeout=FAR_NET, kernel_name="python3").execute()
    kinds = [[output.output_type for output in cell.outputs] for cell in book.cells]
    assert kinds == [[], [], ["display_data", "display_data", "execute_result"], ["error"], []]
    assert "says:" in book.cells[3].outputs[0].traceback[0]
    assert not any("Traceback" in line for line in book.cells[3].outputs[0].traceback)
