"""Claims on functions that must withstand attacks: pages whose inputs stay data."""

from __future__ import annotations

from functools import partial
from itertools import combinations, cycle, permutations
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
    InOrder,
    OrRefused,
    injection_exercise,
    plant_row,
)

SORTABLE = ("title", "author", "price")
FILTERS = ("title", "author", "shelf", "price", "note")
# What a quote, a wildcard or a blank of a value does is tried in each column; all the rest in one.
SOME_TEXTS = ("' OR 1=1 -- ", "'", "''", '"', "\\", "%", "_", ":name", "?", "NULL", " both ends ", "O\0Brien")
shop_function = partial(
    Behaviour, bookshop.SCHEMA, bookshop.data, secrets=(("members", "password"),), crowd=bookshop.crowded
)
plant_book = partial(plant_row, "books", bookshop.EXTRA_BOOK)


def _search(data: Data, words: str, most: str) -> Any:
    """The books; what Python reads as a whole number, and is not all digits, may be refused too."""
    try:
        limit = int(most)
    except ValueError:
        return REFUSED
    books = bookshop.books_containing(data, words)
    rows = [(book["title"], book["price"]) for book in books if book["price"] <= limit]
    return rows if most.isascii() and most.isdigit() else OrRefused(rows)


def _draw_words(data: Data) -> list[str]:
    """Parts of a title, with blanks at their ends, in capitals and in another order."""
    title = data["books"][0][1]
    other = next(row[1] for row in data["books"] if " and " in row[1])
    return [title[1:], title.swapcase(), f"{other[-3:]} {other[:3]}", other[1:-1].upper()]


def _draw_limits(data: Data) -> list[str]:
    """A price that a book has, one less, and the same price in many digits."""
    price = data["books"][0][4]
    return [str(price), str(price - 1), f"{price:08}"]


injection_exercise(
    "fix-the-search",
    InjectionExercise(
        shop_function(
            points=(
                InjectionPoint(
                    "words",
                    "pattern",
                    (*bookshop.WORDS, " and ", "D ", "élan"),
                    arguments=lambda words: (words, "5000"),
                    plant=plant_book("title"),
                    draw_honest=_draw_words,
                ),
                InjectionPoint(
                    "most",
                    "number",
                    ("990", "1500", "0", "100000"),
                    arguments=lambda most: ("e", most),
                    draw_honest=_draw_limits,
                ),
            ),
            expects=_search,
            more_calls=lambda data: [("e", "9.5")],
            needs=frozenset({("books", "title"), ("books", "price")}),
        ),
        draw=draw_statement,
    ),
)


def _columns(books: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(book["title"], book["author"], book["price"]) for book in books]


def _sorted_books(data: Data, filters: dict[str, Any], order: str) -> InOrder:
    rows = _columns(bookshop.books_with(data, filters, order))
    return InOrder(rows, SORTABLE.index(order.removeprefix("-")))


def _listing(data: Data, column: str, direction: str) -> Any:
    if column not in SORTABLE or direction not in ("asc", "desc"):
        return REFUSED
    return _sorted_books(data, {}, column if direction == "asc" else f"-{column}")


