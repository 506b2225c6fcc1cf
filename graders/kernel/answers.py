"""Reads the text of an answer cell as what the claims are about: SQL, letters, data, or a function in a sandbox."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from graders.kernel.choices import read_letters, read_order
from graders.kernel.exercise import Exercise
from graders.kernel.report import Mismatch, NotOffered
from graders.sandbox import Bounds, Isolation, Sandbox, SandboxedFunction
from graders.sandbox.runtimes import runtime, why_missing

CODE_KINDS = ("python", "javascript", "java")
# Java compiles and warms up within the first call.
BOUNDS = {"javascript": Bounds(work=5, in_all=15), "java": Bounds(work=15, in_all=45)}


def read_answer(exercise: Exercise, text: str, stack: ExitStack, isolation: Isolation | None = None) -> Any:
    """What `text` says as the answer to `exercise`; whatever is opened for it lives as long as `stack`.

    A student's function is defined in a sandbox in `isolation` (None: no isolation, as in a student's own notebook).
    Raise `Mismatch` if the cell says no such thing, and `NotOffered` where its language cannot be run here.
    """
    if exercise.kind in ("choice", "prediction"):
        return read_letters(exercise, text)
    if exercise.kind == "parsons":
        return read_order(exercise, text)
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
    sandbox = Sandbox(bounds=BOUNDS[exercise.kind], isolation=isolation, runtime=runtime(exercise.kind))
    function: SandboxedFunction = stack.enter_context(sandbox).define(text, exercise.answer)
    return function
