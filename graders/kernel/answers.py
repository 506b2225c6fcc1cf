"""Opens a student's Python answer in a box and gives claims what it defines."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from graders.kernel.exercise import Exercise
from graders.kernel.report import Mismatch
from graders.sandbox import Box, BoxedFunction, Wall


def open_answer(exercise: Exercise, text: str, stack: ExitStack, wall: Wall | None = None) -> Any:
    """Give what the cell defines under the answer's name: plain data, or a function that runs in a box.

    The box stands behind `wall` (None: no wall, as in a student's own notebook) and lives as long as `stack`.
    Raise `Mismatch` if the cell does not run, or defines no such thing.
    """
    found = stack.enter_context(Box(wall=wall)).define(text, exercise.answer)
    if isinstance(found, BoxedFunction) != exercise.function:
        kinds = {True: f"a function `{exercise.answer}`", False: f"plain data in `{exercise.answer}`"}
        raise Mismatch(kinds[exercise.function], "a function" if callable(found) else f"`{found!r:.120}`")
    return found
