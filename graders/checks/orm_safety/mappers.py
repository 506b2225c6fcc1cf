"""Functions that work through a mapper, on scratch bookshops: as the subject of attacks, and in demonstrations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from course_data import bookshop_reviews
from graders.kernel.answers import to_mismatch
from graders.kernel.report import Mismatch
from graders.sandbox import Bounds, Sandbox, SandboxedFunction, SandboxError
from graders.sandbox.runtimes import runtime, why_missing
from graders.techniques.attacks import Behaviour, CallTrace, Data, SentStatement, format_call

HERE = Path(__file__).parent / "in_sandbox"
MAX_STATEMENTS, MAX_CHARACTERS = 300, 200_000
MAX_LINE = 400
# What we define ourselves, and what it imports, is no work of the function's.
OUR_OWN = Bounds()
GLUE = """
import types as _types
_mapper, _shop = _types.ModuleType("_mapper"), _types.ModuleType("_shop")
exec(compile({mapper!r}, "<the mapper>", "exec"), _mapper.__dict__)
exec(compile({shop!r}, "<the shop>", "exec"), _shop.__dict__)
def _call_through_mapper(name, *arguments):
    return _shop.call(_mapper, globals()[name], *arguments)
"""


@dataclass(frozen=True)
class Mapper:
    """A mapper that a student's function works through."""

    leading_arguments: tuple[str, ...]
    """What a function is handed before its arguments."""
    module: str = ""
    """The module that runs beside a Python function; the runtime of another language has a bookshop of its own."""
    language: str = "python"
    """The language of the function."""
    engine: str = "SQLite"
    """The engine that runs its statements."""


SQLALCHEMY = Mapper(("session", "Book"), "shop_sqlalchemy")
DJANGO = Mapper(("Book",), "shop_django")
SEQUELIZE = Mapper(("{ sequelize, Book, Op, QueryTypes }",), language="javascript")
HIBERNATE = Mapper(("em",), language="java", engine="H2")
IN_PYTHON = {"SQLAlchemy": SQLALCHEMY, "Django": DJANGO}


class MapperSubject:
    """A sandboxed function that works through a mapper: both are in the sandbox, and so is the engine."""

    def __init__(self, function: SandboxedFunction, schema: str, mapper: Mapper):
        self._function, self._schema, self._mapper = function, schema, mapper
        glue = _glue(mapper) if mapper.module else ""
        self._call = function.sandbox.define(glue, "_call_through_mapper", OUR_OWN) if glue else None
        self._data: Data = {}
        self._text = ""

    def __call__(self, data: Data, arguments: tuple[Any, ...]) -> CallTrace:
        call = format_call(self._function.name, self._mapper.leading_arguments, arguments)
        try:
            return _read_record(call, self._exchange(data, list(arguments)), data)
        except (Mismatch, SandboxError) as error:
            return CallTrace(call, raised=to_mismatch(error).found)

    def _exchange(self, data: Data, arguments: list[Any]) -> Any:
        if self._call is None:
            return self._function(self._schema, _to_lists(data), arguments)
        if data is not self._data:
            self._data, self._text = data, _to_text(data)
        return self._call(self._function.name, self._schema, self._text, arguments)


def _glue(mapper: Mapper) -> str:
    texts = {name: (HERE / f"{name}.py").read_text(encoding="utf-8") for name in (mapper.module, "shop")}
    return GLUE.format(mapper=texts[mapper.module], shop=texts["shop"])


def _to_lists(data: Data) -> list[list[Any]]:
    """The tables' rows as every runtime can read them."""
    return [[table, [list(row) for row in rows]] for table, rows in data.items()]


def _to_text(data: Data) -> str:
    """The tables' rows as JSON, which crosses to a sandbox at once."""
    return json.dumps(_to_lists(data), ensure_ascii=False)


