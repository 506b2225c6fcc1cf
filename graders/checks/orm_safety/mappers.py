"""A function that works through a mapper as the subject of attacks: the engine and the function share a box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graders.kernel.report import Mismatch
from graders.sandbox import Bounds, Box, BoxedFunction
from graders.sandbox.runtimes.runtimes import runtime
from graders.techniques.attacks import Behaviour, Data, Seen, Sent

HERE = Path(__file__).parent / "in_sandbox"
MOST_SENT, MOST_CHARACTERS = 300, 200_000
# What we define ourselves, and what it imports, is no work of the function's.
OUR_OWN = Bounds()
BESIDE = """
import types as _types
_shop = _types.ModuleType("_shop")
exec(compile({text!r}, "<the shop>", "exec"), _shop.__dict__)
def _shop_call(name, *given):
    return _shop.call(globals()[name], *given)
"""


@dataclass(frozen=True)
class Mapper:
    """A mapper: its name, its engine, what a function is handed before its arguments, and what runs beside it.

    `beside` is the file that is defined in the box beside a Python function; the runtime of another `language` has
    its own, which is started with it, and none here.
    """

    name: str
    engine: str
    handed: tuple[str, ...]
    beside: str = ""
    language: str = "python"


SQLALCHEMY = Mapper("SQLAlchemy", "SQLite", ("session", "Book"), "shop_sqlalchemy.py")
DJANGO = Mapper("Django", "SQLite", ("Book",), "shop_django.py")
SEQUELIZE = Mapper("Sequelize", "SQLite", ("{ sequelize, Book, Op, QueryTypes }",), language="javascript")
HIBERNATE = Mapper("Hibernate", "H2", ("em",), language="java")


class InBox:
    """A boxed function and the mapper that it works through, on databases made of `schema`; use it in a `with`."""

    def __init__(self, function: BoxedFunction, schema: str, mapper: Mapper):
        self.function, self.schema, self.mapper = function, schema, mapper
        self.engine = mapper.engine
        self._run = function.box.define(_beside(mapper.beside), "_shop_call", OUR_OWN) if mapper.beside else None

    def __call__(self, data: Data, arguments: tuple[Any, ...]) -> Seen:
        given = (self.schema, as_lists(data), list(arguments))
        try:
            told = self._run(self.function.name, *given) if self._run else self.function(*given)
            return seen_in(told)
        except Mismatch as mismatch:
            return Seen(raised=mismatch.found)

    def said(self, arguments: tuple[Any, ...]) -> str:
        """The call as its author would write it."""
        words = ", ".join([*self.mapper.handed, *map(repr, arguments)])
        return f"`{self.function.name}({words if len(words) <= 160 else words[:160] + '…'})`"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Nothing is left to close: the database goes with the box."""


@cache
def _beside(file: str) -> str:
    return BESIDE.format(text=(HERE / file).read_text(encoding="utf-8"))


def as_lists(data: Data) -> list[list[Any]]:
    """The tables' rows as every runtime can read them."""
    return [[table, [list(row) for row in rows]] for table, rows in data.items()]


def seen_in(told: Any) -> Seen:
    """What a box told of one call; in there it may have been forged, so raise `Mismatch` if it cannot be read."""
    try:
        value, raised, sent, after = told
        statements = tuple(Sent(str(statement), _parameters(given), str(code)) for statement, given, code in sent)
        left = {str(table): [tuple(row) for row in rows] for table, rows in after}
    except (TypeError, ValueError):
        raise Mismatch("the shop to tell what happened", "something unreadable") from None
    if len(statements) > MOST_SENT or sum(len(one.statement) for one in statements) > MOST_CHARACTERS:
        raise Mismatch(f"at most {MOST_SENT} statements of ordinary size in a call", f"{len(statements):,} statements")
    return Seen(value, str(raised), statements, left)


def _parameters(given: Any) -> Any:
    return given if isinstance(given, dict) else tuple(given)


def through(mapper: Mapper):
    """What opens a function that works through `mapper` as the subject of `attacks_asked`."""

    def opened(function: BoxedFunction, behaviour: Behaviour) -> InBox:
        return InBox(function, behaviour.schema, mapper)

    return opened


def statements_of(
    function: BoxedFunction, mapper: Mapper, schema: str, data: Data, arguments: Sequence[Any] = ()
) -> Seen:
    """What one call of `function` on `data` gave, and the statements that reached the driver."""
    with InBox(function, schema, mapper) as subject:
        return subject(data, tuple(arguments))


@contextmanager
def opened(source: str, name: str, schema: str, mapper: Mapper) -> Iterator[InBox]:
    """A function of a lesson's own as a subject, in a box without a wall; raise `Mismatch` if it does not run."""
    program = None if mapper.language == "python" else runtime(mapper.language)
    with (
        Box(bounds=Bounds(work=15, in_all=45), runtime=program) as box,
        InBox(box.define(source, name), schema, mapper) as subject,
    ):
        yield subject
