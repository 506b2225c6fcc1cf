"""A lesson, read from its text file: what it shows, what it asks, and the answers the author foresees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graders.course.bodies import read_yaml_body
from graders.course.faults import Fault, FaultList, LessonError
from graders.course.fences import Fence, front_matter, read_yaml, split

FRONT = ("title", "minutes", "objectives", "prerequisites", "out_of_scope")
ALLOWED = {
    "exercise": {"exercise", "kind", "points", "answer", "title", "engine"},
    "wrong": {"wrong", "says"},
    "right": {"right"},
    "equivalent": {"equivalent", "because"},
    "hint": {"hint"},
    "recall": {"recall"},
    "fact": {"fact"},
    "session": {"session"},
}
BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
COMMENTS = {"sql": "--", "javascript": "//", "java": "//"}
MAGIC = "%%answer "
MAX_HINTS = 3


@dataclass
class Task:
    """An exercise as its author wrote it: prompt, solution, and the answers foreseen."""

    name: str
    kind: str
    points: float
    answer: str
    line: int
    text: str
    title: str = ""
    prompt: str = ""
    body: dict = field(default_factory=dict)
    hints: list[str] = field(default_factory=list)
    wrong: list[Foreseen] = field(default_factory=list)
    right: list[Foreseen] = field(default_factory=list)
    equivalent: list[Foreseen] = field(default_factory=list)

    @property
    def solution(self) -> str:
        """The answer cell filled in, without the solution markers and the magic line."""
        return "\n".join(line for line in self.text.splitlines() if BEGIN not in line and END not in line)

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
class Foreseen:
    """An answer that the author foresees; `says` is a piece of the hint it must meet, or a reason."""

    text: str
    line: int
    says: str = ""


@dataclass
class Lesson:
    """One lesson file. `id` carries the course number ("02-normalization"), `name` does not.

    While a lesson is read, `incomplete` says that a fence had a fault, so that an exercise may be missing.
    """

    path: Path
    front: dict
    pieces: list[Fence | Task] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    recalls: list[dict] = field(default_factory=list)
    facts: list[tuple[str, Foreseen]] = field(default_factory=list)
    incomplete: bool = False

    @property
    def id(self) -> str:
        """The name of the file without its ending; also the name of the notebook and of the assignment."""
        return self.path.stem

    @property
    def name(self) -> str:
        """The id without the number, which begins the name of every exercise of the lesson."""
        return self.id.partition("-")[2]

    def fault(self, line: int, wrong: str, remedy: str) -> Fault:
        """A fault at `line` of this file."""
        return Fault(self.path, line, wrong, remedy)

    def error(self, line: int, wrong: str, remedy: str) -> LessonError:
        """A `LessonError` at `line` of this file."""
        return LessonError(self.fault(line, wrong, remedy))


def read_lesson(path: Path) -> Lesson:
    """Read the lesson file at `path`; raise `LessonError` with everything in it that cannot be in a lesson."""
    if not re.fullmatch(r"\d\d-[a-z][a-z0-9-]*", path.stem):
        raise LessonError(Fault(path, 1, "this is not a lesson's name.", "Call it like 03-indexing.md."))
    text = path.read_text(encoding="utf-8")
    front, begin = front_matter(path, text)
    lesson = Lesson(path, front)
    missing = [name for name in FRONT if name not in front]
    faults = FaultList(
        lesson.fault(1, f"the front matter lacks `{name}`.", f"Add `{name}:` to it.") for name in missing
    )
    fences = split(path, text, begin, faults)
    for fence in fences:
        lesson.incomplete = bool(faults.faults)
        with faults.collect():
            _read_piece(lesson, fence)
    faults.raise_any()
    return lesson


def _read_piece(lesson: Lesson, fence: Fence) -> None:
    role = next(iter(fence.pairs), None)
    if role is None:
        lesson.pieces.append(fence)
    elif role not in ALLOWED:
        known = ", ".join(ALLOWED)
        raise lesson.error(fence.line, f"`{role}=` begins no kind of fence.", f"The first is one of {known}.")
    else:
        faults = FaultList(_unknown_pairs(lesson, fence, ALLOWED[role]))
        with faults.collect():
            ROLES[role](lesson, fence)
        faults.raise_any()


def _unknown_pairs(lesson: Lesson, fence: Fence, allowed: set[str]) -> Iterator[Fault]:
    for name in sorted(set(fence.pairs) - allowed):
        yield lesson.fault(fence.line, f"`{name}=` has no meaning here.", f"Known: {', '.join(sorted(allowed))}.")


def _read_exercise(lesson: Lesson, fence: Fence) -> None:
    name, points = fence.pairs["exercise"], fence.pairs.get("points")
    kind = fence.pairs.get("kind", fence.language)
    task = Task(name, kind, points, str(fence.pairs.get("answer", "answer")), fence.line, fence.text)
    faults = FaultList(lesson.fault(fence.line, *words) for words in _header_faults(lesson, task))
    task.title, task.prompt = _title_and_prompt(lesson)
    with faults.collect():
        _read_body(lesson, fence, task)
    faults.raise_any()
    lesson.tasks[name] = task
    lesson.pieces.append(task)


def _header_faults(lesson: Lesson, task: Task) -> Iterator[tuple[str, str]]:
    """What is wrong with the name and the points of an exercise, and the remedy."""
    if not re.fullmatch(rf"{lesson.name}-\w+", task.name):
        yield f"`{task.name}` is not of this lesson.", f"Name it like {lesson.name}-1."
    if task.name in lesson.tasks:
        yield f"`{task.name}` stands in line {lesson.tasks[task.name].line} too.", "Rename one."
    if not isinstance(task.points, (int, float)):
        yield f"`{task.name}` has no points.", "Add points=2 (a number)."


def _title_and_prompt(lesson: Lesson) -> tuple[str, str]:
    """What the student reads before the answer cell: the last heading, and the prose since then."""
    last = lesson.pieces[-1] if lesson.pieces else None
    prose = last.text if isinstance(last, Fence) and last.is_prose else ""
    headings = list(re.finditer(r"^#+ +(.*)$", prose, re.M))
    return (headings[-1][1], prose[headings[-1].end() :].strip()) if headings else ("", prose)


def _read_body(lesson: Lesson, fence: Fence, task: Task) -> None:
    if fence.language == "yaml":
        task.body = read_yaml(lesson.path, fence.line + 1, fence.text)
        read_yaml_body(lesson, task)
    elif BEGIN not in fence.text or END not in fence.text:
        comment = COMMENTS.get(fence.language, "#")
        raise lesson.error(
            fence.line,
            f"`{task.name}` does not say where its solution is.",
            f"Put it between `{comment} {BEGIN}` and `{comment} {END}`.",
        )


def _exercise_above(lesson: Lesson, fence: Fence, key: str) -> Task | None:
    """The exercise that `fence` belongs to; None, without a word, if it may be missing because of another fault."""
    task = lesson.tasks.get(fence.pairs[key])
    if task is None and not lesson.incomplete:
        raise lesson.error(fence.line, f"there is no exercise `{fence.pairs[key]}` above.", "Correct the name.")
    return task


def _attach(list_name: str, key: str, says: str = "") -> Callable[[Lesson, Fence], None]:
    def read(lesson: Lesson, fence: Fence) -> None:
        task = _exercise_above(lesson, fence, key)
        if says and not fence.pairs.get(says):
            raise lesson.error(fence.line, f"this `{key}=` lacks `{says}=`.", f'Add {says}="…".')
        if task:
            foreseen = Foreseen(fence.text, fence.line, fence.pairs.get(says, "") if says else "")
            getattr(task, list_name).append(foreseen)

    return read


def _read_hint(lesson: Lesson, fence: Fence) -> None:
    task = _exercise_above(lesson, fence, "hint")
    if task is None:
        return
    if len(task.hints) == MAX_HINTS:
        raise lesson.error(fence.line, f"`{task.name}` has three hints already.", "Keep the best three.")
    task.hints.append(fence.text.strip())


def _read_recall(lesson: Lesson, fence: Fence) -> None:
    lesson.recalls.append({"about": fence.pairs["recall"], **read_yaml(lesson.path, fence.line + 1, fence.text)})


def _read_fact(lesson: Lesson, fence: Fence) -> None:
    lesson.facts.append((fence.pairs["fact"], Foreseen(fence.text, fence.line)))


ROLES: dict[str, Callable[[Lesson, Fence], None]] = {
    "exercise": _read_exercise,
    "wrong": _attach("wrong", "wrong", "says"),
    "right": _attach("right", "right"),
    "equivalent": _attach("equivalent", "equivalent", "because"),
    "hint": _read_hint,
    "recall": _read_recall,
    "fact": _read_fact,
    "session": lambda lesson, fence: lesson.pieces.append(fence),
}
