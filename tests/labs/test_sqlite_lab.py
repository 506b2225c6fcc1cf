"""Does the lab on SQLite show what is there now?"""

import pytest

from graders.labs import EngineError, open_image, open_lab

PLAN = "EXPLAIN QUERY PLAN SELECT * FROM t WHERE a = 1"


def test_a_plan_is_made_anew_each_time():
    """Does the same EXPLAIN, asked again, follow an index that was made and one that was dropped?"""
    with open_lab("SQLite", "CREATE TABLE t (a, b)") as lab:
        before = lab.execute(PLAN).rows
        lab.run("CREATE INDEX by_a ON t (a)")
        assert lab.execute(PLAN).rows != before
        lab.run("DROP INDEX by_a")
        assert lab.execute(PLAN).rows == before


def test_a_lab_goes_back_to_the_file_that_it_was_opened_with():
    """Are changes, temporary tables, settings and open transactions gone, as often as it is asked for?"""
    with open_lab("SQLite", "CREATE TABLE t (a); INSERT INTO t VALUES (1)") as made:
        image = made.image()
    with open_image(image) as lab:
        for _ in range(2):
            lab.run("PRAGMA foreign_keys = OFF; CREATE TEMP TABLE u (b); BEGIN; DELETE FROM t; DROP TABLE t")
            lab.rewind()
            assert lab.tables() == ["t"]
            assert lab.execute("SELECT a FROM t").rows == [(1,)]
            assert lab.execute("PRAGMA foreign_keys").rows == [(1,)]
            assert lab.execute("SELECT * FROM sqlite_temp_schema").rows == []
            with pytest.raises(EngineError, match="not authorized"):
                lab.execute("ATTACH 'x.db' AS x")


def test_a_lab_without_a_file_goes_back_to_nothing():
    """Is a lab that was opened with a schema empty afterwards?"""
    with open_lab("SQLite", "CREATE TABLE t (a)") as lab:
        lab.rewind()
        assert lab.tables() == []
