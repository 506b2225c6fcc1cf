"""Do the grading data tell every mutant of a reference query from the query?"""

from dataclasses import replace

import pytest
from foreseen_answers import LESSONS, SECRET_SEED, solution_of, stubs_of

from graders.build.foreseen import fairness_trial
from graders.kernel.claims import OPEN_SEED, claims_of, load_claims
from graders.kernel.judge import JudgeOptions, judge
from graders.techniques.queries import QueryExercise


def queries():
    """One parameter for each exercise whose answer is judged by rows."""
    for lesson in LESSONS.values():
        load_claims(lesson.name)
        for task in lesson.tasks.values():
            descriptions = (claim.experiment.description for claim in claims_of(task.name) if claim.experiment)
            if task.kind == "sql" and any(isinstance(one, QueryExercise) for one in descriptions):
                yield pytest.param(lesson, task, id=f"{lesson.name}:{task.name}")


def test_there_are_queries():
    """Are the exercises found whose mutants are tried below?"""
    assert len(list(queries())) >= 3


@pytest.mark.parametrize(("lesson", "task"), list(queries()))
def test_every_mutant_is_told_apart(lesson, task):
    """Does each mutant lose points on the open seed and on another, or is it listed as equivalent, with a reason?"""

    def judge_on(text, seed):
        exercise = solution_of(lesson.name, task.name, seed).exercise
        return judge(exercise, text, JudgeOptions(seed, task.solution))

    trial = fairness_trial(lesson, task, stubs_of(lesson)[task.name], (OPEN_SEED, SECRET_SEED))
    faults = list(replace(trial, judge=judge_on).try_mutants())
    assert len(faults) > 5
    assert [fault for fault in faults if fault] == []
