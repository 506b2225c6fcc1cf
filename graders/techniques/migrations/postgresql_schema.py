"""Reads the schema of a PostgreSQL lab from its catalogue, with the sequences that give a column its values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from graders.labs import Lab
from graders.labs.lab import Row
from graders.sql import quote_identifier
from graders.techniques.migrations.schema import Key, Schema, column, foreign_key, looked
from graders.techniques.migrations.sql_words import plain_default, plain_expression, plain_sql, without_name

ENGINE = "PostgreSQL"
MINE = "c.relnamespace = 'public'::regnamespace"
NAMES = """(SELECT string_agg(a.attname, ', ' ORDER BY n.place) FROM unnest({}) WITH ORDINALITY n (number, place)
    JOIN pg_attribute a ON a.attrelid = {} AND a.attnum = n.number)"""
LOOKS = (
    f"""SELECT c.relname, c.relpersistence, c.relkind FROM pg_class c
        WHERE {MINE} AND c.relkind IN ('r', 'p') ORDER BY 1""",
    f"""SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', array_position(k.conkey, a.attnum),
        CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
        WHERE {MINE} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum""",
    f"""SELECT c.relname, k.contype, {NAMES.format("k.conkey", "k.conrelid")}, pg_get_expr(k.conbin, k.conrelid),
        p.relname, {NAMES.format("k.confkey", "k.confrelid")}, k.confupdtype, k.confdeltype, k.condeferrable,
        k.convalidated, pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class p ON p.oid = k.confrelid
        WHERE {MINE} AND k.contype IN ('c', 'f', 'u', 'x') ORDER BY 1, k.conname""",
    f"""SELECT c.relname, pg_get_indexdef(c.oid), i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE {MINE} AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype <> 'f')
        ORDER BY 1""",
    f"""SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), p.prosrc, t.tgenabled FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE {MINE} AND NOT t.tgisinternal ORDER BY 1, 2""",
    f"""SELECT c.relname, c.relkind, pg_get_viewdef(c.oid) FROM pg_class c WHERE {MINE} AND c.relkind IN ('v', 'm')
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
        WHERE {MINE} ORDER BY 1, 3, 4""",
)
ACTS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
IDENTITY = {"a": "identity, always", "d": "identity, by default"}
NEXTVAL = re.compile(r"nextval\('[^']*'::regclass\)")


def read_postgresql(lab: Lab) -> Schema:
    """Give every object of a PostgreSQL lab; a sequence that feeds a column is known by that column, not by its name.

    Source: https://www.postgresql.org/docs/current/catalogs.html
    """
    tables, columns, constraints, indexes, triggers, views, sequences = looked(lab, LOOKS)
    schema: dict[Key, str] = {("table", name): _table(*how) for name, *how in tables}
    schema.update(_columns(columns))
    schema.update(_constraints(constraints))
    for name, sql, valid in indexes:
        schema["index", name] = without_name(sql, name, ENGINE) + ("" if valid else ", not valid")
    for table, name, *how in triggers:
        schema["trigger", f"{name} on {table}"] = _trigger(name, *how)
    for name, kind, sql in views:
        schema["view", name] = "materialized " * (kind == "m") + plain_sql(sql, ENGINE)
    schema.update(_sequences(lab, sequences))
    return schema


def _table(persistence: str, kind: str) -> str:
    told = ["unlogged" if persistence == "u" else "", "partitioned" if kind == "p" else ""]
    return ", ".join(filter(None, told)) or "a table"


def _columns(rows: Sequence[Row]) -> Iterator[tuple[Key, str]]:
    for table, name, kind, must, default, generated, key, collation in rows:
        given = None if NEXTVAL.fullmatch(default or "") else default
        more = ("GENERATED" * generated, f"COLLATE {collation}" if collation else "")
        yield ("column", f"{table}.{name}"), column(kind, must and not key, plain_default(given, ENGINE), key, *more)


def _constraints(rows: Sequence[Row]) -> Iterator[tuple[Key, str]]:
    for table, kind, own, expression, parent, there, updates, deletes, deferrable, valid, whole in rows:
        late, unsure = "deferrable" * deferrable, "" if valid else "not valid"
        if kind == "f":
            acts = f"on update {ACTS[updates]}, on delete {ACTS[deletes]}"
            yield foreign_key(table, own, parent, there, acts, late, unsure)
        elif kind == "c":
            yield ("check", f"{table}: {plain_expression(expression, ENGINE)}"), unsure or "checked"
        else:
            yield ("unique", f"{table} ({own or 'expression'})"), plain_sql(whole, ENGINE)


def _trigger(name: str, sql: str, body: str, enabled: str) -> str:
    """What a trigger does: its function by what it says, not by its name."""
    when, function = without_name(sql, name, ENGINE).rsplit(" execute function ", 1)
    given = function.partition("(")[2].removesuffix(")").strip()
    return f"{when} {plain_sql(body, ENGINE)}" + f", given {given}" * bool(given) + ", disabled" * (enabled == "D")


def _sequences(lab: Lab, rows: Sequence[Row]) -> Iterator[tuple[Key, str]]:
    behind = looked(lab, [_behind(name, step, table, field) for name, step, table, field, *_ in rows])
    for (name, step, table, field, identity, owner, owned, own), ((late,),) in zip(rows, behind, strict=True):
        if table is None:
            yield ("sequence", name), f"of no column, by {step}"
            continue
        owners = "its own" if own else f"that of {owner}.{owned}" if owner else "of no column"
        whose = IDENTITY.get(identity, owners)
        yield ("sequence", f"{table}.{field}"), f"{whose}, by {step}" + ", the next value is taken" * bool(late)


def _behind(name: str, step: int, table: str | None, field: str | None) -> str:
    """Asks whether the next value of a sequence is one that the column holds already, or has passed."""
    if table is None:
        return "SELECT false"
    following = f"(SELECT last_value + is_called::int * {step} FROM public.{quote_identifier(name)})"
    return f"SELECT max({quote_identifier(field)}) >= {following} FROM public.{quote_identifier(table)}"
