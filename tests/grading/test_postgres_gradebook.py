"""Is a gradebook on PostgreSQL what one on SQLite is: the same marks, kept once, also for nbgrader's own commands?"""

import os

import pytest
import sqlalchemy as sa
from nbgrader.api import Gradebook

from graders.grading.marksheet import read_marksheet
from graders.grading.run import grade
from graders.labs import why_no_postgres

# In CI a missing PostgreSQL is a failure, not a reason to skip.
pytestmark = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())


@pytest.fixture
def url():
    """An empty database on a private server, as SQLAlchemy reaches it."""
    from graders.labs.postgres_private import the_server

    access = the_server().new_database()
    query = {key: str(value) for key, value in access.items() if key not in ("user", "password", "dbname")}
    made = sa.URL.create("postgresql+psycopg", access["user"], access["password"], None, None, access["dbname"], query)
    yield made.render_as_string(hide_password=False)
    the_server().drop_database(access)


def marks(address):
    with Gradebook(address) as gradebook:
        found = read_marksheet(gradebook).handed_in
    return {who: {name: (mark.score, mark.status) for name, mark in one.marks.items()} for who, one in found.items()}


@pytest.mark.slow
def test_marks_on_postgresql_are_those_on_sqlite(course, graded, url, tmp_path):
    """Is the class graded into PostgreSQL, twice, with the marks of the other gradebook?"""
    for _ in range(2):
        grade(course, graded.seed, graded.submitted, tmp_path / "out", gradebook=url, jobs=1)
    assert marks(url) == marks(f"sqlite:///{graded.out.as_posix()}/gradebook.db")
    assert not (tmp_path / "out" / "gradebook.db").exists()
