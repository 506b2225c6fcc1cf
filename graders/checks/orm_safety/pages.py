"""What the pages of the lesson on mappers are for, said without any mapper: the behaviours that all four must have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from course_data import bookshop_reviews
from graders.techniques.attacks import REFUSED, Behaviour, Data, OrRefused, Slot, found_by

COLUMNS = ("book_id", "title", "author", "shelf", "price", "note")
BOOK = {"book_id": 4711, "title": "A Find", "author": "Ann Found", "shelf": 2, "price": 4711, "note": None}
SECRETS = (("members", "password"),)
SORTABLE = ("title", "price")
FILTERED = ("title", "author", "shelf")
AUTHORS = ("Jane Austen", "Pia O'Neill", "Max % Power", "Rui Sá", "川端康成", "nobody", "")
WORDS = ("Emma", "e", "Finnegan's", "100%", "_No_", "\\", "雪国", "🦊", "Drop Table, Select", "; or,", "", "zzz")
TITLES = ("Emma", "雪国", "emma", "")
SHELVES = (1, 2, 3, 0, -1)
BEYOND = ("author__startswith", "reviews__member__password__startswith", "reviews.member.password", "note", "price")
STRANGE = (*BEYOND, "book_id", "pk", "reviews", "metadata", "_connector", "_negated", "note DESC", "shelf", "$reviews$")


def books(data: Data) -> list[dict[str, Any]]:
    """The rows of `books` by column."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in data["books"]]


def shown(found: list[dict[str, Any]]) -> list[tuple]:
    """Books as the pages show them."""
    return [(book["title"], book["price"]) for book in found]


def lower(text: str) -> str:
    """`text` with the capitals A to Z made small, and no others: what SQLite's LIKE takes for the same."""
    return "".join(sign.lower() if "A" <= sign <= "Z" else sign for sign in text)


def _by_author(data: Data, author: str) -> Any:
    return shown([book for book in books(data) if book["author"] == author])


def _search(data: Data, words: str) -> Any:
    return shown([book for book in books(data) if lower(words) in lower(book["title"])])


def _listing(data: Data, column: str, direction: str) -> Any:
    if column not in SORTABLE or direction not in ("asc", "desc"):
        return REFUSED
    return shown(sorted(books(data), key=lambda book: book[column], reverse=direction == "desc"))


def _found(data: Data, filters: dict[str, Any]) -> Any:
    if not set(filters) <= set(FILTERED):
        return REFUSED
    kept = [book for book in books(data) if all(_same(book[name], value) for name, value in filters.items())]
    return OrRefused(shown(kept)) if isinstance(filters.get("shelf"), str) else shown(kept)


def _same(stored: Any, asked: Any) -> bool:
    return type(stored) is type(asked) and stored == asked


def _catalogue(data: Data, filters: dict[str, Any], order: str) -> Any:
    column = order.removeprefix("-")
    if column not in SORTABLE or not set(filters) <= set(FILTERED):
        return REFUSED
    known = [book for book in books(data) if all(_same(book[name], value) for name, value in filters.items())]
    found = shown(sorted(known, key=lambda book: book[column], reverse=order.startswith("-")))
    return OrRefused(found) if isinstance(filters.get("shelf"), str) else found


def _value(column: str, honest: tuple[str, ...], into: Callable[[Any], tuple[Any, ...]]) -> Slot:
    """A value that books must have in `column`."""
    return Slot(column, "text", honest, into, plant=found_by("books", BOOK, column, honest))


def _behaviour(slots: tuple[Slot, ...], expects: Any, **more: Any) -> Behaviour:
    return Behaviour(bookshop_reviews.SCHEMA, bookshop_reviews.data, slots, expects, secrets=SECRETS, **more)


BY_AUTHOR = _behaviour((_value("author", AUTHORS, lambda author: (author,)),), _by_author)
SEARCH = _behaviour((Slot("words", "pattern", WORDS, plant=found_by("books", BOOK, "title", WORDS)),), _search)
LISTING = _behaviour(
    (
        Slot("column", "identifier", SORTABLE, lambda column: (column, "asc"), hostile=STRANGE),
        Slot("direction", "identifier", ("asc", "desc"), lambda direction: ("price", direction)),
    ),
    _listing,
    ordered=True,
    further=(("title", "desc"),),
)
FOUND = _behaviour(
    (
        _value("author", AUTHORS, lambda author: ({"author": author},)),
        _value("title", TITLES, lambda title: ({"title": title},)),
        Slot("shelf", "number", SHELVES, lambda shelf: ({"shelf": shelf},)),
        Slot("key", "identifier", ("title", "author"), lambda key: ({key: "Emma"},), hostile=STRANGE[:-4]),
    ),
    _found,
    further=(
        ({},),
        ({"shelf": 3},),
        ({"title": "雪国", "author": "川端康成"},),
        ({"shelf": 1, "author": "Jane Austen"},),
    ),
)
CATALOGUE = _behaviour(
    (
        _value("author", AUTHORS, lambda author: ({"author": author}, "title")),
        _value("title", TITLES, lambda title: ({"title": title}, "-price")),
        Slot("shelf", "number", SHELVES, lambda shelf: ({"shelf": shelf}, "price")),
        Slot("key", "identifier", ("title", "author"), lambda key: ({key: "Emma"}, "title"), hostile=STRANGE[:-4]),
        Slot(
            "order", "identifier", (*SORTABLE, "-title", "-price"), lambda order: ({"shelf": 2}, order), hostile=STRANGE
        ),
    ),
    _catalogue,
    ordered=True,
    further=(({}, "price"), ({}, "-title"), ({"shelf": 3, "author": "Rui Sá"}, "-price")),
)


def in_other(behaviour: Behaviour, engine: str) -> Behaviour:
    """The same behaviour in another language on `engine`: no NUL, which ends a statement that holds its values.

    No number either: what a text becomes where a number is due differs from language to language.
    """
    kept = (slot for slot in behaviour.slots if slot.kind != "number")
    slots = (replace(slot, kind="pattern" if slot.kind == "text" else slot.kind) for slot in kept)
    return replace(behaviour, engine=engine, slots=tuple(slots))