def _read_record(call: str, reply: Any, data: Data) -> CallTrace:
    """What a sandbox says of one call on `data`; it may have been forged, so raise `Mismatch` if it makes no sense."""
    try:
        value, raised, sent, after = reply
        statements = tuple(SentStatement(str(text), _parameters(given), str(error)) for text, given, error in sent)
        data_after = data if after is None else {str(table): [tuple(row) for row in rows] for table, rows in after}
    except (TypeError, ValueError):
        raise Mismatch("the shop to say what happened", "something unreadable") from None
    if len(statements) > MAX_STATEMENTS or sum(len(one.text) for one in statements) > MAX_CHARACTERS:
        expected = f"at most {MAX_STATEMENTS} statements of ordinary size in a call"
        raise Mismatch(expected, f"{len(statements):,} statements")
    return CallTrace(call, value, str(raised), statements, data_after)


def _parameters(given: Any) -> Any:
    return given if isinstance(given, dict) else tuple(given)


def through(mapper: Mapper) -> Callable[[SandboxedFunction, Behaviour], AbstractContextManager[MapperSubject]]:
    """What makes a subject of a function that works through `mapper`, for an `InjectionExercise`."""
    return lambda function, behaviour: nullcontext(MapperSubject(function, behaviour.schema, mapper))


@contextmanager
def open_source(source: str, name: str, schema: str, mapper: Mapper) -> Iterator[MapperSubject]:
    """A function of the lesson's own as a subject, without isolation; raise `Mismatch` if its source does not run."""
    program = None if mapper.language == "python" else runtime(mapper.language)
    with Sandbox(bounds=Bounds(work=15, in_all=45), runtime=program) as sandbox:
        yield MapperSubject(sandbox.define(source, name), schema, mapper)


def load_shop(mapper: str) -> tuple[Any, Any]:
    """The bookshop and the models of a Python `mapper`, which in the sandbox run beside a student's function."""
    package = "graders.checks.orm_safety.in_sandbox"
    return import_module(f"{package}.shop"), import_module(f"{package}.{IN_PYTHON[mapper].module}")


def run(mapper: str, function: Callable[..., Any], *arguments: Any, secret: str = "") -> CallTrace:
    """One call of a Python function of a demonstration through `mapper`, on a bookshop of its own."""
    shop, module = load_shop(mapper)
    data = bookshop_reviews.data(1, secret)
    reply = shop.call(module, function, bookshop_reviews.SCHEMA, _to_text(data), list(arguments))
    return _read_record("", reply, data)


def show(mapper: str, function: Callable[..., Any], *arguments: Any, secret: str = "") -> None:
    """Print what a call gave and every statement that reached the driver."""
    print_record(run(mapper, function, *arguments, secret=secret), arguments)


def run_source(mapper: Mapper, source: str, name: str, *arguments: Any, secret: str = "") -> CallTrace:
    """One call of a function of another language through `mapper`; its runtime must be here."""
    with open_source("\n" + source.strip("\n"), name, bookshop_reviews.SCHEMA, mapper) as subject:
        return subject(bookshop_reviews.data(1, secret), arguments)


def show_source(mapper: Mapper, source: str, name: str, *inputs: Any) -> None:
    """Print what the function `name` gives for each of `inputs`; without its runtime, say what would run."""
    if reason := why_missing(mapper.language):
        print(f"Not run: {reason} This would run, for {', '.join(map(repr, inputs))}:\n{source}")
        return
    with open_source("\n" + source.strip("\n"), name, bookshop_reviews.SCHEMA, mapper) as subject:
        for one in inputs:
            print_record(subject(bookshop_reviews.data(1), (one,)), (one,))


def print_record(record: CallTrace, arguments: tuple[Any, ...]) -> None:
    """Print what a call was given, what it gave, and its statements with their parameters."""
    print("sent to the page:", *map(repr, arguments))
    print("it gives:        ", _cut(record.raised or repr(record.value)))
    for one in record.statements:
        print("statement:       ", _cut(" ".join(one.text.split())))
        print("parameters:      ", _cut(repr(one.parameters)))
    print()


def _cut(words: str) -> str:
    return words if len(words) <= MAX_LINE else words[:MAX_LINE] + "…"
