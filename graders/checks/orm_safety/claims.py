"""Claims on the lesson on mappers: the same pages in each of them, and the statements of an overview."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, permutations
from typing import Any

from course_data import bookshop, bookshop_reviews
from graders import Mismatch
from graders.checks.orm_safety import mappers
from graders.checks.orm_safety.hints import choose_hint
from graders.checks.orm_safety.mappers import MapperSubject
from graders.figures.statements import draw_statement
from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Table
from graders.labs import in_order
from graders.techniques.attacks import (
    A_NAME,
    IN_QUOTES,
    REFUSED,
    Behaviour,
    CallTrace,
    Data,
    Findings,
    InjectionExercise,
    InjectionPoint,
    InOrder,
    OrRefused,
    Probe,
    SentStatement,
    explain_probe,
    injection_exercise,
    plant_row,
    probe,
    read_rows,
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
MAX_STATEMENTS, SIZES = 2, (90, 120)
PAGE = "from sqlalchemy import select, text\ndef page(session, Book, author, order):\n{}"
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
    """The books with each of these values; a text in the place of a number may find nothing or be refused."""
    if not set(filters) <= set(FILTERS):
        return REFUSED
    rows = _title_and_price(bookshop.books_with(data, filters))
    return OrRefused(rows) if isinstance(filters.get("shelf"), str) else rows


def _catalogue(data: Data, filters: dict[str, Any], order: str) -> Any:
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
    expects=_catalogue,
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


@dataclass(frozen=True)
class Overview:
    """One call of the overview."""

    expected: list[tuple[str, int]]
    """The title of each book and the number of its reviews."""
    record: CallTrace
    """What the call did."""


@experiment("two-statements")
def call_overview(attempt: Attempt) -> list[Overview]:
    """Call it twice, on more books the second time: what is remembered of the first call is wrong there."""
    subject = MapperSubject(attempt.answer, bookshop_reviews.SCHEMA, mappers.SQLALCHEMY)
    shops = [bookshop_reviews.crowded(attempt.seed + number, size=size) for number, size in enumerate(SIZES)]
    return [Overview(_count_reviews(data), subject(data, ())) for data in shops]


def _count_reviews(data: Data) -> list[tuple[str, int]]:
    return [(book[1], sum(review[1] == book[0] for review in data["reviews"])) for book in data["books"]]


def _check_counts(overview: Overview) -> None:
    record, expected = overview.record, overview.expected
    if record.raised:
        raise Mismatch("`overview(session, Book)` to run", record.raised)
    rows = read_rows(record.value) or []
    if in_order(rows) == in_order(expected):
        return
    missing = [row for row in expected if row not in rows]
    strange = [row for row in rows if row not in expected and len(row) == 2]
    told = (("not there", missing), ("there and wrong", strange))
    tables = [Table(title, ("title", "reviews"), some[:5], more=len(some[5:])) for title, some in told if some]
    found = f"{len(rows)} rows" if record.value is not None else "nothing"
    raise Mismatch(f"{len(expected)} pairs of title and number", found, _hint_on_counts(rows, expected), tables)


def _hint_on_counts(rows: list[tuple], expected: list[tuple[str, int]]) -> str:
    """A hint on a join that loses books, on one whose empty rows are counted, or on books that share a title."""
    if in_order(rows) == in_order([row for row in expected if row[1]]):
        return "The books without a review are missing. Which join keeps them?"
    if in_order(rows) == in_order((title, number or 1) for title, number in expected):
        return "A book without a review counts as 1: the join gives a row for it, full of NULL. What do you count?"
    of_title: Counter[str] = Counter()
    for title, number in expected:
        of_title[title] += number
    if in_order(rows) == in_order(of_title.items()):
        return "Two books may have one title, and are counted as one here. What tells two books apart?"
    return ""


@claim(call_overview)
def counts_the_reviews(overviews: list[Overview]) -> None:
    """each book stands there with the number of its reviews, 0 among them"""
    _check_counts(overviews[0])


@claim(call_overview, weight=2, after=counts_the_reviews)
def sends_at_most_two_statements(overviews: list[Overview]) -> None:
    """it sends two statements at most, however many books there are"""
    _check_counts(overviews[1])
    statements = overviews[1].record.statements
    if len(statements) > MAX_STATEMENTS:
        rows = [(number, one.text, repr(one.parameters)) for number, one in enumerate(statements, start=1)]
        raise Mismatch(
            f"{MAX_STATEMENTS} statements at most for {len(overviews[1].expected)} books",
            f"{len(statements)} statements",
            _hint_on_statements(statements),
            tables=[Table("what reached the engine", ("", "statement", "parameters"), rows[:4], more=len(rows) - 4)],
        )


def _hint_on_statements(statements: Sequence[SentStatement]) -> str:
    """A hint on a statement that is sent again and again; empty where each is another."""
    if "AS reviews_review_id" in statements[-1].text:
        return "`book.reviews` sends a statement when you look at it. Which option fetches all reviews at once?"
    if len({one.text for one in statements}) <= MAX_STATEMENTS:
        return "Your own query runs once for each book. Which query counts for all books, with GROUP BY?"
    return ""


STEP_HINTS = {
    A_NAME: "One of your steps takes the order as SQL. Which two steps look it up in a list instead?",
    IN_QUOTES: "One of your steps writes the author into a text. Which step compares `Book.author` with it instead?",
}


def _draw_mixed_authors(data: Data) -> list[str]:
    """Authors of titles with and without a number at the start: `-title` as SQL sorts by that number."""
    starts: dict[str, set[bool]] = {}
    for _, title, author, *_ in data["books"]:
        starts.setdefault(author, set()).add(title[0].isdigit())
    return [author for author, kinds in starts.items() if len(kinds) == 2]


STEPS = replace(
    CATALOGUE,
    points=(
        replace(CATALOGUE.points[0], arguments=lambda author: (author, "title")),
        replace(CATALOGUE.points[-1], arguments=lambda order: ("James Joyce", order)),
    ),
    expects=lambda data, author, order: _catalogue(data, {"author": author}, order),
    more_calls=lambda data: [(author, "-title") for author in _draw_mixed_authors(data)[:2]],
)


def choose_step_hint(hint: str, probe: Probe) -> str:
    """The hint on a step, in place of the attack judge's, which speaks of an answer that was written."""
    if probe.point is None and any(f"ORDER BY {probe.value[1]}" in one.text for one in probe.record.statements):
        return STEP_HINTS[A_NAME]
    return STEP_HINTS.get(hint, hint)


