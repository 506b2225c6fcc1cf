"""Judges answers in worker processes of this machine; the death of a worker costs no answer its score."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from math import inf
from pathlib import Path

from graders.grading.judge_requests import JudgeRequest, judge_request, report_from_json, rules_digest
from graders.kernel.failures import RunStopped, contain_failure, describe_error
from graders.kernel.readable import truncate
from graders.kernel.report import Report
from graders.sandbox import TemporaryFailure
from graders.sandbox.errors import SandboxTimeout
from graders.sandbox.fork_server import make_scratch_folder, remove_folder
from graders.sandbox.limits import Bounds
from graders.sandbox.watchdog import Meter, Overrun, Watch

# An answer's sandboxes and engines are bounded far below this; it is our own work that it bounds.
WORKER_BOUNDS = Bounds(work=300, in_all=inf, asleep=inf, net=3600)
TO_START = Bounds(in_all=inf, asleep=inf)
POLL_SECONDS = 0.5
MAX_MEMORY = 3 << 30
READY, DONE, BROKE, NOT_NOW = b"ready", b"+", b"!", b"?"


class NoReport(Exception):
    """There is no report on an answer; `str()` says why, `retry` whether another try may help.

    `costly` says that a later run would wait as long for the same.
    """

    def __init__(self, reason: str, retry: bool = False, costly: bool = False):
        super().__init__(reason)
        self.retry = retry
        self.costly = costly


class Workers:
    """Up to `jobs` worker processes, started when they are needed; use it in a `with`.

    An answer whose worker dies, or that was late, is tried once more when all others are done, with no work of ours
    beside it. `bounds` are those of one answer, as a net below the bounds that labs and sandboxes set themselves.
    """

    def __init__(self, jobs: int, bounds: Bounds = WORKER_BOUNDS):
        self.jobs = jobs
        self.bounds = bounds
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._all: set[_Worker] = set()
        self._slots: queue.SimpleQueue[int] = queue.SimpleQueue()
        for slot in range(jobs):
            self._slots.put(slot)
        self._closed = False
        # What a worker that is killed leaves behind lies in here.
        self._scratch = make_scratch_folder(None)
        self._scratch.chmod(0o711)

    def judge(self, requests: Iterable[JudgeRequest]) -> Iterator[tuple[JudgeRequest, Report | NoReport]]:
        """Each request with its report, or with why there is none, as they come."""
        retries = []
        for request, report in self._judge_in_parallel(requests):
            if isinstance(report, NoReport) and report.retry:
                retries.append(request)
            else:
                yield request, report
        for request in retries:
            yield request, _contain(partial(self._judge, request))

    def _judge_in_parallel(self, requests: Iterable[JudgeRequest]) -> Iterator[tuple[JudgeRequest, Report | NoReport]]:
        with ThreadPoolExecutor(self.jobs) as threads:
            futures = {threads.submit(self._judge, request): request for request in requests}
            try:
                for future in as_completed(futures):
                    yield futures.pop(future), _contain(future.result)
            finally:
                threads.shutdown(wait=False, cancel_futures=True)
                if futures:
                    self.close()

    def _judge(self, request: JudgeRequest) -> Report | NoReport:
        try:
            return self._try(request)
        except NoReport as why:
            return why

    def _try(self, request: JudgeRequest) -> Report:
        worker = self._take_worker()
        try:
            report = _parse_reply(worker.ask(request.json, self.bounds))
        except BaseException:
            worker.end()
            self._all.discard(worker)
            self._slots.put(worker.slot)
            raise
        self._idle.put(worker)
        return report

    def _take_worker(self) -> _Worker:
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        if self._closed:
            raise NoReport("the run was stopped")
        return self._start_worker()

    def _start_worker(self) -> _Worker:
        slot = self._slots.get()
        try:
            worker = _Worker(self._scratch, slot)
            self._all.add(worker)
            worker.wait_until_ready()
            return worker
        except Exception as error:
            self._slots.put(slot)
            words = f"a worker process does not start on this machine ({describe_error(error)})"
            raise RunStopped(words) from error

    def close(self) -> None:
        """End every worker, for good."""
        self._closed = True
        for worker in list(self._all):
            worker.end()
        remove_folder(self._scratch)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _contain(judge: Callable[[], Report | NoReport]) -> Report | NoReport:
    with contain_failure("judging it") as faults:
        return judge()
    return NoReport(faults[0])


def _parse_reply(reply: str) -> Report:
    with contain_failure("reading its report") as faults:
        return report_from_json(reply)
    raise NoReport(faults[0])


class _Worker:
    """One process. It is spawned, not forked: an engine's threads do not survive a fork."""

    def __init__(self, scratch: Path, slot: int):
        self.slot = slot
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, str(scratch), slot), daemon=True)
        self._process.start()
        theirs.close()
        self._watch = Watch(Meter(self._pid))

    def _pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def wait_until_ready(self) -> None:
        with contextlib.suppress(EOFError, OSError, SandboxTimeout):
            if self._receive(TO_START) == READY:
                return
        raise RuntimeError("it gives no sign of life")

    def _receive(self, bounds: Bounds) -> bytes:
        """What it says next; raise `Overrun` or `SandboxTimeout` if it says nothing within `bounds`."""
        look = self._watch.begin(bounds)
        while not self._connection.poll(POLL_SECONDS):
            look()
        return self._connection.recv_bytes()

    def ask(self, request: str, bounds: Bounds) -> str:
        try:
            self._connection.send_bytes(request.encode())
            reply = self._receive(bounds)
        except Overrun as overrun:
            reason = f"judging it took more than {overrun.limit:g} s of processor time"
            raise NoReport(reason, costly=True) from None
        except SandboxTimeout as late:
            raise NoReport(f"judging it was given up: {late}", retry=True) from None
        except (EOFError, OSError):
            raise NoReport(self._describe_death(), retry=True, costly=True) from None
        if reply[:1] in (BROKE, NOT_NOW):
            raise NoReport(reply[1:].decode(), retry=reply[:1] == NOT_NOW)
        return reply[1:].decode()

    def _describe_death(self) -> str:
        self._process.join(5)
        code = self._process.exitcode
        how = f"signal {-code}" if code and code < 0 else f"exit code {code}"
        return f"the process that judged it died twice ({how})"

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()


def serve(connection, scratch: str, slot: int) -> None:
    """Answer requests until there are no more, with temporary files in `scratch`; `slot` is the worker's number."""
    tempfile.tempdir = scratch
    _pin_to_core(slot)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # It asks programs for their versions, and a Java of the system would not start in the memory that is left to it.
    rules_digest()
    _limit_memory()
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    connection.send_bytes(READY)
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send_bytes(_reply(connection.recv_bytes().decode()))


def _pin_to_core(slot: int) -> None:
    """Keep this process and its sandboxes on one core: they take turns, and waking another core takes longer than one.

    Runs beside each other begin at different cores.
    """
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[(os.getppid() + slot) % len(allowed)]})


def _limit_memory() -> None:
    """Let an engine that a query drives to take all memory be refused it, where the system can do so."""
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        bound = MAX_MEMORY if most == resource.RLIM_INFINITY else min(MAX_MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))


def _reply(request: str) -> bytes:
    try:
        return DONE + judge_request(request).encode()
    except TemporaryFailure as error:
        return NOT_NOW + truncate(str(error), 200).encode(errors="replace")
    except Exception as error:
        return BROKE + f"judging it broke ({describe_error(error)})".encode(errors="replace")


def _exit_with_parent() -> None:
    """End this process with the one that started it, even in the middle of an answer."""
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)
