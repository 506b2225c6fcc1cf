"""A live database beside a backup function, whose every step on files and databases stands still until it may go on.

It runs in the sandbox of an answer, beside a student's function, and may import nothing of the course. At each step
the other side looks at the files, and may hand over a transaction, which another connection then commits.
"""

import builtins
import contextlib
import io
import os
import pathlib
import shutil
import sqlite3
import sys

PAGE = 4096
# How many steps of SQLite's virtual machine go by between two looks.
TICK = 50
WATCHED = {"open", "os.rename", "os.remove", "os.truncate", "os.link", "os.symlink", "sqlite3.connect"}
READS, WRITES = "r", "wxa+"


class Watch:
    """The step that a function is about to take, told to whoever looks; it is deaf while it tells one."""

    def __init__(self, folder, ask, writer):
        self.folder, self._ask, self._writer = folder, ask, writer
        self._busy = False

    def step(self, words, writes=True):
        """Say what comes next; where others may write now, commit what is handed over."""
        if self._busy:
            return
        self._busy = True
        try:
            if transaction := self._ask(words, "step" if writes else "alone"):
                self._ask("", "committed" if self._commit(transaction) else "locked")
        finally:
            self._busy = False

    def _commit(self, statements):
        try:
            for statement in ("BEGIN IMMEDIATE", *statements, "COMMIT"):
                self._writer.execute(statement)
        except sqlite3.OperationalError:
            self._writer.rollback()
            return False
        return True

    def holds(self, path):
        """Whether `path` is in the watched folder; a file that is open is not known by a path."""
        return isinstance(path, (str, bytes, os.PathLike)) and find_path(path).is_relative_to(self.folder)

    def name(self, path):
        """The path of a watched file as it reads in a log: its folder and its name."""
        return find_path(path).relative_to(self.folder).as_posix()


def find_path(name):
    """The whole path of what a function calls `name`, which may be an address that SQLite reads."""
    return pathlib.Path(os.fsdecode(name).removeprefix("file:")).absolute()


watch = None


def hear(event, arguments):
    """What Python reports before it touches a file: a step, if the file is a watched one."""
    if watch and event in WATCHED and any(map(watch.holds, arguments[:2])):
        names = " to ".join(watch.name(one) for one in arguments[:2] if watch.holds(one))
        mode = f" {arguments[1]!r}" if event == "open" and isinstance(arguments[1], str) else ""
        watch.step(f"{event.rpartition('.')[2]} {names}{mode}")


class WatchedFile(io.FileIO):
    """A file that is read and written page by page, with a step before each page."""

    def readinto(self, buffer):
        """Read a page at most."""
        watch and watch.step("read a page")
        return super().readinto(memoryview(buffer).cast("B")[:PAGE])

    def read(self, size=-1):
        """Read a page at most, or all pages."""
        if size is None or size < 0:
            return self.readall()
        watch and watch.step("read a page")
        return super().read(min(size, PAGE))

    def readall(self):
        """Read page after page."""
        return b"".join(iter(lambda: self.read(PAGE), b""))

    def write(self, content):
        """Write a page at most."""
        watch and watch.step("write a page")
        return super().write(memoryview(content).cast("B")[:PAGE])


def open_watched(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    """Open as `open` does; a file in the watched folder is read and written page by page."""
    if not (watch and watch.holds(file)):
        return plain_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    raw = WatchedFile(file, "".join(letter for letter in mode if letter not in "bt"), closefd, opener)
    if buffering == 0:
        return raw
    kind = io.BufferedRandom if "+" in mode else io.BufferedReader if READS in mode else io.BufferedWriter
    buffered = kind(raw)
    return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)


class WatchedConnection(sqlite3.Connection):
    """A connection with a step before each statement, during long ones, and at each page of a backup."""

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        # What a power cut leaves here is what the engine has handed to the system, so nothing waits for the disk.
        self.execute("PRAGMA synchronous = OFF").close()
        self.set_trace_callback(self._begin)
        self.set_progress_handler(self._go_on, TICK)
        opened.append(self)

    def _begin(self, statement):
        watch and watch.step(" ".join(statement.split())[:60])

    def _go_on(self):
        watch and watch.step("in the midst of a statement")

    def backup(self, target, *, pages=-1, progress=None, **named):
        """Copy as `backup` does: page by page, and nobody writes in between where all pages are one step."""

        def tell(status, remaining, total):
            watch and watch.step(f"backup: {remaining} of {total} pages are left", writes=pages > 0)
            if progress:
                progress(status, remaining, total)

        super().backup(target, pages=pages if pages > 0 else 1, progress=tell, **named)


def connect_watched(*given, **named):
    """Connect as `sqlite3.connect` does, with steps."""
    return plain_connect(*given, **({"factory": WatchedConnection} | named))


def give_up(source, target, *_):
    """Have `shutil` read and write in place of a call of the system that copies all at once."""
    raise shutil._GiveupOnFastCopy(OSError("page by page"))


plain_open, plain_connect = io.open, sqlite3.connect
opened = []
REPLACED = {id(plain_open): open_watched, id(plain_connect): connect_watched}


def install(names):
    """Have this process watch: the functions of Python that open files and databases, and those in `names`."""
    sys.addaudithook(hear)
    for name in dir(shutil):
        if name.startswith("_fastcopy_"):
            setattr(shutil, name, give_up)
    for known in (builtins.__dict__, io.__dict__, sqlite3.__dict__, sqlite3.dbapi2.__dict__, names):
        known.update({name: REPLACED[id(value)] for name, value in known.items() if id(value) in REPLACED})


@contextlib.contextmanager
def full_disk(room):
    """Let no file in this process grow beyond `room` bytes; with None, and where the system cannot, it is as ever."""
    try:
        import resource
    except ImportError:
        room = None
    if room is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def prepare(folder, setup, files):
    """Make the folders, the live database by the statements of `setup`, and `files` in the folder of backups."""
    for name in ("live", "backups"):
        (folder / name).mkdir(parents=True)
    writer = plain_connect(folder / "live" / "shop.db", isolation_level=None, timeout=0)
    for statement, parameters in setup:
        writer.execute(statement, parameters)
    for name, content in files.items():
        (folder / "backups" / name).write_bytes(content)
    return writer


def run(function, connection, name, setup, files, source, room):
    """Call `function(source, target)` in a new folder `name` below this one, watched step by step over `connection`.

    `source` is a name in the folder `live`; the target is `shop.db` in `backups`.
    """
    global watch
    folder = pathlib.Path(name).absolute()
    writer = prepare(folder, setup, files)

    def ask(words, kind):
        return [statement for (statement,) in connection.execute(words, [kind])]

    watch = Watch(folder, ask, writer)
    try:
        with full_disk(room):
            function(str(folder / "live" / source), str(folder / "backups" / "shop.db"))
        watch.step("the end", writes=False)
    finally:
        watch = None
        while opened:
            opened.pop().close()
        writer.close()
