"""Raises errors in functions of ours while they work on one student, and finds the functions that work on each."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType

from graders.grading import grade_class, nbgrader_steps, review, shared_answers
from graders.grading.judge_requests import JudgeRequest, ReportStore
from graders.grading.submissions import GradedSubmission, Submission
from graders.kernel import failures

PACKAGE = str(Path(failures.__file__).parents[1])
STUDENTS = tuple(f"s{number:02}" for number in range(16))
NAMED = re.compile(rf"\b({'|'.join(STUDENTS)})\b")
PASSING_OVER = (
    (ReportStore, "find"),
    (shared_answers, "_write_plainly"),
    *((module, "undecided_report") for module in (grade_class, nbgrader_steps, review)),
)
UNSAYABLE = type("Unsayable", (Exception,), {"__str__": lambda self: 1 / 0})
ERRORS = (
    ValueError("odd"),
    RecursionError("too deep"),
    MemoryError(),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    OSError("no such thing"),
    KeyError("\x1b[31m\0\ud800"),
    UNSAYABLE(),
)


def student_of(frame: FrameType | None) -> str:
    """The one student that the innermost frame with any student in its variables works on; "" if there is none."""
    while frame:
        named = {name for value in frame.f_locals.values() for name in _named_by(value)}
        if named or (frame.f_code.co_filename == __file__ and frame.f_code.co_name != "run_armed"):
            return named.pop() if len(named) == 1 else ""
        frame = frame.f_back
    return ""


def _named_by(value: object) -> list[str]:
    match value:
        case GradedSubmission():
            return [value.submission.student]
        case Submission():
            return [value.student]
        case JudgeRequest():
            return NAMED.findall(value.answer)
        case str() | Path():
            return NAMED.findall(str(value)[-300:])
    return []


@contextmanager
def steps_taken() -> Iterator[dict[CodeType, set[str]]]:
    """The functions of ours that are called meanwhile, each with the students that it works on."""
    found: dict[CodeType, set[str]] = defaultdict(set)

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE) and not code.co_name.startswith("<"):
            found[code].add(student_of(frame))

    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)


@contextmanager
def faults(where: dict[CodeType, tuple[str, Exception]], monkeypatch, once: bool) -> Iterator[set[CodeType]]:
    """Raise an error in each function of `where` when it begins to work on its student, `once` or every time.

    Gives the functions in which an error was raised.
    """
    raised: set[CodeType] = set()

    def throw(frame, event, _):
        code = frame.f_code
        if event != "call" or code not in where or (once and code in raised):
            return
        student, error = where[code]
        if student_of(frame) == student:
            raised.add(code)
            # A new one, because an error that is raised again keeps its old places too.
            raise type(error)(*error.args)

    def arm_again(caught):
        # Python stops to call `throw` once it has raised.
        sys.setprofile(throw)
        return words(caught)

    def arms_again(function):
        def run_armed(*given, **named):
            try:
                return function(*given, **named)
            finally:
                sys.setprofile(throw)

        return run_armed

    words = failures.describe_error
    with monkeypatch.context() as patch:
        patch.setattr(failures, "describe_error", arm_again)
        # These take what is raised below them for something odd that they may pass over.
        for place, name in PASSING_OVER:
            patch.setattr(place, name, arms_again(getattr(place, name)))
        sys.setprofile(throw)
        try:
            yield raised
        finally:
            sys.setprofile(None)
