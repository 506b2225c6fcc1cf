"""Are choices of indexes measured as they are, and is the lab left as it was?"""

from xml.etree import ElementTree

import pytest

from graders.figures.bar_charts import draw_query_costs
from graders.labs import EngineError, open_lab
from graders.techniques.plans import compare_indexes, time_query

QUERY = "SELECT b FROM t WHERE a = 7 ORDER BY b"


@pytest.fixture
def lab():
    """A thousand rows, ten of them with a = 7, in an order of b that the table does not have."""
    with open_lab("SQLite", "CREATE TABLE t (a INTEGER, b INTEGER)") as lab:
        lab.insert("t", [(number % 100, -number) for number in range(1_000)])
        yield lab


def test_steps_and_plans_are_told(lab):
    """Do the words hold the steps of each choice, the plan, and whether something is sorted?"""
    steps = lab.count_steps(QUERY)
    choices = {"none": "", "(a)": "CREATE INDEX i ON t (a)", "(a, b)": "CREATE INDEX i ON t (a, b)"}
    drawn = draw_query_costs(compare_indexes(QUERY, choices, lab))
    assert f"none {steps:,}, " in drawn.words
    assert "none: scan of t, then sorted." in drawn.words
    assert "(a): search of t by the index i: a =, then sorted." in drawn.words
    assert drawn.words.endswith("(a, b): search of t by the covering index i: a =.")
    ElementTree.fromstring(drawn.svg)


def test_the_lab_stays_as_it_is(lab):
    """Is every choice rolled back, a refused one too?"""
    before = lab.execute("SELECT * FROM sqlite_schema").rows
    compare_indexes(QUERY, {"(a)": "CREATE INDEX i ON t (a)"}, lab)
    with pytest.raises(EngineError):
        compare_indexes(QUERY, {"(x)": "CREATE INDEX i ON t (x)"}, lab)
    assert lab.execute("SELECT * FROM sqlite_schema").rows == before
    assert not lab.connection.in_transaction


def test_time_is_a_number(lab):
    """Is a time given, whatever it is?"""
    assert time_query(lab, QUERY) >= 0
