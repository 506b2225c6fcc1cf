"""What every lesson must have before its answers are tried, and what it should have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from graders.course.faults import Fault, Place
from graders.course.lesson import Lesson, Task
from graders.course.minutes import workload_of

MIN_WRONG, MIN_RIGHT = 3, 2
MAX_MINUTES, MAX_EXERCISES, MAX_READING, MAX_PROMPT_LINES = 75, 11, 10, 6
JUDGED_BY_CHOICE = ("choice", "prediction")
NOT_TRIED = ("prediction", "prose")


def broken_rules(lesson: Lesson) -> Iterator[Fault]:
    """The rules that `lesson` breaks: its objectives, and the number and the forms of its foreseen answers."""
    yield from _broken_by_objectives(lesson)
    for task in lesson.tasks.values():
        yield from (task.place.fault(wrong, remedy) for wrong, remedy in _missing_parts(task))
        yield from (place.fault(wrong, "Give an answer of another form.") for place, wrong in _repeated(task))


def recommendations(lesson: Lesson) -> Iterator[Fault]:
    """What `lesson` would be better with; no reason to stop a build."""
    yield from (lesson.place.fault(wrong, "Cut it, or make two lessons of it.") for wrong in _too_much(lesson))
    for task in lesson.tasks.values():
        if task.kind == "parsons" and len(task.right) < MIN_RIGHT:
            wrong = f"`{task.name}` has {len(task.right)} right orders beside its solution."
            yield task.place.fault(wrong, f"Give {MIN_RIGHT} if there are as many.")
        if task.kind == "parsons" and not task.hints:
            yield task.place.fault(f"`{task.name}` has no hints.", _hint_fence(task))


def _too_much(lesson: Lesson) -> Iterator[str]:
    """What is too long about the main path of `lesson`."""
    load = workload_of(lesson)
    if load.minutes > MAX_MINUTES:
        yield f"the main path takes {load.minutes:.0f} minutes, more than {MAX_MINUTES}."
    if load.exercises > MAX_EXERCISES:
        yield f"the main path has {load.exercises} exercises, more than {MAX_EXERCISES}."
    if load.longest_reading > MAX_READING:
        yield f"{load.longest_reading:.0f} minutes pass without an exercise, more than {MAX_READING}."
    for task in lesson.tasks.values():
        lines = [line for line in task.prompt.splitlines() if line.strip()]
        if len(lines) > MAX_PROMPT_LINES:
            yield f"the prompt of `{task.name}` has {len(lines)} lines, more than {MAX_PROMPT_LINES}."


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
