"""Locks the sandbox from the inside: own user, limits, Landlock and seccomp, before any of a student's Python runs.

It runs inside the sandbox: it may import nothing of the course. As a script it is given the plan as JSON and the
words that start another program, which stays behind the same locks.
"""

import ctypes
import json
import os
import pathlib
import resource
import runpy
import signal
import struct
import sys

NO_NEW_PRIVILEGES, PARENT_DEATH_SIGNAL, DROP_FROM_BOUNDS, DUMPABLE = 38, 1, 24, 4
OWN_USERS = 0x10000000
CAPABILITIES, CAPABILITY_VERSION = 64, 0x20080522
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, READ_FILE, WRITE_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in (0, 2, 1, 3, 4, 5))
MAKE_DIR, MAKE_REG, MAKE_LINK, REFER, TRUNCATE = (1 << bit for bit in (7, 8, 12, 13, 14))
ON_FILES = EXECUTE | READ_FILE | WRITE_FILE | TRUNCATE
OWN_FOLDER = READ_FILE | WRITE_FILE | TRUNCATE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER
EVERY_RIGHT = (1 << 15) - 1
TRUNCATE_IS_KNOWN, NETWORK_IS_KNOWN, SIGNALS_ARE_KNOWN = 3, 4, 6

libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    """Give `result`, or raise OSError if the C library says that `what` failed."""
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def become(uid):
    """Give up root, and every capability with it, for a user of no account."""
    drop_bounds()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    drop_capabilities()


def take_own_users():
    """Enter a user namespace, in which this process is nobody and its threads are counted apart from all others."""
    check(libc.unshare(OWN_USERS), "a user namespace")
    drop_bounds()
    drop_capabilities()


def drop_bounds():
    """Let no capability come back; where this may not be done, no new privileges still keep it from coming back."""
    for capability in range(CAPABILITIES):
        libc.prctl(DROP_FROM_BOUNDS, capability, 0, 0, 0)


def drop_capabilities():
    """Give up every capability, for good."""
    header, none = struct.pack("=Ii", CAPABILITY_VERSION, 0), bytes(24)
    check(libc.capset(header, none), "giving up capabilities")


def close_to_others():
    """Keep processes of the same user from tracing this one and from reading its memory."""
    check(libc.prctl(DUMPABLE, 0, 0, 0, 0), "being closed to others")


def die_with_the_parent():
    """Be killed when the process, or the thread, that started this one ends."""
    check(libc.prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0), "dying with the parent")


def limit(limits):
    """Set resource limits, {"AS": bytes, "CPU": seconds, …}; raise if one cannot be set."""
    for name, most in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def landlock_version():
    """The version of Landlock in this kernel, 0 if it has none."""
    return max(0, libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def ruleset(version):
    """A Landlock ruleset that refuses all it can: files, TCP, signals and abstract sockets."""
    words = [EVERY_RIGHT]
    if version >= NETWORK_IS_KNOWN:
        words.append(0b11)
    if version >= SIGNALS_ARE_KNOWN:
        words.append(0b11)
    wanted = struct.pack(f"={len(words)}Q", *words)
    return check(libc.syscall(CREATE_RULESET, wanted, ctypes.c_size_t(len(wanted)), 0), "Landlock")


def allow(rules, path, rights):
    """Allow `rights` on what lies at or below `path`; what is missing, or no folder to list, needs no rule."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    rights &= EVERY_RIGHT if os.path.isdir(path) else ON_FILES  # noqa: PTH112
    if rights:
        rule = struct.pack("=Qi", rights, place)
        check(libc.syscall(ADD_RULE, rules, 1, rule, 0), f"Landlock on {path}")
    os.close(place)


def landlock(read, listed, write, run=()):
    """Leave this process nothing but to read `read`, list `listed`, do as it likes in `write`, and become `run`.

    In a folder of `run` it may make links too.
    """
    version = landlock_version()
    if version < TRUNCATE_IS_KNOWN:
        raise OSError(f"Landlock is at version {version}, and 3 (Linux 6.2) is needed")
    rules = ruleset(version)
    rights_on = (
        (read, READ_FILE | READ_DIR),
        (listed, READ_DIR),
        (write, OWN_FOLDER),
        (run, READ_FILE | EXECUTE | MAKE_LINK),
    )
    for paths, rights in rights_on:
        for path in paths:
            allow(rules, path, rights)
    allow(rules, os.devnull, READ_FILE | WRITE_FILE)
    check(libc.syscall(RESTRICT_SELF, rules, 0), "Landlock")
    os.close(rules)


def lock(plan, seccomp):
    """Lock this process as `plan` says, for good; raise if any lock does not hold.

    `plan` holds `uid` (or None), `folder`, `limits` and `landlock` (the arguments of `landlock`, or None), and
    `becomes` where the process has yet to become another program, `starts` where that may start others.
    """
    if plan["uid"] is not None:
        become(plan["uid"])
    os.chdir(plan["folder"])
    close_to_others()
    die_with_the_parent()
    check(libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0), "no new privileges")
    limit(plan["limits"])
    if plan["landlock"]:
        landlock(**plan["landlock"])
    seccomp["load"](libc, plan.get("becomes", False), plan.get("starts", False))


def main(plan, *words):
    """Lock, and become the program of `words`; if a lock does not hold, say why in a line and end."""
    try:
        lock(json.loads(plan), runpy.run_path(str(pathlib.Path(__file__).with_name("seccomp.py"))))
        os.execv(words[0], words)
    except Exception as error:
        print(json.dumps({"refused": f"{type(error).__name__}: {error}"[:300]}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
