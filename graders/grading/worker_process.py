"""What a worker process does: it judges one answer after the other, bounded, on one core, and ends with its parent."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading

from graders.grading.judging import judged
from graders.kernel import failures
from graders.sandbox import TemporaryFailure

MEMORY = 3 << 30
READY, DONE, BROKE, NOT_NOW = b"ready", b"+", b"!", b"?"


def serve(connection, scratch: str, place: int) -> None:
    """Answer requests until there are no more, with temporary files in `scratch`; the worker has the place `place`."""
    tempfile.tempdir = scratch
    _keep_to_a_core(place)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    connection.send_bytes(READY)
    with contextlib.suppress(EOFError, OSError):
        while True:
            connection.send_bytes(_reply(connection.recv_bytes().decode()))


def _keep_to_a_core(place: int) -> None:
    """Keep this process and its sandboxes on one core: they take turns, and waking another core takes longer than one.

    Runs beside each other begin at different cores.
    """
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[(os.getppid() + place) % len(allowed)]})


def _bound_memory() -> None:
    """Let an engine that a query drives to take all memory be refused it, where the system can do so."""
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        bound = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))


def _reply(request: str) -> bytes:
    try:
        return DONE + judged(request).encode()
    except TemporaryFailure as error:
        return NOT_NOW + str(error)[:200].encode(errors="replace")
    except Exception as error:
        return BROKE + f"judging it broke ({failures.describe_error(error)})".encode(errors="replace")


def _leave_with_parent() -> None:
    """End this process with the one that started it, even in the middle of an answer."""
    multiprocessing.parent_process().join()
    os._exit(1)
