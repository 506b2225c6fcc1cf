"""Do the grading data tell every mutant of a reference query from the query?"""

import pytest
import sqlglot
from foreseen_answers import LESSONS

from graders.build.keys import task_key
from graders.build.mutants import survivors
from graders.kernel.claims import KEY_MAKERS, load_claims
from graders.kernel.judge import OPEN_SEED

SECRET_SEED = 90_210


def queries():
    """One parameter for each exercise whose answer is judged by rows."""
    for lesson in LESSONS.values():
        load_claims(lesson.name)
        for task in lesson.tasks.values():
            asked = getattr(KEY_MAKERS.get(task.name), "asked", None)
            if asked:
                yield pytest.param(task, asked, id=task.name)


def plain(sql: str) -> str:
    return sqlglot.transpile(sql, normalize=True)[0]


@pytest.mark.parametrize("seed", [OPEN_SEED, SECRET_SEED], ids=["open", "secret"])
@pytest.mark.parametrize(("task", "asked"), list(queries()))
def test_every_mutant_is_told_apart(task, asked, seed):
    """Is each mutant that survives listed in the lesson as equivalent, with a reason, and no other?"""
    left = {plain(mutant.sql) for mutant in survivors(asked, task.solution, task_key(task, seed))}
    assert left == {plain(equivalent.text) for equivalent in task.equivalent}
