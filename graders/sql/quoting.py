"""Writes names and texts into SQL so that no engine reads them as anything else."""

from __future__ import annotations


def quote_identifier(name: str) -> str:
    """`name` as an identifier for every engine, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: str | None) -> str:
    """`value` as a text literal of standard SQL, or NULL."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"
