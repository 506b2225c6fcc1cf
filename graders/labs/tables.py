"""What the tables of a lab are: their columns with types, their keys, and what refers to what, from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graders.labs.lab import Lab, Row


@dataclass(frozen=True)
class Column:
    """A column as it was declared: `required` says that it refuses NULL, `generated` that others give its value."""

    name: str
    type: str
    required: bool
    place_in_key: int = 0
    """Its place in the primary key, from 1; 0 if it is not in it."""
    generated: bool = False

    @property
    def key(self) -> bool:
        """Whether it is in the primary key."""
        return self.place_in_key > 0

    @property
    def nullable(self) -> bool:
        """Whether it may be NULL; nothing in a primary key should be."""
        return not (self.required or self.key)


@dataclass(frozen=True)
class ForeignKey:
    """Columns that refer to those of another table, or of the same; without `referenced`, to its key."""

    columns: tuple[str, ...]
    table: str
    referenced: tuple[str, ...]


@dataclass(frozen=True)
class TableDefinition:
    """A base table: its columns in their order, what else is unique in it, and its foreign keys."""

    name: str
    columns: tuple[Column, ...]
    uniques: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key in its order, which need not be theirs in the table."""
        return tuple(column.name for column in sorted(self.columns, key=lambda one: one.place_in_key) if column.key)


SQLITE_TABLE = "m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
DUCKDB_TABLE = "o.database_name = current_database() AND o.schema_name = current_schema()"
POSTGRESQL_TABLE = "c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
# For each engine: columns, unique columns, and foreign keys column by column, each by table and in their order.
QUERIES = {
    "SQLite": (
        f"""SELECT m.name, p.name, p.type, p."notnull", p.pk, p.hidden > 1
            FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) p
            WHERE {SQLITE_TABLE} AND p.hidden <> 1 ORDER BY m.name, p.cid""",
        f"""SELECT m.name, l.name, x.name FROM sqlite_schema m JOIN pragma_index_list(m.name) l
            JOIN pragma_index_info(l.name) x
            WHERE {SQLITE_TABLE} AND l."unique" AND NOT l.partial AND l.origin <> 'pk' AND x.name IS NOT NULL
            ORDER BY m.name, l.name, x.seqno""",
        f"""SELECT m.name, f.id, f."from", f."table", f."to"
            FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f
            WHERE {SQLITE_TABLE} ORDER BY m.name, f.id DESC, f.seq""",
    ),
    "DuckDB": (
        f"""SELECT o.table_name, o.column_name, o.data_type, NOT o.is_nullable,
                coalesce(list_position(k.constraint_column_names, o.column_name), 0), false
            FROM duckdb_columns() o JOIN duckdb_tables() t USING (table_oid, database_name)
            LEFT JOIN duckdb_constraints() k ON k.database_name = o.database_name AND k.table_oid = o.table_oid
                AND k.constraint_type = 'PRIMARY KEY'
            WHERE {DUCKDB_TABLE} AND NOT t.internal AND NOT t.temporary ORDER BY o.table_name, o.column_index""",
        f"""SELECT o.table_name, o.constraint_index, unnest(o.constraint_column_names)
            FROM duckdb_constraints() o WHERE {DUCKDB_TABLE} AND o.constraint_type = 'UNIQUE'
            ORDER BY o.table_name, o.constraint_index""",
        f"""SELECT o.table_name, o.constraint_index, unnest(o.constraint_column_names), o.referenced_table,
                unnest(o.referenced_column_names)
            FROM duckdb_constraints() o WHERE {DUCKDB_TABLE} AND o.constraint_type = 'FOREIGN KEY'
            ORDER BY o.table_name, o.constraint_index""",
    ),
    "PostgreSQL": (
        f"""SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                coalesce(array_position(k.conkey, a.attnum), 0), a.attgenerated <> ''
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
            WHERE {POSTGRESQL_TABLE} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum""",
        f"""SELECT c.relname, i.indexrelid::int8, a.attname FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
            CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY n (number, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n.number
            WHERE {POSTGRESQL_TABLE} AND i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL
                AND i.indexprs IS NULL AND n.place <= i.indnkeyatts
            ORDER BY 1, 2, n.place""",
        f"""SELECT c.relname, k.oid::int8, a.attname, p.relname, b.attname FROM pg_constraint k
            JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
            CROSS JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY n (own, other, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n.own
            JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = n.other
            WHERE {POSTGRESQL_TABLE} AND k.contype = 'f' ORDER BY 1, 2, n.place""",
    ),
}


def read_tables(lab: Lab) -> list[TableDefinition]:
    """The base tables of `lab` in alphabetical order; raise `LookupError` where its catalogue is not known."""
    if lab.engine not in QUERIES:
        raise LookupError(f"the catalogue of {lab.engine} is not known here")
    columns, uniques, references = (_grouped(lab.execute(query).rows) for query in QUERIES[lab.engine])
    # Where case does not count, a table may be referred to in another one than its own.
    written = {name.casefold(): name for name in columns} | {name: name for name in columns}
    return [
        TableDefinition(
            name,
            tuple(Column(column, kind, bool(needed), int(key), bool(made)) for column, kind, needed, key, made in rows),
            tuple(tuple(part for (part,) in parts) for parts in _grouped(uniques.get(name, ())).values()),
            tuple(_foreign_key(parts, written) for parts in _grouped(references.get(name, ())).values()),
        )
        for name, rows in columns.items()
    ]


def _grouped(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    """The rows by their first value, which is left out of them, in the order in which the values come."""
    groups: dict[str, list[Row]] = {}
    for first, *rest in rows:
        groups.setdefault(first, []).append(tuple(rest))
    return groups


def _foreign_key(parts: list[Row], written: Mapping[str, str]) -> ForeignKey:
    table = parts[0][1]
    referenced = tuple(other for _, _, other in parts if other)
    return ForeignKey(tuple(own for own, _, _ in parts), written.get(table.casefold(), table), referenced)
