"""Claims on the page of all accounts of a city: each user with their orders and their reviews."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from course_data import webshop
from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.query_patterns.page_calls import (
    Data,
    open_shop,
    read_list,
    read_page,
    require_few_rows,
    require_few_statements,
    require_value,
)
from graders.techniques.schedules import CallRecord, Series, observe_each, run_call

MAX_STATEMENTS = 3
FEW, MANY = 6, 40
# As people type them: one begins like another, one has a quote in it, one a blank at its end.
CITIES = ("Newport", "Newport News", "L'Aquila ", "L'Aquila del Monte ")
COLUMNS = ("id", "name", "totals", "stars")
Account = tuple[Any, Any, tuple[Any, ...], tuple[Any, ...]]
LOST = "A user without orders, or without reviews, belongs on the page too. Which join, or which loop, drops them?"
EQUAL = "Two orders of one amount are two orders, and two reviews with equal stars are two. What makes one of them?"
CROSSED = "Each order of a user has met each of their reviews. Which two tables must not stand in one join?"
NAMED = "Two users may have one name, and are one here. By what do you collect the orders of a user?"
REPEATED = (
    "The same statement is sent for one user after the other. Which one statement asks for all users of the city?"
)
ALL_CITIES = "A statement fetches the rows of every city. Where is the city asked for: in SQL, or in Python?"
MULTIPLIED = "Every order of a user comes back once for each of their reviews. Which statement joins both tables?"


class Shop:
    """Users of one city and of others, drawn from a seed, with orders and reviews that collide on purpose."""

    def __init__(self, seed: int, size: int):
        rng = random.Random(f"{seed} {size}")
        self.city, *others = rng.sample(CITIES[:2] if size == FEW else CITIES[2:], 2)
        ids = sorted(rng.sample(range(1, 40 * size), size + 3))
        elsewhere = set(rng.sample(ids, 3))
        self.users = [
            (
                number,
                self._name(rng),
                f"u{number}@example.com",
                rng.choice(others) if number in elsewhere else self.city,
            )
            for number in ids
        ]
        amounts = rng.sample(range(500, 9000), 3)
        self.orders = [
            (rng.choice([*ids[: len(ids) // 2], ids[-1], None]), rng.choice(amounts)) for _ in range(3 * size)
        ]
        self.reviews = [(rng.choice(ids[1::2]), rng.randint(1, 3)) for _ in range(2 * size)]
        busy = next(number for number in ids if number not in elsewhere)
        self.orders += [(busy, amounts[0]), (busy, amounts[0]), (busy, amounts[1])]
        self.reviews += [(busy, 2), (busy, 2)]
        rng.shuffle(self.orders)

    def _name(self, rng: random.Random) -> str:
        return f"{rng.choice(webshop.FIRST[:2])} {rng.choice(webshop.LAST[2:4])}"

    @property
    def data(self) -> Data:
        """The rows of the shop's tables."""
        orders = [
            (number, user, "paid", total, f"2026-01-{number % 28 + 1:02} 10:00:00")
            for number, (user, total) in enumerate(self.orders, start=2000)
        ]
        reviews = [(number, user, stars, "good") for number, (user, stars) in enumerate(self.reviews, start=5000)]
        return {"users": [(*user, webshop.BIO) for user in self.users], "orders": orders, "reviews": reviews}

    @property
    def accounts(self) -> list[Account]:
        """What the page should show."""
        shown = [(number, name) for number, name, _, city in self.users if city == self.city]
        return [(*user, _of(user[0], self.orders), _of(user[0], self.reviews)) for user in shown]


def _of(user: int, rows: Iterable[tuple[int | None, int]]) -> tuple[int, ...]:
    return tuple(sorted(value for owner, value in rows if owner == user))


@dataclass(frozen=True)
class PageCall:
    """The page of one city, on one shop."""

    shop: Shop
    call: CallRecord[None]

    @property
    def accounts(self) -> list[Account] | None:
        """The accounts that the page shows; None if it gave something else."""
        rows = read_page(self.call.value, len(COLUMNS))
        if rows is None:
            return None
        shown = [(row[0], row[1], read_list(row[2]), read_list(row[3])) for row in rows]
        return None if any(None in row[2:] for row in shown) else shown  # type: ignore[return-value]

    @property
    def most_rows(self) -> int:
        """How many rows the page is made of."""
        return sum(1 + len(totals) + len(stars) for _, _, totals, stars in self.shop.accounts)


@experiment("account-pages")
def call_page(attempt: Attempt) -> Series[PageCall]:
    """Call the function on a shop with few users, and on one with many."""

    def call(size: int) -> PageCall:
        shop = Shop(attempt.seed, size)
        with open_shop(shop.data) as lab:
            # Through the index, the users of a city come by their names, unless another order is asked for.
            lab.execute("CREATE INDEX users_by_city ON users (city, name)")
            return PageCall(shop, run_call(lab, attempt.answer, shop.city, read=lambda lab: None))

    return observe_each(call, (FEW, MANY))


