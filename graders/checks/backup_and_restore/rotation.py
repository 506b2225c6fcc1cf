"""Claims on a function that says which old backups may go."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.kernel.answers import catch_mismatch
from graders.kernel.report import raise_if_mismatch

MAX_AGE, NEWEST_GOOD = 30, 7
NIGHTS = 90
Backup = tuple[str, int, bool]


@dataclass(frozen=True)
class Morning:
    """The folder on one morning, and what may go."""

    backups: tuple[Backup, ...]
    """The name of each file, the day of its night, and whether it was verified."""
    today: int

    @property
    def kept(self) -> set[str]:
        """The newest verified ones."""
        good = sorted((day, name) for name, day, verified in self.backups if verified)
        return {name for _, name in good[-NEWEST_GOOD:]}

    @property
    def expired(self) -> set[str]:
        """What is too old, and none of the newest verified ones."""
        return {name for name, day, _ in self.backups if self.today - day > MAX_AGE} - self.kept


@dataclass(frozen=True)
class History:
    """Nights one after the other, some of which fail."""

    failing: range = range(0)
    """The nights that fail."""
    leaves_files: bool = True
    """Whether a night that fails may leave a file, which is then not verified."""


def draw_mornings(rng: random.Random, history: History) -> list[Morning]:
    """The mornings of one history."""
    there: list[Backup] = []
    mornings = []
    first = rng.randint(100, 900)
    for night in range(NIGHTS):
        today = first + night
        fails = night in history.failing
        if not fails or (history.leaves_files and rng.random() < 0.6):
            there.append((f"shop-{night}.db", today, not fails))
        rng.shuffle(there)
        morning = Morning(tuple(there), today)
        mornings.append(morning)
        there = [one for one in there if one[0] not in morning.expired]
    return mornings


@dataclass(frozen=True)
class Deletions:
    """What the function would delete on each morning of a history."""

    mornings: list[Morning]
    names: list[set[str]] | Mismatch
    """The names it gave on each, or why there are none."""


def ask_each(attempt: Attempt, *histories: History) -> Deletions:
    """Have the function say what may go, on each morning of these histories."""
    rng = random.Random(f"{attempt.seed} rotation {histories}")
    mornings = [morning for history in histories for morning in draw_mornings(rng, history)]
    cases = [(list(morning.backups), morning.today) for morning in mornings]

    def ask() -> list[set[str]]:
        return [read_names(value) for value in attempt.answer.call_each(cases)]

    return Deletions(mornings, catch_mismatch(ask))


def read_names(value: object) -> set[str]:
    """The names that the function gave; raise `Mismatch` if they are none."""
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(isinstance(name, str) for name in value):
        raise Mismatch("a list of names", f"it gave `{value!r:.60}`")
    return set(value)


@experiment("keep-the-newest-good")
def ask_in_good_times(attempt: Attempt) -> Deletions:
    """A history in which every night goes well."""
    return ask_each(attempt, History())


@experiment("keep-the-newest-good")
def ask_in_bad_times(attempt: Attempt) -> Deletions:
    """Histories with few and with many nights on which the backup fails."""
    first = random.Random(f"{attempt.seed} failing").randint(25, 35)
    return ask_each(
        attempt, History(range(first, 90), False), History(range(first, 80)), History(range(first, first + 4))
    )


def find_wrong_morning(deletions: Deletions, *, loses: bool | None = None) -> tuple[Morning, set[str]] | None:
    """The first morning on which other files would go than may; with `loses`, on which too many or too few would."""
    names = raise_if_mismatch(deletions.names)
    for morning, found in zip(deletions.mornings, names, strict=True):
        wrong = {True: found - morning.expired, False: morning.expired - found}
        if wrong[loses] if loses is not None else found != morning.expired:
            return morning, found
    return None


@claim(ask_in_good_times)
def deletes_what_is_old(deletions: Deletions) -> None:
    """while every night goes well, it gives the backups that are more than 30 days old, and no others"""
    if wrong := find_wrong_morning(deletions):
        morning, found = wrong
        early = sorted(found - morning.expired)
        hint = ""
        if any(morning.today - day == MAX_AGE and name in early for name, day, _ in morning.backups):
            hint = "A backup that is 30 days old today is not yet more than 30 days old."
        elif early:
            hint = (
                "A backup of last week would go, with six newer ones in the folder. What does the task say of its age?"
            )
        raise Mismatch(describe(morning.expired), describe(found), hint, tables=[show(morning, found)])


@claim(ask_in_bad_times, after=deletes_what_is_old)
def keeps_the_newest_good(deletions: Deletions) -> None:
    """when nights fail, for weeks too, the seven newest verified backups are never among them, however old"""
    if wrong := find_wrong_morning(deletions, loses=True):
        morning, found = wrong
        lost = sorted(found - morning.expired)
        hint = "The clock went on, and no new backup came. What would you restore from on the next day?"
        if not all(verified for *_, verified in morning.backups):
            hint = "Files that were never verified took the places of verified ones. Which files count as a backup?"
        raise Mismatch(f"not to delete `{lost[0]}`", describe(found), hint, tables=[show(morning, found)])


@claim(ask_in_bad_times, weight=0.5, after=deletes_what_is_old)
def lets_the_rest_go(deletions: Deletions) -> None:
    """and what else is more than 30 days old still goes, verified or not"""
    if wrong := find_wrong_morning(deletions, loses=False):
        morning, found = wrong
        raise Mismatch(describe(morning.expired), describe(found), tables=[show(morning, found)])


def describe(names: set[str]) -> str:
    """Names as a phrase."""
    return ", ".join(f"`{name}`" for name in sorted(names)[:4]) + (" …" if len(names) > 4 else "") if names else "none"


def show(morning: Morning, found: set[str]) -> Table:
    """The folder of one morning, the oldest first, with what the function would delete marked."""
    rows = [
        (name, morning.today - day, "yes" if verified else "no")
        for name, day, verified in sorted(morning.backups, key=lambda one: one[1])
    ]
    marked = frozenset(place for place, row in enumerate(rows) if row[0] in found)
    return Table("the folder", ("name", "days old", "verified"), rows, marked, "would go")
