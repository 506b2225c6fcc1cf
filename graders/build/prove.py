"""Proves exercises fair on all cores, one after the other as they come, and records what has been proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed

from graders.build.foreseen import can_be_tried, fairness_trial
from graders.build.record import Record, claims_digest, environment_digest, exercise_digest
from graders.build.release import released_answers
from graders.build.workers import find_claims, open_pool
from graders.course.course import Course
from graders.course.faults import Fault
from graders.course.lesson import Lesson, Task
from graders.fairness.proof import Proof

RECORD = "proofs.json"


def prove_exercises(
    course: Course, work: Sequence[tuple[Lesson, Task]], seeds: tuple[int, ...], tell: Callable[[Proof], None]
) -> list[Fault]:
    """Prove each exercise of `work` that is not recorded as proved; give all faults. `tell` is given each proof."""
    record = Record(course.root / "build" / RECORD)
    environment, faults = environment_digest(course), []
    digests = {task.name: _digest(course, lesson, task, seeds, environment) for lesson, task in work}
    waiting = [pair for pair in work if record.hints_met(pair[1].name, digests[pair[1].name]) is None]
    with open_pool(course) as pool:
        futures = [pool.submit(prove, course, lesson, task, seeds) for lesson, task in waiting]
        for future in as_completed(futures):
            proof = future.result()
            tell(proof)
            faults += proof.faults
            if not proof.faults:
                record.add_exercise(proof.exercise, digests[proof.exercise], ())
                record.save()
    return faults


def _digest(course: Course, lesson: Lesson, task: Task, seeds: tuple[int, ...], environment: str) -> str:
    claims = claims_digest(course, lesson.name, environment)
    return exercise_digest(task, _stubs(course, lesson)[task.name], f"{claims} {seeds}")


def _stubs(course: Course, lesson: Lesson) -> dict[str, str]:
    return released_answers(course.notebooks / lesson.id / f"{lesson.id}.ipynb")


def prove(course: Course, lesson: Lesson, task: Task, seeds: tuple[int, ...]) -> Proof:
    """Prove one exercise in this process, which tries nothing where the language of the answer cannot be run."""
    find_claims(course)
    if not can_be_tried(task):
        return Proof(task.name)
    return fairness_trial(lesson, task, _stubs(course, lesson)[task.name], seeds).prove()
