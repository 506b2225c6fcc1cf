"""Judges answers on the machines of a dask cluster; a lost machine costs no answer its score."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator

from distributed import Client, Future

from graders.grading.judge_requests import JudgeRequest, judge_request, report_from_json, rules_digest
from graders.grading.workers import WORKER_BOUNDS, NoReport
from graders.kernel.readable import truncate
from graders.kernel.report import Report


class Cluster:
    """The workers of the scheduler at `address` ("tcp://host:8786"); use it in a `with`.

    They need this package in the same version, and get one exercise at a time: no student's name, no gradebook, no
    course seed. When a worker dies, dask gives its answers to others. If nothing at all comes back for `seconds`,
    what is left is given up.
    """

    def __init__(self, address: str, seconds: float = WORKER_BOUNDS.net):
        self.seconds = seconds
        self._client = Client(address, set_as_default=False)
        # A worker that dies just now gives an error, no rules; whoever comes later is asked by `judge_request` itself.
        known = self._client.run(rules_digest, on_error="return")
        others = [name for name, found in known.items() if isinstance(found, str) and found != rules_digest()]
        if others:
            self.close()
            raise RuntimeError(f"these workers have another version of the course or of an engine: {others}")

    def judge(self, requests: Iterable[JudgeRequest]) -> Iterator[tuple[JudgeRequest, Report | NoReport]]:
        """Each request with its report, or with why there is none, as they come."""
        came: queue.Queue[Future] = queue.Queue()
        left: dict[str, tuple[JudgeRequest, Future]] = {}
        for request in requests:
            future = self._client.submit(judge_request, request.json, key=f"judge-{request.digest}")
            left[str(future.key)] = (request, future)
            future.add_done_callback(came.put)
        while left:
            try:
                future = came.get(timeout=self.seconds)
            except queue.Empty:
                break
            yield left.pop(str(future.key))[0], _report(future)
        self._client.cancel([future for _, future in left.values()])
        for request, _ in left.values():
            yield request, NoReport(f"the cluster gave nothing back for {self.seconds:g} s")

    def close(self) -> None:
        """Leave the cluster; it goes on without us."""
        self._client.close()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _report(future: Future) -> Report | NoReport:
    try:
        return report_from_json(future.result())
    except Exception as error:
        return NoReport(f"judging it broke on the cluster ({type(error).__name__}: {truncate(str(error), 200)})")
