"""Judges answers in worker processes of this machine; the death of a worker costs no answer its mark."""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from math import inf
from pathlib import Path

from graders.grading.judging import Unit
from graders.grading.plain_reports import read_report
from graders.grading.worker_process import BROKE, NOT_NOW, READY, serve
from graders.kernel.failures import RunStopped, contain_failure, describe_error
from graders.kernel.report import Report
from graders.sandbox.errors import SandboxTimeout
from graders.sandbox.scratch_folder import made_scratch, removed
from graders.sandbox.watchdog import Bounds, Meter, Overrun, Watch

# An answer's sandboxes and engines are bounded far below this; it is our own work that it bounds.
BOUNDS = Bounds(work=300, in_all=inf, asleep=inf, net=3600)
TO_START = Bounds(in_all=inf, asleep=inf)
BETWEEN_LOOKS = 0.5


class Lost(Exception):
    """There is no report on an answer; `str()` says why, `again` whether another try may help.

    `costly` says that a later run would wait as long for the same.
    """

    def __init__(self, reason: str, again: bool = False, costly: bool = False):
        super().__init__(reason)
        self.again = again
        self.costly = costly


class Workers:
    """Up to `jobs` worker processes, started when they are needed; use it in a `with`.

    An answer whose worker dies, or that was late, is tried once more when all others are done, with no work of ours
    beside it. `bounds` are those of one answer, as a net below the bounds that labs and sandboxes set themselves.
    """

    def __init__(self, jobs: int, bounds: Bounds = BOUNDS):
        self.jobs = jobs
        self.bounds = bounds
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._all: set[_Worker] = set()
        self._places: queue.SimpleQueue[int] = queue.SimpleQueue()
        for place in range(jobs):
            self._places.put(place)
        self._closed = False
        # What a worker that is killed leaves behind lies in here.
        self._scratch = made_scratch(None)
        self._scratch.chmod(0o711)

    def judge(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Report | Lost]]:
        """Each unit with its report, or with why there is none, as they come."""
        again = []
        for unit, found in self._beside_each_other(units):
            if isinstance(found, Lost) and found.again:
                again.append(unit)
            else:
                yield unit, found
        for unit in again:
            yield unit, _outcome(partial(self._judge, unit))

    def _beside_each_other(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Report | Lost]]:
        with ThreadPoolExecutor(self.jobs) as threads:
            futures = {threads.submit(self._judge, unit): unit for unit in units}
            try:
                for future in as_completed(futures):
                    yield futures.pop(future), _outcome(future.result)
            finally:
                threads.shutdown(wait=False, cancel_futures=True)
                if futures:
                    self.close()

    def _judge(self, unit: Unit) -> Report | Lost:
        try:
            return self._try(unit)
        except Lost as lost:
            return lost

    def _try(self, unit: Unit) -> Report:
        worker = self._worker()
        try:
            report = _read(worker.ask(unit.request, self.bounds))
        except BaseException:
            worker.end()
            self._all.discard(worker)
            self._places.put(worker.place)
            raise
        self._idle.put(worker)
        return report

    def _worker(self) -> _Worker:
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        if self._closed:
            raise Lost("the run was stopped")
        return self._started()

    def _started(self) -> _Worker:
        place = self._places.get()
        try:
            worker = _Worker(self._scratch, place)
            self._all.add(worker)
            worker.wait_until_ready()
            return worker
        except Exception as error:
            self._places.put(place)
            words = f"a worker process does not start on this machine ({describe_error(error)})"
            raise RunStopped(words) from error

    def close(self) -> None:
        """End every worker, for good."""
        self._closed = True
        for worker in list(self._all):
            worker.end()
        removed(self._scratch)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _outcome(judge: Callable[[], Report | Lost]) -> Report | Lost:
    faults: list[str] = []
    with contain_failure("judging it", faults.append):
        return judge()
    return Lost(faults[0])


def _read(reply: str) -> Report:
    faults: list[str] = []
    with contain_failure("reading its report", faults.append):
        return read_report(reply)
    raise Lost(faults[0])


class _Worker:
    """One process. It is spawned, not forked: an engine's threads do not survive a fork."""

    def __init__(self, scratch: Path, place: int):
        self.place = place
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, str(scratch), place), daemon=True)
        self._process.start()
        theirs.close()
        self._looks = Watch(Meter(lambda: self._process.pid))

    def wait_until_ready(self) -> None:
        with contextlib.suppress(EOFError, OSError, SandboxTimeout):
            if self._heard(TO_START) == READY:
                return
        raise RuntimeError("it gives no sign of life")

    def _heard(self, bounds: Bounds) -> bytes:
        """What it says next; raise `Overrun` or `SandboxTimeout` if it says nothing within `bounds`."""
        look = self._looks.begin(bounds)
        while not self._connection.poll(BETWEEN_LOOKS):
            look()
        return self._connection.recv_bytes()

    def ask(self, request: str, bounds: Bounds) -> str:
        try:
            self._connection.send_bytes(request.encode())
            reply = self._heard(bounds)
        except Overrun as overrun:
            reason = f"judging it took more than {overrun.limit:g} s of processor time"
            raise Lost(reason, costly=True) from None
        except SandboxTimeout as late:
            raise Lost(f"judging it was given up: {late}", again=True) from None
        except (EOFError, OSError):
            raise Lost(self._death(), again=True, costly=True) from None
        if reply[:1] in (BROKE, NOT_NOW):
            raise Lost(reply[1:].decode(), again=reply[:1] == NOT_NOW)
        return reply[1:].decode()

    def _death(self) -> str:
        self._process.join(5)
        code = self._process.exitcode
        how = f"signal {-code}" if code and code < 0 else f"exit code {code}"
        return f"the process that judged it died twice ({how})"

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()
