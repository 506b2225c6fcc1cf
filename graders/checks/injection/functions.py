"""What the functions of the lesson on injection are for, said without SQL; the attack judge does the rest."""

from __future__ import annotations

from functools import partial
from typing import Any

from course_data import bookshop
from graders.figures.statements import draw_statement
from graders.techniques.attacks import (
    ANYTHING,
    REFUSED,
    Behaviour,
    Data,
    InjectionExercise,
    InjectionPoint,
    injection_exercise,
    plant_row,
)

SORTABLE = ("title", "author", "price")
FILTERS = ("title", "author", "shelf", "price", "note")
shop_function = partial(Behaviour, bookshop.SCHEMA, bookshop.data, secrets=(("members", "password"),))
plant_book = partial(plant_row, "books", bookshop.EXTRA_BOOK)


def _search(data: Data, words: str, most: str) -> Any:
    if not (most.isascii() and most.isdigit()):
        return REFUSED
    books = bookshop.books_containing(data, words)
    return [(book["title"], book["price"]) for book in books if book["price"] <= int(most)]


injection_exercise(
    "fix-the-search",
    InjectionExercise(
        shop_function(
            points=(
                InjectionPoint(
                    "words",
                    "pattern",
                    bookshop.WORDS,
                    arguments=lambda words: (words, "5000"),
                    plant=plant_book("title"),
                ),
                InjectionPoint("most", "number", ("990", "1500", "0", "100000"), arguments=lambda most: ("e", most)),
            ),
            expects=_search,
            more_calls=(("e", "9.5"),),
            needs=frozenset({("books", "title"), ("books", "price")}),
        ),
        draw=draw_statement,
    ),
)


def _columns(books: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(book["title"], book["author"], book["price"]) for book in books]


def _listing(data: Data, column: str, direction: str) -> Any:
    if column not in SORTABLE or direction not in ("asc", "desc"):
        return REFUSED
    return _columns(bookshop.books_with(data, {}, column if direction == "asc" else f"-{column}"))


injection_exercise(
    "sortable-list",
    InjectionExercise(
        shop_function(
            points=(
                InjectionPoint("column", "identifier", SORTABLE, arguments=lambda column: (column, "asc")),
                InjectionPoint("direction", "identifier", ("asc", "desc"), arguments=lambda way: ("price", way)),
            ),
            expects=_listing,
            ordered=True,
            more_calls=(("title", "desc"), ("author", "desc")),
        ),
        draw=draw_statement,
        honest="it gives the books sorted by title, author or price, up and down",
        safe="it raises an exception for every other column and direction, and sends nothing of them to the engine",
    ),
)


def _plant_name(data: Data, name: str) -> Data:
    """The data with the member 4 called `name`."""
    members = [(row[0], name, *row[2:]) if row[0] == 4 else row for row in data["members"]]
    return {**data, "members": members}


def _change_password(data: Data, member_id: int, new: str) -> Data:
    members = [(row[0], row[1], new, row[3]) if row[0] == member_id else row for row in data["members"]]
    name = next(row[1] for row in data["members"] if row[0] == member_id)
    return {**data, "members": members, "log": [*data["log"], (f"{name} has a new password",)]}


injection_exercise(
    "fix-both-ends",
    InjectionExercise(
        shop_function(
            points=(
                InjectionPoint("new", "text", ("secret", "it's", "100%", "雪", ""), arguments=lambda new: (4, new)),
                InjectionPoint(
                    "name",
                    "stored",
                    ("Dara O'Brien", "50% Off", "川"),
                    arguments=lambda _: (4, "secret"),
                    plant=_plant_name,
                ),
            ),
            expects=lambda data, member_id, new: ANYTHING,
            leaves=_change_password,
            more_calls=((2, "secret"), (5, "other")),
        ),
        draw=draw_statement,
        honest="it changes the password of the member and of nobody else, and writes one line into the log",
        safe="no name and no new password makes its statements say anything else",
    ),
)


def _find_books(data: Data, filters: dict[str, Any], order: str) -> Any:
    if order.removeprefix("-") not in SORTABLE or not set(filters) <= set(FILTERS):
        return REFUSED
    return _columns(bookshop.books_with(data, filters, order))


def _filter(column: str, honest: tuple[str, ...]) -> InjectionPoint:
    """A value that books must have in `column`."""
    return InjectionPoint(column, "text", honest, lambda value: ({column: value}, "title"), plant_book(column))


injection_exercise(
    "filters-from-json",
    InjectionExercise(
        shop_function(
            points=(
                _filter("author", bookshop.AUTHORS),
                _filter("title", ("Emma", "雪国", "")),
                _filter("note", ("signed", "", "returned")),
                InjectionPoint(
                    "key", "identifier", ("title", "author", "note"), arguments=lambda key: ({key: "signed"}, "title")
                ),
                InjectionPoint("order", "identifier", SORTABLE, arguments=lambda order: ({"shelf": 2}, order)),
            ),
            expects=_find_books,
            ordered=True,
            more_calls=(
                ({}, "price"),
                ({"shelf": 2}, "note"),
                ({}, "-title"),
                ({"note": None}, "-price"),
                ({"shelf": 3, "note": ""}, "price"),
                ({"shelf": 3, "note": "signed"}, "price"),
                ({"note": None, "shelf": 1}, "author"),
                ({"title": "雪国", "author": "川端康成"}, "-author"),
                ({"shelf": 3, "price": 700, "note": "returned"}, "title"),
            ),
        ),
        draw=draw_statement,
        honest="it finds exactly the books that have every value asked for, NULL among them, in the order asked for",
        safe="no key, no value and no order does anything but be looked for, or be refused with an exception",
    ),
)
