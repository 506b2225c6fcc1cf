"""Reads a migration written as one SQL text with a part that goes up and a part that goes down."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graders.kernel.report import Mismatch

MARK = re.compile(r"^[ \t]*--[ \t]*migrate:[ \t]*(up|down)[ \t]*$", re.M | re.I)


@dataclass(frozen=True)
class Migration:
    """A step of a schema in two SQL texts: `up` makes it, `down` takes it back."""

    up: str
    down: str


def read_migration(text: str) -> Migration:
    """Read the two parts behind the lines `-- migrate:up` and `-- migrate:down`; raise `Mismatch` if one is missing.

    Source: the format of dbmate's files, https://github.com/amacneil/dbmate#creating-migrations
    """
    pieces = MARK.split(text)
    parts: dict[str, str] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        parts[name.lower()] = parts.get(name.lower(), "") + body
    for name in ("up", "down"):
        if not parts.get(name, "").strip():
            raise Mismatch(f"statements behind a line `-- migrate:{name}`", "none")
    return Migration(parts["up"], parts["down"])
