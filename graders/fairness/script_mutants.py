"""Mistakes made on purpose in a script of SQL: statements dropped, repeated, swapped, and changed inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graders.fairness.mutants import Mutant, unlike
from graders.fairness.query_mutants import mutate_statement
from graders.sql.dialects import dialect_of
from graders.sql.statements import split_statements

# What may be left out or exchanged in statements that no parser here reads as a whole, such as triggers.
WORDS = (
    ("UNIQUE dropped", r"\bUNIQUE\b(?!\s*\()", ""),
    ("NOT NULL dropped", r"\bNOT\s+NULL\b", ""),
    ("REFERENCES dropped", r"\bREFERENCES\s+\w+\s*(\([^()]*\))?(\s+ON\s+\w+\s+(CASCADE|RESTRICT|SET\s+\w+))*", ""),
    ("columns of the trigger dropped", r"(?<=\bUPDATE)\s+OF\s+\w+(\s*,\s*\w+)*", ""),
    ("one column of the trigger", r"(?<=\bOF\s)(\w+)(\s*,\s*\w+)+", r"\1"),
    ("WHEN dropped", r"\bWHEN\b.*?(?=\bBEGIN\b)", ""),
    ("WHERE dropped", r"\bWHERE\b[^;]*", ""),
    ("event of the trigger", r"\b(BEFORE|AFTER)\s+INSERT\b", r"\1 UPDATE"),
    ("event of the trigger", r"\b(BEFORE|AFTER)\s+UPDATE(\s+OF\s+\w+(\s*,\s*\w+)*)?", r"\1 INSERT"),
    ("event of the trigger", r"\b(BEFORE|AFTER)\s+DELETE\b", r"\1 UPDATE"),
    ("time of the trigger", r"\bAFTER\b", "BEFORE"),
    ("time of the trigger", r"\bBEFORE\b", "AFTER"),
    ("IMMEDIATE dropped", r"\bIMMEDIATE\b", ""),
    ("IS for IS NOT", r"\bIS\s+NOT\b", "IS"),
    ("IS NOT for IS", r"\bIS\b(?!\s+NOT)", "IS NOT"),
    ("old for new", r"\bNEW\.", "OLD."),
    ("new for old", r"\bOLD\.", "NEW."),
    ("OR for AND", r"\bAND\b", "OR"),
)
TRIGGER = re.compile(r"(CREATE\s.*?\bTRIGGER\b.*?\bBEGIN\b)(.*)(\bEND\b)", re.I | re.S)


def sql_mutants(script: str, engine: str) -> list[Mutant]:
    """The scripts that differ from `script` by one mistake, each once."""
    statements = split_statements(script, engine)
    return list(unlike([*_between(statements), *_within(statements, engine)]))


def _join(statements: list[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)


def _between(statements: list[str]) -> Iterator[Mutant]:
    """A statement dropped or repeated, or two that follow each other swapped."""
    base = _join(statements)
    for place, statement in enumerate(statements) if len(statements) > 1 else ():
        before, after = statements[:place], statements[place + 1 :]
        yield Mutant("statement dropped", _join([*before, *after]), base)
        yield Mutant("statement repeated", _join([*before, statement, statement, *after]), base)
        if after:
            yield Mutant("statements swapped", _join([*before, after[0], statement, *after[1:]]), base)


def _within(statements: list[str], engine: str) -> Iterator[Mutant]:
    for place, statement in enumerate(statements):
        before, after = statements[:place], statements[place + 1 :]
        for kind, text, base in _changed(statement, engine):
            yield Mutant(kind, _join([*before, text, *after]), _join([*before, base, *after]))


def _changed(statement: str, engine: str) -> Iterator[tuple[str, str, str]]:
    """For each mistake in `statement` its kind, the statement with it, and the statement without."""
    read = list(mutate_statement(statement, dialect_of(engine)))
    yield from read
    if trigger := TRIGGER.search(statement):
        yield from _changed_body(trigger, engine)
    if trigger or not read:
        yield from _changed_words(statement)


def _changed_body(trigger: re.Match[str], engine: str) -> Iterator[tuple[str, str, str]]:
    head, body, end = trigger.groups()
    for mutant in (*_between(steps := split_statements(body, engine)), *_within(steps, engine)):
        yield mutant.kind, f"{head}\n{mutant.text}{end}", f"{head}\n{mutant.base}{end}"


def _changed_words(statement: str) -> Iterator[tuple[str, str, str]]:
    for kind, pattern, word in WORDS:
        for found in re.finditer(pattern, statement, re.I | re.S):
            text = statement[: found.start()] + found.expand(word) + statement[found.end() :]
            yield kind, text, statement
