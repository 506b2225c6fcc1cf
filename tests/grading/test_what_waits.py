"""Does only what a person can decide wait for one?"""

from types import SimpleNamespace

import pytest

from graders.course.answer_cells import Answers
from graders.grading.feedback import feedback_page
from graders.grading.gradebook import Decision, decide
from graders.grading.grades import ExerciseScore, GradedExercise
from graders.grading.submissions import GradedSubmission, Submission
from graders.kernel.exercise import Exercise

STUB = "*Your answer.*"
PROSE = Exercise("why", "prose", 3, "answer", "Why?", stub=STUB)


def handed_in(text="", **found):
    return GradedSubmission(Submission("ann", "x", None), answers=Answers({"why": text}), **found)


@pytest.mark.parametrize(
    ("graded", "decision"),
    [
        (handed_in("Because."), Decision(None, True)),
        (handed_in(STUB), Decision(0.0, False)),
        (handed_in(" \n"), Decision(0.0, False)),
        (handed_in(reason="its JSON is broken"), Decision(None, False)),
        (handed_in(reason="judging it broke", our_fault=True), Decision(None, True)),
    ],
    ids=["written", "as released", "empty", "unreadable", "our fault"],
)
def test_what_waits(graded, decision):
    assert decide(graded, [PROSE]) == {"why": decision}


def test_blank_prose_with_text_beside_it_waits():
    """Is what stands in another cell and was not read a person's to look at?"""
    graded = handed_in(STUB)
    graded.answers.unread["why"] = ["Because."]
    assert decide(graded, [PROSE])["why"].look


def test_blank_prose_is_not_attempted():
    """Do the page and the exports say so, with 0 points, and without a person?"""
    score = ExerciseScore(GradedExercise("why", 3, prose=True), 0.0, None, 0.0, needs_person=False)
    assert (score.score, score.status) == (0, "not attempted")
    lesson = SimpleNamespace(front={"title": "A lesson"}, tasks={})
    page = feedback_page(handed_in(STUB), SimpleNamespace(lesson=lesson, exercises={"why": PROSE}))
    assert "<strong>0 of 3 points</strong>, not attempted" in page
