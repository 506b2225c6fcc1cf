"""Claims on answers that are one statement: an UPDATE that contradicts, a query that finds what breaks a rule."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from course_data import orders
from course_data.cache import OPEN_SEED, open_cached
from graders import Attempt, Mismatch, claim, experiment, lab_for
from graders.kernel.report import Table
from graders.labs import EngineError, Lab, open_lab
from graders.labs.lab import Row
from graders.sql import first_keyword
from graders.techniques.dependencies import holds_on, parse_fds
from graders.techniques.queries import ReusableLab, read_query, shrink, text_literals

Reading = Callable[[list[Row]], list[Row]]
"""Gives the pairs (zip, city) that are compared in place of those in the table."""
(ZIP_CITY,) = parse_fds("zip -> city")
ALWAYS = "Your query gives a row even for an empty table. Which rows are evidence, and what keeps the others out?"
REPEATED = "Two rows that say the same do not contradict each other."
NULL_ZIP = "What does `NULL = NULL` give? Here two rows without a zip count as having the same one."
NULL_CITY = "What does `count(DISTINCT city)`, or a comparison, make of a city that is NULL?"
BOTH_NULL = "What do `=` and `<>` make of NULL: of two zips that are NULL, and of a city that is?"
EMPTY = "An empty text is a value, and NULL is another one: does your query tell them apart?"
LEFT_SIDE = "Which column stands on the left of the arrow? That is the one to group by."


def obeys_rule(rows: list[Row]) -> bool:
    """Whether zip → city holds in `rows`, NULL being a value."""
    return holds_on(rows, ("zip", "city"), ZIP_CITY)


def with_zip(rows: list[Row]) -> list[Row]:
    """The rows with a zip."""
    return [row for row in rows if row[0] is not None]


def with_city(rows: list[Row]) -> list[Row]:
    """The rows with a city."""
    return [row for row in rows if row[1] is not None]


def _number(rows: list[Row]) -> list[Row]:
    """Every row of a zip taken for another city."""
    return [(zip_code, number) for number, (zip_code, _) in enumerate(rows)]


def _number_equal(rows: list[Row]) -> list[Row]:
    """Every row that is there again taken for evidence."""
    return [(row, number) for number, row in enumerate(rows)]


def _turn(rows: list[Row]) -> list[Row]:
    return [(city, zip_code) for zip_code, city in rows]


READINGS: tuple[tuple[str, Reading], ...] = (
    (REPEATED, _number),
    (REPEATED, _number_equal),
    (REPEATED, lambda rows: _number(with_city(rows))),
    (NULL_ZIP, with_zip),
    (NULL_CITY, with_city),
    (BOTH_NULL, lambda rows: with_zip(with_city(rows))),
    (EMPTY, lambda rows: [(zip_code, city or "") for zip_code, city in rows]),
    (EMPTY, lambda rows: [(zip_code or "", city) for zip_code, city in rows]),
    (EMPTY, lambda rows: [(zip_code or "", city or "") for zip_code, city in rows]),
    (LEFT_SIDE, _turn),
    (LEFT_SIDE, lambda rows: _turn(with_zip(rows))),
    (LEFT_SIDE, lambda rows: _turn(with_city(rows))),
    (LEFT_SIDE, lambda rows: _turn(with_zip(with_city(rows)))),
)


def recognize_mistake(tables: Sequence[list[Row]], alarms: Sequence[bool]) -> str:
    """The hint for a query that gives rows on those of `tables` for which `alarms` is true, or nothing.

    A mistake is recognised by giving rows on exactly the tables that break the rule as it is misread.
    """
    if all(alarms):
        return ALWAYS
    found = (hint for hint, reading in READINGS if all(map(_alike(reading), tables, alarms)))
    return next(found, "")


def _alike(reading: Reading) -> Callable[[list[Row], bool], bool]:
    return lambda rows, alarm: obeys_rule(reading(rows)) is not alarm


ORDERS = 4_000
EACH_EMAIL = "SELECT order_id, product_id, hex(email) FROM order_lines ORDER BY 1, 2"
TWO_EMAILS = "SELECT 1 FROM order_lines GROUP BY customer_id HAVING count(DISTINCT email) <> 1 LIMIT 1"


@lab_for("contradict-the-table")
def open_consistent_orders(seed: int) -> Lab:
    """The order lines of the lesson, with one e-mail for each customer."""
    return open_cached("SQLite", Path(orders.__file__), orders.SCHEMA, _make_consistent_orders, OPEN_SEED, ORDERS)


def _make_consistent_orders(seed: int, count: int) -> dict[str, list[Row]]:
    return {"order_lines": orders.flat(random.Random(seed), orders=count, customers=200, products=50)}


@dataclass(frozen=True)
class Emails:
    """The e-mails in the order lines after the UPDATE."""

    contradict: bool
    """Whether a customer has another number of e-mails than one."""
    changed: bool
    """Whether an e-mail differs from before."""


@experiment("contradict-the-table")
def update_emails(attempt: Attempt) -> Emails:
    """Run the UPDATE, and look for customers with two e-mails."""
    with open_consistent_orders(attempt.seed) as lab:
        _run_update(lab, attempt.answer)
        if lab.run(TWO_EMAILS).rows:
            return Emails(contradict=True, changed=True)
        after = lab.run(EACH_EMAIL).rows
        lab.rewind()
        return Emails(contradict=False, changed=lab.run(EACH_EMAIL).rows != after)


def _run_update(lab: Lab, update: str) -> None:
    try:
        statements = lab.statements(update)
        verbs = [first_keyword(statement, "SQLite") or "SELECT" for statement in statements]
        if verbs != ["UPDATE"]:
            raise Mismatch("one UPDATE", ", ".join(verbs) or "no statement")
        lab.execute(statements[0])
    except EngineError as error:
        raise Mismatch("an UPDATE that runs", error.says) from None


@claim(update_emails)
def creates_contradiction(emails: Emails) -> None:
    """after your UPDATE, at least one customer has two e-mails"""
    if not emails.contradict:
        raise Mismatch(
            "a customer with two e-mails",
            "one e-mail for each customer",
            hint="All the lines of a customer still say the same. What happens if one of them is missed?"
            if emails.changed
            else "After it no e-mail differs from before: which column and which rows does your WHERE reach?",
        )


ADDRESSES = "CREATE TABLE addresses (zip VARCHAR, city VARCHAR)"
FEW_CITIES = ("Lyon", "lyon", "Turku", "", "NULL", "a", None)
CITIES = (*FEW_CITIES[:-1], "Lyon ", "Laon", "69001", "Saint-Quentin-en-Yvelines Nord", "Saint-Quentin-en-Yvelines Sud")
ZIPS = ("69001", "20100", "", "NULL", "69001 ", "069001", "690010", "ab1", "AB1", None)
MAX_WORDS, MAX_TRIALS = 20, 150


@lab_for("test-a-dependency")
def open_three_addresses(seed: int) -> Lab:
    """Two addresses that agree, and one elsewhere."""
    rows = [("69001", "Lyon"), ("69001", "Lyon"), ("20100", "Turku")]
    return open_lab("SQLite", ADDRESSES, {"addresses": rows})


@dataclass(frozen=True)
class WrongResult:
    """The smallest table found on which the query is wrong."""

    addresses: list[Row]
    """The rows of the table."""
    count: int
    """How many rows the query gives."""


@dataclass(frozen=True)
class QueryOnAddresses:
    """Where the query goes wrong, on tables that obey the rule and on tables that break it."""

    false_alarm: WrongResult | None
    """A table that obeys the rule, and rows all the same."""
    oversight: WrongResult | None
    """A table that breaks the rule, and no row; not looked for where there is a false alarm."""
    hint: str = ""
    """What to ask whoever has the mistake that gives rows on the same tables."""


@experiment("test-a-dependency")
def query_addresses(attempt: Attempt) -> QueryOnAddresses:
    """Run the query on small tables and on large ones, some of which obey the rule."""
    with ReusableLab("SQLite", ADDRESSES) as lab:
        query = read_query(lab.lab, attempt.answer)
        tables = _draw_tables(attempt.seed, text_literals(query, "SQLite"))
        alarms = [bool(rows) for rows in _run_on(lab, query, tables)]
        hint = recognize_mistake(tables, alarms)
        if false_alarm := _find_wrong_result(lab, query, tables, alarms, holding=True):
            return QueryOnAddresses(false_alarm, None, hint)
        return QueryOnAddresses(None, _find_wrong_result(lab, query, tables, alarms, holding=False), hint)


def _find_wrong_result(
    lab: ReusableLab, query: str, tables: Sequence[list[Row]], alarms: Sequence[bool], *, holding: bool
) -> WrongResult | None:
    """The first of `tables` with a wrong result, made small, out of those in which the rule holds or does not."""

    def goes_wrong(data: dict[str, list[Row]]) -> bool:
        rows = data["addresses"]
        return obeys_rule(rows) is holding and bool(_run_on(lab, query, [rows])[0]) is holding

    for rows, alarm in zip(tables, alarms, strict=True):
        if alarm is holding and obeys_rule(rows) is holding:
            smallest = shrink({"addresses": rows}, goes_wrong, MAX_TRIALS)["addresses"]
            return WrongResult(smallest, len(_run_on(lab, query, [smallest])[0]))
    return None


def _run_on(lab: ReusableLab, query: str, tables: Sequence[list[Row]]) -> list[list[Row]]:
    """The rows that `query` gives on each of `tables`."""
    results = []
    for outcome in lab.run_each(query, [{"addresses": rows} for rows in tables]):
        if isinstance(outcome, EngineError):
            raise Mismatch("one query", outcome.says)
        results.append(outcome.rows)
    return results


def _draw_tables(seed: int, words: Sequence[str]) -> list[list[Row]]:
    """Small tables: every two different values against each other, then 200 at random, then large ones.

    Those without NULL come first. Each of `words`, the texts in the query, is a city too: one may stand for NULL there.
    """
    rng = random.Random(seed)
    cities = (*CITIES, *words[:MAX_WORDS], None)
    tables: list[list[Row]] = [[("69001", one), ("69001", other)] for one, other in _pairs_of(cities)]
    tables += [[(one, "Lyon"), (other, "Turku")] for one, other in _pairs_of(ZIPS)]
    for _ in range(199):
        few = [rng.sample(values, 2) + [None] for values in (ZIPS, FEW_CITIES)]
        tables.append([tuple(map(rng.choice, few)) for _ in range(rng.randint(0, 4))])
    tables += [[*_draw_far_apart(rng), ("69001", city)] for city in ("Lyon", "Turku")]
    return sorted([[], *tables], key=lambda rows: (_count_null_columns(rows), len(rows)))


def _pairs_of(values: Sequence[str | None]) -> Iterator[tuple[str | None, str | None]]:
    return combinations(dict.fromkeys(values), 2)


def _draw_far_apart(rng: random.Random) -> list[Row]:
    """An address in Lyon, and after it some hundred elsewhere."""
    return [("69001", "Lyon"), *((f"{zip_code}", "Turku") for zip_code in rng.sample(range(20000, 30000), 300))]


def _count_null_columns(rows: list[Row]) -> int:
    return sum(None in column for column in zip(*rows, strict=True))


@claim(query_addresses, weight=0)
def is_empty_where_rule_holds(query: QueryOnAddresses) -> None:
    """your query gives no row where zip → city holds"""
    if query.false_alarm:
        raise _wrong_result("no row: zip → city holds", query.false_alarm, query.hint)


@claim(query_addresses, after=is_empty_where_rule_holds)
def finds_violations(query: QueryOnAddresses) -> None:
    """it gives a row, or more, where zip → city does not hold"""
    if query.oversight:
        raise _wrong_result("a row or more: zip → city does not hold", query.oversight, query.hint)


def _wrong_result(expected: str, wrong: WrongResult, hint: str) -> Mismatch:
    found = f"{wrong.count} {'row' if wrong.count == 1 else 'rows'}"
    return Mismatch(expected, found, hint, tables=[Table("addresses", ("zip", "city"), wrong.addresses)])
