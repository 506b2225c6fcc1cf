"""Do the grading data tell every mutant of a reference query from the query?"""

import pytest
import sqlglot
from foreseen_answers import LESSONS
from query_mutants import survivors

from graders.build.keys import task_key
from graders.kernel.claims import claims_of, load_claims
from graders.kernel.judge import OPEN_SEED
from graders.techniques.queries import QueryExercise, QueryKey

SECRET_SEED = 90_210


def queries():
    """One parameter for each exercise whose answer is judged by rows."""
    for lesson in LESSONS.values():
        load_claims(lesson.name)
        for task in lesson.tasks.values():
            descriptions = (claim.experiment.description for claim in claims_of(task.name) if claim.experiment)
            exercise = next((one for one in descriptions if isinstance(one, QueryExercise)), None)
            if exercise:
                yield pytest.param(task, exercise, id=task.name)


def test_there_are_queries():
    """Are the exercises found whose mutants are tried below?"""
    assert len(list(queries())) >= 3


def plain(sql: str) -> str:
    return sqlglot.transpile(sql, normalize=True)[0]


@pytest.mark.parametrize("seed", [OPEN_SEED, SECRET_SEED], ids=["open", "secret"])
@pytest.mark.parametrize(("task", "exercise"), list(queries()))
def test_every_mutant_is_told_apart(task, exercise, seed):
    """Is each mutant that survives listed in the lesson as equivalent, with a reason, and no other?"""
    key = task_key(task, seed)
    key = key if isinstance(key, QueryKey) else key.query
    left = {plain(mutant.sql) for mutant in survivors(exercise, task.solution, key)}
    assert left == {plain(equivalent.text) for equivalent in task.equivalent}
