"""Where a submission that breaks becomes a row that needs review: it costs that submission, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from graders.course.answer_cells import Answers
from graders.grading.submissions import GradedSubmission
from graders.kernel.exercise import Exercise
from graders.kernel.failures import contain_failure
from graders.kernel.judge import undecided_report
from graders.kernel.readable import to_one_line
from graders.kernel.report import Report

MAX_TRIES = 3


@contextmanager
def review_on_fault(graded: GradedSubmission, doing: str) -> Iterator[None]:
    """Take one step with a submission; where the step breaks, leave the submission for review and go on."""
    with contain_failure(doing) as faults:
        yield
    for fault in faults:
        leave_for_review(graded, fault)


def leave_for_review(graded: GradedSubmission, fault: str) -> None:
    """Give up the reports for `fault`; at a second fault the answers too, one of which may be to blame."""
    graded.reports = {}
    graded.answers = Answers() if graded.our_fault else Answers(dict(graded.answers.texts))
    if not graded.our_fault:
        graded.reason = to_one_line(f"{graded.reason}; {fault}" if graded.reason else fault)
        graded.our_fault = True


def take_steps(graded: GradedSubmission, steps: Mapping[str, Callable[[GradedSubmission], None]]) -> None:
    """Take every step with a submission; where one breaks, leave it for review and take them all with what is left."""
    for _ in range(MAX_TRIES - 1):
        if all(_step_succeeds(graded, *step) for step in steps.items()):
            return
    for step in steps.items():
        _step_succeeds(graded, *step)


def _step_succeeds(graded: GradedSubmission, doing: str, step: Callable[[GradedSubmission], None]) -> bool:
    with contain_failure(doing) as faults:
        step(graded)
    for fault in faults:
        leave_for_review(graded, fault)
    return not faults


def review_row(graded: GradedSubmission, max_score: str = "") -> tuple[str, ...]:
    """The one row in the table of grades of a submission without reports, or of which no other row could be made."""
    return (*graded.submission.cells, "", "", "", "", "", max_score, graded.status)


def undecided_reports(exercises: Iterable[Exercise], fault: str) -> dict[str, Report]:
    """Reports that leave all of `exercises` to a person, because grading them broke with `fault`."""
    return {exercise.name: undecided_report(exercise, fault) for exercise in exercises}
