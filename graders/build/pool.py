"""The processes of a build: one a core, forked from one that has imported what they need."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver

from graders.build.course import Course
from graders.build.worker import find_claims
from graders.sandbox.meter import cores

HEAVY = ["graders.build.worker", "graders.build.notebook", "graders.build.release", "jupytext.cell_metadata"]


@contextmanager
def open_pool(course: Course) -> Iterator[Executor]:
    """Processes that build parts of `course`; they begin to import at once, and end with the `with`.

    They come from a clean process, because the engines that this one may have open do not survive a fork.
    """
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if forks else "spawn")
    if forks:
        context.set_forkserver_preload(HEAVY)
        forkserver.ensure_running()
    pool = ProcessPoolExecutor(cores(), mp_context=context, initializer=find_claims, initargs=(course,))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
