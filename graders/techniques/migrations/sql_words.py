"""The words of a piece of SQL, without what spelling can change."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|('(?:[^']|'')*')|\"((?:[^\"]|\"\")*)\"|`([^`]*)`|\[([^\]]*)\]|(\w+|[^\w\s])", re.S
)


def tokens(sql: str) -> list[str]:
    """The words and signs of a piece of SQL: names without quotes and in lower case, no comments."""
    found = []
    for match in TOKEN.finditer(sql):
        literal, *names, other = match.groups()
        name = next((one for one in names if one is not None), None)
        if literal or name is not None or other:
            found.append(literal or (name if name is not None else other).lower())
    return found


def plain_sql(sql: str) -> str:
    """SQL in one line, as `tokens` reads it, without IF NOT EXISTS and a sign at its end."""
    return " ".join(tokens(sql)).replace("if not exists ", "").removesuffix(" ;")


def plain_expression(sql: str) -> str:
    """An expression as `plain_sql` has it, without the parenthesis that a catalogue puts around it."""
    return plain_sql(sql).removeprefix("( ").removesuffix(" )")


def without_name(sql: str, name: str) -> str:
    """What a statement creates, without CREATE and the name it gives to it."""
    return plain_sql(sql).removeprefix("create ").replace(f" {name.lower()} ", " ", 1)


def quoted(name: str) -> str:
    """A name as every engine reads it, whatever signs are in it."""
    return '"' + name.replace('"', '""') + '"'
