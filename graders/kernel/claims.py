"""Claims: sentences that must be true of an answer, and the registry that keeps them by exercise."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

Judge = Callable[..., None]
KeyMaker = Callable[[str, int, int], Any]


@dataclass(frozen=True)
class Claim:
    """One sentence that must be true of the answers to an exercise, and the function that tries it out."""

    exercise: str
    name: str
    sentence: str
    judge: Judge
    worth: float
    after: str | None

    @property
    def needs(self) -> tuple[str, ...]:
        """The names of what the claim wants to be given: `lab`, `key`, `seed`, and the answer's own name."""
        return tuple(inspect.signature(self.judge).parameters)


CLAIMS: dict[str, list[Claim]] = {}
LABS: dict[str, Callable] = {}
KEY_MAKERS: dict[str, KeyMaker] = {}


def claim(
    exercise: str, *, worth: float = 1, after: Judge | str | None = None, sentence: str = ""
) -> Callable[[Judge], Judge]:
    """Register the decorated function as a claim on `exercise`; its docstring is the sentence people read.

    The function returns nothing when the claim holds and raises `Mismatch` when it does not. `worth` is the
    weight among the claims of the exercise (0 for a mere condition), `after` the claim that must hold first.
    """

    def register(judge: Judge) -> Judge:
        words = sentence or inspect.getdoc(judge)
        if not words:
            raise TypeError(f"{judge.__module__}.{judge.__name__}: a claim needs a docstring, its sentence")
        name = after if isinstance(after, str) or after is None else after.__name__
        CLAIMS.setdefault(exercise, []).append(
            Claim(exercise, judge.__name__, " ".join(words.split()), judge, worth, name)
        )
        return judge

    return register


def lab_for(*exercises: str) -> Callable[[Callable], Callable]:
    """Register the decorated function as what opens the lab of `exercises`; it takes a seed."""

    def register(opener: Callable) -> Callable:
        LABS.update(dict.fromkeys(exercises, opener))
        return opener

    return register


def key_for(exercise: str) -> Callable[[KeyMaker], KeyMaker]:
    """Register the decorated function as what makes the key of `exercise`.

    It is called with the solution's text, a seed and a number of cases, and gives plain data: what a check needs
    to know without knowing the solution.
    """

    def register(maker: KeyMaker) -> KeyMaker:
        KEY_MAKERS[exercise] = maker
        return maker

    return register


def claims_of(exercise: str) -> list[Claim]:
    """The claims on `exercise`, in the order in which its module states them."""
    load_claims(exercise.rpartition("-")[0])
    return CLAIMS.get(exercise, [])


def load_claims(lesson: str) -> None:
    """Import the claims of `lesson` ("start-here" has the package graders/checks/start_here), if it has any."""
    name = f"graders.checks.{lesson.replace('-', '_')}"
    try:
        package = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return
    for module in iter_modules(package.__path__, f"{name}."):
        import_module(module.name)
