"""What a lesson is: its parts in their order, what they show and ask, and the answers that the author foresees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.course.faults import Place
from graders.course.markdown import Fence

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"


@dataclass(frozen=True)
class ForeseenAnswer:
    """An answer that the author foresees.

    `says` is a piece of the hint it must meet, or a reason; `misconception` is the id of what a wrong one shows.
    """

    text: str
    place: Place
    says: str = ""
    misconception: str = ""


@dataclass
class Task:
    """An exercise as its author wrote it: prompt, solution, and the answers foreseen.

    `number` counts the exercises of the lesson in their order, from 1; `name` is unique in the course. `because` says
    why the solution is one.
    """

    name: str
    number: int
    kind: str
    points: float
    answer: str
    place: Place
    text: str
    title: str = ""
    prompt: str = ""
    further: bool = False
    body: dict[str, Any] = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)
    because: str = ""
    wrong: list[ForeseenAnswer] = field(default_factory=list)
    right: list[ForeseenAnswer] = field(default_factory=list)
    equivalent: list[ForeseenAnswer] = field(default_factory=list)

    @property
    def heading(self) -> str:
        """What the notebook calls the exercise: its number and its title, marked if it is further."""
        return f"Exercise {self.number} · {self.title}" + (" (further)" if self.further else "")

    @property
    def solution(self) -> str:
        """The answer cell filled in, without the solution markers and the magic line."""
        return "\n".join(line for line in self.text.splitlines() if BEGIN not in line and END not in line)

    @property
    def has_options(self) -> bool:
        """Whether the notebook shows letters to choose from, or to bring into an order."""
        return self.kind in ("choice", "prediction", "parsons")

    def misjudgements(self) -> Iterator[tuple[str, str]]:
        """The wrong answers to a choice that misjudge one option, each with what must be said of that option."""
        options = self.body["options"] if self.kind == "choice" else {}
        right = {letter for letter, option in options.items() if option.get("right")}
        for letter, option in options.items():
            if len(right) > 1:
                yield " ".join(sorted(right ^ {letter})), option["because"]
            elif letter not in right:
                yield letter, option["because"]


@dataclass(frozen=True)
class RecallQuestion:
    """A question that later lessons may begin with; `name` is unique in the course, `about` is an exercise.

    `body` holds its `question` and its `options`, each with a `text`, a `because`, and `right` where it is right.
    """

    name: str
    about: str
    place: Place
    body: dict[str, Any]


@dataclass
class Part:
    """One file of a lesson; a part that is `further` is off the main path, and its points are a bonus."""

    path: Path
    further: bool = False
    pieces: list[Fence | Task] = field(default_factory=list)


@dataclass
class Lesson:
    """A lesson, read from its folder. `id` carries the course number ("06-indexing"), `name` does not."""

    path: Path
    front: dict[str, Any] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    recalls: dict[str, RecallQuestion] = field(default_factory=dict)
    facts: list[tuple[str, ForeseenAnswer]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The name of the folder; also the name of the notebook and of the assignment."""
        return self.path.name

    @property
    def name(self) -> str:
        """The id without the number; also the name of the package of its claims, with underscores."""
        return name_of(self.id)

    @property
    def pieces(self) -> list[Fence | Task]:
        """What the parts show and ask, in their order."""
        return [piece for part in self.parts for piece in part.pieces]

    @property
    def place(self) -> Place:
        """Where the front matter is: the first line of the first part."""
        return Place(self.parts[0].path if self.parts else self.path)


def name_of(lesson_id: str) -> str:
    """The name of the lesson with this id: "indexing" of "06-indexing"."""
    return lesson_id.partition("-")[2]
