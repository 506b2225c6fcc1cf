"""Does the lab on SQLite show what is there now?"""

from graders.labs import open_lab

PLAN = "EXPLAIN QUERY PLAN SELECT * FROM t WHERE a = 1"


def test_a_plan_is_made_anew_each_time():
    """Does the same EXPLAIN, asked again, follow an index that was made and one that was dropped?"""
    with open_lab("SQLite", "CREATE TABLE t (a, b)") as lab:
        before = lab.execute(PLAN).rows
        lab.run("CREATE INDEX by_a ON t (a)")
        assert lab.execute(PLAN).rows != before
        lab.run("DROP INDEX by_a")
        assert lab.execute(PLAN).rows == before
