"""Reads the schema of a lab from its engine's catalog: SQLite's and DuckDB's; PostgreSQL's has a module of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graders.labs import Lab
from graders.labs.lab import Row
from graders.sql import quote_identifier
from graders.techniques.migrations.postgresql_catalog import read_postgresql
from graders.techniques.migrations.schema import (
    ObjectName,
    Schema,
    define_column,
    define_foreign_key,
    fetch_all,
    normalize_default,
    normalize_definition,
    normalize_expression,
    split_words,
)

SQLITE_TABLE = "m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
SQLITE_QUERIES = (
    "SELECT type, name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY name",
    f"""SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk, p.hidden
        FROM main.sqlite_schema m JOIN pragma_table_xinfo(m.name, 'main') p
        WHERE {SQLITE_TABLE} ORDER BY m.name, p.cid""",
    f"""SELECT m.name, f.id, f."from", f."table",
        coalesce(f."to", (SELECT k.name FROM pragma_table_info(f."table", 'main') k WHERE k.pk = f.seq + 1)),
        f.on_update, f.on_delete
        FROM main.sqlite_schema m JOIN pragma_foreign_key_list(m.name, 'main') f
        WHERE {SQLITE_TABLE} ORDER BY m.name, f.id, f.seq""",
    f"""SELECT m.name, l.name, x.name FROM main.sqlite_schema m JOIN pragma_index_list(m.name, 'main') l
        JOIN pragma_index_xinfo(l.name, 'main') x
        WHERE {SQLITE_TABLE} AND l.origin = 'u' AND x.key ORDER BY m.name, l.name, x.seqno""",
    "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'",
)
DUCKDB_MAIN = "o.database_name = current_database() AND o.schema_name = 'main'"
DUCKDB_QUERIES = (
    f"SELECT table_name FROM duckdb_tables() o WHERE {DUCKDB_MAIN} AND NOT internal AND NOT temporary ORDER BY 1",
    f"""SELECT o.table_name, o.column_name, o.data_type, NOT o.is_nullable, o.column_default, o.is_generated,
        list_position(k.constraint_column_names, o.column_name)
        FROM duckdb_columns() o JOIN duckdb_tables() t USING (table_oid, database_name)
        LEFT JOIN duckdb_constraints() k ON k.database_name = o.database_name AND k.table_oid = o.table_oid
            AND k.constraint_type = 'PRIMARY KEY'
        WHERE {DUCKDB_MAIN} AND NOT t.internal AND NOT t.temporary ORDER BY o.table_name, o.column_index""",
    f"""SELECT o.table_name, o.constraint_type, array_to_string(o.constraint_column_names, ', '), o.expression,
        o.referenced_table, array_to_string(o.referenced_column_names, ', ')
        FROM duckdb_constraints() o WHERE {DUCKDB_MAIN} ORDER BY o.table_name, o.constraint_index""",
    f"""SELECT 'index', index_name, '', sql FROM duckdb_indexes() o WHERE {DUCKDB_MAIN}
        UNION ALL SELECT 'view', view_name, '', sql FROM duckdb_views() o
            WHERE {DUCKDB_MAIN} AND NOT internal AND NOT temporary
        UNION ALL SELECT 'trigger', trigger_name, ' on ' || table_name, sql FROM duckdb_triggers() o
            WHERE {DUCKDB_MAIN} AND NOT temporary ORDER BY 1, 2, 3""",
    f"""SELECT sequence_name, increment_by, cycle FROM duckdb_sequences() o
        WHERE {DUCKDB_MAIN} AND NOT temporary ORDER BY 1""",
)


def read_schema(lab: Lab) -> Schema:
    """Give every object of a lab by its kind and name, with its definition in a form that spelling cannot change.

    Kinds are "table", "column", "unique", "foreign key", "check", "index", "trigger", "view" and "sequence". The order
    of columns does not count. Raise `Mismatch` if it cannot be read.
    """
    return READERS[lab.engine](lab)


def qualify(lab: Lab, table: str) -> str:
    """The name of a table with its schema's, so that no temporary table hides it."""
    return f"{'public' if lab.engine == 'PostgreSQL' else 'main'}.{quote_identifier(table)}"


def read_sqlite(lab: Lab) -> Schema:
    """Give every object of a SQLite lab; each CHECK is read from the text of CREATE TABLE, for no pragma lists them.

    Source: https://www.sqlite.org/pragma.html#pragfunc
    """
    objects, columns, references, uniques, options = fetch_all(lab, SQLITE_QUERIES)
    schema = dict(_sqlite_objects(objects, {name: (rowid, strict) for name, rowid, strict in options}))
    for table, name, kind, not_null, default, key, hidden in columns:
        generated = "GENERATED" * (hidden > 1)
        given = normalize_default(default, "SQLite")
        schema["column", f"{table}.{name}".lower()] = define_column(kind.upper(), not_null, given, key, generated)
    schema.update(_sqlite_foreign_keys(references))
    schema.update(_sqlite_uniques(uniques))
    return schema


