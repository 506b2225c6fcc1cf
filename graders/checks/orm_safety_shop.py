"""The demonstrations of the lesson on mappers: a function is run on a scratch bookshop, and what was sent is shown."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from graders.datasets import bookshop_reviews
from graders.techniques.attacks import Seen
from graders.techniques.orms.in_box import as_lists, seen_in

CLERK = "Ines Costa"
LONGEST = 400


def run(mapper: str, function: Any, *arguments: Any, secret: str = "") -> Seen:
    """One call of a Python function of a demonstration through `mapper`, on a bookshop of its own."""
    module = import_module(f"graders.techniques.orms.shop_{mapper.lower()}")
    data = as_lists(bookshop_reviews.data(1, secret))
    return seen_in(module.call(function, bookshop_reviews.SCHEMA, data, list(arguments)))


def show(mapper: str, function: Any, *arguments: Any, secret: str = "") -> None:
    """Print what a call gave and every statement that reached the driver."""
    tell(run(mapper, function, *arguments, secret=secret), arguments)


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
