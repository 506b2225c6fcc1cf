"""Do `show_plan`, `show_b_tree` and `work` speak of the current session, and tell a mistake in one sentence?"""

import pytest


@pytest.fixture
def notebook(bare_notebook):
    """A notebook with the set-up line run and a small library open."""
    bare_notebook.shell.extension_manager.loaded.discard("graders")
    bare_notebook.shell.magics_manager.registry.pop("AnswerMagic", None)
    bare_notebook.run("%load_ext graders")
    return bare_notebook


@pytest.fixture
def library(notebook):
    notebook.run('lab = fresh_lab("loans", rows=2000)')
    return notebook


def test_before_and_after_an_index(library):
    query = "SELECT title FROM loans WHERE member_id = 7"
    assert library.run(f'show_plan("{query}")').value.words == "scan of loans."
    before = library.run(f'work("{query}")').value
    library.run("%sql CREATE INDEX md ON loans (member_id, due_on)")
    assert library.run(f'show_plan("{query}")').value.words == "search of loans by the index md: member_id =."
    assert library.run(f'work("{query}")').value.count < before.count / 5
    assert "2,000 entries" in library.run('show_b_tree("md", 7, "2025-01-01", to=(7,))').value.words
    assert "A scan reads all of them." in library.run('show_b_tree("loans")').value.words


def test_duckdb(notebook):
    notebook.run('lab = fresh_lab("loans", "DuckDB", rows=1000)')
    assert notebook.run('work("SELECT max(fine) FROM loans WHERE loan_id > 0")').value.unit == "rows scanned"
    assert "scan of loans" in notebook.run('show_plan("SELECT max(fine) FROM loans WHERE fine > 0")').value.words
    assert "Only SQLite" in str(notebook.run('show_b_tree("loans")').error)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ('show_b_tree("nothing")', "There is no table and no index called nothing."),
        ('work("SELEC 1")', 'SQLite says: near "SELEC": syntax error'),
        ('show_plan("SELECT * FROM nowhere")', "SQLite says: no such table: nowhere"),
        ('fresh_lab("orders", rows=5)', "The data set `orders` has one size only: leave out `rows`."),
    ],
)
def test_mistakes(library, cell, sentence):
    assert str(library.run(cell).error) == sentence


def test_no_database(notebook):
    assert "There is no database open here" in str(notebook.run('work("SELECT 1")').error)


def test_an_index_that_is_gone_is_gone_from_the_plan(notebook):
    notebook.run("%sql sqlite://")
    notebook.run("%sql CREATE TABLE t (a INT, b INT)")
    show = "show_plan('SELECT * FROM t WHERE a = 1')"
    notebook.run("%sql CREATE INDEX ta ON t (a)")
    assert notebook.run(show).value.words == "search of t by the index ta: a =."
    notebook.run("%sql DROP INDEX ta")
    assert notebook.run(show).value.words == "scan of t."
