"""What stands around a sandbox: how its process is started, and what it must lock before it runs a student's Python."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import site
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from graders.sandbox.runtimes import Runtime

SYSTEM = (
    *("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/lib", "/lib32", "/lib64", "/nix/store"),
    *("/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime"),
)
COURSE = Path(__file__).resolve().parents[1]


@cache
def find_required_paths() -> tuple[Path, ...]:
    """The files and folders that a Python started as `sys.executable` reads, none inside another."""
    found = {Path(path) for path in SYSTEM} | set(_links(Path(sys.executable)))
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}:
        found |= {Path(prefix, name) for name in ("lib", "lib64", "pyvenv.cfg")}
    there = sorted(path for path in found if path.exists())
    return tuple(path for path in there if not any(parent in there for parent in path.parents))


def _links(path: Path) -> Iterator[Path]:
    """`path`, and what it points to, link by link: all of them must be there for `path` to open."""
    yield path
    if path.is_symlink():
        yield from _links(path.parent / path.readlink())


@cache
def find_hidden_paths() -> tuple[Path, ...]:
    """The course's own package, wherever a copy of it lies in what is needed."""
    copies = {COURSE, *(Path(folder, "graders").resolve() for folder in site.getsitepackages())}
    return tuple(sorted(copy for copy in copies if copy.is_dir() and _inside(copy)))


def _inside(path: Path) -> bool:
    return any(path.is_relative_to(other.resolve()) for other in find_required_paths())


@cache
def find_readable_paths() -> tuple[Path, ...]:
    """What is needed without what is hidden, piece by piece, for isolation that can only allow."""
    return tuple(piece for path in find_required_paths() for piece in _pieces(path))


def _pieces(path: Path) -> Iterator[Path]:
    real = path.resolve()
    if real in find_hidden_paths():
        return
    if any(copy.is_relative_to(real) for copy in find_hidden_paths()):
        for child in sorted(path.iterdir()):
            yield from _pieces(child)
    else:
        yield path


HERE = Path(__file__).parent
SERVE, FORK, LOCKS = (HERE / "in_sandbox" / f"{name}.py" for name in ("serve", "fork", "locks"))
SCRIPTS = (*sorted((HERE / "in_sandbox").glob("*.py")), HERE / "plain_data.py")
# The course's own packages that engines run with, and no other.
PACKAGES = (HERE.parent / "labs", HERE.parent / "sql")
NEEDS_OWN_USERS, PLAIN = "own-users", "plain"
MEMORY = 2 << 30
FOLDER_BYTES, FOLDER_ENTRIES = 128 << 20, 2_000
FILE_BYTES, OPEN_FILES, THREADS = 32 << 20, 64, 64
# What the kernel starts a program with, by machine; it has to be allowed to run like the program itself.
LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
NO_ACCOUNTS = range(62_000, 65_000)
TO_START_PYTHON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class Isolation:
    """No isolation: a process of its own with limits on time and memory, on any system, for a student's own machine.

    Strict ones are subclasses. `is_strict` says whether a student's Python is kept from anything at all, `forks`
    whether its sandboxes come from a fork server, and `holds_processes` whether what a runtime starts can be bounded
    and ended.
    """

    name = "none"
    words = "no isolation: limits on time and memory only"
    is_strict = False
    forks = sys.platform == "linux"
    holds_processes = True

    def command(self, folder: Path) -> list[str]:
        """The words that start a sandbox with the scratch folder `folder`; where it `forks`, its fork server."""
        return [sys.executable, "-I", *([str(FORK), PLAIN] if self.forks else [str(SERVE)])]

    def environment(self, folder: Path) -> dict[str, str]:
        """All that the process may know of ours: where programs are, the language, and its own folder as a home."""
        own = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}
        if self.is_strict:
            return own
        windows = {"TEMP": str(folder), "TMP": str(folder)} if os.name == "nt" else {}
        passed = {name: os.environ[name] for name in ("PATH", *TO_START_PYTHON) if name in os.environ}
        return own | windows | passed

    def uid(self) -> int | None:
        """The user that the process becomes, drawn from numbers that have no account; None: it stays ours."""
        return None

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        """What the process must do to itself before anything else, as JSON can hold it."""
        return {"folder": str(folder), "limits": {"AS": MEMORY, "CPU": seconds, "CORE": 0}}

    def starts(self, runtime: Runtime, folder: Path, uid: int | None, seconds: int) -> list[str]:
        """The words that start a sandbox whose program is `runtime`; strict isolation locks the process first."""
        return runtime.command(folder)


class StrictIsolation(Isolation):
    """What every strict isolation has in common: an own user, strict limits and refused system calls."""

    is_strict = True
    forks = True

    def command(self, folder: Path) -> list[str]:
        return [sys.executable, "-I", str(FORK)]

    def uid(self) -> int | None:
        return secrets.choice(NO_ACCOUNTS) if os.geteuid() == 0 else None

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        limits = {"AS": MEMORY, "CPU": seconds, "CORE": 0, "FSIZE": FILE_BYTES, "NOFILE": OPEN_FILES}
        return {"uid": uid, "folder": str(folder), "limits": limits, "landlock": None}

    def starts(self, runtime: Runtime, folder: Path, uid: int | None, seconds: int) -> list[str]:
        plan = self.plan(folder, uid, seconds)
        plan |= {"limits": runtime.limits(plan["limits"]), "becomes": True, "starts": bool(runtime.programs)}
        if plan["landlock"]:
            started = [*map(str, runtime.programs), str(folder)] if runtime.programs else []
            plan["landlock"] |= {"run": [runtime.words[0], *LOADERS, *started]}
        return self._alone(folder, [json.dumps(plan), *runtime.command(folder)], runtime.programs)

    def _alone(self, folder: Path, words: list[str], programs: tuple[Path, ...] = ()) -> list[str]:
        """The words that start a process of its own with `words` for what becomes the program; it sees `programs`."""
        return [sys.executable, "-I", str(LOCKS), *words]


