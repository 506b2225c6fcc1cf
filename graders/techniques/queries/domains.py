"""The few values that each column draws from: those that a query compares with, their neighbours, and usual ones."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from graders.labs.tables import Column
from graders.techniques.queries.query_syntax import Literals
from graders.techniques.queries.tables import BaseTable

NAMES = ("Ann", "Bob", "O'Brien", "ann", "")
DATES = ("2024-02-28", "2024-02-29", "2024-03-01", "2024-12-31")
NUMBERS = {"integer": (0, 1, 2, 3, 10), "real": (0.0, 0.5, 1.5, 2.0), "boolean": (0, 1)}
DATE = re.compile(r"^\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?$")
YEAR_OR_MONTH = re.compile(r"^(\d{4})(?:-(\d\d))?$")
DATE_NAME = re.compile(r"(^|_)(date|day|due|since|until|born)$|_(on|at)$")
KINDS = (
    ("INTERVAL", "text"), ("BOOL", "boolean"), ("INT", "integer"), ("TIMESTAMP", "moment"),
    ("DATETIME", "moment"), ("DATE", "date"), ("CHAR", "text"), ("TEXT", "text"), ("CLOB", "text"),
    ("BLOB", "blob"), ("REAL", "real"), ("FLOA", "real"), ("DOUB", "real"), ("DEC", "decimal"),
    ("NUM", "decimal"),
)  # fmt: skip

Domain = tuple[object, ...]


def column_domains(
    tables: Sequence[BaseTable],
    found: Literals,
    engine: str,
    values: Mapping[str, Iterable[object]] | None = None,
    examples: Mapping[str, Sequence[tuple]] | None = None,
) -> dict[tuple[str, str], Domain]:
    """Give the domain of every column, by (table, column).

    `values` adds values for a column, named "column" or "table.column"; `examples` are rows of the tables,
    whose values show what a column is like.
    """
    given = {name.lower(): list(added) for name, added in (values or {}).items()}
    return {
        (table.name, column.name): _domain(table, column, found, engine, given, examples or {})
        for table in tables
        for column in table.columns
    }


def _domain(table, column, found, engine, given, examples) -> Domain:
    name = column.name.lower()
    added = given.get(name, []) + given.get(f"{table.name.lower()}.{name}", [])
    example_values = [row[table.position(column.name)] for row in examples.get(table.name, ())]
    compared = _compared_literals(name, found)
    kind = _kind(column, [*compared, *example_values, *added], name in found.date_columns)
    values = [
        *added,
        *_nearby_values(kind, compared, found.unattached),
        *_default_values(kind, example_values, bool(compared)),
    ]
    return tuple(dict.fromkeys(_as_stored(value, kind, column.type.upper(), engine) for value in values))


def _compared_literals(name: str, found: Literals) -> list[object]:
    """The literals of the column, and those of the columns it is compared with."""
    partners = [name, *(other for group in found.compared_columns if name in group for other in group)]
    return list(dict.fromkeys(value for partner in partners for value in found.by_column.get(partner, ())))


def _kind(column: Column, values: Sequence[object], is_date: bool) -> str:
    kind = next((kind for part, kind in KINDS if part in column.type.upper()), "text")
    if kind not in ("text", "decimal") or "DECIMAL" in column.type.upper():
        return kind
    texts = [value for value in values if isinstance(value, str)]
    if any(map(MOMENT.match, texts)):
        return "moment"
    if is_date or any(map(DATE.match, texts)) or (DATE_NAME.search(column.name.lower()) and not texts):
        return "date"
    return kind


def _nearby_values(kind: str, compared: Sequence[object], unattached: Sequence[object]) -> list[object]:
    """The compared values and their neighbours, as values of `kind`."""
    if kind in ("date", "moment"):
        return _nearby_days(compared)
    if kind == "text":
        return [near for value in compared if isinstance(value, str) for near in _nearby_texts(value)]
    if kind in ("integer", "real", "decimal"):
        numbers = [value for value in [*compared, *unattached] if isinstance(value, (int, float))]
        return [near for number in numbers for near in _nearby_numbers(number, kind)]
    return []


def _nearby_numbers(number: int | float, kind: str) -> list[object]:
    if kind == "integer":
        return [int(number), int(number) + 1, int(number) - 1]
    step = 1 if isinstance(number, int) else 0.01
    return [round(number, 6), round(number + step, 6), round(number - step, 6)]


def _nearby_texts(text: str) -> list[str]:
    core = text.strip("%*").replace("_", "x").replace("%", "y")
    near = [core, core.swapcase(), core + "x"]
    return [*near, "x" + core] if "%" in text or "*" in text else near


def _nearby_days(compared: Sequence[object]) -> list[object]:
    """The dates compared with and the days next to them; numbers of days are counted from each date."""
    texts = [value.strip("%") for value in compared if isinstance(value, str)]
    days = [day for text in texts for day in _boundaries(text)]
    moments = [text for text in texts if MOMENT.match(text)]
    spans = [abs(value) for value in compared if isinstance(value, int) and 0 < abs(value) < 1000]
    days += [day for value in compared if isinstance(value, int) for day in _boundaries(str(value))]
    # Without a date to count from, only the distance of two columns matters: one direction will do.
    start, directions = (days[0], (1, -1)) if days else ("2024-03-01", (1,))
    steps = [sign * span + near for span in spans for sign in directions for near in (0, 1, -1)]
    days += [_shift_day(start, step) for step in steps]
    days += [start] if spans else []
    return [*moments, *days]


def _boundaries(text: str) -> list[str]:
    """The days on which the answer changes when a date is compared with `text`: a day, a month or a year."""
    if DATE.match(text):
        return [text[:10], _shift_day(text, -1), _shift_day(text, 1)]
    period = YEAR_OR_MONTH.match(text.rstrip("-"))
    if not period or not 1000 < int(period[1]) < 3000:
        return []
    year, month = int(period[1]), int(period[2] or 1)
    first = f"{year}-{month:02}-01"
    last = _shift_day(f"{year + month // 12}-{month % 12 + 1:02}-01", -1) if period[2] else f"{year}-12-31"
    return [first, _shift_day(first, -1), last, _shift_day(last, 1)]


def _shift_day(day: str, days: int) -> str:
    try:
        return str(datetime.date.fromisoformat(day[:10]) + datetime.timedelta(days))
    except (ValueError, OverflowError):
        return day


def _default_values(kind: str, example_values: Sequence[object], compared: bool) -> Sequence[object]:
    """Values for want of better ones: fewer where a column is compared with literals."""
    known = [value for value in dict.fromkeys(example_values) if value is not None][:3]
    usual = {
        "text": NAMES,
        "date": DATES,
        "moment": DATES,
        "decimal": (0, 0.5, 2, 3),
        "blob": (b"", b"\x00", b"a"),
    }
    values = [*known, *(usual | NUMBERS)[kind]] if kind in ("text", "date") else (usual | NUMBERS)[kind]
    if kind == "text" and compared:
        return [*known[:1], "", "Ann"]
    return values[:2] if compared and kind != "boolean" else values


def _as_stored(value: object, kind: str, declared: str, engine: str) -> object:
    """`value` as the engine stores it: SQLite keeps dates as text, DuckDB has types of its own for them."""
    if kind == "moment" and isinstance(value, str) and len(value) == 10:
        value += " 00:00:00"
    if engine == "SQLite" or not isinstance(value, (str, int, float)):
        return value
    if kind == "date" and "DATE" in declared:
        return datetime.date.fromisoformat(str(value))
    if kind == "moment" and "TIME" in declared:
        return datetime.datetime.fromisoformat(str(value))
    if kind == "boolean":
        return bool(value)
    return Decimal(str(value)) if kind == "decimal" else value
