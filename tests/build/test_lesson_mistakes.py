"""Does a mistake in a lesson file stop the build with file, line and remedy?"""

import re

import jupytext
import pytest

from graders.build.keys import exercise_of
from graders.build.new_lesson import filled
from graders.course.course import Course, read_course
from graders.course.faults import LessonError
from graders.course.reading import read_lesson

FRONT = "---\ntitle: T\nsummary: s\nobjectives: []\nprerequisites: none\nout_of_scope: none\n---\n"
SOLVED = "-- BEGIN SOLUTION\nSELECT 1\n-- END SOLUTION"
EXERCISE = f'```sql exercise="trial-1" points=2 answer="q"\n{SOLVED}\n```\n'
OPTIONS = "options:\n  a: {text: t, because: b, right: true}\n  b: {text: u, because: c}\n"
RECALL = f'```yaml recall="what-then" about="trial-1"\nquestion: q\n{OPTIONS}```\n'


def read(tmp_path, text, folder="07-trial", part="1-opening.md"):
    path = tmp_path / folder / part
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_lesson(path.parent)


MISTAKES = {
    "no front matter": ("# Title\n", 1, "the front matter is missing", "Begin the first part with"),
    "front matter lacks a part": ("---\ntitle: T\n---\n", 1, "lacks `objectives`", "Add `objectives:`"),
    "front matter is no YAML": ("---\ntitle: [\n---\n", 2, "this is not YAML", "Quote texts"),
    "front matter is no mapping": ("---\n- a\n---\n", 2, "not a mapping", "Write `name: value`"),
    "unknown kind of fence": (FRONT + '```sql exercize="x-1"\n```\n', 8, "`exercize=` begins no kind", "first is one"),
    "unknown pair": (
        FRONT + EXERCISE.replace("points", "point"),
        8,
        "`point=` has no meaning here",
        "Known: answer",
    ),
    "pair cannot be read": (FRONT + '```sql exercise="x\n```\n', 8, "cannot read", "Write attributes such as"),
    "name without a hyphen": (
        FRONT + EXERCISE.replace("trial-1", "trial"),
        8,
        "is no name of an exercise",
        "split-the-name",
    ),
    "duplicate names": (FRONT + EXERCISE + EXERCISE, 13, "is an exercise in line 8 too", "Rename one"),
    "points missing": (FRONT + EXERCISE.replace(" points=2", ""), 8, "has no points", "Add points=2"),
    "points are no number": (FRONT + EXERCISE.replace("=2", '="two"'), 8, "has no points", "a number"),
    "solution markers missing": (
        FRONT + EXERCISE.replace("-- BEGIN SOLUTION\n", ""),
        8,
        "does not say where its solution is",
        "`-- BEGIN SOLUTION`",
    ),
    "wrong answer to nothing": (
        FRONT + '```sql wrong="trial-9" says="x"\nSELECT\n```\n',
        8,
        "there is no exercise `trial-9` above",
        "Correct the name",
    ),
    "wrong answer without hint": (
        FRONT + EXERCISE + '```sql wrong="trial-1"\nX\n```\n',
        13,
        "lacks `says=`",
        "Add says",
    ),
    "wrong answer that fits no place of the solution": (
        FRONT + EXERCISE + '```diff wrong="trial-1" says="x"\n-SELECT 7\n```\n',
        13,
        "the lines from `-SELECT 7` on fit no places of the solution",
        "Give each `@@` part lines that stand in the solution once",
    ),
    "two reasons": (
        FRONT + EXERCISE + '```text because="trial-1"\nx\n```\n' * 2,
        16,
        "has a `because=` already",
        "Make one of the two",
    ),
    "a reason beside the reasons of options": (
        FRONT + f'```yaml exercise="trial-1" kind="choice" points=1\n{OPTIONS}```\n```text because="trial-1"\nx\n```\n',
        13,
        "says why in its YAML",
        "Leave this out",
    ),
    "hint to nothing": (
        FRONT + '```text hint="trial-1"\nx\n```\n',
        8,
        "no exercise `trial-1` above",
        "Correct the name",
    ),
    "recall question about nothing": (FRONT + RECALL, 8, "no exercise `trial-1` above", "Correct the name"),
    "recall question without about": (
        FRONT + EXERCISE + RECALL.replace(' about="trial-1"', ""),
        13,
        "`what-then` does not say which exercise it is about",
        "Add about=",
    ),
    "recall question with a bad name": (
        FRONT + EXERCISE + RECALL.replace("what-then", "what"),
        13,
        "`what` is no name of a question",
        "Call it like",
    ),
    "recall question without a right option": (
        FRONT + EXERCISE + RECALL.replace(", right: true", ""),
        13,
        "`what-then` has no right option",
        "Add `right: true`",
    ),
    "recall question that asks nothing": (
        FRONT + EXERCISE + RECALL.replace("question: q\n", ""),
        13,
        "`what-then` lacks `question:`",
        "Add `question:`",
    ),
    "two recall questions with one name": (
        FRONT + EXERCISE + RECALL + RECALL,
        19,
        "`what-then` is a question in line 13 too",
        "Rename one",
    ),
    "unclosed fence": (
        FRONT + EXERCISE + '```text hint="trial-1"\nx\n\n```sql wrong="trial-1" says="y"\nX\n```\n',
        13,
        "this fence is not closed",
        "Close it",
    ),
    "fence unclosed at the end": (FRONT + EXERCISE + '```text hint="trial-1"\nx\n', 13, "not closed", "Close it"),
    "backquote after a fence": (
        FRONT + EXERCISE + '```sql wrong="trial-1" says="`x`"\nX\n```\n',
        13,
        "a backquote after the fence",
        "Leave it out",
    ),
    "YAML exercise without kind": (
        FRONT + '```yaml exercise="trial-1" points=1\na: 1\n```\n',
        8,
        "has no kind",
        "Add kind=",
    ),
    "choice without options": (
        FRONT + '```yaml exercise="trial-1" kind="choice" points=1\na: 1\n```\n',
        8,
        "lacks `options:`",
        "Add `options:`",
    ),
    "option without reason": (
        FRONT + '```yaml exercise="trial-1" kind="choice" points=1\noptions:\n  a: {text: x, right: true}\n```\n',
        8,
        "option a of `trial-1` is not complete",
        "because:",
    ),
    "no right option": (
        FRONT + '```yaml exercise="trial-1" kind="choice" points=1\noptions:\n  a: {text: x, because: y}\n```\n',
        8,
        "has no right option",
        "right: true",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_name_file_line_and_remedy(tmp_path, name):
    """Is each mistake told at its line, with what to do?"""
    text, line, wrong, remedy = MISTAKES[name]
    with pytest.raises(LessonError) as caught:
        read(tmp_path, text)
    assert f"07-trial/1-opening.md:{line}:" in str(caught.value)
    assert wrong in str(caught.value)
    assert remedy in str(caught.value)


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        (("trial", "1-opening.md"), "Call the folder like 06-indexing"),
        (("07-trial", "opening.md"), "Call it like 2-read"),
    ],
)
def test_what_is_not_named_like_a_lesson_is_refused(tmp_path, names, remedy):
    """Is a folder, or a part, without a number refused?"""
    with pytest.raises(LessonError, match=remedy):
        read(tmp_path, FRONT, *names)


