"""The demonstrations of the lesson on mappers: a function is run on a scratch bookshop, and what was sent is shown."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from course_data import bookshop_reviews
from graders.checks.orm_safety.mappers import HIBERNATE, SEQUELIZE, Mapper, as_lists, opened, seen_in
from graders.sandbox.runtimes.runtimes import why_missing
from graders.techniques.attacks import Seen

__all__ = ["HIBERNATE", "SEQUELIZE", "run", "run_source", "show", "show_source", "why_missing"]

LONGEST = 400


def run(mapper: str, function: Any, *arguments: Any, secret: str = "") -> Seen:
    """One call of a Python function of a demonstration through `mapper`, on a bookshop of its own."""
    module = import_module(f"graders.checks.orm_safety.in_sandbox.shop_{mapper.lower()}")
    data = as_lists(bookshop_reviews.data(1, secret))
    return seen_in(module.call(function, bookshop_reviews.SCHEMA, data, list(arguments)))


def show(mapper: str, function: Any, *arguments: Any, secret: str = "") -> None:
    """Print what a call gave and every statement that reached the driver."""
    tell(run(mapper, function, *arguments, secret=secret), arguments)


def run_source(mapper: Mapper, source: str, name: str, *arguments: Any, secret: str = "") -> Seen:
    """One call of a function of another language through `mapper`; its runtime must be here."""
    data = bookshop_reviews.data(1, secret)
    with opened("\n" + source.strip("\n"), name, bookshop_reviews.SCHEMA, mapper) as subject:
        return subject(data, arguments)


def show_source(mapper: Mapper, source: str, name: str, *sent: Any) -> None:
    """Print what the function `name` gives for each text sent to it; without its runtime, say what would run."""
    if reason := why_missing(mapper.language):
        print(f"Not run: {reason} This would run, for {', '.join(map(repr, sent))}:\n{source}")
        return
    data = bookshop_reviews.data(1)
    with opened("\n" + source.strip("\n"), name, bookshop_reviews.SCHEMA, mapper) as subject:
        for one in sent:
            tell(subject(data, (one,)), (one,))


def tell(seen: Seen, arguments: tuple) -> None:
    """Print what was sent to a page, what it gave, and every statement that reached the driver."""
    print("sent to the page:", *map(repr, arguments))
    print("it gives:        ", _cut(seen.raised or repr(seen.value)))
    for one in seen.sent:
        print("statement:       ", _cut(" ".join(one.statement.split())))
        print("parameters:      ", _cut(repr(one.parameters)))
    print()


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST else words[:LONGEST] + "…"
