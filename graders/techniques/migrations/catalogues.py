"""Reads the schema of a lab from its engine's catalogue: SQLite's, DuckDB's, PostgreSQL's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from graders.labs import Lab
from graders.labs.lab import Row
from graders.sql import quote_identifier
from graders.techniques.migrations.schema import (
    ObjectName,
    Schema,
    define_column,
    define_foreign_key,
    fetch_all,
    normalize,
    normalize_default,
    normalize_definition,
    normalize_expression,
    read_parentheses,
    split_words,
    strip_parentheses,
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
    return ", ".join(filter(None, [*options, *_read_clauses(tokens)])) or "a table"


def _read_clauses(tokens: list[str]) -> list[str]:
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
        yield ("check", f"{table}: {' '.join(strip_parentheses(read_parentheses(tokens, place)))}"), "checked"


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


POSTGRESQL = "PostgreSQL"
PUBLIC = "c.relnamespace = 'public'::regnamespace"
COLUMN_NAMES = """(SELECT string_agg(a.attname, ', ' ORDER BY n.place) FROM unnest({}) WITH ORDINALITY n (number, place)
    JOIN pg_attribute a ON a.attrelid = {} AND a.attnum = n.number)"""
POSTGRESQL_QUERIES = (
    f"""SELECT c.relname, c.relpersistence, c.relkind FROM pg_class c
        WHERE {PUBLIC} AND c.relkind IN ('r', 'p') ORDER BY 1""",
    f"""SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', array_position(k.conkey, a.attnum),
        CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
        WHERE {PUBLIC} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum""",
    f"""SELECT c.relname, k.contype, {COLUMN_NAMES.format("k.conkey", "k.conrelid")}, pg_get_expr(k.conbin, k.conrelid),
        p.relname, {COLUMN_NAMES.format("k.confkey", "k.confrelid")}, k.confupdtype, k.confdeltype, k.condeferrable,
        k.convalidated, pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class p ON p.oid = k.confrelid
        WHERE {PUBLIC} AND k.contype IN ('c', 'f', 'u', 'x') ORDER BY 1, k.conname""",
    f"""SELECT c.relname, pg_get_indexdef(c.oid), i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE {PUBLIC} AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype <> 'f')
        ORDER BY 1""",
    f"""SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), p.prosrc, t.tgenabled FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE {PUBLIC} AND NOT t.tgisinternal ORDER BY 1, 2""",
    f"""SELECT c.relname, c.relkind, pg_get_viewdef(c.oid) FROM pg_class c WHERE {PUBLIC} AND c.relkind IN ('v', 'm')
        ORDER BY 1""",
    f"""WITH feeds (sequence, tab, number) AS (
            SELECT u.refobjid, d.adrelid, d.adnum FROM pg_attrdef d JOIN pg_depend u
                ON u.classid = 'pg_attrdef'::regclass AND u.objid = d.oid AND u.refclassid = 'pg_class'::regclass
            UNION SELECT u.objid, u.refobjid, u.refobjsubid FROM pg_depend u
                WHERE u.classid = 'pg_class'::regclass AND u.refclassid = 'pg_class'::regclass AND u.deptype = 'i')
        SELECT c.relname, q.seqincrement, t.relname, a.attname, a.attidentity, o.refobjid::regclass::text, w.attname,
            (o.refobjid, o.refobjsubid) = (f.tab, f.number)
        FROM pg_class c JOIN pg_sequence q ON q.seqrelid = c.oid LEFT JOIN feeds f ON f.sequence = c.oid
        LEFT JOIN pg_attribute a ON (a.attrelid, a.attnum) = (f.tab, f.number)
            AND a.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
        LEFT JOIN pg_class t ON t.oid = a.attrelid
        LEFT JOIN pg_depend o ON o.objid = c.oid AND o.classid = 'pg_class'::regclass AND o.deptype IN ('a', 'i')
        LEFT JOIN pg_attribute w ON (w.attrelid, w.attnum) = (o.refobjid, o.refobjsubid)
        WHERE {PUBLIC} ORDER BY 1, 3, 4""",
)
ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
IDENTITY = {"a": "identity, always", "d": "identity, by default"}
NEXTVAL = re.compile(r"nextval\('[^']*'::regclass\)")


def read_postgresql(lab: Lab) -> Schema:
    """Give every object of a PostgreSQL lab; a sequence that feeds a column is known by that column, not by its name.

    Source: https://www.postgresql.org/docs/current/catalogs.html
    """
    tables, columns, constraints, indexes, triggers, views, sequences = fetch_all(lab, POSTGRESQL_QUERIES)
    schema: dict[ObjectName, str] = {("table", name): _postgresql_table(*how) for name, *how in tables}
    schema.update(_postgresql_columns(columns))
    schema.update(_postgresql_constraints(constraints))
    for name, sql, valid in indexes:
        schema["index", name] = normalize_definition(sql, name, POSTGRESQL) + ("" if valid else ", not valid")
    for table, name, *how in triggers:
        schema["trigger", f"{name} on {table}"] = _postgresql_trigger(name, *how)
    for name, kind, sql in views:
        schema["view", name] = "materialized " * (kind == "m") + normalize(sql, POSTGRESQL)
    schema.update(_postgresql_sequences(lab, sequences))
    return schema


def _postgresql_table(persistence: str, kind: str) -> str:
    options = ["unlogged" if persistence == "u" else "", "partitioned" if kind == "p" else ""]
    return ", ".join(filter(None, options)) or "a table"


def _postgresql_columns(rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
    for table, name, kind, not_null, default, generated, key, collation in rows:
        given = normalize_default(None if NEXTVAL.fullmatch(default or "") else default, POSTGRESQL)
        more = ("GENERATED" * generated, f"COLLATE {collation}" if collation else "")
        yield ("column", f"{table}.{name}"), define_column(kind, not_null and not key, given, key, *more)


def _postgresql_constraints(rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
    for table, kind, own, expression, parent, referenced, updates, deletes, deferrable, valid, sql in rows:
        deferral, validity = "deferrable" * deferrable, "" if valid else "not valid"
        if kind == "f":
            actions = f"on update {ACTIONS[updates]}, on delete {ACTIONS[deletes]}"
            yield define_foreign_key(table, own, parent, referenced, actions, deferral, validity)
        elif kind == "c":
            yield ("check", f"{table}: {normalize_expression(expression, POSTGRESQL)}"), validity or "checked"
        else:
            yield ("unique", f"{table} ({own or 'expression'})"), normalize(sql, POSTGRESQL)


def _postgresql_trigger(name: str, sql: str, body: str, enabled: str) -> str:
    """What a trigger does: its function by what it does, not by its name."""
    event, function = normalize_definition(sql, name, POSTGRESQL).rsplit(" execute function ", 1)
    arguments = function.partition("(")[2].removesuffix(")").strip()
    return (
        f"{event} {normalize(body, POSTGRESQL)}"
        + f", given {arguments}" * bool(arguments)
        + ", disabled" * (enabled == "D")
    )


def _postgresql_sequences(lab: Lab, rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
    overlaps = fetch_all(lab, [_overlap_query(name, step, table, column) for name, step, table, column, *_ in rows])
    for (name, step, table, column, identity, owner, owned, own), ((overlap,),) in zip(rows, overlaps, strict=True):
        if table is None:
            yield ("sequence", name), f"of no column, by {step}"
            continue
        ownership = "its own" if own else f"that of {owner}.{owned}" if owner else "of no column"
        whose = IDENTITY.get(identity, ownership)
        yield ("sequence", f"{table}.{column}"), f"{whose}, by {step}" + ", the next value is taken" * bool(overlap)


def _overlap_query(name: str, step: int, table: str | None, column: str | None) -> str:
    """Asks whether the column already holds the next value of the sequence, or one beyond it."""
    if table is None or column is None:
        return "SELECT false"
    following = f"(SELECT last_value + is_called::int * {step} FROM public.{quote_identifier(name)})"
    return f"SELECT max({quote_identifier(column)}) >= {following} FROM public.{quote_identifier(table)}"


READERS = {"SQLite": read_sqlite, "DuckDB": read_duckdb, "PostgreSQL": read_postgresql}