def test_a_lesson_needs_a_part(tmp_path):
    """Is an empty folder, or one with notes alone, refused?"""
    with pytest.raises(LessonError, match="this lesson has no parts"):
        read(tmp_path, "For the instructor.", part="notes.md")


def test_parts_come_in_the_order_of_their_numbers(tmp_path):
    """Does part 10 follow part 9, is a fault told at its file, and a further part marked as one?"""
    read(tmp_path, FRONT + EXERCISE)
    read(tmp_path, "---\nfurther: true\n---\n" + EXERCISE.replace("trial-1", "trial-3"), part="10-more.md")
    lesson = read(tmp_path, EXERCISE.replace("trial-1", "trial-2"), part="9-less.md")
    found = [(task.name, task.number, task.further) for task in lesson.tasks.values()]
    assert found == [("trial-1", 1, False), ("trial-2", 2, False), ("trial-3", 3, True)]
    exercises = [exercise_of(task, "", None, "trial") for task in lesson.tasks.values()]
    assert [one.to_plain()["further"] for one in exercises] == [False, False, True]
    headings = [one.heading for one in exercises]
    assert headings == [task.heading for task in lesson.tasks.values()]
    assert [words.endswith(" (further)") for words in headings] == [False, False, True]
    with pytest.raises(LessonError, match=r"9-less.md:2: `title` belongs to|9-less.md:1: `title` belongs to"):
        read(tmp_path, "---\ntitle: T\n---\n", part="9-less.md")


