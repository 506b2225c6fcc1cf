"""Reads the schema of a DuckDB lab from its catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graders.labs import Lab
from graders.labs.lab import Row
from graders.techniques.migrations.schema import Key, Schema, column, foreign_key, looked
from graders.techniques.migrations.sql_words import plain_default, plain_expression, without_name

MINE = "o.database_name = current_database() AND o.schema_name = 'main'"
LOOKS = (
    f"SELECT table_name FROM duckdb_tables() o WHERE {MINE} AND NOT internal AND NOT temporary ORDER BY 1",
    f"""SELECT o.table_name, o.column_name, o.data_type, NOT o.is_nullable, o.column_default, o.is_generated,
        list_position(k.constraint_column_names, o.column_name)
        FROM duckdb_columns() o JOIN duckdb_tables() t USING (table_oid, database_name)
        LEFT JOIN duckdb_constraints() k ON k.database_name = o.database_name AND k.table_oid = o.table_oid
            AND k.constraint_type = 'PRIMARY KEY'
        WHERE {MINE} AND NOT t.internal AND NOT t.temporary ORDER BY o.table_name, o.column_index""",
    f"""SELECT o.table_name, o.constraint_type, array_to_string(o.constraint_column_names, ', '), o.expression,
        o.referenced_table, array_to_string(o.referenced_column_names, ', ')
        FROM duckdb_constraints() o WHERE {MINE} ORDER BY o.table_name, o.constraint_index""",
    f"""SELECT 'index', index_name, '', sql FROM duckdb_indexes() o WHERE {MINE}
        UNION ALL SELECT 'view', view_name, '', sql FROM duckdb_views() o
            WHERE {MINE} AND NOT internal AND NOT temporary
        UNION ALL SELECT 'trigger', trigger_name, ' on ' || table_name, sql FROM duckdb_triggers() o
            WHERE {MINE} AND NOT temporary ORDER BY 1, 2, 3""",
    f"""SELECT sequence_name, increment_by, cycle FROM duckdb_sequences() o
        WHERE {MINE} AND NOT temporary ORDER BY 1""",
)


def read_duckdb(lab: Lab) -> Schema:
    """Give every object in the schema main of a DuckDB lab; a sequence belongs to no table, only a default names it.

    Source: https://duckdb.org/docs/stable/sql/meta/duckdb_table_functions
    """
    tables, columns, constraints, others, sequences = looked(lab, LOOKS)
    schema: dict[Key, str] = {("table", name.lower()): "a table" for (name,) in tables}
    for table, name, kind, must, default, generated, key in columns:
        stated = plain_default(default, "DuckDB")
        says = column(kind, must and not key, stated, key, "GENERATED" * bool(generated))
        schema["column", f"{table}.{name}".lower()] = says
    schema.update(_constraints(constraints))
    for kind, name, place, sql in others:
        schema[kind, f"{name}{place}".lower()] = without_name(sql, name, "DuckDB")
    for name, step, cycle in sequences:
        schema["sequence", name.lower()] = f"by {step}" + " and round again" * bool(cycle)
    return schema


def _constraints(rows: Sequence[Row]) -> Iterator[tuple[Key, str]]:
    for table, kind, own, expression, parent, there in rows:
        table, own = table.lower(), (own or "").lower()
        if kind == "FOREIGN KEY":
            yield foreign_key(table, own, parent.lower(), there.lower())
        elif kind == "UNIQUE":
            yield ("unique", f"{table} ({own})"), "unique"
        elif kind == "CHECK":
            yield ("check", f"{table}: {plain_expression(expression, 'DuckDB')}"), "checked"