def no_isolation() -> Isolation:
    """The isolation of a student's own notebook: none, for it is the student's own machine."""
    return Isolation()


SPACES = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
MOUNT_POINT = "/sandbox"


class Bubblewrap(StrictIsolation):
    """A sandbox sees the interpreter, its packages and its own folder; there is no network and no other process."""

    name = "bubblewrap"
    words = "bubblewrap: own files, processes, network and user; seccomp; limits"

    def command(self, folder: Path) -> list[str]:
        return [*_wrapped(folder), sys.executable, "-I", f"{MOUNT_POINT}/{FORK.name}", *_asks()]

    def _alone(self, folder: Path, words: list[str], programs: tuple[Path, ...] = ()) -> list[str]:
        return [*_wrapped(folder, programs), sys.executable, "-I", f"{MOUNT_POINT}/{LOCKS.name}", *words]

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        plan = super().plan(folder, uid, seconds)
        limits = plan["limits"] | {"NPROC": THREADS}
        return plan | {"limits": limits, "landlock": _own_files(folder)}


def _wrapped(folder: Path, programs: tuple[Path, ...] = ()) -> list[str]:
    """The words that put a command behind bubblewrap, with `folder` to write to and `programs` to start."""
    program = shutil.which("bwrap") or "bwrap"
    return [program, "--die-with-parent", *SPACES, *_user(), *_view(folder, programs), "--chdir", "/"]


def _user() -> list[str]:
    """An ordinary user gets a user namespace; root needs none, and keeps what it takes to make a nobody and end it."""
    if os.geteuid() != 0:
        return ["--unshare-user"]
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL")
    return ["--cap-drop", "ALL", *(word for name in kept for word in ("--cap-add", name))]


def _asks() -> list[str]:
    """Sandboxes of root are kept apart by their users; those of an ordinary user need more, which may not be there."""
    return [] if os.geteuid() == 0 else [NEEDS_OWN_USERS]


def _own_files(folder: Path) -> dict[str, list[str]] | None:
    """Of the files in view, a sandbox is left the interpreter and its own folder, where the kernel knows how."""
    from graders.sandbox.in_sandbox.locks import TRUNCATE_IS_KNOWN, landlock_version  # It is Linux's alone.

    if landlock_version() < TRUNCATE_IS_KNOWN:
        return None
    return {"read": [*map(str, find_required_paths()), "/dev/urandom"], "listed": [], "write": [str(folder)]}


def _view(folder: Path, programs: tuple[Path, ...] = ()) -> list[str]:
    """The file system of sandboxes: read-only but for `folder`, without the course's own package."""
    binds = {str(path): str(path) for path in find_required_paths()}
    binds |= {str(program): str(program) for program in programs}
    binds |= {str(script): f"{MOUNT_POINT}/{script.name}" for script in (*SCRIPTS, *PACKAGES)}
    links = [str(Path("/bin") / program.name) for program in programs if program.parent != Path("/bin")]
    words = _folders([*binds.values(), *links, str(folder)])
    words += [word for link in links for word in ("--symlink", f"/usr{link}", link)]
    for source, target in binds.items():
        words += ["--ro-bind", source, target]
    for path in _masked():
        words += ["--tmpfs", str(path), "--remount-ro", str(path)]
    for device in ("/dev/null", "/dev/urandom"):
        words += ["--dev-bind", device, device]
    return [*words, "--bind", str(folder), str(folder), "--remount-ro", "/"]


def _folders(paths: list[str]) -> list[str]:
    """Make the folders that lead to `paths`, open to any user: bubblewrap would close them."""
    leading = {parent for path in paths for parent in Path(path).parents} - {Path("/")}
    return [word for path in sorted(leading | {Path("/dev")}) for word in ("--perms", "0755", "--dir", str(path))]


def _masked() -> Iterator[Path]:
    """Every place at which the course's package would be seen; a folder may be seen at more than one."""
    for path in find_required_paths():
        for copy in find_hidden_paths():
            if copy.is_relative_to(path.resolve()):
                yield path / copy.relative_to(path.resolve())


# DuckDB asks for its share of memory, and ends the process if it sees a file of these that it may not open.
SHARE_OF_MEMORY = ("/proc/self/cgroup", "/sys/fs/cgroup")


class Landlock(StrictIsolation):
    """A sandbox can open the interpreter, its packages and its own folder; it has no sockets and no other processes.

    Names and sizes of other files can still be asked for by who knows their path; contents and lists cannot.
    """

    name = "landlock"
    words = "Landlock: own files; seccomp: no sockets, no other processes; limits"
    holds_processes = False

    def plan(self, folder: Path, uid: int | None, seconds: int) -> dict[str, Any]:
        rules = {
            "read": [*map(str, find_readable_paths()), "/dev/urandom", *SHARE_OF_MEMORY],
            "listed": [str(path) for path in find_required_paths()],
            "write": [str(folder)],
        }
        return super().plan(folder, uid, seconds) | {"landlock": rules}
