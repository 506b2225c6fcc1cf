"""Claims on the lesson on mappers: the pages in each of them, attacked, and the statements of an overview, counted."""

from __future__ import annotations

import textwrap
from dataclasses import replace

from course_data import bookshop_reviews
from graders import Mismatch, claim
from graders.checks.orm_safety import pages as pages
from graders.checks.orm_safety.mappers import (
    DJANGO,
    HIBERNATE,
    SEQUELIZE,
    SQLALCHEMY,
    Mapper,
    opened,
    statements_of,
    through,
)
from graders.figures.statements import draw_statement
from graders.kernel.report import Table
from graders.labs import in_order
from graders.techniques.attacks import Behaviour, Seen, Trial, attacks_asked, mismatch_of

SORTED = "it gives the books sorted by title or price, up and down"
REFUSES = "it raises an exception for everything else that is sent, before a statement is made of it"


def _draw(statement: str, sent: str, engine: str) -> str:
    return draw_statement(statement, sent, engine).svg


def page_asked(exercise: str, answer: str, behaviour: Behaviour, mapper: Mapper, **sentences: str) -> None:
    """Register the claims of `exercise`: a page written with `mapper` that must have `behaviour` and no other."""
    attacks_asked(exercise, answer=answer, behaviour=behaviour, draw=_draw, opens=through(mapper), **sentences)


page_asked("orm-safety-2", "by_author", pages.BY_AUTHOR, SQLALCHEMY)
page_asked("orm-safety-3", "listing", pages.LISTING, SQLALCHEMY, honest=SORTED, safe=REFUSES)
page_asked("orm-safety-6", "search", pages.SEARCH, DJANGO)
page_asked("orm-safety-7", "find_books", pages.FOUND, DJANGO, safe=REFUSES)
page_asked("orm-safety-9", "byAuthor", pages.in_other(pages.BY_AUTHOR, "SQLite"), SEQUELIZE)
page_asked("orm-safety-10", "findBooks", pages.in_other(pages.FOUND, "SQLite"), SEQUELIZE, safe=REFUSES)
page_asked("orm-safety-11", "byAuthor", pages.in_other(pages.BY_AUTHOR, "H2"), HIBERNATE)
page_asked("orm-safety-12", "listing", pages.in_other(pages.LISTING, "H2"), HIBERNATE, honest=SORTED, safe=REFUSES)
page_asked("orm-safety-16", "catalogue", pages.CATALOGUE, SQLALCHEMY, safe=REFUSES)


MOST_STATEMENTS = 2


def _reviews(data) -> list[tuple]:
    counted = [sum(review[1] == book[0] for review in data["reviews"]) for book in data["books"]]
    return sorted((book[1], count) for book, count in zip(data["books"], counted, strict=True))


@claim("orm-safety-8")
def counts_the_reviews(overview, seed):
    """each book stands there with the number of its reviews, 0 among them"""
    _counted(overview, seed)


def _counted(overview, seed: int) -> tuple[Seen, int]:
    """What one call did that gave what was asked for, and how many books there are; raise `Mismatch` if it did not."""
    data = bookshop_reviews.data(seed)
    seen = statements_of(overview, SQLALCHEMY, bookshop_reviews.SCHEMA, data)
    asked = _reviews(data)
    if seen.raised:
        raise Mismatch("`overview(session, Book)` to run", seen.raised)
    rows = [tuple(row) if isinstance(row, list) else row for row in seen.value] if isinstance(seen.value, list) else []
    if not all(isinstance(row, tuple) for row in rows) or in_order(rows) != in_order(asked):
        raise _miscounted(rows, asked)
    return seen, len(data["books"])


def _miscounted(rows: list, asked: list[tuple]) -> Mismatch:
    missing = [row for row in asked if row not in rows]
    silent = missing and all(count == 0 for _, count in missing) and len(rows) < len(asked)
    return Mismatch(
        f"{len(asked)} pairs of title and number",
        f"{len(rows)} rows",
        hint="The books without a review are missing. Which join keeps them?" if silent else "",
        tables=[Table("not there", ("title", "reviews"), missing[:5])] if missing else (),
    )


@claim("orm-safety-8", after=counts_the_reviews, worth=2)
def asks_twice_at_most(overview, seed):
    """it sends two statements at most, however many books there are"""
    # On other reviews than before: what was kept from an earlier call is wrong there.
    seen, books = _counted(overview, seed + 1)
    if len(seen.sent) > MOST_STATEMENTS:
        rows = [(number, one.statement, repr(one.parameters)) for number, one in enumerate(seen.sent, start=1)]
        raise Mismatch(
            f"{MOST_STATEMENTS} statements at most for {books} books",
            f"{len(seen.sent)} statements",
            hint="Which line of yours sends a statement each time round the loop?",
            tables=[Table("what reached the engine", ("", "statement", "parameters"), rows[:4])],
        )


PAGE = "from sqlalchemy import select, text\ndef page(session, Book, author, order):\n{}"


def _ordered(steps: str) -> str:
    """The page that the steps make in this order; they are the lesson's own, so they need no wall."""
    return PAGE.format(textwrap.indent(steps + "\n", "    "))


def _in_steps() -> Behaviour:
    """The page of the steps: an author and an order, both from outside."""
    author, order = (
        replace(pages.CATALOGUE.slots[0], into=lambda author: (author, "title")),
        replace(pages.CATALOGUE.slots[-1], ordinary=pages.SORTABLE, into=lambda order: ("James Joyce", order)),
    )

    def expects(data, author, order):
        return pages.CATALOGUE.expects(data, {"author": author}, order)

    return replace(pages.CATALOGUE, slots=(author, order), expects=expects, further=())


def _tried(steps: str, look: str):
    """What the page of these steps does wrong, and None if nothing; raise `Mismatch` if they make no page."""
    with opened(_ordered(steps), "page", bookshop_reviews.SCHEMA, SQLALCHEMY) as subject:
        return getattr(Trial(subject, _in_steps(), 1), look)()


@claim("orm-safety-14")
def steps_make_a_page(steps):
    """in this order your steps give the author's books, sorted"""
    found = _tried(steps, "mishap")
    if found and found.kind == "raised":
        raise Mismatch(
            "the steps to run in this order",
            found.call.seen.raised,
            hint="Each step uses what steps before it made. Which name is not there yet?",
        )
    if found and found.kind == "rows" and found.call.seen.value is None:
        raise Mismatch("the books", "nothing", hint="Which step hands the books back?")
    if found:
        raise mismatch_of(found, "SQLite", _draw)


@claim("orm-safety-14", after=steps_make_a_page)
def steps_are_safe(steps):
    """nothing that is sent becomes a part of the statement"""
    if found := _tried(steps, "attack"):
        raise mismatch_of(found, "SQLite", _draw)
