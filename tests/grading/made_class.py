"""A class made by hand, with numbers that can be counted on the fingers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from graders.course.answer_cells import Answers
from graders.grading.submissions import GradedSubmission, Submission
from graders.kernel.exercise import Exercise
from graders.kernel.report import Outcome, Report, Verdict

LESSON = "07-made"
POINTS = {"made-1": 1.0, "made-2": 2.0}
HINT = "Which column is `due`?"
NASTY = "<script>alert('x')</script>"


def find_grader(lesson: str):
    """The made lesson has two exercises for claims and one in prose; there is no other."""
    if lesson != LESSON:
        return None
    exercises = {name: Exercise(name, "sql", points, "answer", f"Title {name}") for name, points in POINTS.items()}
    exercises["made-3"] = Exercise("made-3", "prose", 4, "answer", "Why?")
    read = SimpleNamespace(id=LESSON, front={"title": "A made lesson"})
    return SimpleNamespace(lesson=read, exercises=exercises, autograded=list(POINTS))


def report(name: str, signs: str, hint: str = "") -> Report:
    """A report on `name` with one claim for each of `signs`; a claim that fails gives `hint`."""
    outcomes = {"+": Outcome.HOLDS, "-": Outcome.FAILS, ".": Outcome.BLANK, "!": Outcome.OUR_FAULT}
    verdicts = [
        Verdict(
            f"claim{i}",
            f"sentence {i}",
            outcomes[sign],
            hint=hint if sign == "-" else "",
            found="KeyError: <b>" if sign == "!" else "",
        )
        for i, sign in enumerate(signs)
    ]
    return Report(name, POINTS[name], tuple(verdicts))


def handed_in(
    student: str, *reports: Report, reason: str = "", lesson: str = LESSON, odd: tuple = ()
) -> GradedSubmission:
    """A submission of `student` with these reports."""
    submission = Submission(student, lesson, Path("x.ipynb"))
    return GradedSubmission(submission, {one.exercise: one for one in reports}, Answers({}, list(odd)), reason)


CLASS = [
    handed_in("ann", report("made-1", "+"), report("made-2", "++")),
    handed_in("bob", report("made-1", "+"), report("made-2", "--", HINT)),
    handed_in("cem", report("made-1", "-"), report("made-2", "+-", HINT), odd=("made-1: 2 cells answer it",)),
    handed_in("dee", report("made-1", "."), report("made-2", "..")),
    handed_in("eve", report("made-1", "-", "Other hint"), report("made-2", "+!")),
    handed_in(NASTY, reason="not a notebook: <i>"),
    handed_in("ann", reason="there is no lesson 99-none", lesson="99-none"),
]
