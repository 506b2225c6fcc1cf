"""Do worker processes judge beside each other, each on its core, and does the death or delay of one cost nothing?"""

import os
import signal
import threading
from functools import partial

import pytest
from golden import LESSON, LOOP

from graders.grading import workers
from graders.grading.lesson_grader import LessonGrader
from graders.grading.workers import NoReport, Workers
from graders.kernel.judge import JudgeOptions, judge
from graders.sandbox import Bounds, Sandbox, SandboxTimeout, best_isolation
from graders.sandbox.watchdog import cores

WRONG = "def days_late(due, returned):\n    return None if returned is None else 0"


@pytest.fixture(scope="module")
def grader(course):
    return LessonGrader.prepare(course, LESSON, "a seed that no student knows")


@pytest.mark.slow
@pytest.mark.parametrize(("deaths", "ends"), [(1, "wrong"), (2, "died twice (signal 9)")])
def test_a_worker_may_die_once(grader, monkeypatch, deaths, ends):
    """Is an answer whose worker was killed tried once more, and then given up with the reason?"""
    left, ask = [deaths], workers._Worker.ask

    def ask_and_kill(worker, request, bounds):
        if left[0]:
            left[0] -= 1
            threading.Timer(0.3, worker._process.kill).start()
        return ask(worker, request, bounds)

    monkeypatch.setattr(workers._Worker, "ask", ask_and_kill)
    with Workers(1) as judges:
        ((_, found),) = judges.judge([grader.request("days-late", LOOP)])
    assert ends in (str(found) if isinstance(found, NoReport) else found.status)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system ties no process to a core")
def test_each_worker_keeps_to_a_core(grader):
    """Are two workers on one core each, not the same where there are two, and never two of one number?"""
    requests = [grader.request("days-late", f"{WRONG}  # {number}") for number in range(4)]
    with Workers(2) as judges:
        dict(judges.judge(requests[:2]))
        first = {worker.slot: worker for worker in judges._all}
        kept = [os.sched_getaffinity(worker._process.pid) for worker in first.values()]
        first[0]._process.kill()
        assert not any(isinstance(found, NoReport) for found in dict(judges.judge(requests[2:])).values())
        slots = [worker.slot for worker in judges._all]
    assert len(set(slots)) == len(slots)
    assert [len(cores) for cores in kept] == [1, 1]
    assert len(set().union(*kept)) == min(2, cores())


@pytest.mark.slow
def test_the_others_go_on(grader):
    """Does an answer that overruns every limit stop no other, and is it told?"""
    requests = [
        grader.request("days-late", LOOP),
        grader.request("days-late", WRONG),
        grader.request("open-loans", "x"),
    ]
    with Workers(2, Bounds(work=3)) as judges:
        found = dict(judges.judge(requests))
    assert str(found[requests[0]]) == "judging it took more than 3 s of processor time"
    assert [found[request].status for request in requests[1:]] == ["partly right", "wrong"]


@pytest.mark.slow
@pytest.mark.parametrize(("stops", "ends"), [(1, "wrong"), (2, "judging it was given up: it did not end")])
def test_who_is_late_is_tried_again_alone_and_then_left_to_a_person(grader, monkeypatch, stops, ends):
    """Is an answer whose worker the machine stops tried once more when all others are done, and never marked wrong?"""
    begun, stopped, ask = [], [], workers._Worker.ask

    def ask_and_stop(worker, request, bounds):
        begun.append(request)
        if request == requests[0].json and len(stopped) < stops:
            stopped.append(worker._process.pid)
            os.kill(worker._process.pid, signal.SIGSTOP)
            bounds = Bounds(net=1)
        return ask(worker, request, bounds)

    monkeypatch.setattr(workers._Worker, "ask", ask_and_stop)
    requests = [grader.request("days-late", f"{WRONG} # {number}") for number in range(5)]
    with Workers(2) as judges:
        found = list(judges.judge(requests))
    last, report = found[-1]
    assert (last, begun[-1], len(begun)) == (requests[0], requests[0].json, len(requests) + 1)
    assert ends in (str(report) if isinstance(report, NoReport) else "wrong")
    assert isinstance(report, NoReport) == (stops == 2)
    assert not any(isinstance(report, NoReport) for _, report in found[:-1])


@pytest.mark.slow
def test_a_sandbox_that_is_late_is_no_wrong_answer(grader, monkeypatch):
    """Does an answer whose sandbox is stopped keep every point, in the notebook as in the grader?"""
    stops = "import os\n" + WRONG.replace("return None if returned is None else 0", "os.kill(os.getpid(), 19)")
    monkeypatch.setattr("graders.kernel.answers.Sandbox", partial(Sandbox, bounds=Bounds(work=5, net=1)))
    exercise = grader.exercises["days-late"]
    report = judge(exercise, stops)
    assert report.status == "needs review"
    assert "too busy, or the process was stopped" in report.verdicts[1].found
    with pytest.raises(SandboxTimeout):
        judge(exercise, stops, JudgeOptions(isolation=best_isolation()))
