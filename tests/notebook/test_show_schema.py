"""Does `show_schema()` draw the open lab, or the one given, and say in a sentence what it cannot draw?"""

import pytest

from graders.labs import open_lab
from graders.notebook.extension import LabFunctions
from graders.notebook.messages import SentenceError


@pytest.fixture
def labs(notebook):
    return LabFunctions(notebook.shell)


def test_the_open_lab_is_drawn(labs):
    """Is it the one opened last?"""
    labs.fresh_lab("loans")
    labs.fresh_lab("bookshop_reviews")
    assert labs.show_schema().words == "4 tables: reviews refers to books and members."


def test_what_a_cell_has_made_is_drawn(notebook):
    """Does a session opened with `%sql` count, with what was made in it?"""
    notebook.run("%sql duckdb://")
    notebook.run("%%sql\nCREATE TABLE boats (boat_id INTEGER PRIMARY KEY)")
    assert LabFunctions(notebook.shell).show_schema().words == "1 table."


def test_a_lab_can_be_given(labs):
    """Is it drawn, whatever else is open?"""
    labs.fresh_lab("loans")
    with open_lab("SQLite", "CREATE TABLE a (id INTEGER PRIMARY KEY)") as lab:
        assert labs.show_schema(lab).words == "1 table."


def test_an_empty_database_is_said_to_be_empty(labs):
    """Is there a sentence instead of an empty picture?"""
    with open_lab("SQLite") as lab:
        assert labs.show_schema(lab).text == "There are no tables in this database."


def test_without_a_lab_it_says_how_to_open_one(labs):
    """Is it a sentence?"""
    with pytest.raises(SentenceError, match="There is no database open here"):
        labs.show_schema()
