"""What a schema is: objects with a kind and a name, and what each says; and how one schema differs from another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab
from graders.labs.lab import Row

Key = tuple[str, str]
Schema = Mapping[Key, str]
# A schema is read again after every statement of a migration.
MAX_OBJECTS = 1_000


def looked(lab: Lab, looks: Sequence[str]) -> list[list[Row]]:
    """The rows of each of `looks`, asked in one go; raise `Mismatch` if one is refused, or gives too many."""
    found = lab.outcomes(looks)
    refused = next((outcome for outcome in found if isinstance(outcome, EngineError)), None)
    if refused:
        raise Mismatch("a schema that can be read", f"{lab.engine} says: {refused}")
    if (count := sum(map(len, found))) > MAX_OBJECTS:
        raise Mismatch(f"a schema of at most {MAX_OBJECTS:,} tables, columns and rules", f"{count:,}")
    return [outcome.rows for outcome in found]


def column(kind: str, must: bool, default: str, key: int | None, *more: str) -> str:
    """What a column says: its type, NOT NULL, its default ("" for none), its place in the primary key, and `more`."""
    told = [kind, "NOT NULL" if must else "", f"DEFAULT {default}" if default else ""]
    told += [f"PRIMARY KEY {key}" if key else "", *more]
    return " ".join(filter(None, told))


def foreign_key(table: str, own: str, parent: str, there: str, *more: str) -> tuple[Key, str]:
    """A foreign key of the columns `own`, by what it refers to and `more` that it says."""
    return ("foreign key", f"{table} ({own})"), ", ".join([f"to {parent} ({there})", *filter(None, more)])


def columns_of(schema: Schema) -> dict[str, list[str]]:
    """The names of the columns of every table, in alphabetical order."""
    tables: dict[str, list[str]] = {name: [] for kind, name in sorted(schema) if kind == "table"}
    for kind, name in sorted(schema):
        if kind == "column":
            table = max((table for table in tables if name.startswith(f"{table}.")), key=len)
            tables[table].append(name.removeprefix(f"{table}."))
    return tables


@dataclass(frozen=True)
class Difference:
    """How one schema differs from another: the objects (kind, name) that are lost, left over, or changed."""

    lost: tuple[Key, ...]
    left: tuple[Key, ...]
    changed: tuple[tuple[Key, str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.lost or self.left or self.changed)

    @property
    def words(self) -> str:
        """The objects by name: what is lost, what is there that should not be, what says something else."""
        told = [f"{kind} {name} is lost" for kind, name in self.lost]
        told += [f"{kind} {name} should not be there" for kind, name in self.left]
        told += [f"{kind} {name} says {now!r} in place of {was!r}" for (kind, name), was, now in self.changed]
        return "; ".join(told) or "the same schema"


def difference(asked: Schema, found: Schema) -> Difference:
    """Compare the schema `found` with the one `asked` for; of a lost table, its parts are not told one by one."""
    lost = [key for key in asked if key not in found]
    left = [key for key in found if key not in asked]
    changed = [(key, asked[key], found[key]) for key in asked if key in found and asked[key] != found[key]]
    return Difference(tuple(_without_parts(lost)), tuple(_without_parts(left)), tuple(changed))


def _without_parts(keys: Iterable[Key]) -> Iterator[Key]:
    tables = {name for kind, name in keys if kind == "table"}
    for kind, name in keys:
        if kind in ("table", "index", "trigger", "view") or re.split(r"[. :]", name)[0] not in tables:
            yield kind, name
