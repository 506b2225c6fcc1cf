"""Reads the schema of a SQLite lab from its catalogue, and each CHECK from the text of CREATE TABLE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graders.labs import Lab
from graders.labs.lab import Row
from graders.techniques.migrations.schema import Key, Schema, column, foreign_key, looked
from graders.techniques.migrations.sql_words import plain_default, plain_words, without_name

OWN = "m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
LOOKS = (
    "SELECT type, name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY name",
    f"""SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk, p.hidden
        FROM main.sqlite_schema m JOIN pragma_table_xinfo(m.name, 'main') p WHERE {OWN} ORDER BY m.name, p.cid""",
    f"""SELECT m.name, f.id, f."from", f."table",
        coalesce(f."to", (SELECT k.name FROM pragma_table_info(f."table", 'main') k WHERE k.pk = f.seq + 1)),
        f.on_update, f.on_delete
        FROM main.sqlite_schema m JOIN pragma_foreign_key_list(m.name, 'main') f
        WHERE {OWN} ORDER BY m.name, f.id, f.seq""",
    f"""SELECT m.name, l.name, x.name FROM main.sqlite_schema m JOIN pragma_index_list(m.name, 'main') l
        JOIN pragma_index_xinfo(l.name, 'main') x
        WHERE {OWN} AND l.origin = 'u' AND x.key ORDER BY m.name, l.name, x.seqno""",
    "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'",
)


def read_sqlite(lab: Lab) -> Schema:
    """Give every object of a SQLite lab. Source: https://www.sqlite.org/pragma.html#pragfunc"""
    stored, columns, references, uniques, kinds = looked(lab, LOOKS)
    schema = dict(_objects(stored, {name: (wr, strict) for name, wr, strict in kinds}))
    for table, name, kind, must, default, key, hidden in columns:
        generated = "GENERATED" * (hidden > 1)
        schema["column", f"{table}.{name}".lower()] = column(
            kind.upper(), must, plain_default(default, "SQLite"), key, generated
        )
    schema.update(_references(references))
    schema.update(_uniques(uniques))
    return schema


def _objects(stored: Sequence[Row], kinds: Mapping[str, Row]) -> Iterator[tuple[Key, str]]:
    for kind, name, sql in stored:
        if kind == "table":
            if not name.startswith("sqlite_"):
                yield ("table", name.lower()), _table(sql, *kinds.get(name, (0, 0)))
                yield from _checks(name.lower(), sql)
        else:
            yield (kind, name.lower()), without_name(sql, name, "SQLite")


def _table(sql: str, without_rowid: int, strict: int) -> str:
    words = plain_words(sql, "SQLite")
    told = ["without rowid" * without_rowid, "strict" * strict, "autoincrement" * ("autoincrement" in words)]
    return ", ".join(filter(None, [*told, *_said_beside(words)])) or "a table"


def _said_beside(words: list[str]) -> list[str]:
    """What no PRAGMA tells: how a conflict is met, how a column compares, that a reference is looked at later."""
    threes = zip(words, words[1:], [*words[2:], ""], strict=False)
    return sorted(filter(None, (_beside(*three) for three in threes)))


def _beside(first: str, second: str, third: str) -> str:
    if (first, second) == ("on", "conflict"):
        return f"on conflict {third}" * (third != "abort")
    if first == "collate":
        return f"collate {second}" * (second != "binary")
    return "initially deferred" * ((first, second) == ("initially", "deferred"))


def _references(rows: Sequence[Row]) -> Iterator[tuple[Key, str]]:
    keys: dict[Row, list[Row]] = {}
    for table, number, *rest in rows:
        keys.setdefault((table, number), []).append(tuple(rest))
    for (table, _), parts in keys.items():
        own, there = (", ".join((part[place] or "its key").lower() for part in parts) for place in (0, 2))
        _, parent, _, on_update, on_delete = parts[0]
        acts = f"on update {on_update}, on delete {on_delete}".lower()
        yield foreign_key(table.lower(), own, parent.lower(), there, acts)


def _uniques(rows: Sequence[Row]) -> Iterator[tuple[Key, str]]:
    kept: dict[Row, list[str]] = {}
    for table, index, name in rows:
        kept.setdefault((table.lower(), index), []).append(name.lower())
    for (table, _), columns in kept.items():
        yield ("unique", f"{table} ({', '.join(columns)})"), "unique"


def _checks(table: str, sql: str) -> Iterator[tuple[Key, str]]:
    words = plain_words(sql, "SQLite")
    for place in (place for place, word in enumerate(words, start=1) if word == "check"):
        inside = _parenthesis(words, place)
        yield ("check", f"{table}: {' '.join(inside)}"), "checked"


def _parenthesis(words: list[str], place: int) -> list[str]:
    """The words of the parenthesis that opens at `place`, without its own signs."""
    depth, end = 0, place
    while end < len(words):
        depth += {"(": 1, ")": -1}.get(words[end], 0)
        if depth == 0:
            break
        end += 1
    return words[place + 1 : end]
