"""Stands for `date` on a machine whose days pass one night at a time."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from graders.sandbox.runtimes.shell_box.server import Said

ISO = {"": "%Y-%m-%d", "date": "%Y-%m-%d", "seconds": "%Y-%m-%dT%H:%M:%S+00:00", "minutes": "%Y-%m-%dT%H:%M+00:00"}
AWAY = re.compile(r"([+-]?)\s*(\d{1,5})\s*(day|hour|week)s?(\s+ago)?")
BSD = re.compile(r"-v([+-]?)(\d{1,5})([dHw])")
UNITS = {"day": 86_400, "hour": 3_600, "week": 604_800}
BSD_UNITS = {"d": "day", "H": "hour", "w": "week"}
WORDS = {"now": 0, "today": 0, "yesterday": -86_400, "tomorrow": 86_400}
DEFAULT = "%a %b %e %H:%M:%S UTC %Y"


def run_date(words: list[str], now: datetime.datetime) -> Said:
    """What `date` with these words prints at `now`: formats, `-d "30 days ago"`, `-I`, and `-v-30d` as on macOS."""
    wanted = DEFAULT
    try:
        for option, value in _options(words):
            if option == "format":
                wanted = value
            else:
                now = _move(now, value)
    except ValueError as error:
        return Said(err=f"date: {error}\n", code=1)
    return Said(format_time(now, wanted) + "\n")


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each word as ("format", a format) or ("date", how far away); raise `ValueError` for one that is unknown."""
    rest = iter(words)
    for word in rest:
        if word in ("-d", "--date"):
            yield "date", next(rest, "")
        elif found := re.fullmatch(r"(?:--date=|-d)(.+)", word):
            yield "date", found[1]
        elif found := BSD.fullmatch(word):
            yield "date", f"{found[1]}{found[2]} {BSD_UNITS[found[3]]}"
        elif found := re.fullmatch(r"(?:-I|--iso-8601=?)(\w*)", word):
            yield "format", ISO.get(found[1], ISO[""])
        elif word.startswith("+"):
            yield "format", word[1:]
        elif word not in ("-u", "--utc"):
            raise ValueError(f"this machine's date does not know '{word}'")


def _move(now: datetime.datetime, text: str) -> datetime.datetime:
    text = text.strip().lower()
    if text in WORDS:
        return now + datetime.timedelta(seconds=WORDS[text])
    if found := AWAY.fullmatch(text):
        sign = -1 if bool(found[1] == "-") != bool(found[4]) else 1
        return now + datetime.timedelta(seconds=sign * int(found[2]) * UNITS[found[3]])
    if re.fullmatch(r"@\d{1,10}", text):
        return datetime.datetime.fromtimestamp(int(text[1:]), datetime.UTC)
    try:
        return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    except ValueError:
        raise ValueError(f"invalid date '{text}'") from None


def format_time(now: datetime.datetime, wanted: str) -> str:
    """`now` in the format that `date` is given, without a leading zero where the sign after % is a hyphen."""
    parts = re.split(r"(%-?[A-Za-z%])", wanted[:200])
    return "".join(_format_part(now, part) if re.match(r"%-?[A-Za-z%]", part) else part for part in parts)


def _format_part(now: datetime.datetime, part: str) -> str:
    known = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y", "%n": "\n", "%N": "000000000"}
    if part == "%s":
        return str(int(now.timestamp()))
    if part == "%e":
        return f"{now.day:2}"
    text = now.strftime(known.get(part.replace("-", ""), part.replace("-", "")))
    return text.lstrip("0") or "0" if "-" in part else text
