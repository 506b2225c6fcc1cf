"""Claims on an overview of books and their reviews: its counts, and how many statements it sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from course_data import bookshop_reviews
from graders import Mismatch
from graders.checks.orm_safety import mappers
from graders.checks.orm_safety.mappers import MapperSubject
from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Table
from graders.labs import in_order
from graders.techniques.attacks import (
    CallTrace,
    Data,
    SentStatement,
    read_rows,
)

MAX_STATEMENTS, SIZES = 2, (90, 120)


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
