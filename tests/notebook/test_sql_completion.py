"""Does Tab complete SQL by the open lab, and leave Python alone?"""

import pytest
from IPython.core.completer import provisionalcompleter

import graders


@pytest.fixture
def complete(own_shell):
    """What Tab offers at the end of a cell, with the library open; `%load_ext graders` in a shell of its own."""
    graders.load_ipython_extension(own_shell)
    own_shell.run_cell('lab = fresh_lab("library")')

    def offered(cell: str) -> list[str]:
        with provisionalcompleter():
            return [one.text for one in own_shell.Completer.completions(cell, len(cell))]

    return offered


@pytest.mark.parametrize(
    ("cell", "first"),
    [
        ("%%sql\nSELECT loan_id FROM mem", "members"),
        ("%%sql\nSELECT members.ci", "city"),
        ("%%answer open-loans\nSELECT name FROM MEM", "members"),
        ("%%answer open-loans\nsel", "SELECT"),
    ],
)
def test_names_of_the_lab_and_keywords_are_offered(complete, cell, first):
    """Is the name or keyword offered first, in any case of letters, and nothing of Python's?"""
    assert complete(cell)[0] == first


def test_columns_after_a_table_are_its_own(complete):
    """Are only the table's columns offered behind its name and a dot?"""
    assert complete("%%sql\nSELECT * FROM members WHERE members.") == ["member_id", "name", "city"]


@pytest.mark.parametrize("cell", ["fresh_", "%%answer days-late\nfresh_"])
def test_python_is_completed_as_ever(complete, cell):
    """Are Python's names offered in other cells and in answers in Python?"""
    offered = complete(cell)
    assert "fresh_lab" in offered
    assert "FROM" not in offered


def test_a_lab_that_is_closed_offers_keywords(complete, own_shell):
    """Is Tab of use when the database has gone?"""
    own_shell.run_cell("lab.close()")
    assert complete("%%sql\nSEL") == ["SELECT"]
