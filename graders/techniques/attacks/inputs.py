"""What strangers send to a function: the places where it goes in, what honest people send there, and hostile inputs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

from graders.sql import Unreadable
from graders.sql.parsing import parse

Rows = Sequence[tuple[Any, ...]]
Data = Mapping[str, Rows]
Kind = Literal["text", "pattern", "number", "identifier", "stored"]
MAX_COLUMNS = 7
MAX_CUT = 100
QUOTES = (
    *("' OR '1'='1", "' OR 1=1 -- ", "' OR 1=1 /*", "') OR ('1'='1", "')) OR 1=1 -- ", '" OR "1"="1', '" OR 1=1 -- '),
    *("' AND '1'='2", "'||'", "'; DELETE FROM books; -- ", "x'; UPDATE members SET role = 'clerk'; -- "),
    *("'", "''", "O''Brien"),
)
# What another engine takes for an escape, and what a careless filter makes a quote of.
ESCAPES = ("\\", "\\' OR 1=1 -- ", "\\'", "$$", "''' OR 1=1 -- ", "' O/**/R 1=1 -- ", "' oR 1=1 -- ", "' OORR 1=1 -- ")
# Harmless text that block-lists refuse and that formatting trips over.
HARMLESS = (
    *("--", "/*", "*/", ";", "?", ":name", "@name", "$1", "%s", "%(x)s", "{0}"),
    *("NULL", "SELECT", "DROP TABLE books", "x=x"),
)
WILDCARDS = ("%", "_", "%%", "a%", "_'", "\\%", "!%", "!_", "[a-z]", "*", "^", "#%", "|%")
UNICODE = ("ʼ OR 1=1 -- ", "＇ OR 1=1 -- ", "’", "\u202e' OR 1=1 -- ", "é", "İ", "𝒮")
# What a careless program trims, cuts or folds.
WHOLE = (" ", " both ends ", "\ttab", "line\n", "two  blanks", "A to Z " * 50)
NUL = ("\0", "O\0Brien", "\0' OR 1=1 -- ", "' OR 1=1 -- \0")
# A NUL stands before the digits: behind them, newer SQLites read the number alone, and older ones a text.
NUMBERS = (
    *("1 OR 1=1", "0 OR 1", "1) OR (1=1", "1 -- ", "1; DELETE FROM books", "1 OR book_id > 0", "-1 OR 1=1"),
    *("1/**/OR/**/1", "1 UNION SELECT 1", "' OR 1=1 -- ", "book_id", "1 AND 1=2", "CASE WHEN 1 THEN 1 END"),
    *("(SELECT 1)", "\x001", "1e0 OR 1", " 990", "990\n", "+990", "1_000", "-1"),
)
IDENTIFIERS = (
    *("1", "title --", "title;", "title, price", "title DESC --", "title COLLATE NOCASE", "(SELECT title)", "random()"),
    *("CASE WHEN 1 THEN title ELSE price END", "rowid", '"title"', "'title'", "title\0", "nowhere", "?", "NULL", ""),
    *("\u200btitle", "title; DROP TABLE books", "price * -1", "(SELECT password FROM members LIMIT 1)", "tіtle"),
)
TEXT = (*QUOTES, *ESCAPES, *HARMLESS, *WILDCARDS, *UNICODE, *WHOLE, *NUL)
CORPUS: dict[Kind, tuple[str, ...]] = {
    "text": TEXT,
    "pattern": TEXT,
    "number": NUMBERS,
    "identifier": IDENTIFIERS,
    "stored": TEXT,
}


def _alone(value: Any) -> tuple[Any, ...]:
    return (value,)


def _nothing(data: Data) -> Sequence[Any]:
    return ()


@dataclass(frozen=True)
class InjectionPoint:
    """A value that comes from a stranger."""

    name: str
    """What the value is, in the words of reports."""
    kind: Kind
    """What it is to the statement: a "pattern" is looked for inside texts, "stored" text comes from the database."""
    honest: tuple[Any, ...]
    """What honest people send."""
    arguments: Callable[[Any], tuple[Any, ...]] = _alone
    """Makes of the value the arguments of a call."""
    plant: Callable[[Data, Any], Data] | None = None
    """Puts the value into the data first: stored text is read there, and honest people may be called like an attack."""
    hostile: tuple[str, ...] = ()
    """Inputs that are hostile to this function alone, beside those that every point of this kind is sent."""
    draw_honest: Callable[[Data], Sequence[Any]] = _nothing
    """Gives what honest people send besides, such as names that only these data have."""
    takes_nul: bool = True
    """Whether a NUL can be sent; a pattern of SQLite's LIKE is read up to the first one only."""
    is_probed: bool = True
    """Whether the corpus of its kind is sent, and not its own hostile inputs alone."""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(
                f"`{self.name}` is of the kind {self.kind!r}; it must be one of {', '.join(get_args(Kind))}."
            )

    def is_planted(self, value: Any) -> bool:
        """Whether the data contain `value` when it is sent."""
        return self.plant is not None and (self.kind == "stored" or value not in self.honest)

    def corpus(self) -> tuple[str, ...]:
        """The hostile inputs of this point and of its kind."""
        common = (*CORPUS[self.kind], *near_values(self)) if self.is_probed else ()
        nul = self.takes_nul and self.kind != "pattern"
        return tuple(value for value in (*self.hostile, *common) if nul or "\0" not in value)

    def data_with(self, value: Any, data: Data) -> Data:
        """The data on which `value` is sent."""
        return self.plant(data, value) if self.plant and self.is_planted(value) else data


