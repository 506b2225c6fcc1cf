"""Is what is committed what the lessons say, byte for byte?"""

import pytest

from graders.build.builder import build, compare_with_fresh

pytestmark = pytest.mark.slow


def files_in(folder):
    """Every file below `folder`, by its name."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def first_build(course, tmp_path_factory):
    """The files of a new build, and the names of the committed ones that differ from it."""
    folder = tmp_path_factory.mktemp("first")
    differing = compare_with_fresh(course, folder)
    return files_in(folder), differing


def test_what_is_committed_is_what_the_lessons_say(first_build):
    """Does no committed notebook or key differ from a new build?"""
    files, differing = first_build
    assert files
    assert differing == []


def test_two_builds_are_identical(course, first_build, tmp_path):
    """Do two builds, whose processes take the lessons in any order, give the same bytes?"""
    build(course.written_to(tmp_path), answers=False)
    assert files_in(tmp_path) == first_build[0]
