"""Applies a diff to the solution of an exercise, for a foreseen answer that differs from it in a few lines."""

from __future__ import annotations

from collections.abc import Iterator


def apply_diff(text: str, diff: str) -> str:
    """`text` with the hunks of a unified diff, which lines `@@` part; raise `ValueError` if one fits no place, or two.

    apply_diff("a\\nb\\nc", "-b\\n+d") == "a\\nd\\nc"
    """
    lines = text.splitlines()
    for hunk in _hunks(diff):
        old = [line[1:] for line in hunk if line[:1] != "+"]
        new = [line[1:] for line in hunk if line[:1] != "-"]
        places = [place for place in range(len(lines)) if old and lines[place : place + len(old)] == old]
        if len(places) != 1:
            raise ValueError(f"the lines from `{hunk[0]}` on fit {len(places) or 'no'} places of the solution")
        lines[places[0] : places[0] + len(old)] = new
    return "\n".join(lines)


def _hunks(diff: str) -> Iterator[list[str]]:
    hunk: list[str] = []
    for line in [*diff.splitlines(), "@@"]:
        if not line.startswith("@@"):
            hunk.append(line)
        elif hunk:
            yield hunk
            hunk = []
