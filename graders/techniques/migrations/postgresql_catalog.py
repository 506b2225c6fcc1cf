"""Reads the schema of a PostgreSQL lab from its catalog, with the sequences that give a column its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
)

ENGINE = "PostgreSQL"
PUBLIC = "c.relnamespace = 'public'::regnamespace"
COLUMN_NAMES = """(SELECT string_agg(a.attname, ', ' ORDER BY n.place) FROM unnest({}) WITH ORDINALITY n (number, place)
    JOIN pg_attribute a ON a.attrelid = {} AND a.attnum = n.number)"""
QUERIES = (
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
    tables, columns, constraints, indexes, triggers, views, sequences = fetch_all(lab, QUERIES)
    schema: dict[ObjectName, str] = {("table", name): _table(*how) for name, *how in tables}
    schema.update(_columns(columns))
    schema.update(_constraints(constraints))
    for name, sql, valid in indexes:
        schema["index", name] = normalize_definition(sql, name, ENGINE) + ("" if valid else ", not valid")
    for table, name, *how in triggers:
        schema["trigger", f"{name} on {table}"] = _trigger(name, *how)
    for name, kind, sql in views:
        schema["view", name] = "materialized " * (kind == "m") + normalize(sql, ENGINE)
    schema.update(_sequences(lab, sequences))
    return schema


def _table(persistence: str, kind: str) -> str:
    options = ["unlogged" if persistence == "u" else "", "partitioned" if kind == "p" else ""]
    return ", ".join(filter(None, options)) or "a table"


def _columns(rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
    for table, name, kind, not_null, default, generated, key, collation in rows:
        given = normalize_default(None if NEXTVAL.fullmatch(default or "") else default, ENGINE)
        more = ("GENERATED" * generated, f"COLLATE {collation}" if collation else "")
        yield ("column", f"{table}.{name}"), define_column(kind, not_null and not key, given, key, *more)


def _constraints(rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
    for table, kind, own, expression, parent, referenced, updates, deletes, deferrable, valid, sql in rows:
        deferral, validity = "deferrable" * deferrable, "" if valid else "not valid"
        if kind == "f":
            actions = f"on update {ACTIONS[updates]}, on delete {ACTIONS[deletes]}"
            yield define_foreign_key(table, own, parent, referenced, actions, deferral, validity)
        elif kind == "c":
            yield ("check", f"{table}: {normalize_expression(expression, ENGINE)}"), validity or "checked"
        else:
            yield ("unique", f"{table} ({own or 'expression'})"), normalize(sql, ENGINE)


def _trigger(name: str, sql: str, body: str, enabled: str) -> str:
    """What a trigger does: its function by what it does, not by its name."""
    event, function = normalize_definition(sql, name, ENGINE).rsplit(" execute function ", 1)
    arguments = function.partition("(")[2].removesuffix(")").strip()
    return (
        f"{event} {normalize(body, ENGINE)}"
        + f", given {arguments}" * bool(arguments)
        + ", disabled" * (enabled == "D")
    )


def _sequences(lab: Lab, rows: Sequence[Row]) -> Iterator[tuple[ObjectName, str]]:
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
