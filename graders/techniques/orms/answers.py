"""Opens a student's answer in JavaScript or Java in a box whose program is that language's runtime."""

from __future__ import annotations

from contextlib import ExitStack

from graders.box import Bounds, Box, BoxedFunction, Wall
from graders.exercise import Exercise
from graders.report import NotOffered
from graders.techniques.orms.runtimes import runtime, why_missing

# Java compiles and warms up within the first call.
BOUNDS = {"javascript": Bounds(work=5, in_all=15), "java": Bounds(work=15, in_all=45)}


def open_in_runtime(exercise: Exercise, text: str, stack: ExitStack, wall: Wall | None = None) -> BoxedFunction:
    """Give the function that the cell defines under the answer's name; its box lives as long as `stack`.

    Raise `Mismatch` if the cell does not run or defines no such function, `NotOffered` if the runtime is missing.
    """
    if reason := why_missing(exercise.kind, walled=wall is not None and wall.holds):
        raise NotOffered(reason)
    box = Box(bounds=BOUNDS[exercise.kind], wall=wall, runtime=runtime(exercise.kind))
    return stack.enter_context(box).define(text, exercise.answer)
