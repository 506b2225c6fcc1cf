"""What the engine itself says of the tables of a schema: columns, keys and references."""

from __future__ import annotations

from dataclasses import dataclass

from graders.labs import Lab


@dataclass(frozen=True)
class Column:
    """A column: its name, its declared type, and whether it may be NULL."""

    name: str
    type: str
    nullable: bool


@dataclass(frozen=True)
class ForeignKey:
    """`columns` of a table name a row of `table` by its `targets`."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class BaseTable:
    """A base table: its columns in order, its keys (each a tuple of column names), and its foreign keys."""

    name: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    rowid: str = ""
    """The column that is another name of SQLite's rowid, if there is one."""

    def place(self, column: str) -> int:
        """The position of `column` in a row."""
        names = [known.name.casefold() for known in self.columns]
        return names.index(column.casefold())


def read_tables(lab: Lab) -> list[BaseTable]:
    """Give the base tables of `lab`, every table after those that it refers to."""
    read = {"SQLite": _from_sqlite, "DuckDB": _from_duckdb}[lab.engine]
    left = {name: read(lab, name) for name in lab.tables()}
    placed: list[BaseTable] = []
    while left:
        free = [name for name, table in left.items() if not _waits_for(table, left)]
        for name in free or list(left):
            placed.append(left.pop(name))
    return placed


def _waits_for(table: BaseTable, left: dict[str, BaseTable]) -> bool:
    return any(key.table in left and key.table != table.name for key in table.foreign_keys)


def _from_sqlite(lab: Lab, table: str) -> BaseTable:
    info = lab.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,)).rows
    primary = tuple(name for name, _, _, place in sorted(info, key=lambda row: row[3]) if place)
    columns = tuple(Column(name, kind, not (required or name in primary)) for name, kind, required, _ in info)
    integers = {column.name for column in columns if column.type.upper() == "INTEGER"}
    rowid = primary[0] if len(primary) == 1 and primary[0] in integers else ""
    unique = lab.execute('SELECT name FROM pragma_index_list(?) WHERE "unique" AND NOT partial ORDER BY name', (table,))
    keys = [tuple(_index_columns(lab, index)) for (index,) in unique.rows]
    return BaseTable(
        table,
        columns,
        tuple(dict.fromkeys([primary, *keys] if primary else keys)),
        _sqlite_references(lab, table),
        rowid,
    )


def _index_columns(lab: Lab, index: str) -> list[str]:
    found = lab.execute("SELECT name FROM pragma_index_info(?) WHERE name IS NOT NULL ORDER BY seqno", (index,))
    return [name for (name,) in found.rows]


def _sqlite_references(lab: Lab, table: str) -> tuple[ForeignKey, ...]:
    found = lab.execute(
        'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq', (table,)
    )
    real = {name.casefold(): name for name in lab.tables()}
    keys: dict[int, list[tuple[str, str, str]]] = {}
    for number, parent, column, target in found.rows:
        keys.setdefault(number, []).append((real.get(parent.casefold(), parent), column, target))
    return tuple(_sqlite_reference(lab, parts) for parts in keys.values())


def _sqlite_reference(lab: Lab, parts: list[tuple[str, str, str]]) -> ForeignKey:
    """Make the key of its `parts`; a target that is not named is the primary key of the parent."""
    parent = parts[0][0]
    targets = tuple(target for _, _, target in parts)
    if None in targets:
        found = lab.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", (parent,))
        targets = tuple(name for (name,) in found.rows)
    return ForeignKey(tuple(column for _, column, _ in parts), parent, targets)


def _from_duckdb(lab: Lab, table: str) -> BaseTable:
    found = lab.execute(
        "SELECT column_name, data_type, is_nullable FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index",
        (table,),
    )
    constraints = lab.execute(
        "SELECT constraint_type, constraint_column_names, referenced_table, referenced_column_names "
        "FROM duckdb_constraints() WHERE table_name = ? ORDER BY constraint_index",
        (table,),
    ).rows
    keys = [tuple(columns) for kind, columns, _, _ in constraints if kind in ("PRIMARY KEY", "UNIQUE")]
    references = [
        ForeignKey(tuple(columns), parent, tuple(targets))
        for kind, columns, parent, targets in constraints
        if kind == "FOREIGN KEY"
    ]
    columns = tuple(Column(name, kind, bool(nullable)) for name, kind, nullable in found.rows)
    return BaseTable(table, columns, tuple(keys), tuple(references))
