"""Proves exercises fair on all cores, one after the other as they come, and records what has been proved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from functools import cache

from graders.build.foreseen import can_be_tried
from graders.build.keys import exercise_of, task_key
from graders.build.record import Record, claims_digest, environment_digest, exercise_digest
from graders.build.release import released_answers
from graders.build.workers import find_claims, open_pool
from graders.course.course import Course
from graders.course.faults import Fault
from graders.course.lesson import Lesson, Task
from graders.fairness.proof import Effort, FairnessTrial, Proof
from graders.kernel.claims import claims_of, load_claims
from graders.kernel.judge import JudgeOptions, judge
from graders.kernel.report import Report

RECORD = "proofs.json"


def prove_exercises(
    course: Course, work: Sequence[tuple[Lesson, Task]], effort: Effort, tell: Callable[[Proof], None]
) -> list[Fault]:
    """Prove each exercise of `work` that is not recorded as proved; give all faults. `tell` is given each proof."""
    record = Record(course.root / "build" / RECORD)
    environment, faults = environment_digest(course), []
    digests = {task.name: _digest(course, lesson, task, effort, environment) for lesson, task in work}
    waiting = [pair for pair in work if record.hints_met(pair[1].name, digests[pair[1].name]) is None]
    with open_pool(course) as pool:
        futures = [pool.submit(prove, course, lesson, task, effort) for lesson, task in waiting]
        for future in as_completed(futures):
            proof = future.result()
            tell(proof)
            faults += proof.faults
            if not proof.faults:
                record.add_exercise(proof.exercise, digests[proof.exercise], ())
                record.save()
    return faults


def _digest(course: Course, lesson: Lesson, task: Task, effort: Effort, environment: str) -> str:
    claims = claims_digest(course, lesson.name, environment)
    return exercise_digest(task, _stubs(course, lesson)[task.name], f"{claims} {effort}")


def _stubs(course: Course, lesson: Lesson) -> dict[str, str]:
    return released_answers(course.notebooks / lesson.id / f"{lesson.id}.ipynb")


def prove(course: Course, lesson: Lesson, task: Task, effort: Effort) -> Proof:
    """Prove one exercise in this process, which tries nothing where the language of the answer cannot be run."""
    find_claims(course)
    # An answer that never ends must not hold up the others for longer than a student would wait.
    os.nice(5)
    if not can_be_tried(task):
        return Proof(task.name)
    return trial_of(lesson, task, _stubs(course, lesson)[task.name]).prove(effort)


def trial_of(lesson: Lesson, task: Task, stub: str) -> FairnessTrial:
    """What an exercise needs to be proved fair."""
    load_claims(lesson.name)

    @cache
    def exercise_on(seed: int):
        return exercise_of(task, stub, task_key(task, seed), lesson.name)

    def judge_on(text: str, seed: int) -> Report:
        return judge(exercise_on(seed), text, JudgeOptions(seed, task.solution))

    return FairnessTrial(task, stub, _engine_of(task.name), judge_on)


def _engine_of(exercise: str) -> str:
    descriptions: Iterator[object] = (claim.experiment.description for claim in claims_of(exercise))
    return next((one.engine for one in descriptions if hasattr(one, "engine")), "SQLite")
