"""What a schema is: named objects, each with a definition that spelling cannot change; and how two schemas differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.labs.lab import Row
from graders.sql import Kind, tokenize

ObjectName = tuple[str, str]
"""The kind of an object, such as "table" or "foreign key", and its name."""
Schema = Mapping[ObjectName, str]

# A schema is read again after every statement of a migration.
MAX_OBJECTS = 1_000


def split_words(sql: str, engine: str) -> list[str]:
    """The words and signs of a piece of SQL: names without quotes and in lower case, texts as they are, no comments."""
    tokens = (token for token in tokenize(sql, engine) if token.kind is not Kind.COMMENT)
    return [token.text if token.kind is Kind.TEXT else token.name.lower() for token in tokens]


def normalize(sql: str, engine: str) -> str:
    """SQL in one line, as `split_words` reads it, without IF NOT EXISTS and a semicolon at its end."""
    return " ".join(split_words(sql, engine)).replace("if not exists ", "").removesuffix(" ;")


def normalize_expression(sql: str, engine: str) -> str:
    """An expression as `normalize` has it, without the parentheses around all of it."""
    return " ".join(strip_parentheses(normalize(sql, engine).split(" ")))


def strip_parentheses(words: list[str]) -> list[str]:
    """The words without the parentheses around all of them, as often as there are any."""
    while words[:1] == ["("] and len(inside := read_parentheses(words, 0)) == len(words) - 2:
        words = inside
    return words


def read_parentheses(words: list[str], place: int) -> list[str]:
    """The words inside the parenthesis that opens at `place`."""
    depth, end = 0, place
    while end < len(words):
        depth += {"(": 1, ")": -1}.get(words[end], 0)
        if depth == 0:
            break
        end += 1
    return words[place + 1 : end]


def normalize_definition(sql: str, name: str, engine: str) -> str:
    """What a CREATE statement defines, without CREATE, the name it gives to it, and words that change nothing."""
    text = normalize(sql, engine).removeprefix("create ").replace(f" {name.lower()} ", " ", 1)
    return re.sub(r" asc(?= [,)])", "", text.replace(" for each row ", " "))


def fetch_all(lab: Lab, queries: Sequence[str]) -> list[list[Row]]:
    """The rows of each of `queries`, sent together; raise `Mismatch` if one is refused, or gives too many."""
    results = []
    for outcome in lab.outcomes(queries):
        if isinstance(outcome, EngineError):
            raise Mismatch("a schema that can be read", f"{lab.engine} says: {outcome}")
        results.append(outcome.rows)
    if (count := sum(map(len, results))) > MAX_OBJECTS:
        raise Mismatch(f"a schema of at most {MAX_OBJECTS:,} tables, columns and rules", f"{count:,}")
    return results


def normalize_default(sql: str | None, engine: str) -> str:
    """The default of a column as `normalize` has it; "" for none."""
    return "" if sql is None else normalize(sql, engine)


def define_column(kind: str, not_null: bool, default: str, key: int | None, *more: str) -> str:
    """The definition of a column: its type, NOT NULL, its default ("" for none), its place in the key, and `more`."""
    given = f"DEFAULT {default}" if default else ""
    parts = [kind, "NOT NULL" if not_null else "", given, f"PRIMARY KEY {key}" if key else "", *more]
    return " ".join(filter(None, parts))


def define_foreign_key(table: str, own: str, parent: str, referenced: str, *more: str) -> tuple[ObjectName, str]:
    """A foreign key from the columns `own` of `table` to the columns `referenced` of `parent`, with its options."""
    definition = ", ".join([f"to {parent} ({referenced})", *filter(None, more)])
    return ("foreign key", f"{table} ({own})"), definition


def table_columns(schema: Schema) -> dict[str, list[str]]:
    """The names of the columns of every table, in alphabetical order."""
    tables: dict[str, list[str]] = {name: [] for kind, name in sorted(schema) if kind == "table"}
    for kind, name in sorted(schema):
        if kind == "column":
            table = max((table for table in tables if name.startswith(f"{table}.")), key=len)
            tables[table].append(name.removeprefix(f"{table}."))
    return tables


@dataclass(frozen=True)
class Difference:
    """How a schema differs from the one that was expected."""

    missing: tuple[ObjectName, ...]
    """The objects that are not there."""
    extra: tuple[ObjectName, ...]
    """The objects that should not be there."""
    changed: tuple[tuple[ObjectName, str, str], ...]
    """The objects with another definition: which was expected, and which is there."""

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.changed)

    @property
    def words(self) -> str:
        """What is missing, what should not be there, and what has another definition."""
        parts = [f"{kind} {name} is lost" for kind, name in self.missing]
        parts += [f"{kind} {name} should not be there" for kind, name in self.extra]
        parts += [f"{kind} {name} says {now!r} in place of {was!r}" for (kind, name), was, now in self.changed]
        return "; ".join(parts) or "the same schema"


def compare_schemas(expected: Schema, actual: Schema) -> Difference:
    """How `actual` differs from `expected`; the parts of a missing or extra table are not listed one by one."""
    missing = [name for name in expected if name not in actual]
    extra = [name for name in actual if name not in expected]
    changed = [
        (name, expected[name], actual[name]) for name in expected if actual.get(name, expected[name]) != expected[name]
    ]
    return Difference(tuple(_drop_parts(missing)), tuple(_drop_parts(extra)), tuple(changed))


def _drop_parts(names: Iterable[ObjectName]) -> Iterator[ObjectName]:
    tables = {name for kind, name in names if kind == "table"}
    for kind, name in names:
        if kind in ("table", "index", "trigger", "view") or re.split(r"[. :]", name)[0] not in tables:
            yield kind, name
