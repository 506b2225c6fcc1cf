"""Does the build stop where an answer does not come out as the lesson foresees?"""

import shutil
import sys

import pytest

from graders.build.course import Course, build
from graders.course.lesson import LessonError
from graders.build.skeleton import begin_lesson
from graders.kernel.claims import CLAIMS, KEY_MAKERS
from graders.kernel.exercise import find_exercise

WRONG_HINT = 'says="Which condition keeps the others out?"'


@pytest.fixture
def own_course(root, tmp_path, monkeypatch):
    """A course of one new lesson, `trial`, in a folder of its own; its claims are forgotten afterwards."""
    import graders.checks

    for folder in ("lessons", "graders/checks"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    begin_lesson(tmp_path, "trial")
    monkeypatch.setattr(graders.checks, "__path__", [str(tmp_path / "graders/checks")])
    monkeypatch.setattr(graders.checks, "__file__", str(tmp_path / "graders/checks/__init__.py"))
    yield Course.at(tmp_path)
    for module in ("graders.checks.trial", "graders.checks.trial.claims"):
        sys.modules.pop(module, None)
    for registry in (CLAIMS, KEY_MAKERS):
        registry.pop("trial-1", None)
    find_exercise.cache_clear()


def edited(course, old, new):
    path = course.lessons / "01-trial.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_new_lesson_builds_and_passes(own_course):
    """Does the skeleton build, with its notebook and its key?"""
    build(own_course)
    assert (own_course.notebooks / "01-trial" / "01-trial.ipynb").is_file()
    assert (own_course.keys / "trial.json").is_file()


def test_an_unmet_hint_is_told_at_its_line(own_course):
    """Is a wrong answer that meets another hint named, with its line?"""
    own = own_course.lessons.parent / "graders/checks/trial/claims.py"
    own.write_text(
        'from graders import Mismatch, claim, experiment\n\n@experiment("trial-1")\ndef read(attempt):\n'
        '    return attempt.answer\n\n@claim(read)\ndef always(query):\n    """it is 1"""\n'
        '    if "= \'Lyon\'" not in query or "IS NULL" in query or "DISTINCT" in query:\n'
        '        raise Mismatch("1", "2", hint="Another hint.")\n'
    )
    edited(own_course, "IN ('Lyon')", "= 'Lyon'")
    edited(own_course, "NOT m.city <> 'Lyon'", "m.city = 'Lyon'")
    with pytest.raises(LessonError, match=r"01-trial.md:\d+: this wrong answer to `trial-1` meets the hint 'Another"):
        build(own_course)


def test_a_hint_that_nobody_meets_is_told(own_course):
    """Is a hint in the claims that no wrong answer reaches named with its line there?"""
    own = own_course.lessons.parent / "graders/checks/trial/claims.py"
    with own.open("a") as file:
        file.write(
            '\nfrom graders import Mismatch, claim, experiment\n\n@experiment("trial-1")\ndef read(attempt):\n'
            '    return attempt.answer\n\n@claim(read)\ndef never(query):\n    """it is short"""\n'
            '    if len(query) > 9999:\n        raise Mismatch("short", "long", hint="Nobody meets this.")\n'
        )
    with pytest.raises(LessonError, match=r"no wrong answer reaches the hint in .*claims.py:18"):
        build(own_course)


def test_a_wrong_answer_that_earns_all_is_told(own_course):
    """Is a "wrong" answer that is right named?"""
    edited(own_course, "SELECT name FROM members\n```", "SELECT name FROM members WHERE city = 'Lyon'\n```")
    with pytest.raises(LessonError, match="this wrong answer to `trial-1` earns full marks"):
        build(own_course)


def test_a_right_answer_that_loses_is_told(own_course):
    """Is a "right" answer that is wrong named with what it earned?"""
    edited(own_course, "IN ('Lyon')", "IN ('Porto')")
    with pytest.raises(LessonError, match="this right answer to `trial-1` earns"):
        build(own_course)


def test_too_few_wrong_answers_are_told(own_course):
    """Does an exercise without three wrong answers stop the build?"""
    path = own_course.lessons / "01-trial.md"
    text = path.read_text(encoding="utf-8")
    begin = text.index(f'```sql wrong="trial-1" {WRONG_HINT}')
    path.write_text(text[:begin] + text[text.index("```sql", begin + 3) :], encoding="utf-8")
    with pytest.raises(LessonError, match="`trial-1` has 2 wrong answers. Give at least 3."):
        build(own_course)


def test_the_authors_guide_example_is_the_skeletons(root):
    """Is the example of the author guide the one that `new-lesson` writes and the tests above build?"""
    from graders.build.skeleton import filled

    guide = (root / "docs/author-guide.md").read_text(encoding="utf-8")
    skeleton = filled("lesson", "example")
    begin, end = skeleton.index("### Members of one city"), skeleton.index("### What does the condition")
    assert skeleton[begin:end].strip() in guide
    assert filled("claims", "example").splitlines()[-1] in guide
