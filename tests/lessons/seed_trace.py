"""A seed that notes whether anything is made of it, so that what is judged on secret data can be told from the rest."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from graders.build.keys import task_key
from graders.course.lesson import Lesson, Task
from graders.kernel import judge as judging
from graders.kernel.claims import KEY_MAKERS, Attempt, load_claims, rng_for
from graders.kernel.exercise import find_exercise

MAKE_SOMETHING_OF_IT = (
    *("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__mod__", "__rmod__", "__floordiv__"),
    *("__xor__", "__str__", "__repr__", "__format__", "__index__", "__int__"),
)


class TracedSeed(int):
    """A seed that counts in `uses` how often a value was made of it; to pass it on or to compare it is no use."""

    uses: list[str]


def _traced(name: str) -> Callable[..., Any]:
    def method(self: TracedSeed, *others: Any) -> Any:
        self.uses.append(name)
        return getattr(int, name)(self, *others)

    return method


for _name in MAKE_SOMETHING_OF_IT:
    setattr(TracedSeed, _name, _traced(_name))


class TracedAttempt(Attempt):
    """An attempt whose `rng`, which a secret seed decides, counts as a use of the seed."""

    def __getattribute__(self, name: str) -> Any:
        if name == "rng":
            object.__getattribute__(self, "seed").uses.append(name)
        return super().__getattribute__(name)


@contextmanager
def _notes_generators() -> Iterator[None]:
    """Have a random generator note the seed that it is given."""
    real = random.Random.seed

    def seed(self: random.Random, value: Any = None, version: int = 2) -> None:
        if isinstance(value, TracedSeed):
            value.uses.append("Random")
        real(self, value, version)

    with (
        patch.object(random.Random, "seed", seed),
        patch.object(judging, "Attempt", TracedAttempt),
        # What is made here of every seed counts once it is used: see `TracedAttempt`.
        patch.object(judging, "rng_for", lambda seed, text: rng_for(int.__pos__(seed), text)),
    ):
        yield


def uses_of_seed(lesson: Lesson, task: Task, number: int) -> list[str]:
    """What is made of the seed `number` while the key of `task` is made and its solution is judged."""
    load_claims(lesson.name)
    seed = TracedSeed(number)
    seed.uses = []
    exercise = find_exercise(task.name)
    assert exercise
    with _notes_generators():
        if task.name in KEY_MAKERS:
            exercise = replace(exercise, key=task_key(task, seed))
        report = judging.judge(exercise, task.solution, judging.JudgeOptions(seed, task.solution))
    assert report.score == report.points, report.verdicts
    return seed.uses
