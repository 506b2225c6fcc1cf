"""Makes values, rows and texts that answers can produce, of every kind that the engines and Python give."""

from __future__ import annotations

import datetime
import random
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

TEXTS = (
    "", " ", "NULL", "it's", "\0", "a\0b", "\ud800", "x\udfff", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\u202egnitirw",
    "\u2066\u200b\ufeff", "\r\n", "\n" * 50, "\t", "\x85\u2028\u2029", "<script>alert(1)</script>", "</svg><img src=x>",
    "$x$ `code` **b**", "=HYPERLINK(1)", "-1+1", "é" * 90, "e" + "\u0301" * 300, "👩‍👩‍👧", "名前" * 60, "%s {0} \\N", "\\ud800",
    "\U0010ffff", "\x7f\x80", "a,b;c\"d'", "x" * 5_000,
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 2**31, 2**63 - 1, -(2**63), 2**127, 10**400, 10**4_000, 10**5_000, True, False, 0.1, -0.0, 1e308, 5e-324,
    float("nan"), float("inf"), float("-inf"), Decimal("1.50"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"),
    Decimal("1E+999999"), Decimal("-0"), Decimal("1E-400"), Decimal("9" * 5_000),
)  # fmt: skip
TIMES = (
    datetime.date.min, datetime.date.max, datetime.datetime.min, datetime.datetime.max, datetime.time(0, 0),
    datetime.time(23, 59, 59, 999_999, datetime.timezone(datetime.timedelta(hours=14))), datetime.timedelta.max,
    datetime.timedelta.min, datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
)  # fmt: skip
OTHERS = (None, b"", b"\xff\x00", bytearray(b"\xfe"), b"x" * 5_000, uuid.UUID(int=1), 1j, ..., object(), int, len)


class Broken:
    """An object that can be neither written nor compared nor counted."""

    def __repr__(self):
        raise RuntimeError("no words")

    __str__ = __hash__ = __eq__ = __lt__ = __len__ = __iter__ = __repr__


def python_value(rng: random.Random, depth: int = 0) -> Any:
    """A value that a student's function could give; now and then nested, wide, deep or giant."""
    kind = rng.random()
    if kind < 0.01 and depth == 0:
        return rng.choice(GIANTS)(rng)
    if kind < 0.55 or depth > 3:
        return rng.choice(rng.choice((TEXTS, NUMBERS, TIMES, OTHERS, (Broken(),))))
    items = [python_value(rng, depth + 1) for _ in range(rng.randint(0, 4))]
    return rng.choice(COLLECTIONS)(items)


def _nested(rng: random.Random) -> Any:
    value: Any = None
    for _ in range(rng.choice((29, 39, 41, 484, 20_000))):
        value = rng.choice(([value], (value,), {"k": value}))
    return value


def _as_set(items: list) -> Any:
    return {item for item in items if type(item) in (str, int, float, bytes, bool, type(None))}


COLLECTIONS: tuple[Callable[[list], Any], ...] = (
    list,
    tuple,
    _as_set,
    lambda items: frozenset(_as_set(items)),
    lambda items: dict(enumerate(items)),
    lambda items: {f"k{place}\0": item for place, item in enumerate(items)},
    lambda items: [tuple(items)] * 3,
    lambda items: [tuple(items), ()],
)
GIANTS: tuple[Callable[[random.Random], Any], ...] = (
    _nested,
    lambda rng: "\ud800x" * 200_000,
    lambda rng: b"\xff" * 300_000,
    lambda rng: [tuple(range(2_000))] * 3,
    lambda rng: list(range(20_000)),
    lambda rng: [(place,) for place in range(3_000)],
    lambda rng: dict.fromkeys(range(3000)),
)

SQL = {
    "SQLite": (
        "NULL", "1", "-9223372036854775808", "9e999", "-9e999", "0.1", "''", "'it''s'", "x''", "x'ff00'", "CAST(x'ff' AS TEXT)",
        "char(0)", "'a'||char(0)||'b'", "char(55296)", "char(27)||'[31m'", "char(8238)", "hex(zeroblob(3000))", "zeroblob(9)",
        "date('now')", "json('[1]')", "printf('%.*c', 400000, 'x')", "randomblob(4)", "1e308*10", "char(10,13,9)",
    ),
    "DuckDB": (
        "NULL", "true", "170141183460469231731687303715884105727::HUGEINT", "340282366920938463463374607431768211455::UHUGEINT",
        "INTERVAL 1 MONTH", "INTERVAL 999999999 MONTH", "[1, NULL]", "[[1], []]", "{'a': 1, 'b': [2]}", "MAP{'a': 1}", "MAP{[1]: 2}",
        "MAP{1.5: NULL}", "1::VARIANT", "{'a': [1]}::VARIANT", "'101'::BIT", "uuid()", "'12:00:00+02'::TIMETZ", "'24:00:00'::TIME",
        "'infinity'::DATE", "'-infinity'::TIMESTAMP", "'infinity'::TIMESTAMPTZ", "'290000-01-01'::DATE", "'\\xAA'::BLOB",
        "'nan'::DOUBLE", "'-inf'::FLOAT", "1.5::DECIMAL(38, 10)", "repeat('9', 5000)::BIGNUM", "'x'::ENUM('x')",
        "union_value(k := 1)", "[1, 2]::INTEGER[2]", "chr(0)", "chr(27) || '[31m'", "chr(8238)", "repeat('x', 100000)", "row(1, 'a')",
        "range(3000)", "'[1]'::JSON", "now()", "'2000-01-01'::TIMESTAMP_S", "INTERVAL '-999999999' DAY",
        "[" * 29 + "1" + "]" * 29, "[" * 40 + "1" + "]" * 40,
    ),
    "PostgreSQL": (
        "NULL", "true", "'NaN'::numeric", "'infinity'::float8", "repeat('9', 5000)::numeric", "'infinity'::date", "'4713-01-01 BC'::date",
        "'24:00'::time", "'12:00+02'::timetz", "interval '178000000 years'", "interval '1 mon'", "'[1,2)'::int4range",
        "'{[1,2)}'::int4multirange", "B'101'", "'\\xff'::bytea", "ARRAY[[1,2],[3,4]]", "ROW(1, 'a')", "'10.0.0.1'::inet", "'(1,2)'::point",
        "'{\"a\": [1]}'::jsonb", "('[' || repeat('[', 400) || repeat(']', 400) || ']')::json", "chr(27) || '[31m'", "chr(8238)",
        "'<a/>'::xml", "gen_random_uuid()", "now()", "'1'::money", "repeat('x', 100000)", "'a'::\"char\"", "12::oid", "ARRAY[]::int[]",
    ),
}  # fmt: skip
NAMES = ("a", "A", "", " ", "it''s", "x" * 300, "\x1b[31m", "\u202e", "a\nb", "名前")


def query(rng: random.Random, engine: str) -> str:
    """A query on `engine` that gives odd values under odd names; now and then very many columns, or none."""
    width = rng.choices((1, 2, 3, 6, 500), (40, 30, 20, 9, 1))[0]
    # DuckDB takes seconds to bind many deep lists.
    kinds = [kind for kind in SQL[engine] if width < 10 or len(kind) < 60]
    columns = [f'{rng.choice(kinds)} AS "{rng.choice(NAMES) or "a"}"' for _ in range(width)]
    if engine == "PostgreSQL" and rng.random() < 0.02:
        return "SELECT"
    select = f"SELECT {', '.join(columns)}"
    rows = rng.choices(("", " UNION ALL " + select, " LIMIT 0"), (6, 3, 1))[0]
    return select + rows
