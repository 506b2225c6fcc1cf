"""Reads the text of an answer cell as SQL, letters, data or a function, and says in words what its sandbox raised."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeVar

from graders.kernel.exercise import Exercise
from graders.kernel.report import Mismatch, NotOffered
from graders.sandbox import RUNTIME_BOUNDS, Failure, Isolation, Sandbox, SandboxedFunction, SandboxError
from graders.sandbox.runtimes import runtime, why_missing


def read_letters(exercise: Exercise, text: str) -> list[str]:
    """The letters written in the answer cell, in alphabetical order; raise `Mismatch` for anything else."""
    return sorted(set(_letters(exercise.options, text)))


def read_order(steps: dict[str, str], text: str) -> str:
    """The text of `steps`, in the order of the letters written; raise `Mismatch` for anything but letters."""
    letters = _letters(steps, text)
    repeated = [letter for letter in letters if letters.count(letter) > 1]
    if repeated:
        raise Mismatch("each step at most once", f"step {repeated[0]} twice")
    return "\n".join(steps[letter] for letter in letters)


def _letters(options: dict[str, str], text: str) -> list[str]:
    lines = [re.split(r"#|--", line)[0] for line in text.splitlines() if not line.strip().startswith("%%")]
    words = [word for word in re.findall(r"\w+", " ".join(lines).lower()) if word != "and"]
    strange = [word for word in words if not set(word) <= set(options)]
    if strange:
        known = ", ".join(options)
        raise Mismatch(f"letters out of {known}", f"`{strange[0][:40]}`")
    return [letter for word in words for letter in word]


CODE_KINDS = ("python", "javascript", "java", "shell")


def read_answer(exercise: Exercise, text: str, stack: ExitStack, isolation: Isolation | None = None) -> Any:
    """What `text` says as the answer to `exercise`; whatever is opened for it lives as long as `stack`.

    A student's function is defined in a sandbox in `isolation` (None: no isolation, as in a student's own notebook).
    Raise `Mismatch` if the cell says no such thing, and `NotOffered` where its language cannot be run here.
    """
    if exercise.kind in ("choice", "prediction"):
        return read_letters(exercise, text)
    if exercise.kind == "parsons":
        return read_order(exercise.options, text)
    if exercise.kind == "python":
        return _define_python(exercise, text, stack, isolation)
    if exercise.kind in CODE_KINDS:
        return _define_in_runtime(exercise, text, stack, isolation)
    return text


def _define_python(exercise: Exercise, text: str, stack: ExitStack, isolation: Isolation | None) -> Any:
    found = stack.enter_context(Sandbox(isolation=isolation)).define(text, exercise.answer)
    if isinstance(found, SandboxedFunction) != exercise.function:
        kinds = {True: f"a function `{exercise.answer}`", False: f"plain data in `{exercise.answer}`"}
        raise Mismatch(kinds[exercise.function], "a function" if callable(found) else f"`{found!r:.120}`")
    return found


def _define_in_runtime(
    exercise: Exercise, text: str, stack: ExitStack, isolation: Isolation | None
) -> SandboxedFunction:
    if reason := why_missing(exercise.kind, isolated=isolation is not None and isolation.is_strict):
        raise NotOffered(reason)
    program = runtime(exercise.kind)
    if program.programs and isolation is not None and not isolation.holds_processes:
        raise NotOffered("The grader runs scripts only behind bubblewrap, and it is not here.")
    sandbox = Sandbox(bounds=RUNTIME_BOUNDS[exercise.kind], isolation=isolation, runtime=program)
    function: SandboxedFunction = stack.enter_context(sandbox).define(text, exercise.answer)
    return function


Observed = TypeVar("Observed")
MB, MILLION = 1 << 20, 1_000_000
# What was expected and what was found when code in a sandbox gave no value.
SENTENCES = {
    Failure.CELL_RAISED: ("{subject} to run", "{detail}"),
    Failure.NAME_MISSING: ("a cell that defines `{subject}`", "a cell that defines {detail}"),
    Failure.CALL_RAISED: ("{subject} to run", "{detail}"),
    Failure.VALUE_NOT_PLAIN: (
        "{subject} to give plain data (numbers, text, lists, tuples, sets, dictionaries)",
        "`{detail}`",
    ),
    Failure.NAME_NOT_PLAIN: (
        "{subject} to hold plain data (numbers, text, lists, tuples, sets, dictionaries)",
        "`{detail}`",
    ),
    Failure.VALUE_ELLIPSIS: ("{subject} to give no `...` any more", "`...` where your answer belongs"),
    Failure.NAME_ELLIPSIS: ("{subject} to hold no `...` any more", "`...` where your answer belongs"),
    Failure.UNREADABLE_REPLY: ("{subject} to give a value", "something that is not plain data"),
    Failure.UNREADABLE_REQUEST: ("{subject} to ask its database in plain data", "something unreadable"),
    Failure.PROCESS_ENDED: ("{subject} to give a value", "it ended the {detail} process it ran in"),
    Failure.CLOSED: ("a cell that is running", "its process has ended"),
    Failure.WORK: ("{subject} to end within {limit:g} s of processor time", "it was still running"),
    Failure.WORK_IN_ALL: ("all calls together to end within {limit:g} s of processor time", "they took too long"),
    Failure.ASLEEP: ("{subject} to work or to end", "it waited and did nothing, for {limit:g} s in all"),
    Failure.FOLDER_FULL: ("{subject} to write {mb} MB at most", "it wrote more, or too many files"),
    Failure.REPLY_TOO_LARGE: ("{subject} to give a value of ordinary size", "more than {millions} million characters"),
    Failure.REPLIES_TOO_LARGE: (
        "all calls together to give values of ordinary size",
        "more than {millions} million characters",
    ),
    Failure.TOO_MANY_REQUESTS: ("{subject} to ask its database {limit:,} times at most", "it asked more often"),
    Failure.STATEMENT_TOO_LARGE: ("{subject} to send SQL of at most {limit:,} characters at once", "one of {detail}"),
    Failure.ROWS_TOO_LARGE: ("{subject} to ask for rows of ordinary size", "more than {millions} million characters"),
}


def to_mismatch(error: Mismatch | SandboxError) -> Mismatch:
    """What a student reads of an error of their code in its sandbox."""
    if isinstance(error, Mismatch):
        return error
    limit = error.limit
    words = {"subject": error.subject, "detail": error.detail, "limit": limit}
    words |= {"mb": int(limit) // MB, "millions": int(limit) // MILLION}
    expected, found = (sentence.format(**words) for sentence in SENTENCES[error.failure])
    return Mismatch(expected, found)


def catch_mismatch(observe: Callable[[], Observed]) -> Observed | Mismatch:
    """What `observe` gives or, as a part of an observation that not every claim is about, the `Mismatch` it raises."""
    try:
        return observe()
    except (Mismatch, SandboxError) as error:
        return to_mismatch(error)
