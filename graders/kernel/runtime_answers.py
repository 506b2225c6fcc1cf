"""Opens a student's answer in JavaScript or Java in a box whose program is that language's runtime."""

from __future__ import annotations

from contextlib import ExitStack

from graders.kernel.exercise import Exercise
from graders.kernel.report import NotOffered
from graders.sandbox import Box, BoxedFunction, Wall
from graders.sandbox.runtimes.runtimes import runtime, why_missing

SECONDS = {"javascript": 5, "java": 15}  # For one call; a cold Java on a busy machine takes its time.


def open_in_runtime(exercise: Exercise, text: str, stack: ExitStack, wall: Wall | None = None) -> BoxedFunction:
    """Give the function that the cell defines under the answer's name; its box lives as long as `stack`.

    Raise `Mismatch` if the cell does not run or defines no such function, `NotOffered` if the runtime is missing.
    """
    if reason := why_missing(exercise.kind, walled=wall is not None and wall.holds):
        raise NotOffered(reason)
    seconds = SECONDS[exercise.kind]
    box = Box(seconds=seconds, in_all=seconds * 3, wall=wall, runtime=runtime(exercise.kind))
    return stack.enter_context(box).define(text, exercise.answer)
