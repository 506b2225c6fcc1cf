"""Reads `course.toml`, the one file in which an instructor says how the term runs."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cattrs import Converter, transform_error
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError

from graders.term.roster import Person, read_roster
from graders.term.term import CourseFile, Extension, HandIn, LessonPlan, Term

FILE = "course.toml"
# The exercises of each lesson, by the lesson's folder.
Lessons = Mapping[str, Collection[str]]


class CourseFileError(Exception):
    """What is wrong in a course file, a line for each fault: the file, the place in it, and the remedy."""


def find_term(root: Path, lessons: Lessons) -> Term | None:
    """The term of the course in the folder `root`, if there is a course file; see `read_term`."""
    path = root / FILE
    return read_term(path, lessons) if path.is_file() else None


def read_term(path: Path, lessons: Lessons) -> Term:
    """Read the course file at `path` and its roster; `lessons` gives the exercises of each lesson's folder.

    Raise `CourseFileError` with every fault that can be found.
    """
    file = _structure(path, _parse(path))
    people = _people(path, file.roster)
    faults = [f"{path}: {fault}" for fault in _faults(file, lessons, people)]
    if faults:
        raise CourseFileError("\n".join(faults))
    return Term(file, people)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseFileError(
            f"{path}: this is not TOML: {error}. See https://toml.io for how it is written."
        ) from None


def _structure(path: Path, content: dict[str, Any]) -> CourseFile:
    try:
        return CONVERTER.structure(content, CourseFile)
    except ClassValidationError as error:
        faults = map(_place_first, transform_error(error, "", _describe))
        raise CourseFileError("\n".join(f"{path}: {fault}" for fault in faults)) from None


def _place_first(fault: str) -> str:
    """ "3 is wrong @ .lessons['a'].due" as "lessons.a.due: 3 is wrong"."""
    words, _, place = fault.rpartition(" @ ")
    place = re.sub(r"\['([^']*)']", r".\1", place).lstrip(".")
    return f"{place}: {words}" if place else words


def _describe(error: BaseException, kind: type | None) -> str:
    """One fault of structure, in words."""
    if isinstance(error, ForbiddenExtraKeysError):
        known = [one.name for one in fields(error.cl)]
        return " ".join(_unknown("setting", name, known) for name in sorted(error.extra_fields))
    if isinstance(error, KeyError):
        return f"`{error.args[0]}` is missing."
    return str(error) if isinstance(error, ValueError) else "a block of settings is expected."


def _unknown(what: str, name: str, known: Collection[str]) -> str:
    """That there is no such thing, and what was probably meant."""
    near = difflib.get_close_matches(name, known, 1)
    remedy = f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(sorted(known)) or 'none'}."
    return f"there is no {what} `{name}`. {remedy}"


def _people(path: Path, roster: str) -> dict[str, Person]:
    if not roster:
        return {}
    try:
        return {person.student: person for person in read_roster(path.parent / roster)}
    except OSError as error:
        raise CourseFileError(f"{path}: roster: {path.parent / roster}: {error.strerror}.") from None
    except ValueError as error:
        raise CourseFileError(f"{path.parent / roster}: {error}.") from None


def _faults(file: CourseFile, lessons: Lessons, people: dict[str, Person]) -> Iterator[str]:
    """What the file names that there is not."""
    try:
        ZoneInfo(file.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f'timezone: there is no time zone "{file.timezone}". Write one like "Europe/Berlin".'
    for lesson, plan in file.lessons.items():
        if lesson not in lessons:
            yield f"lessons: {_unknown('lesson', lesson, lessons)}"
        else:
            yield from _plan_faults(f"lessons.{lesson}", plan, lessons[lesson], people)
    for extension in file.extensions:
        yield from _entry_faults("extensions", extension, lessons, people)
    for hand_in in file.hand_ins:
        yield from _entry_faults("hand_ins", hand_in, lessons, people)


def _plan_faults(place: str, plan: LessonPlan, exercises: Collection[str], people: dict[str, Person]) -> Iterator[str]:
    if plan.weight is not None and plan.weight < 0:
        yield f"{place}.weight: a weight is 0 or more, not {plan.weight:g}."
    for name in (*plan.left_out, *plan.optional):
        if name not in exercises:
            yield f"{place}: {_unknown('exercise', name, exercises)}"
    sections = {person.section for person in people.values()} - {""}
    for section in plan.sections:
        if section not in sections:
            yield f"{place}.sections: {_unknown('section', section, sections)}"


def _entry_faults(place: str, entry: Extension | HandIn, lessons: Lessons, people: dict[str, Person]) -> Iterator[str]:
    if entry.lesson not in lessons:
        yield f"{place}: {_unknown('lesson', entry.lesson, lessons)}"
    if people and entry.student not in people:
        yield f"{place}: {_unknown('student', entry.student, people)}"


def _exactly(kind: type, words: str) -> Callable[[Any, type], Any]:
    """What takes a value of `kind` alone: cattrs would make text of a number, and true of any text."""
    allowed = (int, float) if kind is float else kind

    def structure(value: Any, _: type) -> Any:
        if not isinstance(value, allowed) or isinstance(value, bool) != (kind is bool):
            raise ValueError(f"{words} is expected, not {_quote(value)}.")
        return value

    return structure


def _quote(value: Any) -> str:
    """`value` about as it stands in the file."""
    return json.dumps(value, default=str, ensure_ascii=False)


def _names(value: Any, _: type) -> tuple[str, ...]:
    """A list of names; a single one would be taken for its letters."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f'a list of names, like ["split-the-name"], is expected, not {_quote(value)}.')
    return tuple(value)


CONVERTER = Converter(forbid_extra_keys=True, detailed_validation=True)
for _kind, _words in (
    (str, "text in quotes"),
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (datetime, "a date with a time, like 2027-01-31T23:59:00,"),
):
    CONVERTER.register_structure_hook(_kind, _exactly(_kind, _words))
CONVERTER.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _names)
