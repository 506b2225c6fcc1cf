"""A Python that forks a sandbox whenever it is asked for one, and does nothing else: in isolation, a warm one.

It is started as a script, with its socket as standard input, and imports nothing of the course but, in isolation, its
labs and its package for SQL. No answer, argument or plan ever passes through it: these reach a sandbox by the sandbox's
own pipes, so that a fork inherits nothing of another.
"""

import contextlib
import ctypes
import errno
import gc
import importlib
import os
import pathlib
import runpy
import signal
import socket
import sys
import types

HERE = pathlib.Path(__file__).parent
LABS = next(folder for folder in (HERE / "labs", HERE.parent.parent / "labs") if folder.is_dir())
serve_script, locks, seccomp = (runpy.run_path(str(HERE / name)) for name in ("serve.py", "locks.py", "seccomp.py"))
libc = ctypes.CDLL(None, use_errno=True)

# What answers import. DuckDB would double the server's memory, pandas again, and NumPy beneath it starts a thread.
WARM = (
    *("array", "asyncio", "bisect", "collections", "contextlib", "copy", "csv", "dataclasses", "datetime", "decimal"),
    *("enum", "fractions", "functools", "hashlib", "heapq", "io", "itertools", "json", "math", "operator", "os"),
    *("pathlib", "pprint", "random", "re", "shutil", "sqlite3", "statistics", "string", "tempfile", "textwrap"),
    *("threading", "time", "typing", "uuid", "zoneinfo", "concurrent.futures"),
)
NEEDS_OWN_USERS, PLAIN = "own-users", "plain"
SHARE_THREADS, MAX_FILE_DESCRIPTORS = 0x10000, 1 << 16


def warm():
    """Import what answers use, and the engines; keep the collector away, so that forks share the memory.

    Give what opens the labs of an engine's own process. Nothing else of the course is imported.
    """
    for name in WARM:
        importlib.import_module(name)
    for engine in serve_script["CONNECTIONS"]:
        serve_script["connection_class"](engine)
    sys.modules["graders"] = types.ModuleType("graders")
    sys.modules["graders"].__path__ = [str(LABS.parent)]
    lab_server = importlib.import_module("graders.labs.lab_server")
    # What SQLite's first lab prepares takes longer than a fork.
    lab_server.open_here("SQLite").close()
    for name in [name for name in sys.modules if name.partition(".")[0] == "graders"]:
        del sys.modules[name]
    gc.collect()
    gc.freeze()
    return lab_server.LabServer


def check_alone():
    """Raise RuntimeError if this process has a second thread: a fork would inherit its locks for ever locked."""
    threads = pathlib.Path("/proc/self/task")
    if threads.exists():
        alone = len(list(threads.iterdir())) == 1
    else:
        # Behind bubblewrap there is no /proc. This call does nothing but refuse a process of more than one thread.
        alone = libc.unshare(SHARE_THREADS) == 0 or ctypes.get_errno() != errno.EINVAL
    if not alone:
        raise RuntimeError("the fork server has more than one thread")


def keeps_apart():
    """Whether two sandboxes of one user cannot reach each other's files here, nor use up each other's threads."""
    if locks["landlock_version"]() < locks["TRUNCATE_IS_KNOWN"]:
        return False
    trial = os.fork()
    if trial == 0:
        os._exit(1 if libc.unshare(locks["OWN_USERS"]) else 0)
    return os.waitstatus_to_exitcode(os.waitpid(trial, 0)[1]) == 0


def become_sandbox(requests, replies, server, own_users, open_labs):
    """Turn this fork into a sandbox that reads `requests`, writes `replies` and holds nothing else of the server's."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for source, target in ((requests, 0), (replies, 1), (nowhere, 2)):
        os.dup2(source, target)
    os.closerange(3, MAX_FILE_DESCRIPTORS)

    def lock(plan):
        os.environ.update(HOME=plan["folder"], TMPDIR=plan["folder"])
        if PLAIN in sys.argv:
            os.chdir(plan["folder"])
            serve_script["limit"](plan)
            return
        if own_users:
            locks["take_own_users"]()
        locks["lock"](plan, seccomp)
        if os.getppid() != server:
            raise RuntimeError("the fork server has gone")

    serve_script["main"](lock, open_labs)


def fork(requests, replies, own_users, open_labs):
    """Fork a sandbox, in a user namespace of its own or not, and give its number; the pipes are then its own alone."""
    check_alone()
    server = os.getpid()
    sandbox = os.fork()
    if sandbox == 0:
        try:
            become_sandbox(requests, replies, server, own_users, open_labs)
        finally:
            os._exit(0)
    os.close(requests)
    os.close(replies)
    return sandbox


def end(sandbox):
    """Kill a sandbox with all that it started, and wait until it has gone. Its number is nobody else's until then."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(sandbox, signal.SIGKILL)
    # It may have no session of its own yet.
    os.kill(sandbox, signal.SIGKILL)
    os.waitpid(sandbox, 0)


def serve(control, own_users, open_labs):
    """Do what the other end of the socket asks, `fork` or `end`, until that end has gone."""
    while True:
        words, pipes, _, _ = socket.recv_fds(control, 100, 2)
        if not words:
            return
        if words == b"fork":
            control.send(b"%d" % fork(*pipes, own_users, open_labs))
        else:
            end(int(words.split()[1]))
            control.send(b"ended")


def main():
    """In isolation, close this process to others and warm up; say whether sandboxes are kept apart, and serve."""
    control = socket.socket(fileno=os.dup(0))
    locks["die_with_the_parent"]()
    open_labs = None
    if PLAIN not in sys.argv:
        locks["close_to_others"]()
        open_labs = warm()
    needed = NEEDS_OWN_USERS in sys.argv
    own_users = needed and keeps_apart()
    control.send(b"alone" if needed and not own_users else b"apart")
    serve(control, own_users, open_labs)


if __name__ == "__main__":
    main()
