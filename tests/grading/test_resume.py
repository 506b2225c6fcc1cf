"""Is a run that was killed again and again, and then finished, the same as one that nobody disturbed?"""

import os
import sys
from pathlib import Path

import nbformat
import pytest
import sqlalchemy as sa
from ending import run_to_end
from golden import LESSON

KILLS = 24
SCRIPT = Path(__file__).with_name("run_in_forks.py")
MARKS = """
    SELECT submitted_assignment.student_id, base_cell.name, auto_score, manual_score, needs_manual_grade
    FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
    JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
    JOIN base_cell ON grade.cell_id = base_cell.id ORDER BY 1, 2
"""
CLAIMS = "SELECT * FROM course_claim ORDER BY student, lesson, exercise, claim"
OTHERS = [
    f"SELECT count(*) FROM {table}"
    for table in ("alembic_version", "student", "submitted_assignment", "submitted_notebook", "comment", "source_cell")
]


def hand_in(solved, submitted):
    """A small class, all of it quick to judge, one of it unreadable."""
    for number in range(8):
        path = submitted / f"s{number}" / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        text = nbformat.writes(solved).replace("returned - due", f"returned - due * {number % 2}")
        path.write_text(text if number != 5 else text[:100], encoding="utf-8")


def content(out):
    """What grading left behind, but for class.html, which tells how long the run took."""
    engine = sa.create_engine(f"sqlite:///{out}/gradebook.db")
    with engine.connect() as connection:
        rows = [connection.execute(sa.text(query)).all() for query in (MARKS, CLAIMS, *OTHERS)]
    kept = {path.relative_to(out): path.read_bytes() for path in out.glob("*/**/*") if path.is_file()}
    return (out / "grades.csv").read_bytes(), rows, kept


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kills_at_any_moment_leave_no_trace(root, solved, tmp_path):
    """Are table, gradebook, claims and pages those of an undisturbed run, after kills at random moments?"""
    submitted, quiet, disturbed = (tmp_path / name for name in ("submitted", "quiet", "disturbed"))
    hand_in(solved, submitted)
    words = [sys.executable, SCRIPT, submitted, quiet, disturbed, str(KILLS)]
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = run_to_end(words, cwd=root, env=environment)
    assert (done.returncode, done.stdout.split()) == (0, [str(KILLS)]), done.stderr[-2000:]
    expected, found = content(quiet), content(disturbed)
    assert found[0] == expected[0]
    assert found[1] == expected[1]
    assert found[2] == expected[2]
    assert len(expected[1][0]) == 8 * 4
