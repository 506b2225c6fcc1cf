"""The tables of a schema as the engine describes them, with their keys, each after those it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from graders.labs import Lab
from graders.labs.tables import Column, ForeignKey, TableDefinition
from graders.labs.tables import read_tables as read_definitions


@dataclass(frozen=True)
class BaseTable:
    """A base table: its columns in order, its keys (each a tuple of column names), and its foreign keys."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    rowid: str = ""
    """The column that is another name of SQLite's rowid, if there is one."""

    def position(self, column: str) -> int:
        """The position of `column` in a row."""
        return self._positions[column.casefold()]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {column.name.casefold(): position for position, column in enumerate(self.columns)}

    @cached_property
    def key_columns(self) -> frozenset[str]:
        """The names of the columns that are part of a key."""
        return frozenset(name for key in self.keys for name in key)


def read_tables(lab: Lab) -> list[BaseTable]:
    """Give the base tables of `lab`, every table after those that it refers to."""
    definitions = {one.name: one for one in read_definitions(lab)}
    remaining = {name: _base_table(one, definitions, lab.engine) for name, one in definitions.items()}
    ordered: list[BaseTable] = []
    while remaining:
        next_names = [name for name, table in remaining.items() if not _refers_to_one_of(table, remaining)]
        for name in next_names or list(remaining):
            ordered.append(remaining.pop(name))
    return ordered


def _refers_to_one_of(table: BaseTable, remaining: dict[str, BaseTable]) -> bool:
    return any(key.table in remaining and key.table != table.name for key in table.foreign_keys)


def _base_table(one: TableDefinition, definitions: Mapping[str, TableDefinition], engine: str) -> BaseTable:
    primary = one.primary_key
    columns = tuple(column for column in one.columns if not column.generated)
    integers = {column.name for column in columns if column.type.upper() == "INTEGER" and engine == "SQLite"}
    rowid = primary[0] if len(primary) == 1 and primary[0] in integers else ""
    keys = tuple(dict.fromkeys([primary, *one.uniques] if primary else one.uniques))
    foreign_keys = tuple(_with_referenced(key, definitions) for key in one.foreign_keys)
    return BaseTable(one.name, columns, keys, foreign_keys, rowid)


def _with_referenced(key: ForeignKey, definitions: Mapping[str, TableDefinition]) -> ForeignKey:
    """`key` with the columns that it refers to: where none are named, the primary key of the other table."""
    if key.referenced or key.table not in definitions:
        return key
    return replace(key, referenced=definitions[key.table].primary_key)