def plant_row(table: str, row: Mapping[str, Any], column: str) -> Callable[[Data, Any], Data]:
    """Give the `plant` of a point whose value is looked for in `column`: `row` in `table`, with the value there.

    Where a careless program would find more, a row that must not be found stands beside it, with the next number in the
    first column.
    """
    key, number = next(iter(row.items()))

    def plant(data: Data, value: Any) -> Data:
        rows = [{**row, column: value}]
        if decoy := _decoy(str(value)):
            rows.append({**row, key: number + 1, column: decoy})
        return {**data, table: [*data[table], *(tuple(one.values()) for one in rows)]}

    return plant


def _decoy(value: str) -> str:
    """What `value` finds as well if its wildcards are taken for any letter, or if it is cut; empty if nothing is."""
    if set(value) & set("%_"):
        return value.replace("%", "x").replace("_", "x")
    return value[:-1] if len(value) > MAX_CUT else ""


def near_values(point: InjectionPoint) -> list[str]:
    """What is nearly something that honest people send, and is not it."""
    if point.kind == "identifier":
        return near_names(point.honest)
    texts = [value for value in point.honest if isinstance(value, str) and value]
    return near_texts(texts[0]) if texts and point.plant else []


def near_names(names: Sequence[str]) -> list[str]:
    """What is nearly one of `names`, or several of them: for lists of names that are searched as text."""
    signs = [part for name in names for part in (f"{name},", f"{name}\n", f"-{name}", f"{name}-")]
    parts = [part for name in names for part in (name[:-1], name[1:], *near_texts(name))]
    pairs = [f"{one}, {other}" for one, other in pairwise(names)]
    return [one for one in dict.fromkeys([*pairs, *parts, *signs]) if one not in names]


def near_texts(text: str) -> list[str]:
    """What becomes `text` if blanks are stripped, or if capitals and small letters are taken for the same."""
    return [f"{text} ", f" {text}", text.swapcase()]


def harmless_twin(value: str) -> str:
    """Harmless text of the same shape: as many words, as long, letters where `value` has signs.

    A function that writes a condition for each word writes as many for the twin.
    """
    return "".join(sign if sign.isalnum() or sign.isspace() else "x" for sign in value)


def make_marker(kind: Kind, rng: random.Random) -> str:
    """A word, or for a number a number, that no honest statement contains; it is new each time."""
    digits = str(rng.randrange(1_000_000, 10_000_000))
    return digits if kind == "number" else f"zqxj{digits}"


def grow_inputs(statement: str, marker: str, secrets: Sequence[tuple[str, str]], engine: str) -> Iterator[str]:
    """Inputs that would turn `statement`, which contains `marker`, into one that reads `secrets` or gives all rows.

    `secrets` are pairs of table and column. The closing quote and brackets are those that are open at the marker.
    """
    before = statement[: statement.casefold().index(marker.casefold())]
    close = _open_quote(before) + ")" * max(0, before.count("(") - before.count(")"))
    for table, column in secrets:
        for width in _union_widths(statement, engine):
            yield f"{marker}{close} UNION SELECT {', '.join([column] * width)} FROM {table} -- "
        yield f"(SELECT {column} FROM {table} LIMIT 1)"
    yield f"{marker}{close} OR 1=1 -- "
    yield f"{marker}{close}; DELETE FROM {secrets[0][0]} -- " if secrets else f"{marker}{close}; SELECT 1 -- "


def _open_quote(before: str) -> str:
    """The quote that is open at the end of `before`, or nothing."""
    quote = ""
    for sign in before:
        if quote and sign == quote:
            quote = ""
        elif not quote and sign in "'\"`":
            quote = sign
    return quote


def _union_widths(statement: str, engine: str) -> Sequence[int]:
    """How many columns a UNION would need: what the statement says, or else every small number."""
    try:
        tree = parse(statement, engine)
    except Unreadable:
        return range(1, MAX_COLUMNS + 1)
    columns = getattr(tree, "selects", [])
    return [len(columns)] if columns and not tree.is_star else range(1, MAX_COLUMNS + 1)
