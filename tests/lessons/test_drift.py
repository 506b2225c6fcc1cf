"""Is what is committed what the lessons say, byte for byte?"""

import pytest

from graders.build.builder import build, drift

pytestmark = pytest.mark.slow


def built(course, out):
    """Every file of a build, by its name."""
    build(course.written_to(out), answers=False)
    return {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_what_is_committed_is_what_the_lessons_say(course):
    """Does no committed notebook or key differ from a new build?"""
    assert drift(course) == []


def test_two_builds_are_identical(course, tmp_path):
    """Do two builds, whose processes take the lessons in any order, give the same bytes?"""
    first = built(course, tmp_path / "first")
    assert first
    assert built(course, tmp_path / "second") == first
