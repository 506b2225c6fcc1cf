"""Are wrong answers without a hint grouped by what they do, and is everybody in the table of who handed in what?"""

from dataclasses import replace
from datetime import datetime

import pytest
from foreseen_answers import LESSONS
from made_class import CLASS, LESSON, MORE, TWO_LESSONS, find_grader, handed_in, report

from graders.course.reading import read_lesson
from graders.grading.answer_groups import group_unexplained, students_alike, write_fence
from graders.grading.class_matrix import MatrixCell, class_matrix
from graders.kernel.report import Table
from graders.kernel.scoring import Outcome
from graders.term.late_policy import LatePolicy
from graders.term.roster import Person
from graders.term.term import CourseFile, HandIn, LessonPlan, Term

EXERCISES = list(find_grader(LESSON).exercises.values())[:2]


def answering(student, text, signs="+-", found="2 rows", rows=((1,),), hint=""):
    """A submission whose second answer is `text`, in which `found` was found."""
    one = handed_in(student, report("made-2", signs, hint))
    one.answers.texts["made-2"] = text
    tables = (Table("your rows", ("a",), list(rows)),)
    (made,) = one.reports.values()
    shown = [
        each if each.outcome is Outcome.HOLDS else replace(each, found=found, tables=tables) for each in made.verdicts
    ]
    one.reports["made-2"] = replace(made, verdicts=tuple(shown))
    return one


def test_answers_that_do_the_same_are_one_group():
    """Do claim, words and rows have to be equal, and is the largest group first, with its shortest answer?"""
    read = [
        answering("ann", "SELECT 1, 1"),
        answering("ben", "SELECT 2"),
        answering("cem", "SELECT 3", rows=((2,),)),
        answering("dee", "SELECT 4", found="3 rows"),
        answering("eve", "SELECT 5", signs="-+"),
        answering("fay", "SELECT 6", hint="Look again."),
        answering("gil", "SELECT 7", signs="++"),
    ]
    groups = group_unexplained(read, EXERCISES)
    assert [group.students for group in groups] == [("ann", "ben"), ("cem",), ("dee",), ("eve",)]
    assert (groups[0].example, groups[0].found) == ("SELECT 2", ("sentence 1: 2 rows",))


def test_all_that_do_the_same_are_found():
    """Are answers with a hint alike by the claims they fail, and others by what was found too?"""
    hinted = [answering(name, "x", found=name, hint="Look again.") for name in ("ann", "ben")]
    plain = [answering("cem", "y"), answering("dee", "z"), answering("eve", "z", found="3 rows")]
    assert students_alike(hinted + plain, "made-2", "ann") == [("ann", LESSON), ("ben", LESSON)]
    assert students_alike(hinted + plain, "made-2", "dee") == [("cem", LESSON), ("dee", LESSON)]
    with pytest.raises(LookupError, match="no answer of zoe to made-2"):
        students_alike(plain, "made-2", "zoe")


def test_an_answer_becomes_a_foreseen_one(tmp_path):
    """Can the fence be pasted into the lesson, and is it read as a wrong answer with this text?"""
    lesson = LESSONS["start-here"]
    task = lesson.tasks["open-loans"]
    answer = "SELECT *\nFROM `loans`  -- ```\n"
    for source in lesson.place.path.parent.glob("*"):
        (tmp_path / "01-start-here").mkdir(exist_ok=True)
        (tmp_path / "01-start-here" / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    part = tmp_path / "01-start-here" / task.place.path.name
    fence = write_fence(task, answer).replace('says=""', 'says="x"').replace(' misconception=""', "")
    part.write_text(part.read_text(encoding="utf-8") + f"\n{fence}\n", encoding="utf-8")
    found = read_lesson(part.parent).tasks["open-loans"].wrong
    assert [one.text for one in found if one.says == "x"] == [answer.strip("\n")]


def test_everybody_has_a_row_and_a_note():
    """Are points, what is missing and what could not be read told apart, lesson by lesson?"""
    rows = {row.student: row.cells for row in class_matrix(TWO_LESSONS, [LESSON, MORE], None, {("cem", MORE)})}
    assert (rows["cem"][1].note, rows["bob"][1].note) == ("late", "")
    assert rows["ann"] == (MatrixCell(3), MatrixCell(5))
    assert rows["eve"][1] == MatrixCell(note="missing")
    nasty = next(name for name in rows if "<" in name)
    assert rows[nasty] == (MatrixCell(note="unreadable"), MatrixCell(note="missing"))


def test_the_roster_and_the_dates_say_who_is_missing_and_late():
    """Is somebody who never handed in anything there, are sections together, and is a day late said in words?"""
    people = {name: Person(name, name.title(), section) for name, section in (("ann", "b"), ("bob", "a"), ("zoe", "a"))}
    day = datetime(2027, 1, 12)
    hand_ins = (HandIn("bob", LESSON, day.replace(hour=1)), HandIn("ann", LESSON, day.replace(day=14)))
    file = CourseFile(late=LatePolicy(), lessons={LESSON: LessonPlan(due=day)}, hand_ins=hand_ins)
    rows = class_matrix(
        [one for one in CLASS if one.submission.student in ("ann", "bob")], [LESSON], Term(file, people)
    )
    assert [(row.student, row.section, row.cells[0].note) for row in rows] == [
        ("bob", "a", "1 day late"),
        ("zoe", "a", "missing"),
        ("ann", "b", "2 days late"),
    ]
