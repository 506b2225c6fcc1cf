"""Do the cells of a notebook reach PostgreSQL, and say what is missing where it is not there?"""

import os

import pytest

from graders.labs import why_no_postgres
from graders.notebook.extension import load

needs_postgres = pytest.mark.skipif(
    bool(why_no_postgres()) and not os.environ.get("CI"), reason="there is no PostgreSQL here"
)


@pytest.fixture
def notebook(bare_notebook):
    load(bare_notebook.shell)
    return bare_notebook


@needs_postgres
def test_cells_run_in_a_lab_on_postgresql(notebook):
    """Are rows, counts of changes, and refusals shown as on other engines?"""
    assert notebook.run('lab = fresh_lab("library", engine="PostgreSQL")').error is None
    try:
        assert notebook.rows("%%sql\nSELECT count(*) FROM loans") == [(14,)]
        assert "14 rows changed" in repr(notebook.run("%%sql\nUPDATE loans SET title = title").value)
        assert "done" in repr(notebook.run("%%sql\nANALYZE").value)
        assert 'relation "nothing" does not exist' in notebook.refusal("%%sql\nSELECT * FROM nothing")
    finally:
        notebook.run("lab.close()")


def test_a_missing_postgresql_is_one_sentence(notebook, monkeypatch):
    """Does a cell that asks for it end with what to do, and nothing else?"""
    monkeypatch.setattr("graders.labs.find_postgres.find_spec", lambda name: None)
    said = notebook.run('fresh_lab("library", engine="PostgreSQL")').out.strip()
    assert said == why_no_postgres().replace("`", "") and "make postgres" in said


@needs_postgres
def test_a_cell_that_needs_an_engine_runs_where_it_is(notebook):
    """Is its value shown, and does an error fail the cell?"""
    assert "42" in notebook.run("%%needs PostgreSQL\n6 * 7").out
    assert notebook.run("%%needs PostgreSQL\n1 / 0").error is not None


def test_a_cell_that_needs_a_missing_engine_is_left_out(notebook, monkeypatch):
    """Does it run nothing, fail in nothing, and say what is missing and what brings it?"""
    monkeypatch.setattr("graders.labs.find_postgres.find_spec", lambda name: None)
    done = notebook.run("%%needs PostgreSQL\nleft_out = 1")
    assert done.error is None and "left_out" not in notebook.shell.user_ns
    assert done.shown[-1].startswith("This cell is left out.") and "make postgres" in done.shown[-1]


def test_a_cell_that_needs_an_unknown_engine_says_which_there_are(notebook):
    """Is the mistake told in a sentence?"""
    assert "SQLite, or DuckDB, or PostgreSQL" in notebook.refusal("%%needs Postgres\n1")
