"""Judges answers on the machines of a dask cluster; a lost machine costs no answer its mark."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator

from distributed import Client, Future

from graders.grading.judging import Unit, judged, rules
from graders.grading.plain_reports import read_report
from graders.grading.workers import BOUNDS, Lost
from graders.kernel.report import Report


class Cluster:
    """The workers of the scheduler at `address` ("tcp://host:8786"); use it in a `with`.

    They need this package in the same version, and get one exercise at a time: no student's name, no gradebook, no
    course seed. When a worker dies, dask gives its answers to others. If nothing at all comes back for `seconds`,
    what is left is given up.
    """

    def __init__(self, address: str, seconds: float = BOUNDS.net):
        self.seconds = seconds
        self._client = Client(address, set_as_default=False)
        # A worker that dies just now gives an error, no rules; whoever comes later is asked by `judged` itself.
        known = self._client.run(rules, on_error="return")
        others = [name for name, found in known.items() if isinstance(found, str) and found != rules()]
        if others:
            self.close()
            raise RuntimeError(f"these workers have another version of the course or of an engine: {others}")

    def judge(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Report | Lost]]:
        """Each unit with its report, or with why there is none, as they come."""
        came: queue.Queue[Future] = queue.Queue()
        left: dict[str, tuple[Unit, Future]] = {}
        for unit in units:
            future = self._client.submit(judged, unit.request, key=f"judge-{unit.key}")
            left[future.key] = (unit, future)
            future.add_done_callback(came.put)
        while left:
            try:
                future = came.get(timeout=self.seconds)
            except queue.Empty:
                break
            yield left.pop(future.key)[0], _report(future)
        self._client.cancel([future for _, future in left.values()])
        for unit, _ in left.values():
            yield unit, Lost(f"the cluster gave nothing back for {self.seconds:g} s")

    def close(self) -> None:
        """Leave the cluster; it goes on without us."""
        self._client.close()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _report(future: Future) -> Report | Lost:
    try:
        return read_report(future.result())
    except Exception as error:
        return Lost(f"judging it broke on the cluster ({type(error).__name__}: {str(error)[:200]})")
