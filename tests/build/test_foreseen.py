"""Does the build name every answer that does not come out as the lesson foresees?"""

import pytest
from click.testing import CliRunner

from graders.__main__ import main
from graders.build.builder import build
from graders.build.workers import try_one
from graders.course.faults import LessonError

WRONG_HINT = 'says="Which condition keeps the others out?"'


def claims_of(course):
    return course.claims / "trial" / "claims.py"


def faults_of(course):
    """The faults that stop a build of `course`, a line each."""
    with pytest.raises(LessonError) as caught:
        build(course)
    return str(caught.value).splitlines()


def test_a_new_lesson_builds_and_passes(own_course):
    """Does the skeleton build, with its notebook and its key?"""
    build(own_course.course)
    assert all(path.is_file() for path in own_course.course.made_of("01-trial"))


def test_an_unmet_hint_is_told_at_its_line(own_course):
    """Is a wrong answer that meets another hint named, with its line?"""
    claims_of(own_course.course).write_text(
        'from graders import Mismatch, claim, experiment\n\n@experiment("trial-1")\ndef read(attempt):\n'
        '    return attempt.answer\n\n@claim(read)\ndef always(query):\n    """it is 1"""\n'
        '    if "\'Lyon\'" not in query or "IS NULL" in query or "DISTINCT" in query:\n'
        '        raise Mismatch("1", "2", hint="Another hint.")\n'
    )
    faults = faults_of(own_course.course)
    assert len(faults) == 3
    lines = [number for number, line in enumerate(own_course.text.splitlines(), 1) if "wrong=" in line]
    for fault, line in zip(faults, lines, strict=True):
        assert (
            f"1-what-went-wrong.md:{line}: this wrong answer to `trial-1` meets the hint 'Another hint.', not" in fault
        )


def test_a_hint_that_nobody_meets_is_told(own_course):
    """Is a hint in the claims that no wrong answer reaches named with its line there?"""
    with claims_of(own_course.course).open("a") as file:
        file.write(
            '\nfrom graders import Mismatch, claim, experiment\n\n@experiment("trial-1")\ndef read(attempt):\n'
            '    return attempt.answer\n\n@claim(read)\ndef never(query):\n    """it is short, and reads"""\n'
            '    if "members" not in query:\n        raise Mismatch("members", "no members")\n'
            '    if len(query) > 9999:\n        raise Mismatch("short", "long", hint="Nobody meets this.")\n'
        )
    (fault,) = faults_of(own_course.course)
    assert "trial/claims.py:20: no wrong answer reaches this hint. Add one to the lesson" in fault


def test_an_exercise_that_pays_for_nothing_is_told(own_course):
    """Is a claim found that holds for an answer that does nothing, where every foreseen answer is as foreseen?"""
    with claims_of(own_course.course).open("a") as file:
        file.write(
            '\nfrom graders import claim, experiment\n\n@experiment("trial-1")\ndef read(attempt):\n'
            '    return attempt.answer\n\n@claim(read)\ndef always(query):\n    """it is there"""\n'
        )
    told = faults_of(own_course.course)
    assert "an idle answer to `trial-1` earns 0.4 of 2" in told[0] and "SELECT NULL WHERE 0" in told[1]


def test_all_faults_are_told_at_once(own_course):
    """Are a "wrong" answer that is right and a "right" one that is wrong named together, each at its line?"""
    own_course.edit("SELECT name FROM members\n```", "SELECT name FROM members WHERE (city = 'Lyon')\n```")
    own_course.edit("IN ('Lyon')", "IN ('Porto')")
    right, wrong = faults_of(own_course.course)
    assert "this right answer to `trial-1` earns" in right
    assert "this wrong answer to `trial-1` earns full marks" in wrong


def test_the_faults_of_all_lessons_are_told(own_course):
    """Does a lesson that cannot be read keep no other from being tried?"""
    broken = own_course.course.lessons / "02-broken"
    broken.mkdir()
    (broken / "1-opening.md").write_text("# No front matter\n")
    own_course.edit("IN ('Lyon')", "IN ('Porto')")
    tried, unread = faults_of(own_course.course)
    assert "01-trial/1-what" in tried
    assert "02-broken/1-opening.md:1: the front matter is missing" in unread


def test_claims_that_break_are_told_where_they_break(own_course):
    """Is an error in a module of claims a fault at its line, not a traceback?"""
    claims_of(own_course.course).write_text("import no_such_module\n")
    (fault,) = faults_of(own_course.course)
    assert "trial/claims.py:1: building 01-trial ends here with ModuleNotFoundError" in fault


def test_the_command_ends_with_the_faults_and_a_failing_code(own_course, monkeypatch):
    """Does `build` name every fault and exit with 1?"""
    own_course.edit("IN ('Lyon')", "IN ('Porto')")
    monkeypatch.chdir(own_course.course.root)
    done = CliRunner().invoke(main, ["build"])
    assert done.exit_code == 1
    assert "this right answer to `trial-1` earns" in done.output


def test_one_exercise_is_tried_alone(own_course):
    """Is told what each answer gets, and nothing written?"""
    told = []
    try_one(own_course.course, "trial-1", told.append)
    assert [line.split()[2:6] for line in told[:2]] == [["solution", "2", "of", "2"], ["blank", "0", "of", "2"]]
    assert sum("wrong" in line and "hint: " in line for line in told) == 3
    assert not own_course.course.notebooks.exists()


def test_an_exercise_with_a_fault_is_told_after_all_its_answers(own_course):
    """Does a fault keep no other answer from being tried?"""
    own_course.edit("SELECT name FROM members\n```", "SELECT name FROM members WHERE (city = 'Lyon')\n```")
    told = []
    with pytest.raises(LessonError, match="earns full marks"):
        try_one(own_course.course, "trial-1", told.append)
    assert [line[0] for line in told].count("✗") == 1
    assert len(told) == 7


@pytest.mark.parametrize(
    ("name", "says"),
    [("trial-9", "there is no exercise `trial-9`. Is it trial-")],
)
def test_an_unknown_exercise_is_refused_with_those_there_are(own_course, name, says):
    """Does a wrong name say which there are?"""
    with pytest.raises(LessonError, match=says):
        try_one(own_course.course, name, print)


def test_the_authors_guide_example_is_the_skeletons(root):
    """Is the example of the author guide the one that `new-lesson` writes and the tests above build?"""
    from graders.build.new_lesson import filled

    guide = (root / "docs/author-guide.md").read_text(encoding="utf-8")
    skeleton = filled("lesson", "example")
    begin, end = skeleton.index("### Members of one city"), skeleton.index("### What does the condition")
    assert skeleton[begin:end].strip() in guide
    assert filled("claims", "example").splitlines()[-1] in guide
