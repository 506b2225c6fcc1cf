"""Does a lesson that lacks what every lesson must have stop the build, with all that it lacks?"""

import re

import pytest

from graders.build.new_lesson import filled
from graders.build.notebook import source_notebook
from graders.course.course import broken_rules, read_course, recommendations
from graders.course.faults import LessonError
from graders.course.minutes import workload_of
from graders.course.reading import read_lesson

PARSONS = """
```yaml exercise="trial-3" kind="parsons" points=1
steps: {a: "SELECT 1", b: "FROM t"}
solution: a b
```
"""


def rules(tmp_path, change=lambda text: text, check=broken_rules):
    path = tmp_path / "01-trial" / "1-opening.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(change(filled("lesson", "trial")), encoding="utf-8")
    return [f"{fault.place.line}: {fault.wrong} {fault.remedy}" for fault in check(read_lesson(path.parent))]


def without(text, *begins):
    """`text` without the fences that begin like one of `begins`."""
    for begin in begins:
        text = re.sub(rf"```\w+ {begin}.*?```\n", "", text, flags=re.S)
    return text


def line_of(words):
    return next(number for number, line in enumerate(filled("lesson", "trial").splitlines(), 1) if words in line)


def test_the_skeleton_keeps_the_rules(tmp_path):
    assert rules(tmp_path) == []


def test_a_line_too_wide_for_the_page_is_told(tmp_path):
    """Does a demonstration with a line of 89 characters stop the build, on its line, and one of 88 not?"""
    for width in (88, 89):
        text = filled("lesson", "trial") + f"\n```python\nprint(1)\nx = {'1' * (width - 4)}\n```\n"
        found = rules(tmp_path, lambda _, text=text: text)
        line = text.splitlines().index(f"x = {'1' * (width - 4)}") + 1
        remedy = "Break it, or give a part of it a name."
        wrong = f"{line}: a line of a demonstration has 89 characters, more than 88. {remedy}"
        assert found == [wrong] * (width == 89)


def test_all_that_an_exercise_lacks_is_told(tmp_path):
    """Are too few wrong and right answers, and a missing hint, told together?"""
    line = line_of('exercise="trial-1"')
    assert rules(tmp_path, lambda text: without(text, "wrong=", "right=", "hint=")) == [
        f"{line}: `trial-1` has 0 wrong answers. Give at least 3.",
        f"{line}: `trial-1` has 0 right answers beside its solution. Give 2 more.",
        f'{line}: `trial-1` has no hints. Add a fence ```text hint="trial-1".',
    ]


def test_a_choice_needs_three_ways_to_be_wrong(tmp_path):
    """Does a choice with two wrong options stop the build?"""
    found = rules(tmp_path, lambda text: re.sub(r"  d:\n.*\n.*\n", "", text))
    assert [fault.partition(": ")[2] for fault in found] == [
        "`trial-2` can be answered wrong in 2 ways only. Give it 3 wrong options."
    ]


def test_an_answer_that_comes_twice_is_told(tmp_path):
    """Is an answer of the same form, but for white space, not counted as another one?"""
    (fault,) = rules(tmp_path, lambda text: text.replace("IN ('Lyon')", " = 'Lyon'"))
    assert fault.endswith(
        "this answer to `trial-1` repeats another one, or the solution. Give an answer of another form."
    )


def test_objectives_and_exercises_name_each_other(tmp_path):
    """Is an exercise that no objective names a fault, like an objective without its exercise?"""
    line = line_of('exercise="trial-2"')
    assert rules(tmp_path, lambda text: text.replace("by: [trial-2]", "by: [trial-7]")) == [
        "1: an objective is met by `trial-7`, which is no exercise of this lesson. Correct `by:`.",
        f"{line}: no objective is met by `trial-2`. Add it to the `by:` of an objective in the front matter.",
    ]


def test_what_would_be_better_is_advice(tmp_path):
    """Are steps without a second right order and without hints recommended to get some, no more?"""
    found = rules(tmp_path, lambda text: text + PARSONS, recommendations)
    assert [words.partition(": ")[2].split(".")[0] for words in found] == [
        "`trial-3` has 0 right orders beside its solution",
        "`trial-3` has no hints",
        "`solution()` cannot say why the solution of `trial-3` is one",
    ]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("\n```sql\nSELECT 1;\n```\n" * 90, "1: the main path takes 7"),
        ("word " * 2000, "1: 11 minutes of reading pass without an exercise, more than 10."),
    ],
)
def test_a_main_path_that_is_too_long_is_a_fault(tmp_path, more, says):
    """Are too many minutes, and too much to read between two exercises, refused, and what is further not counted?"""
    assert any(fault.startswith(says) for fault in rules(tmp_path, lambda text: text + more))
    further = tmp_path / "01-trial" / "2-more.md"
    further.write_text("---\nfurther: true\n---\n" + more, encoding="utf-8")
    assert rules(tmp_path) == []


def test_a_long_prompt_is_a_fault(tmp_path):
    """Has a prompt at most six lines?"""
    found = rules(tmp_path, lambda text: text.replace("Give the `name`", "A line.\n" * 6 + "Give the `name`"))
    line = line_of('exercise="trial-1"') + 6
    assert [fault.partition(" Say")[0] for fault in found] == [
        f"{line}: the prompt of `trial-1` has 7 lines, more than 6."
    ]


def test_minutes_follow_the_model(tmp_path):
    """Do reading, demonstrations and answers take the minutes that the model gives them?"""
    path = tmp_path / "01-trial" / "1-opening.md"
    path.parent.mkdir()
    path.write_text(filled("lesson", "trial"), encoding="utf-8")
    lesson = read_lesson(path.parent)
    two_cells, lines = 2 * 0.7, 2 * 0.03
    written, choice = 6, 2.5
    load = workload_of(lesson)
    assert (load.parts, load.exercises, load.further_minutes) == (1, 2, 0)
    assert load.minutes == pytest.approx(load.words / 180 + two_cells + lines + written + choice)


def test_a_wrong_answer_names_what_it_shows(own_course):
    """Is a wrong answer without a misconception of the catalogue a fault at its line?"""
    own_course.edit('misconception="null-is-a-value"', 'misconception="null-is-mine"')
    own_course.edit(' misconception="distinct-removes-repeats-safely"', "")
    with pytest.raises(LessonError) as caught:
        read_course(own_course.course)
    assert [str(fault.wrong) for fault in caught.value.faults] == [
        "this wrong answer to `trial-1` shows `null-is-mine`, which is not in the catalogue.",
        "this wrong answer to `trial-1` shows nothing.",
    ]


def test_an_exercise_needs_a_heading(tmp_path):
    """Is an exercise without a title of its own a fault, and is one without a prompt numbered all the same?"""
    found = rules(tmp_path, lambda text: re.sub(r"### Members of one city\n|## What went wrong\n", "", text))
    assert any("`trial-1` has no title. Give it a heading of its own" in fault for fault in found)
    bare = re.sub(r"Give the `name` of every member who lives in Lyon.\n", "", filled("lesson", "trial"))
    (tmp_path / "01-trial" / "1-opening.md").write_text(bare, encoding="utf-8")
    cells = source_notebook(read_lesson(tmp_path / "01-trial")).cells
    assert any(cell.source == "### Exercise 1 · Members of one city" for cell in cells)
