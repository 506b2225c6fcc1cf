"""Is no statement of an answer run in the process that judges it?"""

import pytest

from graders.course.course import read_course
from graders.kernel.judge import JudgeOptions, judge
from graders.labs import DuckDBLab, EngineError, SQLiteLab
from graders.sandbox import best_isolation

SHORTEST = 20


@pytest.fixture
def run_here(monkeypatch):
    """The statements that labs of this process run."""
    seen = []
    for kind in (SQLiteLab, DuckDBLab):
        own = kind.execute

        def noted(lab, statement, parameters=(), own=own):
            seen.append(statement)
            return own(lab, statement, parameters)

        monkeypatch.setattr(kind, "execute", noted)
    return seen


def statements(text):
    """The statements of an answer that are long enough to be nobody else's."""
    with SQLiteLab() as lab:
        try:
            return {" ".join(one.split()) for one in lab.statements(text) if len(one) > SHORTEST}
        except EngineError:
            return set()


def answers(lesson):
    """One answer in SQL to each exercise that is not the solution, which runs here by right."""
    for task in lesson.tasks.values():
        if task.kind == "sql" and task.right:
            yield task.name, task.right[0].text, statements(task.right[0].text) - statements(task.solution)


def test_the_judging_process_runs_no_statement_of_an_answer(course, lesson_grader, run_here):
    """In isolation, are all statements of right answers in SQL run in an engine's own process?"""
    tried = 0
    for lesson in read_course(course):
        for name, text, own in answers(lesson):
            grader = lesson_grader(lesson.id)
            run_here.clear()
            report = judge(grader.exercises[name], text, JudgeOptions(7, lesson.tasks[name].solution, best_isolation()))
            assert not own & {" ".join(one.split()) for one in run_here}, name
            tried += bool(own and report.verdicts)
    assert tried >= 15
