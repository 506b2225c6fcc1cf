"""Claims on pages that show books, the same ones written with each of the mappers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import cycle, permutations
from typing import Any

from course_data import bookshop, bookshop_reviews
from graders.checks.orm_safety import mappers
from graders.checks.orm_safety.hints import choose_hint
from graders.figures.statements import draw_statement
from graders.techniques.attacks import (
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

SORTABLE = ("title", "price")
ORDERS = ("title", "-title", "price", "-price")
FILTERS = ("title", "author", "shelf")
# With the words that a search would find in titles, and capitals that an equality does not.
TITLES = (*bookshop.WORDS, "emma", "Finnegan's Wake", "50 Ways to Say _No_")
# What a mapper knows beyond the columns that may be sorted by, or filtered.
NO_FILTERS = (
    *("author__startswith", "reviews__member__password__regex", "reviews__member__role", "reviews.member.password"),
    *("note", "price", "book_id", "pk", "reviews", "metadata", "_connector"),
)
NO_COLUMNS = (*NO_FILTERS, "_negated", "note DESC", "shelf", "$reviews$")
SOME_TEXTS = ("' OR 1=1 -- ", "'", "''", '"', "\\", "%", "_", ":name", "?", "NULL", " both ends ", "O\0Brien")
SORTED = "it gives the books sorted by title or price, up and down"
REFUSES = "it raises an exception for everything else that is sent, before a statement is made of it"
shop_page = partial(
    Behaviour,
    bookshop_reviews.SCHEMA,
    bookshop_reviews.data,
    secrets=(("members", "password"),),
    crowd=bookshop_reviews.crowded,
)


def _title_and_price(books: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(book["title"], book["price"]) for book in books]


def _sorted_books(data: Data, filters: dict[str, Any], order: str) -> InOrder:
    rows = _title_and_price(bookshop.books_with(data, filters, order))
    return InOrder(rows, SORTABLE.index(order.removeprefix("-")))


def _listing(data: Data, column: str, direction: str) -> Any:
    if column not in SORTABLE or direction not in ("asc", "desc"):
        return REFUSED
    return _sorted_books(data, {}, column if direction == "asc" else f"-{column}")


def _find_books(data: Data, filters: dict[str, Any]) -> Any:
    """The books with each of these values; a text in place of a number may find nothing or be refused."""
    if not set(filters) <= set(FILTERS):
        return REFUSED
    rows = _title_and_price(bookshop.books_with(data, filters))
    return OrRefused(rows) if isinstance(filters.get("shelf"), str) else rows


def expect_catalogue(data: Data, filters: dict[str, Any], order: str) -> Any:
    """The books in this order; a list is equal to nothing, and may be refused too."""
    if order not in ORDERS or not set(filters) <= set(FILTERS):
        return REFUSED
    if any(isinstance(value, list) for value in filters.values()) or isinstance(filters.get("shelf"), str):
        return OrRefused(_title_and_price(bookshop.books_with(data, filters)))
    return _sorted_books(data, filters, order)


def _value(column: str, honest: tuple[str, ...], arguments: Any, **more: Any) -> InjectionPoint:
    """A value that books must have in `column`."""
    return InjectionPoint(column, "text", honest, arguments, plant_row("books", bookshop.EXTRA_BOOK, column), **more)


def _filters(*orders: str) -> tuple[InjectionPoint, ...]:
    """The values and the keys of a dictionary of filters; `orders` are what follows it in each call, if anything."""
    author, title, shelf, key = ((order,) for order in orders) if orders else ((), (), (), ())
    briefly: dict[str, Any] = {"hostile": ("note", "price", "1=1 OR title", "reviews"), "is_probed": False}
    return (
        _value("author", bookshop.AUTHORS, lambda value: ({"author": value}, *author)),
        _value(
            "title",
            ("Emma", "雪国", "emma", ""),
            lambda value: ({"title": value}, *title),
            hostile=SOME_TEXTS,
            is_probed=False,
        ),
        InjectionPoint("shelf", "number", (1, 2, 3, 0, -1), lambda value: ({"shelf": value}, *shelf)),
        InjectionPoint("key", "identifier", FILTERS[:2], lambda name: ({name: "Emma"}, *key), hostile=NO_FILTERS),
        InjectionPoint("last key", "identifier", FILTERS, lambda name: ({"shelf": 2, name: 2}, *key), **briefly),
        InjectionPoint("first key", "identifier", FILTERS, lambda name: ({name: 2, "shelf": 2}, *key), **briefly),
    )


def _draw_filters(data: Data) -> list[dict[str, Any]]:
    """For each pair of columns a book's own values, in both orders, and for all three; and a pair of no book."""
    books = cycle([dict(zip(bookshop.COLUMNS, row, strict=True)) for row in data["books"]])
    groups = [FILTERS, *permutations(FILTERS, 2), *permutations(FILTERS, 2)]
    drawn = [{key: book[key] for key in group} for group, book in zip(groups, books, strict=False)]
    return [*drawn, {"title": "雪国", "author": "Jane Austen"}]


