"""Is only work counted, however slow the machine is, and is nobody to blame for what the clock says?"""

import os
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import psutil
import pytest
from student_words import in_student_words

from graders.kernel.report import Mismatch
from graders.sandbox import Bounds, Sandbox, SandboxTimeout, isolations, no_isolation, watchdog, weakness
from graders.sandbox.watchdog import Meter, Overrun, Watch

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process waits for")
each_isolation = pytest.mark.parametrize(
    "isolation",
    [no_isolation(), *(isolation for isolation in isolations() if not weakness(isolation))],
    ids=lambda isolation: isolation.name,
)
WORK = """
import time
def f(seconds):
    began = time.process_time()
    while time.process_time() - began < seconds: pass
    return seconds
"""


class Fake:
    """A process, and a clock beside it, that go on as they are told."""

    def __init__(self, monkeypatch):
        self.now = self.used = 0.0
        self.sleeps = False
        monkeypatch.setattr(watchdog, "time", SimpleNamespace(monotonic=lambda: self.now))

    def seconds(self):
        return self.used

    def asleep(self):
        return self.sleeps

    def go_on(self, look, passes, works, times=1):
        """Let so many seconds pass and be worked, and look, again and again."""
        for _ in range(times):
            self.now, self.used = self.now + passes, self.used + works
            look()


@pytest.fixture
def fake(monkeypatch):
    return Fake(monkeypatch)


def test_a_machine_a_hundred_times_as_slow_changes_nothing(fake):
    """May a process that is let work for a hundredth of the time use its limit, and no more?"""
    look = Watch(fake).begin(Bounds(work=5, net=10_000))
    fake.go_on(look, passes=1, works=0.01, times=500)
    with pytest.raises(Overrun, match="work"):
        fake.go_on(look, passes=1, works=0.01, times=2)


def test_who_is_never_let_work_is_late_and_not_wrong(fake):
    """Is one that is ready to work, and gets nothing, given up as late?"""
    look = Watch(fake).begin(Bounds(work=5, net=300))
    fake.go_on(look, passes=1, works=0, times=300)
    with pytest.raises(SandboxTimeout, match=r"work for 0\.0 s of 300"):
        fake.go_on(look, passes=1, works=0)


def test_who_sleeps_is_told_only_as_far_as_it_was_seen(fake):
    """Does a second in which nobody could look count no more than two looks, and a working one not at all?"""
    fake.sleeps = True
    look = Watch(fake).begin(Bounds(asleep=30))
    fake.go_on(look, passes=1, works=0.5, times=50)
    fake.go_on(look, passes=1, works=0, times=150)
    with pytest.raises(Overrun, match="asleep"):
        fake.go_on(look, passes=0.1, works=0, times=3)


def test_all_requests_count_together(fake):
    """Do work and sleep of earlier requests count, and what came before the first not?"""
    fake.used, fake.sleeps = 7, True
    seen = Watch(fake)
    seen.start()
    for _ in range(5):
        fake.go_on(seen.begin(Bounds(work=3, in_all=10)), passes=1, works=2)
    assert seen.used_up(10)
    with pytest.raises(Overrun, match="in_all"):
        fake.go_on(seen.begin(Bounds(work=3, in_all=10)), passes=1, works=0.5)


def process_of(sandbox):
    return psutil.Process(sandbox._process._running.number())


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@each_isolation
def test_a_process_that_is_stopped_for_longer_than_every_limit_is_right(isolation):
    """Does an answer that the machine takes away and gives back keep its value?"""
    bounds = Bounds(work=1, in_all=2, asleep=0.5)
    with Sandbox(bounds=bounds, isolation=isolation) as sandbox:
        f = sandbox.define(WORK, "f")
        stopped = process_of(sandbox)
        stopped.send_signal(signal.SIGSTOP)
        threading.Timer(3, stopped.send_signal, (signal.SIGCONT,)).start()
        assert f(0.1) == 0.1


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@each_isolation
def test_a_process_that_is_never_given_back_is_late(isolation):
    """Is it given up as late, once and for all, and gone?"""
    with Sandbox(bounds=Bounds(work=1, asleep=0.5, net=2), isolation=isolation) as sandbox:
        f = sandbox.define(WORK, "f")
        stopped = process_of(sandbox)
        stopped.send_signal(signal.SIGSTOP)
        for _ in range(2):
            with pytest.raises(SandboxTimeout):
                f(0.1)
        assert not stopped.is_running()


def processor_time(process: subprocess.Popen) -> float:
    """The seconds of processor time that `process` has used."""
    return psutil.Process(process.pid).cpu_times().user


@on_linux
@each_isolation
def test_beside_others_that_take_the_core_work_is_what_counts(isolation):
    """Does a sandbox that gets a tenth of a core have its whole limit, as a loop beside it has?"""
    core = {min(os.sched_getaffinity(0))}
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    try:
        with Sandbox(bounds=Bounds(work=1), isolation=isolation) as sandbox:
            f = sandbox.define(WORK, "f")
            for process in (*burners, process_of(sandbox)):
                os.sched_setaffinity(process.pid, core)
            process_of(sandbox).nice(5)
            while min(map(processor_time, burners)) < 0.05:
                time.sleep(0.01)
            before = sum(map(processor_time, burners))
            assert f(0.6) == 0.6
            used = sum(map(processor_time, burners)) - before
            assert used > 0.2, "it had the core for itself, so that nothing was tried"
            with pytest.raises(Mismatch, match="it was still running"), in_student_words():
                f(1000)
    finally:
        for process in burners:
            process.kill()
            process.wait()


@on_linux
@pytest.mark.parametrize(
    ("source", "asleep"),
    [
        ("import time; time.sleep(3600)", True),
        ("while True: pass", False),
        ("import threading, time; threading.Thread(target=time.sleep, args=(3600,)).start()\nwhile True: pass", False),
        ("import os; os.kill(os.getpid(), 19)", False),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])", False),
    ],
)
def test_only_who_waits_of_its_own_accord_is_asleep(source, asleep):
    """Are a thread or a program that works, and a process that was stopped, no sleep?"""
    script = f"print(flush=True)\n{source}"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            process.stdout.readline()
            time.sleep(0.5)
            meter = Meter(lambda: process.pid)
            assert [meter.asleep() for _ in range(3)] == [asleep] * 3
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_of_a_process_that_has_gone_the_last_reading_stands():
    """Is what was worked not forgotten, and a process that never was none that sleeps?"""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    meter = Meter(lambda: process.pid)
    while meter.seconds() < 0.05:
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert meter.seconds() >= 0.05
    assert not meter.asleep()