@claim(call_page, weight=2)
def shows_every_account(pages: Series[PageCall]) -> None:
    """each user of the city is there once, by id, with the totals of their orders and the stars of their reviews"""
    for page in pages:
        require_value(page.call)
        found, expected = page.accounts, page.shop.accounts
        if found is None:
            words = "a list of `(id, name, totals, stars)`, where totals and stars are lists"
            raise Mismatch(words, f"`{page.call.value!r:.120}`")
        if found != expected:
            hint = next((hint for hint, wrong in MISTAKES if found in _forms(wrong, expected)), "")
            if not hint and [(*one[:2], *map(_ascending, one[2:])) for one in found] == expected:
                hint = "The right numbers, in another order. Who puts each list in order, the statement or Python?"
            raise Mismatch(f"{len(expected)} accounts", _difference(found, expected), hint, _tables(found, expected))


def _ascending(values: Iterable[int]) -> tuple[int, ...] | None:
    """The values in order; None where they cannot be compared."""
    try:
        return tuple(sorted(values))
    except TypeError:
        return None


def _forms(wrong: Callable[[list[Account]], list[list[Account]]], expected: list[Account]) -> list[list[Account]]:
    """What a mistake makes of the page; nothing where it makes no difference."""
    return [form for form in wrong(expected) if form != expected]


def _difference(found: list[Account], expected: list[Account]) -> str:
    if len(found) != len(expected):
        return f"{len(found)}"
    wrong = sum(ours != theirs for ours, theirs in zip(found, expected, strict=True))
    return f"{wrong} of them otherwise" if sorted(map(repr, found)) != sorted(map(repr, expected)) else "another order"


def _tables(found: list[Account], expected: list[Account]) -> list[Table]:
    """The accounts that are missing, and those that are there and wrong; the shortest first."""
    told = (
        ("not there", [row for row in expected if row not in found]),
        ("there and wrong", [row for row in found if row not in expected]),
    )
    shown = {title: sorted(rows, key=lambda row: len(repr(row)))[:3] for title, rows in told if rows}
    return [
        Table(title, COLUMNS, [(*r[:2], str([*r[2]]), str([*r[3]])) for r in rows]) for title, rows in shown.items()
    ]


def _without_childless(accounts: list[Account]) -> list[list[Account]]:
    return [
        [one for one in accounts if one[2] and one[3]],
        [one for one in accounts if one[2]],
        [one for one in accounts if one[3]],
        [one for one in accounts if one[2] or one[3]],
    ]


def _without_repeats(accounts: list[Account]) -> list[list[Account]]:
    return [[(number, name, _once(totals), _once(stars)) for number, name, totals, stars in accounts]]


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(set(values)))


def _crossed(accounts: list[Account]) -> list[list[Account]]:
    """What two left joins make of it, with or without the NULL of who has none."""
    times = [
        (number, name, sorted(totals * max(1, len(stars))), sorted(stars * max(1, len(totals))))
        for number, name, totals, stars in accounts
    ]
    return [[(number, name, tuple(totals), tuple(stars)) for number, name, totals, stars in times]]


def _by_name(accounts: list[Account]) -> list[list[Account]]:
    """What comes of collecting by name: every user of a name has what all of them have."""
    shared = [
        (
            number,
            name,
            tuple(sorted(total for other in accounts if other[1] == name for total in other[2])),
            tuple(sorted(stars for other in accounts if other[1] == name for stars in other[3])),
        )
        for number, name, _, _ in accounts
    ]
    return [shared]


MISTAKES = (
    (LOST, _without_childless),
    (EQUAL, _without_repeats),
    (CROSSED, _crossed),
    (NAMED, _by_name),
)


@claim(call_page, weight=2, after=shows_every_account)
def sends_three_statements(pages: Series[PageCall]) -> None:
    """it sends three statements at most, however many users there are"""
    for page in pages:
        require_few_statements(page.call, MAX_STATEMENTS, f"{len(page.shop.accounts)} users", REPEATED)


@claim(call_page, weight=1, after=shows_every_account)
def fetches_each_row_once(pages: Series[PageCall]) -> None:
    """it fetches no more rows than the page is made of: its users, their orders and their reviews"""
    for page in pages:
        require_few_rows(page.call, page.most_rows, _hint_on_rows(page))


def _hint_on_rows(page: PageCall) -> str:
    """The hint for rows of other cities, or for rows that a join has multiplied; "" where neither is recognised."""
    whole = {len(page.shop.users), len(page.shop.orders), len(page.shop.reviews)}
    crossed = sum(max(1, len(totals)) * max(1, len(stars)) for _, _, totals, stars in page.shop.accounts)
    largest = max((one.rows for one in page.call.fetched), default=0)
    if largest in whole:
        return ALL_CITIES
    return MULTIPLIED if largest == crossed else ""
