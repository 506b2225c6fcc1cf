"""Is what is committed what the lessons say, byte for byte?"""

import pytest

from graders.build.course import build, drift

pytestmark = pytest.mark.slow


def test_two_builds_are_identical(course, tmp_path):
    """Do two builds give the same bytes, and the bytes that are committed?"""
    assert drift(course, tmp_path / "first") == []
    build(course.written_to(tmp_path / "second"), try_answers=False)
    made = {
        path.relative_to(tmp_path / "first"): path.read_bytes()
        for path in (tmp_path / "first").rglob("*")
        if path.is_file()
    }
    assert made
    assert all((tmp_path / "second" / name).read_bytes() == content for name, content in made.items())