def course_of(tmp_path, **texts) -> Course:
    for name, text in texts.items():
        folder = tmp_path / "lessons" / name[1:].replace("_", "-")
        folder.mkdir(parents=True)
        (folder / "1-opening.md").write_text(text, encoding="utf-8")
    return Course.at(tmp_path)


def test_an_objective_needs_its_exercise(tmp_path):
    """Does an objective that no exercise meets stop the build?"""
    front = FRONT.replace("[]", "[{can: fly, by: [trial-1]}]")
    with pytest.raises(LessonError, match="met by `trial-1`, which is no exercise of this lesson"):
        read_course(course_of(tmp_path, _07_trial=front))


def test_two_lessons_of_one_name_are_refused(tmp_path):
    """Is the second of two lessons named with the first?"""
    with pytest.raises(LessonError, match=r"08-trial/1-opening.md:1: 07-trial has the same name"):
        read_course(course_of(tmp_path, _07_trial=FRONT, _08_trial=FRONT))


def test_exercises_have_names_of_their_own_in_the_whole_course(tmp_path):
    """Is an exercise refused whose name another lesson has taken?"""
    front = FRONT.replace("[]", "[{can: fly, by: [trial-1]}]")
    with pytest.raises(LessonError, match="`trial-1` is an exercise of 07-trial too"):
        read_course(course_of(tmp_path, _07_trial=front + EXERCISE, _08_other=front + EXERCISE))


def test_recall_questions_have_names_of_their_own_in_the_whole_course(tmp_path):
    """Is a question refused whose name another lesson has taken?"""
    one = FRONT + EXERCISE + RECALL
    with pytest.raises(LessonError, match=r"08-other/1-opening.md:13: `what-then` is a recall question of 07-trial"):
        read_course(course_of(tmp_path, _07_trial=one, _08_other=one.replace("trial-1", "other-1")))


def test_prose_fences_do_not_run(tmp_path):
    """Are tildes, and fences without attributes in other languages, left in the prose?"""
    lesson = read(tmp_path, FRONT + "~~~sql\nSELECT 1\n~~~\n\n```text\nx\n```\n\n```sql\nSELECT 2\n```\n")
    assert [(piece.language, piece.text) for piece in lesson.pieces] == [
        ("markdown", "~~~sql\nSELECT 1\n~~~\n\n```text\nx\n```"),
        ("sql", "SELECT 2"),
    ]


def test_jupytext_reads_the_same_cells(course):
    """Is a lesson Jupytext Markdown: are the cells that we run among the cells that Jupytext finds?"""
    for lesson in read_course(course):
        parts = [part.path.read_text(encoding="utf-8") for part in lesson.parts]
        cells = [cell for text in parts for cell in jupytext.reads(text, fmt="md").cells]
        # The language that most fences have is Jupytext's main one; cells in the other get a magic line.
        theirs = [re.sub(r"^%%(sql|python).*\n", "", cell.source) for cell in cells if cell.cell_type == "code"]
        ours = [piece.text for piece in lesson.pieces if getattr(piece, "language", "") in ("sql", "python")]
        assert ours
        assert [text for text in ours if text not in theirs] == []


def test_the_skeleton_is_a_lesson(tmp_path):
    """Does what `new-lesson` writes read without a mistake?"""
    lesson = read(tmp_path, filled("lesson", "trial"))
    assert list(lesson.tasks) == ["trial-1", "trial-2"]
