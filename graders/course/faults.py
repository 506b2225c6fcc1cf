"""Faults of lesson files: each names its file, its line, what is wrong and the remedy; all of them are collected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file that an author wrote."""

    path: Path
    line: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"

    def fault(self, wrong: str, remedy: str) -> Fault:
        """A fault at this place."""
        return Fault(self, wrong, remedy)

    def error(self, wrong: str, remedy: str) -> LessonError:
        """A `LessonError` with one fault, at this place."""
        return LessonError(self.fault(wrong, remedy))


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake of an author; `wrong` and `remedy` are sentences."""

    place: Place
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.wrong} {self.remedy}"


class LessonError(Exception):
    """One fault or several; `str()` has a line for each."""

    def __init__(self, *faults: Fault):
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


class FaultList:
    """Collects faults so that an author reads all of them at once."""

    def __init__(self, faults: Iterable[Fault] = ()):
        self.faults = list(faults)

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Keep the faults of a `LessonError` raised inside the `with`, and go on behind it."""
        try:
            yield
        except LessonError as error:
            self.faults += error.faults

    def raise_any(self) -> None:
        """Raise one `LessonError` with every fault, by file and line, if there are any."""
        if self.faults:
            raise LessonError(*sorted(set(self.faults)))
