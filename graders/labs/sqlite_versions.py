"""Makes SQLite's labs alike from version 3.40 on: what only newer ones know is added to old ones, or refused by all."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from graders.sql import Kind, tokenize

OLDEST = (3, 40)
# Since 3.53. Source: https://www.sqlite.org/lang_altertable.html
CHANGES_IN_PLACE = {("ALTER",), ("ADD", "CONSTRAINT"), ("ADD", "CHECK"), ("DROP", "CONSTRAINT")}
NO_CHANGE = "SQLite before 3.53 cannot change a column or a constraint in place, and no lab of this course does"
# Since 3.44. Source: https://www.sqlite.org/lang_aggfunc.html
NO_ORDER = "SQLite before 3.44 has no ORDER BY inside an aggregate, and no lab of this course has"
NO_FUNCTION = {"OVER", "AS", "IN", "EXISTS", "FROM", "JOIN", "MATERIALIZED"}
BEGINS_A_QUERY = {"SELECT", "WITH", "VALUES", "("}
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I)


def why_too_old() -> str:
    """Why marks on this SQLite may be others than elsewhere, in a sentence; empty if they are not."""
    if sqlite3.sqlite_version_info >= OLDEST:
        return ""
    return f"SQLite {sqlite3.sqlite_version} is older than {OLDEST[0]}.{OLDEST[1]}, from which on marks are the same."


@lru_cache(maxsize=1024)
def find_newer_syntax(statement: str) -> str:
    """Why no lab runs `statement`, although newer SQLites would; empty if there is no reason."""
    if not re.search(r"\b(ALTER|ORDER)\b", statement, re.I):
        return ""
    words = [token.text.upper() for token in tokenize(statement, "SQLite") if token.kind is not Kind.COMMENT]
    if _changes_in_place(words):
        return NO_CHANGE
    return NO_ORDER if _orders_an_aggregate(words) else ""


def _changes_in_place(words: Sequence[str]) -> bool:
    action = words[5:] if words[3:4] == ["."] else words[3:]
    return words[:2] == ["ALTER", "TABLE"] and bool({tuple(action[:1]), tuple(action[:2])} & CHANGES_IN_PLACE)


def _orders_an_aggregate(words: Sequence[str]) -> bool:
    """Whether ORDER stands between the brackets of a function."""
    is_function: list[bool] = []
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word == "(":
            named = before[:1].isalpha() and before not in NO_FUNCTION
            is_function.append(named and after not in BEGINS_A_QUERY)
        elif word == ")" and is_function:
            is_function.pop()
        elif word == "ORDER" and after == "BY" and is_function and is_function[-1]:
            return True
    return False


def add_newer_functions(connection: sqlite3.Connection) -> None:
    """Give `connection` the functions that SQLite has had since 3.40: concat, string_agg and others."""
    if sqlite3.sqlite_version_info >= (3, 48):
        return
    for name, arguments, function in FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
    connection.create_aggregate("string_agg", 2, StringAggregate)  # type: ignore[arg-type]


def _text(value: Any) -> str:
    """`value` as SQLite casts it to a text."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if not isinstance(value, float):
        return str(value)
    digits, exponent, power = f"{value:.15g}".partition("e")
    return f"{digits if '.' in digits else digits + '.0'}{exponent}{power}"


def _concat(*values: Any) -> str:
    return "".join(_text(value) for value in values if value is not None)


def _concat_with_separator(separator: Any, *values: Any) -> str | None:
    if separator is None:
        return None
    return _text(separator).join(_text(value) for value in values if value is not None)


def _octet_length(value: Any) -> int | None:
    if value is None:
        return None
    return len(value) if isinstance(value, bytes) else len(_text(value).encode())


def _if(condition: Any, then: Any, otherwise: Any = None) -> Any:
    if isinstance(condition, (str, bytes)):
        number = NUMBER.match(_text(condition))
        condition = float(number[0]) if number else 0
    return then if condition else otherwise


class StringAggregate:
    """The aggregate string_agg(value, separator)."""

    def __init__(self) -> None:
        self._text: str | None = None

    def step(self, value: Any, separator: Any) -> None:
        if value is not None:
            before = "" if self._text is None else self._text + _concat(separator)
            self._text = before + _text(value)

    def finalize(self) -> str | None:
        return self._text


FUNCTIONS: tuple[tuple[str, int, Callable[..., Any]], ...] = (
    ("concat", -1, _concat),
    ("concat_ws", -1, _concat_with_separator),
    ("octet_length", 1, _octet_length),
    ("iif", 2, _if),
    ("if", 2, _if),
    ("if", 3, _if),
)
