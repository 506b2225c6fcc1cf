"""The schema of a SQLite lab, taken apart into objects with names, so that two schemas can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.labs import EngineError, Lab
from graders.report import Mismatch

Schema = Mapping[tuple[str, str], str]

TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|('(?:[^']|'')*')|\"((?:[^\"]|\"\")*)\"|`([^`]*)`|\[([^\]]*)\]|(\w+|[^\w\s])", re.S
)
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


def read_schema(lab: Lab) -> Schema:
    """Give every object of a SQLite lab by its kind and name, with what it says, in a form that spelling cannot change.

    Kinds are "table", "column", "unique", "foreign key", "check", "index", "trigger" and "view". The order of columns
    does not count. Source: https://www.sqlite.org/pragma.html#pragfunc
    """
    found = lab.outcomes(LOOKS)
    refused = next((outcome for outcome in found if isinstance(outcome, EngineError)), None)
    if refused:
        raise Mismatch("a schema that can be read", f"{lab.engine} says: {refused}")
    stored, columns, references, uniques, kinds = (outcome.rows for outcome in found)
    schema = dict(_objects(stored, {name: (wr, strict) for name, wr, strict in kinds}))
    for table, name, kind, must, default, key, hidden in columns:
        schema["column", f"{table}.{name}".lower()] = _column(kind, must, default, key, hidden)
    schema.update(_references(references))
    schema.update(_uniques(uniques))
    return schema


def _objects(stored: Sequence[tuple], kinds: Mapping[str, tuple]) -> Iterator[tuple[tuple[str, str], str]]:
    for kind, name, sql in stored:
        if kind == "table":
            if not name.startswith("sqlite_"):
                yield ("table", name.lower()), _table(sql, *kinds.get(name, (0, 0)))
                yield from _checks(name.lower(), sql)
        else:
            yield (kind, name.lower()), plain_sql(sql).removeprefix("create ").replace(f" {name.lower()} ", " ", 1)


def _table(sql: str, without_rowid: int, strict: int) -> str:
    words = tokens(sql)
    told = ["without rowid" * without_rowid, "strict" * strict, "autoincrement" * ("autoincrement" in words)]
    return ", ".join(filter(None, [*told, *_said_beside(words)])) or "a table"


def _said_beside(words: list[str]) -> list[str]:
    """What no PRAGMA tells: how a conflict is met, how a column compares, that a reference is looked at later."""
    threes = zip(words, words[1:], [*words[2:], ""], strict=False)
    said = [_beside(*three) for three in threes]
    return sorted(filter(None, said))


def _beside(first: str, second: str, third: str) -> str:
    if (first, second) == ("on", "conflict"):
        return f"on conflict {third}" * (third != "abort")
    if first == "collate":
        return f"collate {second}" * (second != "binary")
    return "initially deferred" * ((first, second) == ("initially", "deferred"))


def _column(kind: str, must: int, default: str | None, key: int, hidden: int) -> str:
    told = [kind.upper(), "NOT NULL" * must, f"DEFAULT {plain_sql(default)}" if default is not None else ""]
    told += [f"PRIMARY KEY {key}" if key else "", "GENERATED" * (hidden > 1)]
    return " ".join(filter(None, told))


def _references(rows: Sequence[tuple]) -> Iterator[tuple[tuple[str, str], str]]:
    keys: dict[tuple, list[tuple]] = {}
    for table, number, *rest in rows:
        keys.setdefault((table, number), []).append(tuple(rest))
    for (table, _), parts in keys.items():
        own, there = (", ".join((part[place] or "its key").lower() for part in parts) for place in (0, 2))
        _, parent, _, on_update, on_delete = parts[0]
        acts = f"on update {on_update}, on delete {on_delete}".lower()
        yield ("foreign key", f"{table.lower()} ({own})"), f"to {parent.lower()} ({there}), {acts}"


def _uniques(rows: Sequence[tuple]) -> Iterator[tuple[tuple[str, str], str]]:
    kept: dict[tuple, list[str]] = {}
    for table, index, column in rows:
        kept.setdefault((table.lower(), index), []).append(column.lower())
    for (table, _), columns in kept.items():
        yield ("unique", f"{table} ({', '.join(columns)})"), "unique"


def _checks(table: str, sql: str) -> Iterator[tuple[tuple[str, str], str]]:
    words, place = tokens(sql), 0
    while "check" in words[place:]:
        place = words.index("check", place) + 1
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


def tokens(sql: str) -> list[str]:
    """The words and signs of a piece of SQL: names without quotes and in lower case, no comments."""
    found = []
    for match in TOKEN.finditer(sql):
        literal, *names, other = match.groups()
        name = next((one for one in names if one is not None), None)
        if literal or name is not None or other:
            found.append(literal or (name if name is not None else other).lower())
    return found


def plain_sql(sql: str) -> str:
    """SQL in one line, as `tokens` reads it, without IF NOT EXISTS and a sign at its end."""
    return " ".join(tokens(sql)).replace("if not exists ", "").removesuffix(" ;")


@dataclass(frozen=True)
class Difference:
    """How one schema differs from another: the objects (kind, name) that are lost, left over, or changed."""

    lost: tuple[tuple[str, str], ...]
    left: tuple[tuple[str, str], ...]
    changed: tuple[tuple[tuple[str, str], str, str], ...]

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


def _without_parts(keys: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    tables = {name for kind, name in keys if kind == "table"}
    for kind, name in keys:
        if kind in ("table", "index", "trigger", "view") or re.split(r"[. :]", name)[0] not in tables:
            yield kind, name
