"""Claims on the answers of the lesson on normalization that are statements on given tables; the rest is imported."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from itertools import combinations

from course_data import orders
from graders import Mismatch, claim, lab_for
from graders.checks.normalization import covers as normalization_covers
from graders.checks.normalization import designs as normalization_designs
from graders.checks.normalization import gym as normalization_gym
from graders.checks.normalization import migration as normalization_migration
from graders.checks.normalization import rules as normalization_rules
from graders.checks.normalization import triggers as normalization_triggers
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_image, open_lab
from graders.techniques.dependencies import FD, holds_on
from graders.techniques.queries import (
    QueryExercise,
    ReusableLab,
    query_exercise,
    read_query,
    read_verb,
    shrink,
    texts_in,
)

__all__ = [
    "normalization_covers",
    "normalization_designs",
    "normalization_gym",
    "normalization_migration",
    "normalization_rules",
    "normalization_triggers",
]

EACH_EMAIL = "SELECT order_id, product_id, hex(email) FROM order_lines ORDER BY 1, 2"
EMAILS = "SELECT customer_id, count(DISTINCT email) FROM order_lines GROUP BY customer_id"


@lab_for("normalization-2")
def orders_without_contradiction(seed: int) -> Lab:
    """The order lines of the lesson, with one e-mail for each customer."""
    return open_image(_order_lines())


@cache
def _order_lines() -> bytes:
    rows = orders.flat(random.Random(1), orders=4000, customers=200, products=50)
    with open_lab("SQLite", orders.SCHEMA, {"order_lines": rows}, here=True) as lab:
        return lab.image()


@claim("normalization-2")
def makes_two_truths(lab, update):
    """after your UPDATE, at least one customer has two e-mails"""
    _run_update(lab, update)
    if all(count == 1 for _, count in lab.run(EMAILS).rows):
        with orders_without_contradiction(1) as untouched:
            same = lab.run(EACH_EMAIL).rows == untouched.run(EACH_EMAIL).rows
        raise Mismatch(
            "a customer with two e-mails",
            "one e-mail for each customer",
            hint="After it no e-mail differs from before: which column and which rows does your WHERE reach?"
            if same
            else "All the lines of a customer still say the same. What happens if one of them is missed?",
        )


def _run_update(lab: Lab, update: str) -> None:
    try:
        statements = lab.statements(update)
        verbs = [read_verb(statement, "SQLite") for statement in statements]
        if verbs != ["UPDATE"]:
            raise Mismatch("one UPDATE", ", ".join(verbs) or "no statement")
        lab.execute(statements[0])
    except EngineError as error:
        raise Mismatch("an UPDATE that runs", f"SQLite says: {error.sentence}") from None


ADDRESSES = "CREATE TABLE addresses (zip VARCHAR, city VARCHAR)"
ZIP_CITY = FD("zip", "city")
FEW_CITIES = ("Lyon", "lyon", "Turku", "", "NULL", "a", None)
CITIES = (*FEW_CITIES[:-1], "Lyon ", "Laon", "69001")
MOST_WORDS = 20
LEFT_SIDE = "Which column stands on the left of the arrow? That is the one to group by."


@lab_for("normalization-4")
def three_addresses(seed: int) -> Lab:
    """Two addresses that agree, and one elsewhere."""
    rows = [("69001", "Lyon"), ("69001", "Lyon"), ("20100", "Turku")]
    return open_lab("SQLite", ADDRESSES, {"addresses": rows})


def _obeys(rows: list[tuple]) -> bool:
    return holds_on(rows, ("zip", "city"), ZIP_CITY)


@claim("normalization-4", worth=0)
def is_empty_where_the_rule_holds(query, seed):
    """your query gives no row where zip → city holds"""
    _judge_query(query, seed, holding=True)


@claim("normalization-4", worth=1, after=is_empty_where_the_rule_holds)
def finds_what_breaks_the_rule(query, seed):
    """it gives a row, or more, where zip → city does not hold"""
    _judge_query(query, seed, holding=False)


def _judge_query(query: str, seed: int, *, holding: bool) -> None:
    with ReusableLab("SQLite", ADDRESSES) as bench:
        query = read_query(bench.lab, query)

        def goes_wrong(data: dict) -> bool:
            rows = data["addresses"]
            return _obeys(rows) is holding and any(map(bool, _found(bench, query, [rows]))) is holding

        tables = [rows for rows in _many_addresses(seed, texts_in(query, "SQLite")) if _obeys(rows) is holding]
        for rows, found in zip(tables, _found(bench, query, tables), strict=True):
            if bool(found) is holding:
                rows = shrink({"addresses": rows}, goes_wrong)["addresses"]
                raise _wrong_query(rows, *_found(bench, query, [rows]), holding)


def _found(bench: ReusableLab, query: str, tables: list[list[tuple]]) -> list[list[tuple]]:
    """The rows that `query` gives on each of `tables`."""
    told = bench.run_each(query, [{"addresses": rows} for rows in tables])
    refused = next((outcome for outcome in told if isinstance(outcome, EngineError)), None)
    if refused:
        raise Mismatch("one query", f"SQLite says: {refused.sentence}")
    return [outcome.rows for outcome in told]


def _many_addresses(seed: int, words: Sequence[str]) -> list[list[tuple]]:
    """Small tables: every two different values against each other, then 200 at random, then large ones.

    Those without NULL come first. Each of `words`, the texts in the query, is a city too: one may stand for NULL there.
    """
    rng = random.Random(seed)
    zips, cities = ("69001", "20100", "", "NULL", None), (*CITIES, *words[:MOST_WORDS], None)
    made = [[("69001", one), ("69001", other)] for one, other in combinations(dict.fromkeys(cities), 2)]
    made += [[(one, "Lyon"), (other, "Turku")] for one, other in combinations(zips, 2)]
    for _ in range(199):
        few = [rng.sample(values, 2) + [None] for values in (zips, FEW_CITIES)]
        made.append([tuple(map(rng.choice, few)) for _ in range(rng.randint(0, 4))])
    made += [[*_far_apart(rng), ("69001", city)] for city in ("Lyon", "Turku")]
    return sorted([[], *made], key=lambda rows: (sum(None in column for column in zip(*rows, strict=True)), len(rows)))


def _far_apart(rng: random.Random) -> list[tuple]:
    """An address in Lyon, and after it many elsewhere."""
    return [("69001", "Lyon"), *((f"{zip_code}", "Turku") for zip_code in rng.sample(range(20000, 30000), 60))]


def _wrong_query(rows: list[tuple], found: list[tuple], holding: bool) -> Mismatch:
    return Mismatch(
        "no row: zip → city holds" if holding else "a row or more: zip → city does not hold",
        f"{len(found)} {'row' if len(found) == 1 else 'rows'}",
        hint=_hint_on_addresses(rows, holding),
        tables=[Table("addresses", ("zip", "city"), rows)],
    )


def _hint_on_addresses(rows: list[tuple], holding: bool) -> str:
    zips, cities = ([row[place] for row in rows] for place in (0, 1))
    if not rows:
        return "A query that only counts gives a row even where there is nothing to count."
    if holding:
        same = len(rows) > 1 and len(set(rows)) < len(rows)
        return "Two rows that say the same do not contradict each other." if same else LEFT_SIDE
    if None in zips:
        return "What does `NULL = NULL` give? Here two rows without a zip count as having the same one."
    if None in cities and "" in cities:
        return "An empty text is a value, and NULL is another one: does your query tell them apart?"
    if None in cities:
        return "What does `count(DISTINCT city)`, or a comparison, make of a city that is NULL?"
    return "" if len({city.lower() for city in cities}) < len(set(cities)) else LEFT_SIDE


query_exercise(
    "normalization-17",
    QueryExercise(
        """
CREATE TABLE orders (
    id           INTEGER PRIMARY KEY,
    status       VARCHAR NOT NULL,
    total_amount INTEGER NOT NULL
);
CREATE TABLE order_items (
    id         INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL REFERENCES orders (id),
    quantity   INTEGER NOT NULL CHECK (quantity > 0),
    unit_price INTEGER NOT NULL
);
""",
        values={"total_amount": (0, 1, 2, 4), "quantity": (1, 2), "unit_price": (0, 1, 2)},
    ),
)
