"""Is a gradebook on PostgreSQL what one on SQLite is: the same marks, kept once, also for nbgrader's own commands?"""

import os

import pytest
from nbgrader.api import Gradebook

from graders.grading.grade_class import grade_class
from graders.grading.grades import read_grades
from graders.labs import why_no_postgres

# In CI a missing PostgreSQL is a failure, not a reason to skip.
pytestmark = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())


def marks(address):
    with Gradebook(address) as gradebook:
        found = read_grades(gradebook).by_submission
    return {who: {name: (mark.score, mark.status) for name, mark in one.scores.items()} for who, one in found.items()}


@pytest.mark.slow
def test_marks_on_postgresql_are_those_on_sqlite(course, graded, postgres_gradebook, tmp_path):
    """Is the class graded into PostgreSQL, twice, with the marks of the other gradebook?"""
    for _ in range(2):
        grade_class(course, graded.seed, graded.submitted, tmp_path / "out", gradebook=postgres_gradebook, jobs=1)
    assert marks(postgres_gradebook) == marks(f"sqlite:///{graded.out.as_posix()}/gradebook.db")
    assert not (tmp_path / "out" / "gradebook.db").exists()
