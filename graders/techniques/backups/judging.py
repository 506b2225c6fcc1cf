"""Judges a backup function by what its file brings back: when all is quiet, under writers, after a cut, in need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from graders.kernel.answers import to_mismatch
from graders.kernel.report import Mismatch
from graders.sandbox import SandboxedFunction, SandboxError
from graders.techniques.backups.live import LiveDatabase
from graders.techniques.backups.restoring import Loss, Moment, find_loss
from graders.techniques.backups.trial import TARGET, Files, Trial, WatchedFunction

COPIED_FILE = "open live/shop.db"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a backup function: in which trial, and what could not be restored."""

    kind: str
    """The trial and the kind of loss: "quiet: rows", "writers: no moment", "cut: empty file", "full: silence"."""
    expected: str
    found: str

    def to_mismatch(self, hint: str = "") -> Mismatch:
        """The fault as a student reads it."""
        return Mismatch(self.expected, self.found, hint)


@dataclass(frozen=True)
class BackupFindings:
    """The first fault of each kind of trial; None where there is none, or where an earlier kind had one."""

    quiet: Fault | None = None
    """Nobody writes, and the rows are still in the log."""
    writers: Fault | None = None
    """Transactions are committed between the steps."""
    cut: Fault | None = None
    """The power is cut before each step, and the next night's run finds what was left."""
    need: Fault | None = None
    """The disk of the backups is full, there is no source, or the source is damaged."""

    @property
    def first(self) -> Fault | None:
        """The first fault."""
        return self.quiet or self.writers or self.cut or self.need


@dataclass(frozen=True)
class Night:
    """What a backup function is tried on."""

    live: LiveDatabase
    """The database of tonight, with the transactions of its writers."""
    yesterday: LiveDatabase
    """What the file of the night before holds."""
    damaged: LiveDatabase | None = None
    """A source that is damaged, where a function must notice it."""

    def quiet(self, journal_mode: str = "wal") -> LiveDatabase:
        """The database without its writers."""
        return replace(self.live, transactions=(), journal_mode=journal_mode)

    def busy(self, journal_mode: str) -> LiveDatabase:
        """The database with its writers."""
        return replace(self.live, journal_mode=journal_mode)


def judge_backup(function: SandboxedFunction, night: Night) -> BackupFindings:
    """Run `function(source, target)` on one night in every way it may go; what is wrong is told by what is lost."""
    try:
        return _judge(WatchedFunction(function), night)
    except (Mismatch, SandboxError) as error:
        mismatch = to_mismatch(error)
        return BackupFindings(quiet=Fault("no end", mismatch.expected, mismatch.found))


def find_torn_copy(function: SandboxedFunction, live: LiveDatabase) -> Fault | None:
    """What `function(source, target)` does not bring back of any one moment, while transactions are committed in WAL.

    There is no file at the target before.
    """
    try:
        trial = WatchedFunction(function).run(live)
    except (Mismatch, SandboxError) as error:
        mismatch = to_mismatch(error)
        return Fault("no end", mismatch.expected, mismatch.found)
    return _find_loss(trial, live.moments(), "writers", "transactions are committed between its steps")


def _judge(watched: WatchedFunction, night: Night) -> BackupFindings:
    old = {TARGET: night.yesterday.image()}
    moments = night.live.moments()
    calm = watched.run(night.quiet())
    if fault := _find_loss(calm, moments, "quiet", "nobody writes"):
        return BackupFindings(quiet=fault)
    busy = [watched.run(night.busy("wal"), old), watched.run(night.busy("delete"), old)]
    for trial in busy:
        if fault := _find_loss(trial, moments, "writers", "transactions are committed between its steps"):
            return BackupFindings(writers=fault)
    if fault := _find_half_written([(calm, {}), *((trial, old) for trial in busy)], moments):
        return BackupFindings(cut=fault)
    if fault := _find_obstacle(watched, night, [calm, *busy], moments):
        return BackupFindings(cut=fault)
    return BackupFindings(need=_find_silence(watched, night, old, moments))


def _find_loss(trial: Trial, moments: list[Moment], kind: str, when: str) -> Fault | None:
    """What the file does not bring back of any moment of the call, or that the function ended with an exception."""
    expected = f"a file that brings back every row of one moment, when {when}"
    if trial.exception:
        return Fault(f"{kind}: exception", expected, trial.exception)
    last = trial.last
    loss = find_loss(last.files.get(TARGET), moments[: last.committed + 1])
    if loss is None:
        return None
    mark = "copied " if any(look.next.startswith(COPIED_FILE) for look in trial.looks) else ""
    return Fault(f"{kind}: {mark}{loss.kind}", expected, loss.words)


def _find_half_written(trials: list[tuple[Trial, Files]], moments: list[Moment]) -> Fault | None:
    """The first power cut that leaves `target` neither as it was nor whole."""
    known: dict[tuple[bytes | None, int], Loss | None] = {}
    for trial, before in trials:
        for look in trial.looks[:-1]:
            content = look.files.get(TARGET)
            if content == before.get(TARGET):
                continue
            case = (content, look.committed)
            if case not in known:
                known[case] = find_loss(content, moments[: look.committed + 1])
            if loss := known[case]:
                was = "the backup of the night before, or a whole new one" if before else "no file, or a whole one"
                found = f"the power is cut before the step `{look.next}`: {loss.words}"
                return Fault(f"cut: {loss.kind}", f"at `target`, after a power cut at any step, {was}", found)
    return None


def _find_obstacle(watched: WatchedFunction, night: Night, trials: list[Trial], moments: list[Moment]) -> Fault | None:
    """What goes wrong in the next night's run because of files that a power cut has left."""
    for files in _leftovers(trials):
        trial = watched.run(night.quiet(), files)
        names = ", ".join(f"`{name}`" for name in files if name != TARGET)
        expected = f"a whole backup in the night after a power cut that left {names}"
        if trial.exception:
            return Fault("next night: exception", expected, trial.exception)
        if loss := find_loss(trial.last.files.get(TARGET), moments[:1]):
            return Fault(f"next night: {loss.kind}", expected, loss.words)
    return None


def _leftovers(trials: list[Trial]) -> Iterator[Files]:
    """The folder at the last power cut that leaves other files beside the target, if there is one."""
    for trial in trials:
        left = [look.files for look in trial.looks[:-1] if look.files.keys() - {TARGET}]
        if left:
            yield left[-1]
            return


def _find_silence(watched: WatchedFunction, night: Night, old: Files, moments: list[Moment]) -> Fault | None:
    """A night on which nothing can be saved, and nobody is told, or the file of the night before is lost."""
    needs: dict[str, tuple[str, Callable[[], Trial]]] = {
        "full": ("the disk is full", lambda: watched.run(night.quiet(), old, room=len(old[TARGET]) // 2)),
        "no source": ("there is no file at `source`", lambda: watched.run(night.quiet(), old, source="shop2.db")),
    }
    if damaged := night.damaged:
        needs["damaged source"] = ("a row is missing from an index of `source`", lambda: watched.run(damaged, old))
    for kind, (when, run) in needs.items():
        trial = run()
        content = trial.last.files.get(TARGET)
        loss = content != old[TARGET] and find_loss(content, night.yesterday.moments())
        if loss and find_loss(content, [moments[0], *trial.live.moments()]):
            return Fault(f"{kind}: {loss.kind}", f"the backup of the night before, when {when}", loss.words)
        if not loss and not trial.exception:
            return Fault(f"{kind}: silence", f"an exception when {when}", "none: it ended as if all were well")
    return None
