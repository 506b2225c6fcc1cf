"""Does the page on functions in lessons name all that lessons import?"""

import ast
import re

import pytest

from graders.course.course import read_course
from graders.course.lesson import Task

OF_ONE_LESSON = ("graders.checks.", "course_data")


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/functions-in-lessons.md").read_text(encoding="utf-8")


def imports(lesson):
    """Each name that a demonstration of the lesson imports from the project, with its module."""
    for piece in lesson.pieces:
        if isinstance(piece, Task) or piece.is_prose or piece.language != "python":
            continue
        for node in ast.walk(ast.parse(re.sub(r"^[%!].*$", "", piece.text, flags=re.M))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("graders", "course_data")):
                yield from ((node.module, alias.name) for alias in node.names)


def test_what_lessons_import_is_on_the_page(course, page):
    """Is each name on the page, with the module that it is from?"""
    found = {pair for lesson in read_course(course) for pair in imports(lesson)}
    general = {pair for pair in found if not f"{pair[0]}.".startswith(OF_ONE_LESSON)}
    assert {pair for pair in general if f"`{pair[0]}`" not in page or not re.search(rf"\b{pair[1]}\b", page)} == set()


def test_what_is_of_one_lesson_is_used_by_one(course):
    """Does no lesson import from the claims of another?"""
    for lesson in read_course(course):
        own = f"graders.checks.{lesson.name.replace('-', '_')}"
        modules = {module for module, _ in imports(lesson) if module.startswith("graders.checks")}
        assert [module for module in modules if not f"{module}.".startswith(f"{own}.")] == []
