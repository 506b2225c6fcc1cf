"""Reads a crontab as Debian's cron does (crontab(5)): when each line runs, and what the shell is given of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
SHORTCUTS = {
    **dict.fromkeys(("@yearly", "@annually"), "0 0 1 1 *"),
    **{"@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@hourly": "0 * * * *"},
    **dict.fromkeys(("@daily", "@midnight"), "0 0 * * *"),
}
SETTING = re.compile(r"""\s*("[^"]*"|'[^']*'|[^\s=#"']+)\s*=\s*(.*)""")
STEPS = re.compile(r"(\*|[a-z0-9]+(?:-[a-z0-9]+)?)(?:/(\d+))?")
FIELDS = 5


class CrontabError(ValueError):
    """A line that `crontab` refuses to install; `str()` says which and why."""


@dataclass(frozen=True)
class Unit:
    """What one of the five fields counts: its name, its first and last number, and the words for its numbers."""

    name: str
    first: int
    last: int
    words: tuple[str, ...] = ()

    def read(self, text: str) -> frozenset[int]:
        """The numbers that `text` names; raise `CrontabError` if it names none."""
        return frozenset(number for part in text.split(",") for number in self._read_part(part))

    def _read_part(self, part: str) -> Iterator[int]:
        found = STEPS.fullmatch(part.lower())
        if not found or found[2] == "0":
            raise CrontabError(f"bad {self.name}: `{part}`")
        ends = [f"{self.first}", f"{self.last}"] if found[1] == "*" else found[1].split("-")
        first, last = self._number(ends[0]), self._number(ends[-1])
        if first > last or (found[2] and len(ends) == 1):
            raise CrontabError(f"bad {self.name}: `{part}`")
        yield from range(first, last + 1, int(found[2] or 1))

    def _number(self, word: str) -> int:
        number = self.words.index(word) + self.first if word in self.words else int(word) if word.isdecimal() else -1
        if not self.first <= number <= self.last:
            raise CrontabError(f"bad {self.name}: `{word}`")
        return number


UNITS = (
    Unit("minute", 0, 59),
    Unit("hour", 0, 23),
    Unit("day of the month", 1, 31),
    Unit("month", 1, 12, MONTHS),
    Unit("day of the week", 0, 7, DAYS),
)


@dataclass(frozen=True)
class Job:
    """One line of a crontab that runs something."""

    schedule: str
    """Its first five fields, or a word such as `@daily`."""
    command: str
    """What the shell is given, up to the first `%` that has no backslash."""
    stdin: str = ""
    """What the command reads: all that follows, in lines that `%` ends."""
    environment: dict[str, str] = field(default_factory=dict)
    """The settings above the line."""

    def runs_at(self, time: datetime) -> bool:
        """Whether cron starts it in this minute.

        Where both fields of days name some days, either is enough. A field that begins with `*` names none.
        """
        if self.schedule == "@reboot":
            return False
        fields = SHORTCUTS.get(self.schedule, self.schedule).split()
        minute, hour, day, month, weekday = (unit.read(text) for unit, text in zip(UNITS, fields, strict=True))
        on_day, on_weekday = time.day in day, bool({time.isoweekday() % 7, time.isoweekday()} & weekday)
        either = not fields[2].startswith("*") and not fields[4].startswith("*")
        right_day = (on_day or on_weekday) if either else (on_day and on_weekday)
        return time.minute in minute and time.hour in hour and time.month in month and right_day


def read_crontab(text: str) -> list[Job]:
    """The jobs of a user's crontab; raise `CrontabError` if `crontab` would refuse to install it.

    read_crontab("0 2 * * * date +%F")[0].command   # 'date +': the rest is its input
    """
    environment: dict[str, str] = {}
    jobs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (setting := SETTING.fullmatch(line)) and not line.lstrip()[0].isdigit():
            environment = environment | {_unquote(setting[1]): _unquote(setting[2].strip())}
            continue
        try:
            jobs.append(_read_job(line, environment))
        except CrontabError as error:
            raise CrontabError(f"line {number}: {error}") from None
    return jobs


def _unquote(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def _read_job(line: str, environment: dict[str, str]) -> Job:
    if line.lstrip().startswith("@"):
        schedule, _, rest = line.strip().partition(" ")
        if schedule not in (*SHORTCUTS, "@reboot"):
            raise CrontabError(f"bad time specifier: `{schedule}`")
    else:
        words = line.split(maxsplit=FIELDS)
        schedule, rest = " ".join(words[:FIELDS]), "".join(words[FIELDS:])
        for unit, word in zip(UNITS, words, strict=False):
            unit.read(word)
    if not rest.strip():
        raise CrontabError("bad command: there is none")
    command, stdin = split_percent(rest.strip())
    return Job(schedule, command, stdin, environment)


def split_percent(text: str) -> tuple[str, str]:
    r"""What cron makes of the end of a line: the command, and its input after the first `%`; `\%` is a plain `%`."""
    parts = [part.replace("\\%", "%") for part in re.split(r"(?<!\\)%", text)]
    return parts[0], "".join(f"{part}\n" for part in parts[1:])