def _sqlite_objects(objects: Sequence[Row], options: Mapping[str, Row]) -> Iterator[tuple[ObjectName, str]]:
    for kind, name, sql in objects:
        if kind != "table":
            yield (kind, name.lower()), normalize_definition(sql, name, "SQLite")
        elif not name.startswith("sqlite_"):
            yield ("table", name.lower()), _sqlite_table(sql, *options.get(name, (0, 0)))
            yield from _sqlite_checks(name.lower(), sql)


def _sqlite_table(sql: str, without_rowid: int, strict: int) -> str:
    tokens = split_words(sql, "SQLite")
    options = ["without rowid" * without_rowid, "strict" * strict, "autoincrement" * ("autoincrement" in tokens)]
    return ", ".join(filter(None, [*options, *_clauses_without_pragma(tokens)])) or "a table"


def _clauses_without_pragma(tokens: list[str]) -> list[str]:
    """What no pragma tells: how a conflict is resolved, how a column compares, that a reference is deferred."""
    threes = zip(tokens, tokens[1:], [*tokens[2:], ""], strict=False)
    return sorted(filter(None, (_clause(*three) for three in threes)))


def _clause(first: str, second: str, third: str) -> str:
    if (first, second) == ("on", "conflict"):
        return f"on conflict {third}" * (third != "abort")
    if first == "collate":
        return f"collate {second}" * (second != "binary")
    return "initially deferred" * ((first, second) == ("initially", "deferred"))


def _sqlite_foreign_keys(rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
    keys: dict[Row, list[Row]] = {}
    for table, number, *rest in rows:
        keys.setdefault((table, number), []).append(tuple(rest))
    for (table, _), parts in keys.items():
        own, referenced = (", ".join((part[place] or "its key").lower() for part in parts) for place in (0, 2))
        _, parent, _, on_update, on_delete = parts[0]
        actions = f"on update {on_update}, on delete {on_delete}".lower()
        yield define_foreign_key(table.lower(), own, parent.lower(), referenced, actions)


def _sqlite_uniques(rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
    indexes: dict[Row, list[str]] = {}
    for table, index, column in rows:
        indexes.setdefault((table.lower(), index), []).append(column.lower())
    for (table, _), columns in indexes.items():
        yield ("unique", f"{table} ({', '.join(columns)})"), "unique"


def _sqlite_checks(table: str, sql: str) -> Iterator[tuple[ObjectName, str]]:
    tokens = split_words(sql, "SQLite")
    for place in (place for place, word in enumerate(tokens, start=1) if word == "check"):
        yield ("check", f"{table}: {' '.join(_parenthesized(tokens, place))}"), "checked"


def _parenthesized(tokens: list[str], place: int) -> list[str]:
    """The tokens inside the parenthesis that opens at `place`."""
    depth, end = 0, place
    while end < len(tokens):
        depth += {"(": 1, ")": -1}.get(tokens[end], 0)
        if depth == 0:
            break
        end += 1
    return tokens[place + 1 : end]


def read_duckdb(lab: Lab) -> Schema:
    """Give every object in the schema main of a DuckDB lab; a sequence belongs to no table, only a default names it.

    Source: https://duckdb.org/docs/stable/sql/meta/duckdb_table_functions
    """
    tables, columns, constraints, others, sequences = fetch_all(lab, DUCKDB_QUERIES)
    schema: dict[ObjectName, str] = {("table", name.lower()): "a table" for (name,) in tables}
    for table, name, kind, not_null, default, generated, key in columns:
        given = normalize_default(default, "DuckDB")
        definition = define_column(kind, not_null and not key, given, key, "GENERATED" * bool(generated))
        schema["column", f"{table}.{name}".lower()] = definition
    schema.update(_duckdb_constraints(constraints))
    for kind, name, place, sql in others:
        schema[kind, f"{name}{place}".lower()] = normalize_definition(sql, name, "DuckDB")
    for name, step, cycle in sequences:
        schema["sequence", name.lower()] = f"by {step}" + " and round again" * bool(cycle)
    return schema


def _duckdb_constraints(rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
    for table, kind, own, expression, parent, referenced in rows:
        table, own = table.lower(), (own or "").lower()
        if kind == "FOREIGN KEY":
            yield define_foreign_key(table, own, parent.lower(), referenced.lower())
        elif kind == "UNIQUE":
            yield ("unique", f"{table} ({own})"), "unique"
        elif kind == "CHECK":
            yield ("check", f"{table}: {normalize_expression(expression, 'DuckDB')}"), "checked"


READERS = {"SQLite": read_sqlite, "DuckDB": read_duckdb, "PostgreSQL": read_postgresql}