injection_exercise(
    "sortable-list",
    InjectionExercise(
        shop_function(
            points=(
                InjectionPoint(
                    "column",
                    "identifier",
                    SORTABLE,
                    arguments=lambda column: (column, "asc"),
                    hostile=("book_id", "shelf", "note"),
                ),
                InjectionPoint("direction", "identifier", ("asc", "desc"), arguments=lambda way: ("price", way)),
            ),
            expects=_listing,
            more_calls=lambda data: [(column, "desc") for column in SORTABLE],
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


def _logged_shop(seed: int, secret: str) -> Data:
    """A shop in whose log there are lines already, one of them twice."""
    tables = bookshop.data(seed, secret)
    lines = ("Fatima Noor has a new password", "the shop is open", "the shop is open")
    return {**tables, "log": [(line,) for line in lines]}


def _change_password(data: Data, member_id: int, new: str) -> Data:
    members = [(row[0], row[1], new, row[3]) if row[0] == member_id else row for row in data["members"]]
    name = next(row[1] for row in data["members"] if row[0] == member_id)
    return {**data, "members": members, "log": [*data["log"], (f"{name} has a new password",)]}


injection_exercise(
    "fix-both-ends",
    InjectionExercise(
        Behaviour(
            bookshop.SCHEMA,
            _logged_shop,
            secrets=(("members", "password"),),
            points=(
                InjectionPoint("new", "text", ("secret", "it's", "100%", "雪", ""), arguments=lambda new: (4, new)),
                InjectionPoint(
                    "name",
                    "stored",
                    ("Dara O'Brien", "50% Off", "川", "Edgar Lund"),
                    arguments=lambda _: (4, "secret"),
                    plant=_plant_name,
                ),
            ),
            expects=lambda data, member_id, new: ANYTHING,
            leaves=_change_password,
            more_calls=lambda data: [(row[0], "other") for row in data["members"]],
        ),
        draw=draw_statement,
        honest="it changes the password of the member and of nobody else, and writes one line into the log",
        safe="no name and no new password makes its statements say anything else",
    ),
)


def _find_books(data: Data, filters: dict[str, Any], order: str) -> Any:
    """The books; a list is equal to nothing, and may be refused too."""
    if order.removeprefix("-") not in SORTABLE or not set(filters) <= set(FILTERS) or order.startswith("--"):
        return REFUSED
    if any(isinstance(value, list) for value in filters.values()):
        return OrRefused([])
    return _sorted_books(data, filters, order)


def _filter(column: str, honest: tuple[str, ...], order: str, **more: Any) -> InjectionPoint:
    """A value that books must have in `column`."""
    return InjectionPoint(column, "text", honest, lambda value: ({column: value}, order), plant_book(column), **more)


_filter_briefly = partial(_filter, hostile=SOME_TEXTS, is_probed=False)


def _draw_filters(data: Data) -> list[tuple[Any, ...]]:
    """For each pair of columns a book's own values, in both orders, and more of them at once; sorted in each way."""
    orders = cycle([*SORTABLE, *(f"-{column}" for column in SORTABLE)])
    books = cycle([dict(zip(bookshop.COLUMNS, row, strict=True)) for row in data["books"]])
    groups = [FILTERS, *permutations(FILTERS, 2), *combinations(FILTERS, 3)]
    return [
        ({key: book[key] for key in group}, order) for group, book, order in zip(groups, books, orders, strict=False)
    ]


injection_exercise(
    "filters-from-json",
    InjectionExercise(
        shop_function(
            points=(
                _filter("author", bookshop.AUTHORS, "-price"),
                _filter_briefly("title", ("Emma", "雪国", ""), "price"),
                _filter_briefly("note", ("signed", "", "returned"), "title"),
                InjectionPoint(
                    "key",
                    "identifier",
                    ("title", "author", "note"),
                    arguments=lambda key: ({key: "signed"}, "title"),
                    hostile=("book_id", "rowid"),
                ),
                InjectionPoint(
                    "last key",
                    "identifier",
                    FILTERS,
                    arguments=lambda key: ({"shelf": 2, key: 2}, "title"),
                    hostile=("book_id", "1=1 OR title", "--"),
                    is_probed=False,
                ),
                InjectionPoint(
                    "first key",
                    "identifier",
                    FILTERS,
                    arguments=lambda key: ({key: 2, "shelf": 2}, "title"),
                    hostile=("book_id", "1=1 OR title", "--"),
                    is_probed=False,
                ),
                InjectionPoint(
                    "order",
                    "identifier",
                    (*SORTABLE, *(f"-{column}" for column in SORTABLE)),
                    arguments=lambda order: ({"shelf": 2}, order),
                    hostile=("shelf", "-shelf", "note", "-book_id", "-", "-price DESC", "-title --"),
                ),
            ),
            expects=_find_books,
            more_calls=lambda data: [
                *(({}, order) for order in SORTABLE),
                ({"author": ["Jane Austen", "Toni Morrison"]}, "title"),
                ({"shelf": [1, 2]}, "price"),
                *_draw_filters(data),
            ],
        ),
        draw=draw_statement,
        honest="it finds exactly the books that have every value asked for, NULL among them, in the order asked for",
        safe="no key, no value and no order does anything but be looked for, or be refused with an exception",
    ),
)
