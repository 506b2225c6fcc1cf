"""Is what has changed built and tried again, and nothing else?"""

import pytest

from graders.build.builder import build
from graders.build.record import Record
from graders.course.faults import LessonError

# The solution, three wrong answers and two right ones, and a sample of mutants, idle answers and other forms.
ALL = 12
CLAIMS = """
from pathlib import Path

from graders import experiment


@experiment("trial-1", condition="it is judged")
def leave_a_trace(attempt):
    with Path({trace!r}).open("a") as file:
        file.write("x")
"""


@pytest.fixture
def traced(own_course, tmp_path):
    """The course, whose claims note each answer to `trial-1` that is judged; how many, is what `judged()` gives."""
    trace = tmp_path / "trace"
    with (own_course.course.claims / "trial" / "claims.py").open("a") as file:
        file.write(CLAIMS.format(trace=str(trace)))

    def judged(fresh: bool = False) -> int:
        """Build, and give the number of answers to `trial-1` that were judged."""
        trace.write_text("")
        build(own_course.course, record=Record(tmp_path / "build/record.json", fresh=fresh))
        return len(trace.read_text())

    assert judged() == ALL
    return own_course, judged


def test_nothing_is_tried_again_where_nothing_has_changed(traced):
    """Is a second build free, and a fresh one not?"""
    _, judged = traced
    assert judged() == 0
    assert judged(fresh=True) == ALL


def test_a_sentence_of_the_lesson_tries_no_answer(traced):
    """Does a change of prose make the notebook anew, and judge nothing?"""
    own_course, judged = traced
    own_course.edit("Give the `name` of every member", "Find the `name` of each member")
    assert judged() == 0
    source, released, _ = own_course.course.made_of("01-trial")
    assert "Find the `name`" in source.read_text()
    assert "Find the `name`" in released.read_text()


@pytest.mark.parametrize(
    ("old", "new"), [("IN ('Lyon')", "IN ('Lyon', 'Lyon')"), ("can share a name.", "can have the same name.")]
)
def test_an_answer_or_its_hint_tries_its_exercise(traced, old, new):
    """Are all answers to an exercise judged again when one of them changes, or what must be said of it?"""
    own_course, judged = traced
    own_course.edit(old, new)
    assert judged() == ALL


def test_claims_that_change_try_every_answer(traced):
    """Does each module of the lesson's claims count?"""
    own_course, judged = traced
    (own_course.course.claims / "trial" / "more.py").write_text('"""More."""\n')
    assert judged() == ALL


def test_pins_that_change_try_every_answer(traced):
    """Is everything tried on the versions that are pinned?"""
    own_course, judged = traced
    (own_course.course.root / "requirements.txt").write_text("duckdb==9.9.9\n")
    assert judged() == ALL


def test_a_file_that_was_changed_or_deleted_is_made_again(traced):
    """Can no record hide that a notebook or a key is not what the lesson says?"""
    own_course, judged = traced
    for path in own_course.course.made_of("01-trial"):
        made = path.read_bytes()
        path.write_bytes(made + b" ")
        assert judged() == 0
        assert path.read_bytes() == made
        path.unlink()
        judged()
        assert path.read_bytes() == made


def test_what_has_a_fault_is_told_every_time(traced):
    """Is a fault not forgotten by the next build?"""
    own_course, judged = traced
    own_course.edit("IN ('Lyon')", "IN ('Porto')")
    for _ in range(2):
        with pytest.raises(LessonError, match="this right answer to `trial-1` earns"):
            judged()


def test_a_broken_record_counts_as_none(traced, tmp_path):
    """Does a record that cannot be read only cost time?"""
    _, judged = traced
    (tmp_path / "build/record.json").write_text('{"lessons": []}')
    assert judged() == ALL


def test_what_a_deleted_lesson_left_is_removed(traced):
    """Do notebook and key go with their lesson?"""
    own_course, judged = traced
    (own_course.course.lessons / "01-trial").rename(own_course.course.lessons / "02-trial")
    assert judged() == 0
    assert not own_course.course.made_of("01-trial")[0].exists()
    assert all(path.is_file() for path in own_course.course.made_of("02-trial"))