def _draw_authors(data: Data) -> list[str]:
    """The author of most books, two others, and a title."""
    authors = Counter(row[2] for row in data["books"])
    return [*(author for author, _ in authors.most_common(3)), data["books"][0][1]]


BY_AUTHOR = shop_page(
    points=(_value("author", bookshop.AUTHORS, lambda author: (author,), draw_honest=_draw_authors),),
    expects=lambda data, author: _title_and_price(bookshop.books_with(data, {"author": author})),
)
BY_TITLE = shop_page(
    points=(_value("title", TITLES, lambda title: (title,), draw_honest=lambda data: data["books"][0][1:3]),),
    expects=lambda data, title: _title_and_price(bookshop.books_with(data, {"title": title})),
)
LISTING = shop_page(
    points=(
        InjectionPoint("column", "identifier", SORTABLE, lambda column: (column, "asc"), hostile=NO_COLUMNS),
        InjectionPoint("direction", "identifier", ("asc", "desc"), lambda direction: ("price", direction)),
    ),
    expects=_listing,
    more_calls=lambda data: [("title", "desc")],
)
FOUND = shop_page(
    points=_filters(),
    expects=_find_books,
    more_calls=lambda data: [({},), *((filters,) for filters in _draw_filters(data))],
)
CATALOGUE = shop_page(
    points=(
        *_filters("title", "-price", "price", "title"),
        InjectionPoint("order", "identifier", ORDERS, lambda order: ({"shelf": 2}, order), hostile=NO_COLUMNS),
    ),
    expects=expect_catalogue,
    more_calls=lambda data: [
        *(({}, order) for order in ORDERS),
        *zip(_draw_filters(data), cycle(ORDERS), strict=False),
        ({"author": ["Jane Austen", "Toni Morrison"]}, "title"),
    ],
)


def adapt_to_language(behaviour: Behaviour, engine: str) -> Behaviour:
    """The same behaviour in another language on `engine`: no NUL, which ends a statement that holds its values.

    No number either: what a text becomes where a number is due differs from language to language.
    """
    points = (replace(point, takes_nul=False) for point in behaviour.points if point.kind != "number")
    return replace(behaviour, engine=engine, points=tuple(points))


def page_exercise(exercise: str, behaviour: Behaviour, mapper: mappers.Mapper, **sentences: str) -> None:
    """Register the claims of `exercise`: a page written with `mapper` that must have `behaviour` and no other."""
    if mapper.language != "python":
        behaviour = adapt_to_language(behaviour, mapper.engine)
    description = InjectionExercise(
        behaviour,
        draw_statement,
        open_subject=mappers.through(mapper),
        choose_hint=partial(choose_hint, mapper=mapper),
        **sentences,
    )
    injection_exercise(exercise, description)


page_exercise("bind-in-sqlalchemy", BY_AUTHOR, mappers.SQLALCHEMY)
page_exercise("flawed-fix", BY_TITLE, mappers.DJANGO)
page_exercise("bind-in-sequelize", BY_AUTHOR, mappers.SEQUELIZE)
page_exercise("filter-in-sequelize", FOUND, mappers.SEQUELIZE, safe=REFUSES)
page_exercise("bind-in-hibernate", BY_AUTHOR, mappers.HIBERNATE)
page_exercise("sort-in-hibernate", LISTING, mappers.HIBERNATE, honest=SORTED, safe=REFUSES)
page_exercise("search-the-catalogue", CATALOGUE, mappers.SQLALCHEMY, safe=REFUSES)
