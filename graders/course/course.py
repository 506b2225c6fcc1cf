"""The course as it lies in the project's folder: reading its lessons, and the rules that every lesson keeps."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graders.course.faults import Fault, FaultList, LessonError, Place
from graders.course.lesson import Lesson, Task, name_of
from graders.course.markdown import read_front_matter
from graders.course.minutes import workload_of
from graders.course.misconceptions import Misconception, read_misconceptions, unknown_misconceptions
from graders.course.reading import EXPLAINED, part_files, read_lesson

MIN_WRONG, MIN_RIGHT = 3, 2
MAX_MINUTES, MAX_EXERCISES, MAX_READING, MAX_PROMPT_LINES = 75, 11, 10, 6
MAX_WIDTH = 88
"""The characters in a line of a demonstration: more do not fit beside the file browser."""
JUDGED_BY_CHOICE = ("choice", "prediction")
NOT_TRIED = ("prediction", "prose")


def broken_rules(lesson: Lesson) -> Iterator[Fault]:
    """The rules that `lesson` breaks: its objectives, and the number and the forms of its foreseen answers."""
    yield from _broken_by_objectives(lesson)
    yield from _too_long(lesson)
    yield from _too_wide(lesson)
    yield from _broken_by_card(lesson)
    for task in lesson.tasks.values():
        if not task.title:
            yield task.place.fault(f"`{task.name}` has no title.", "Give it a heading of its own, its title.")
        yield from (task.place.fault(wrong, remedy) for wrong, remedy in _missing_parts(task))
        yield from (place.fault(wrong, "Give an answer of another form.") for place, wrong in _repeated(task))


def recommendations(lesson: Lesson) -> Iterator[Fault]:
    """What `lesson` would be better with; no reason to stop a build."""
    for task in lesson.tasks.values():
        if task.kind == "parsons" and len(task.right) < MIN_RIGHT:
            wrong = f"`{task.name}` has {len(task.right)} right orders beside its solution."
            yield task.place.fault(wrong, f"Give {MIN_RIGHT} if there are as many.")
        if task.kind == "parsons" and not task.hints:
            yield task.place.fault(f"`{task.name}` has no hints.", _hint_fence(task))
        if task.kind not in EXPLAINED and not task.because:
            wrong = f"`solution()` cannot say why the solution of `{task.name}` is one."
            yield task.place.fault(wrong, f'Add a fence ```text because="{task.name}".')


def _too_long(lesson: Lesson) -> Iterator[Fault]:
    """What is too long about the main path of `lesson`, and which prompts are."""
    load = workload_of(lesson)
    bounds = (
        (load.minutes, MAX_MINUTES, "the main path takes {:.0f} minutes, more than {}."),
        (load.exercises, MAX_EXERCISES, "the main path has {} exercises, more than {}."),
        (load.longest_reading, MAX_READING, "{:.0f} minutes of reading pass without an exercise, more than {}."),
    )
    for value, most, words in bounds:
        if value > most:
            yield lesson.place.fault(words.format(value, most), "Cut it, mark a part as further, or make two lessons.")
    for task in lesson.tasks.values():
        lines = len([line for line in task.prompt.splitlines() if line.strip()])
        if lines > MAX_PROMPT_LINES:
            wrong = f"the prompt of `{task.name}` has {lines} lines, more than {MAX_PROMPT_LINES}."
            yield task.place.fault(wrong, "Say it in fewer, or give the exercise a heading of its own.")


def _too_wide(lesson: Lesson) -> Iterator[Fault]:
    """The demonstrations of `lesson` with a line that does not fit on the page."""
    for piece in lesson.pieces:
        if isinstance(piece, Task) or piece.is_prose:
            continue
        for number, line in enumerate(piece.text.splitlines(), piece.place.line + 1):
            if len(line) > MAX_WIDTH:
                wrong = f"a line of a demonstration has {len(line)} characters, more than {MAX_WIDTH}."
                yield Place(piece.place.path, number).fault(wrong, "Break it, or give a part of it a name.")


def _broken_by_objectives(lesson: Lesson) -> Iterator[Fault]:
    objectives = lesson.front["objectives"]
    named = {name for objective in objectives for name in objective.get("by", ["?"])}
    for name in sorted(named - set(lesson.tasks)):
        wrong = f"an objective is met by `{name}`, which is no exercise of this lesson."
        yield lesson.place.fault(wrong, "Correct `by:`.")
    for task in lesson.tasks.values():
        if task.name not in named:
            wrong = f"no objective is met by `{task.name}`."
            yield task.place.fault(wrong, "Add it to the `by:` of an objective in the front matter.")


CARD_ROW = {"row", "exercise", "lesson", "heading"}


def _broken_by_card(lesson: Lesson) -> Iterator[Fault]:
    """The rows of a card to take home that say too little, or name an exercise that is not in `lesson`."""
    for row in lesson.front.get("card", []):
        if set(row) != CARD_ROW:
            wrong = f"a row of `card:` has {', '.join(sorted(row))}."
            yield lesson.place.fault(wrong, f"Give it {', '.join(sorted(CARD_ROW))}.")
        elif row["exercise"] not in lesson.tasks:
            wrong = f"a row of `card:` names `{row['exercise']}`, which is no exercise of this lesson."
            yield lesson.place.fault(wrong, "Correct `exercise:`.")


def _missing_parts(task: Task) -> Iterator[tuple[str, str]]:
    """What an exercise lacks and the remedy; predictions and prose need no foreseen answers."""
    if task.kind in NOT_TRIED:
        return
    if task.kind in JUDGED_BY_CHOICE:
        wrong = sum(1 for _ in task.misjudgements())
        if wrong < MIN_WRONG:
            yield f"`{task.name}` can be answered wrong in {wrong} ways only.", f"Give it {MIN_WRONG} wrong options."
        return
    if len(task.wrong) < MIN_WRONG:
        yield f"`{task.name}` has {len(task.wrong)} wrong answers.", f"Give at least {MIN_WRONG}."
    if task.kind == "parsons":
        return
    if len(task.right) < MIN_RIGHT:
        missing = MIN_RIGHT - len(task.right)
        yield f"`{task.name}` has {len(task.right)} right answers beside its solution.", f"Give {missing} more."
    if not task.hints:
        yield f"`{task.name}` has no hints.", _hint_fence(task)


def _hint_fence(task: Task) -> str:
    return f'Add a fence ```text hint="{task.name}".'


def _repeated(task: Task) -> Iterator[tuple[Place, str]]:
    """The place of each foreseen answer that says, but for white space, what another one or the solution says."""
    seen = Counter([_plain(task.solution)])
    for foreseen in (*task.right, *task.wrong):
        text = _plain(foreseen.text)
        if seen[text]:
            yield foreseen.place, f"this answer to `{task.name}` repeats another one, or the solution."
        seen[text] += 1


def _plain(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Course:
    """Where the parts of the course lie: lessons and claims are read, the other folders are written."""

    root: Path
    lessons: Path
    claims: Path
    source: Path
    notebooks: Path
    keys: Path

    @classmethod
    def at(cls, root: Path) -> Course:
        """The course whose project folder is `root`."""
        root = root.resolve()
        package = root / "graders"
        return cls(
            root, root / "lessons", package / "checks", root / "build/source", root / "notebooks", package / "keys"
        )

    def written_to(self, out: Path) -> Course:
        """The same course, with everything made put under `out` instead."""
        return Course(self.root, self.lessons, self.claims, out / "source", out / "notebooks", out / "keys")

    @property
    def lesson_folders(self) -> list[Path]:
        """The folders of the lessons in course order."""
        return sorted(path for path in self.lessons.iterdir() if path.is_dir() and path.name[:1].isdigit())

    def claim_files(self, lesson: str) -> list[Path]:
        """The modules of claims of the lesson called `lesson`, if it has any."""
        return sorted((self.claims / lesson.replace("-", "_")).glob("*.py"))

    def made_of(self, lesson_id: str) -> list[Path]:
        """The files that a build makes of the lesson with this id: source, released notebook, key file."""
        notebook = f"{lesson_id}/{lesson_id}.ipynb"
        return [self.source / notebook, self.notebooks / notebook, self.keys / f"{name_of(lesson_id)}.json"]


def following_lesson(course: Course, folder: Path) -> tuple[str, str] | None:
    """The id and the title of the lesson after the one in `folder`; None after the last, or where it has no title."""
    later = next((path for path in course.lesson_folders if path.name > folder.name), None)
    if later is None:
        return None
    with contextlib.suppress(LessonError):
        first = part_files(later)[0]
        front, _ = read_front_matter(first, first.read_text(encoding="utf-8").splitlines())
        return (later.name, str(front["title"])) if "title" in front else None
    return None


def read_course(course: Course) -> list[Lesson]:
    """The lessons in course order; raise `LessonError` with every fault that can be found by reading them."""
    faults = FaultList()
    lessons = read_lessons(course, faults)
    faults.raise_any()
    return lessons


def read_lessons(course: Course, faults: FaultList) -> list[Lesson]:
    """The lessons that can be read, in course order; what is wrong with them and with the others goes to `faults`."""
    lessons: list[Lesson] = []
    catalogue: dict[str, Misconception] = {}
    with faults.collect():
        catalogue = read_misconceptions(course.lessons)
    for folder in course.lesson_folders:
        with faults.collect():
            lesson = read_lesson(folder)
            faults.faults += broken_rules(lesson)
            faults.faults += unknown_misconceptions(lesson, catalogue)
            _refuse_names_of(lessons, lesson)
            lessons.append(lesson)
    return lessons


def _refuse_names_of(others: list[Lesson], lesson: Lesson) -> None:
    """Raise `LessonError` if `lesson`, or an exercise or a recall question in it, is called what another is."""
    faults = FaultList()
    for other in others:
        if other.name == lesson.name:
            faults.faults.append(lesson.place.fault(f"{other.id} has the same name.", "Rename one of them."))
        for name in lesson.tasks.keys() & other.tasks.keys():
            wrong = f"`{name}` is an exercise of {other.id} too."
            faults.faults.append(lesson.tasks[name].place.fault(wrong, "Rename one of them."))
        for name in lesson.recalls.keys() & other.recalls.keys():
            wrong = f"`{name}` is a recall question of {other.id} too."
            faults.faults.append(lesson.recalls[name].place.fault(wrong, "Rename one of them."))
    faults.raise_any()
