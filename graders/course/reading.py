"""Reads a lesson from its folder: the parts in their order, each exercise with all that belongs to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from graders.course.faults import Fault, FaultList, Place
from graders.course.lesson import BEGIN, END, ForeseenAnswer, Lesson, Part, RecallQuestion, Task
from graders.course.markdown import Fence, read_front_matter, read_yaml, split


def apply_diff(text: str, diff: str) -> str:
    """`text` with the hunks of a unified diff, which lines `@@` part; raise `ValueError` if one fits no place, or two.

    apply_diff("a\\nb\\nc", "-b\\n+d") == "a\\nd\\nc"
    """
    lines = text.splitlines()
    for hunk in _hunks(diff):
        old = [line[1:] for line in hunk if line[:1] != "+"]
        new = [line[1:] for line in hunk if line[:1] != "-"]
        places = [place for place in range(len(lines)) if old and lines[place : place + len(old)] == old]
        if len(places) != 1:
            raise ValueError(f"the lines from `{hunk[0]}` on fit {len(places) or 'no'} places of the solution")
        lines[places[0] : places[0] + len(old)] = new
    return "\n".join(lines)


def _hunks(diff: str) -> Iterator[list[str]]:
    hunk: list[str] = []
    for line in [*diff.splitlines(), "@@"]:
        if not line.startswith("@@"):
            hunk.append(line)
        elif hunk:
            yield hunk
            hunk = []


FRONT = ("title", "summary", "objectives", "prerequisites", "out_of_scope")
ALLOWED = {
    "exercise": {"exercise", "kind", "points", "answer"},
    "wrong": {"wrong", "says", "misconception"},
    "right": {"right"},
    "equivalent": {"equivalent", "because"},
    "hint": {"hint"},
    "because": {"because"},
    "recall": {"recall", "about"},
    "fact": {"fact"},
}
COMMENTS = {"sql": "--", "javascript": "//", "java": "//"}
NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)+"
MAX_HINTS = 3
# Their YAML says why: each option has its `because`, prose its rubric.
EXPLAINED = ("choice", "prediction", "prose")
NOTES = "notes.md"


def read_lesson(folder: Path) -> Lesson:
    """Read the lesson in `folder`; raise `LessonError` with everything in it that cannot be in a lesson."""
    if not re.fullmatch(r"\d\d-[a-z][a-z0-9-]*", folder.name):
        raise Place(folder).error("this is not a lesson's name.", "Call the folder like 06-indexing.")
    reader = _Reader(Lesson(folder))
    with reader.faults.collect():
        for path in part_files(folder):
            reader.read_part(path)
    reader.faults.raise_any()
    return reader.lesson


def part_files(folder: Path) -> list[Path]:
    """The parts of the lesson in `folder`, in their order; raise `LessonError` for a text that is no part."""
    texts = [path for path in folder.glob("*.md") if path.name != NOTES]
    for path in texts:
        if not re.fullmatch(r"\d+-[a-z0-9-]+\.md", path.name):
            raise Place(path).error("this is not the name of a part.", "Call it like 2-read-a-plan.md.")
    if not texts:
        raise Place(folder).error("this lesson has no parts.", "Begin with 1-what-went-wrong.md.")
    return sorted(texts, key=lambda path: int(path.name.partition("-")[0]))


class _Reader:
    """Reads the parts of one lesson, and collects its faults."""

    def __init__(self, lesson: Lesson):
        self.lesson = lesson
        self.faults = FaultList()
        self._roles: dict[str, Callable[[Fence], None]] = {
            "exercise": self._read_exercise,
            "wrong": lambda fence: self._attach(fence, "wrong", says="says"),
            "right": lambda fence: self._attach(fence, "right"),
            "equivalent": lambda fence: self._attach(fence, "equivalent", says="because"),
            "hint": self._read_hint,
            "because": self._read_because,
            "recall": self._read_recall,
            "fact": self._read_fact,
        }

    def read_part(self, path: Path) -> None:
        """Add the part at `path` to the lesson."""
        lines = path.read_text(encoding="utf-8").splitlines()
        with self.faults.collect():
            front, begin = read_front_matter(path, lines)
            self._read_front(Place(path), front)
            self.lesson.parts.append(Part(path, bool(front.get("further"))))
            for fence in split(path, lines, begin, self.faults):
                with self.faults.collect():
                    self._read_piece(fence)

    def _read_front(self, place: Place, front: dict[str, Any]) -> None:
        if self.lesson.parts:
            unknown = sorted(set(front) - {"further"})
            self.faults.faults += [
                place.fault(f"`{name}` belongs to the front matter of the first part.", "Move it there.")
                for name in unknown
            ]
            return
        self.lesson.front = front
        for name in FRONT if front else ():
            if name not in front:
                self.faults.faults.append(place.fault(f"the front matter lacks `{name}`.", f"Add `{name}:` to it."))
        if not front:
            raise place.error("the front matter is missing.", "Begin the first part with `---`, YAML, `---`.")

    @property
    def _part(self) -> Part:
        return self.lesson.parts[-1]

    def _read_piece(self, fence: Fence) -> None:
        role = next(iter(fence.attributes), None)
        if role is None:
            self._part.pieces.append(fence)
        elif role not in ALLOWED:
            known = ", ".join(ALLOWED)
            raise fence.place.error(f"`{role}=` begins no kind of fence.", f"The first is one of {known}.")
        else:
            self.faults.faults += _unknown_attributes(fence, ALLOWED[role])
            self._roles[role](fence)

    def _read_exercise(self, fence: Fence) -> None:
        get = fence.attributes.get
        name, kind, answer = fence.attributes["exercise"], get("kind", fence.language), str(get("answer", "answer"))
        number, further = len(self.lesson.tasks) + 1, self._part.further
        task = Task(name, number, kind, get("points", ""), answer, fence.place, fence.text, further=further)
        self.faults.faults += self._header_faults(task)
        task.title, task.prompt = self._title_and_prompt()
        with self.faults.collect():
            _read_body(fence, task)
        self.lesson.tasks[name] = task
        self._part.pieces.append(task)

    def _header_faults(self, task: Task) -> Iterator[Fault]:
        if not re.fullmatch(NAME, task.name):
            yield task.place.fault(f"`{task.name}` is no name of an exercise.", "Call it like split-the-name.")
        if task.name in self.lesson.tasks:
            other = self.lesson.tasks[task.name].place
            yield task.place.fault(f"`{task.name}` is an exercise in line {other.line} too.", "Rename one.")
        if not isinstance(task.points, (int, float)):
            yield task.place.fault(f"`{task.name}` has no points.", "Add points=2 (a number).")

    def _title_and_prompt(self) -> tuple[str, str]:
        """What the student reads before the answer cell: the last heading, and the prose since then."""
        last = self._part.pieces[-1] if self._part.pieces else None
        prose = last.text if isinstance(last, Fence) and last.is_prose else ""
        headings = list(re.finditer(r"^#+ +(.*)$", prose, re.M))
        return (headings[-1][1], prose[headings[-1].end() :].strip()) if headings else ("", prose)

    def _exercise_above(self, fence: Fence, role: str) -> Task | None:
        """The exercise that `fence` belongs to; None, without a word, if it may be missing because of another fault."""
        task = self.lesson.tasks.get(fence.attributes[role])
        if task is None and not self.faults.faults:
            raise fence.place.error(f"there is no exercise `{fence.attributes[role]}` above.", "Correct the name.")
        return task

    def _attach(self, fence: Fence, role: str, says: str = "") -> None:
        task = self._exercise_above(fence, role)
        if says and not fence.attributes.get(says):
            raise fence.place.error(f"this `{role}=` lacks `{says}=`.", f'Add {says}="…".')
        if task:
            words = fence.attributes.get(says, "") if says else ""
            shows = fence.attributes.get("misconception", "")
            text = fence.text if role == "equivalent" else _text_of(fence, task)
            getattr(task, role).append(ForeseenAnswer(text, fence.place, words, shows))

    def _read_hint(self, fence: Fence) -> None:
        task = self._exercise_above(fence, "hint")
        if task is None:
            return
        if len(task.hints) == MAX_HINTS:
            raise fence.place.error(f"`{task.name}` has three hints already.", "Keep the best three.")
        task.hints.append(fence.text.strip())

    def _read_because(self, fence: Fence) -> None:
        task = self._exercise_above(fence, "because")
        if task is None:
            return
        if task.because:
            raise fence.place.error(f"`{task.name}` has a `because=` already.", "Make one of the two.")
        if task.kind in EXPLAINED:
            remedy = "Leave this out: `solution()` shows the words of its YAML."
            raise fence.place.error(f"`{task.name}` says why in its YAML.", remedy)
        task.because = " ".join(fence.text.split())

    def _read_recall(self, fence: Fence) -> None:
        name = fence.attributes["recall"]
        if not fence.attributes.get("about"):
            raise fence.place.error(f"`{name}` does not say which exercise it is about.", 'Add about="name-1".')
        self._exercise_above(fence, "about")
        body = _yaml_of(fence)
        faults = FaultList(fence.place.fault(*words) for words in _recall_faults(name, body))
        faults.raise_any()
        if name in self.lesson.recalls:
            other = self.lesson.recalls[name].place
            raise fence.place.error(f"`{name}` is a question in line {other.line} too.", "Rename one.")
        self.lesson.recalls[name] = RecallQuestion(name, fence.attributes["about"], fence.place, body)

    def _read_fact(self, fence: Fence) -> None:
        self.lesson.facts.append((fence.attributes["fact"], ForeseenAnswer(fence.text, fence.place)))


def _text_of(fence: Fence, task: Task) -> str:
    """The foreseen answer in `fence`, in which a diff says how it differs from the solution."""
    if fence.language != "diff":
        return fence.text
    try:
        return apply_diff(task.solution, fence.text)
    except ValueError as error:
        raise fence.place.error(f"{error}.", "Give each `@@` part lines that stand in the solution once.") from None


def _unknown_attributes(fence: Fence, allowed: set[str]) -> Iterator[Fault]:
    for name in sorted(set(fence.attributes) - allowed):
        yield fence.place.fault(f"`{name}=` has no meaning here.", f"Known: {', '.join(sorted(allowed))}.")


def _yaml_of(fence: Fence) -> dict[str, Any]:
    return read_yaml(Place(fence.place.path, fence.place.line + 1), fence.text)


def _read_body(fence: Fence, task: Task) -> None:
    if fence.language == "yaml":
        task.body = _yaml_of(fence)
        read_yaml_body(task)
    elif BEGIN not in fence.text or END not in fence.text:
        comment = COMMENTS.get(fence.language, "#")
        remedy = f"Put it between `{comment} {BEGIN}` and `{comment} {END}`."
        raise fence.place.error(f"`{task.name}` does not say where its solution is.", remedy)


NEEDED = {
    "choice": ("options",),
    "prediction": ("options",),
    "parsons": ("steps", "solution"),
    "prose": ("rubric", "sample"),
}


def read_yaml_body(task: Task) -> None:
    """Check the YAML body of `task` and write its solution as the text of an answer cell."""
    faults = FaultList(task.place.fault(*words) for words in _faults(task))
    faults.raise_any()
    for lettered in ("steps", "options"):
        if lettered in task.body:
            task.body[lettered] = {str(letter): value for letter, value in task.body[lettered].items()}
    task.text = f"# BEGIN SOLUTION\n{letters_of(task)}\n# END SOLUTION"


def _faults(task: Task) -> Iterator[tuple[str, str]]:
    """What is wrong with the body of `task`, and the remedy."""
    if task.kind not in NEEDED:
        yield f"`{task.name}` has no kind.", f"Add kind= and one of {', '.join(NEEDED)}."
        return
    missing = [part for part in NEEDED[task.kind] if not task.body.get(part)]
    yield from ((f"`{task.name}` lacks `{part}:`.", f"Add `{part}:` to its YAML.") for part in missing)
    if task.kind in ("choice", "prediction") and not missing:
        yield from _option_faults(task.name, task.body["options"])


def _recall_faults(name: str, body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(NAME, name):
        yield f"`{name}` is no name of a question.", "Call it like equals-null."
    for part in ("question", "options"):
        if not body.get(part):
            yield f"`{name}` lacks `{part}:`.", f"Add `{part}:` to its YAML."
    if body.get("options"):
        yield from _option_faults(name, body["options"])


def _option_faults(name: str, options: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(options, dict):
        yield f"the options of `{name}` have no letters.", "Write `a:`, `b:` and so on below `options:`."
        return
    for letter, option in options.items():
        if not isinstance(option, dict) or not option.get("text") or not option.get("because"):
            yield f"option {letter} of `{name}` is not complete.", "Give it text: and because:."
    if not any(isinstance(option, dict) and option.get("right") for option in options.values()):
        yield f"`{name}` has no right option.", "Add `right: true` to one."


def letters_of(task: Task) -> str:
    """The letters that solve a choice, a prediction or a Parsons problem."""
    if task.kind == "parsons":
        return str(task.body["solution"]).strip()
    return " ".join(letter for letter, option in task.body.get("options", {}).items() if option.get("right"))
