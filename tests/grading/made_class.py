"""A class made by hand, with numbers that can be counted on the fingers."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from graders.course.answer_cells import Answers
from graders.course.faults import Place
from graders.course.lesson import ForeseenAnswer, Task
from graders.course.misconceptions import Misconception
from graders.grading.submissions import GradedSubmission, Submission
from graders.kernel.exercise import Exercise
from graders.kernel.report import Report, Verdict
from graders.kernel.scoring import Outcome

LESSON, MORE = "07-made", "08-more"
LESSONS = {LESSON: {"made-1": 1.0, "made-2": 2.0}, MORE: {"more-2": 3.0, "more-1": 2.0}}
POINTS = {name: points for lesson in LESSONS.values() for name, points in lesson.items()}
FURTHER = {"more-1"}
HINT = "Which column is `due`?"
NASTY = "<script>alert('x')</script>"
BELIEFS = {"never-met": "nothing", "one-is-enough": "one <row> is `enough`", "order": "rows come in order"}
CATALOGUE = {name: Misconception(name, belief, "design") for name, belief in BELIEFS.items()}
# The wrong answers that authors foresee: a piece of the hint, and the misconception that it shows.
WRONG = {
    "more-2": (("looks at one row", "one-is-enough"), ("looks at no row", "unknown")),
    "more-1": (("Is one enough", "one-is-enough"), ("Which comes first", "order")),
}


def find_grader(lesson: str):
    """Each made lesson has two exercises for claims and one in prose; in the second, one for claims is further."""
    if lesson not in LESSONS:
        return None
    names = list(LESSONS[lesson])
    exercises = {
        name: Exercise(name, "sql", POINTS[name], "answer", f"Title {name}", number=number, further=name in FURTHER)
        for number, name in enumerate(names, start=1)
    }
    prose = "made-3" if lesson == LESSON else "more-3"
    exercises[prose] = Exercise(prose, "prose", 4, "answer", "Why?", number=3)
    title = "A made lesson" if lesson == LESSON else "Another made lesson"
    read = SimpleNamespace(id=lesson, front={"title": title}, tasks={name: _task(name) for name in names})
    return SimpleNamespace(lesson=read, exercises=exercises, autograded=names)


def _task(name: str) -> Task:
    place = Place(Path("1-made.md"))
    wrong = [ForeseenAnswer("", place, says, shows) for says, shows in WRONG.get(name, ())]
    return Task(name, 1, "sql", POINTS[name], "answer", place, "", wrong=wrong)


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
    student: str, *reports: Report, reason: str = "", lesson: str = LESSON, notes: tuple = ()
) -> GradedSubmission:
    """A submission of `student` with these reports."""
    submission = Submission(student, lesson, Path("x.ipynb"))
    return GradedSubmission(submission, {one.exercise: one for one in reports}, Answers(notes=list(notes)), reason)


CLASS = [
    handed_in("ann", report("made-1", "+"), report("made-2", "++")),
    handed_in("bob", report("made-1", "+"), report("made-2", "--", HINT)),
    handed_in("cem", report("made-1", "-"), report("made-2", "+-", HINT), notes=("made-1: 2 cells answer it",)),
    handed_in("dee", report("made-1", "."), report("made-2", "..")),
    handed_in("eve", report("made-1", "-", "Other hint"), report("made-2", "+!")),
    handed_in(NASTY, reason="not a notebook: <i>"),
    handed_in("ann", reason="there is no lesson 99-none", lesson="99-none"),
]

ONE_ROW, NO_ROW, FIRST = "It looks at one row.", "It looks at no row.", "Which comes first?"
TWO_LESSONS = [
    *CLASS,
    handed_in("ann", report("more-2", "++"), report("more-1", "+"), lesson=MORE),
    handed_in("bob", report("more-2", "+-", ONE_ROW), report("more-1", "-+", "Is one enough?"), lesson=MORE),
    handed_in("cem", report("more-2", "-+", ONE_ROW), report("more-1", "-", FIRST), lesson=MORE),
    handed_in("dee", report("more-2", "--", NO_ROW), report("more-1", "."), lesson=MORE),
]