@experiment("grow-a-query", description=STEPS)
def probe_steps(attempt: Attempt) -> Findings:
    """Probe the page that the steps make in this order; they are the lesson's own, so they need no isolation."""
    source = PAGE.format(textwrap.indent(attempt.answer + "\n", "    "))
    with mappers.open_source(source, "page", bookshop_reviews.SCHEMA, mappers.SQLALCHEMY) as subject:
        return probe(subject, STEPS, attempt)


@claim(probe_steps)
def steps_make_a_page(findings: Findings) -> None:
    """in this order your steps give the author's books, sorted"""
    mistake = findings.mistake
    if mistake and mistake.fault == "raised":
        hint = "Each step uses what steps before it made. Which name is not there yet?"
        raise Mismatch("the steps to run in this order", mistake.record.raised, hint=hint)
    if mistake and mistake.fault == "rows" and mistake.record.value is None:
        raise Mismatch("the books", "nothing", hint="Which step hands the books back?")
    if mistake:
        raise explain_probe(mistake, "SQLite", draw_statement, choose_step_hint)


@claim(probe_steps, after=steps_make_a_page)
def steps_are_safe(findings: Findings) -> None:
    """nothing that is sent becomes a part of the statement"""
    if findings.attack:
        raise explain_probe(findings.attack, "SQLite", draw_statement, choose_step_hint)
