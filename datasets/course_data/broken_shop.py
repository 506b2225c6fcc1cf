"""The shop before its repair, after the card's e-commerce example: 4,127 cents of what it has sent were never paid.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: five defects, each of which lost some of the cents, and for each of them orders that have the defect and
are paid, or were never sent; payments in parts; totals as binary fractions; request keys, customers and a status that
are NULL; stock below zero, which lost nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from graders.labs import Lab, open_lab

SCHEMA = """
CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY,
    email       VARCHAR,
    name        VARCHAR,
    password    VARCHAR
);
CREATE TABLE products (
    product_id INTEGER PRIMARY KEY,
    title      VARCHAR NOT NULL,
    price      DOUBLE NOT NULL,
    stock      INTEGER DEFAULT 0
);
CREATE TABLE orders (
    order_id    INTEGER PRIMARY KEY,
    customer_id INTEGER,
    status      VARCHAR DEFAULT 'new',
    request_key VARCHAR,
    total       DOUBLE NOT NULL DEFAULT 0,
    placed_at   TIMESTAMP NOT NULL
);
CREATE TABLE order_lines (
    order_id   INTEGER NOT NULL,
    product_id INTEGER NOT NULL,
    pieces     INTEGER NOT NULL DEFAULT 1,
    price      DOUBLE NOT NULL
);
CREATE TABLE payments (
    payment_id INTEGER PRIMARY KEY,
    order_id   INTEGER NOT NULL,
    cents      INTEGER NOT NULL CHECK (cents > 0)
);
CREATE TABLE parcels (
    order_id INTEGER PRIMARY KEY
);
"""
MISSING = 4127
POSTAGE = 100.1
ROWS = 60
DEFECTS = ("cut cent", "old total", "sent twice", "odd status", "no customer")
STATUSES = ("new", "paid", "shipped", "cancelled")
ODD_STATUSES = ("Paid", "paid ", "sent", "new ", "neu")
TITLES = ("bell", "cap", "lamp", "lock", "map", "mug", "pen", "pump")
FIRST = ("Ada", "Ben", "Carla", "Dara", "Edgar", "Fatima", "Goran", "Hana")
# The marks of findings: no finding can be read off its mark.
MARK = "((NEW.order_id * 48271 + NEW.cents) * 69621 + {number} * 16807) % 2147483647"
NUMBER = "(SELECT number FROM defects WHERE defect = NEW.defect)"
FINDINGS = f"""
CREATE TABLE short_orders (order_id INTEGER PRIMARY KEY, missing_cents INTEGER NOT NULL) STRICT;
CREATE TABLE seals (mark INTEGER PRIMARY KEY) STRICT;
CREATE TABLE findings (defect TEXT NOT NULL, order_id INTEGER NOT NULL, cents INTEGER NOT NULL) STRICT;
CREATE TABLE answers (defect TEXT, order_id INTEGER, cents INTEGER, says TEXT);
CREATE TABLE defects (number INTEGER PRIMARY KEY, defect TEXT NOT NULL UNIQUE) STRICT;
CREATE TRIGGER answer_finding AFTER INSERT ON findings BEGIN
    INSERT INTO answers SELECT NEW.defect, NEW.order_id, NEW.cents, CASE
        WHEN NEW.defect NOT IN (SELECT defect FROM defects) THEN 'there is no such defect'
        WHEN {MARK.format(number=NUMBER)} IN (SELECT mark FROM seals) THEN 'yes'
        WHEN {MARK.format(number=0)} IN (SELECT mark FROM seals) THEN 'so many cents are missing, for another reason'
        ELSE 'not so' END;
END;
CREATE VIEW still_missing AS
SELECT (SELECT sum(missing_cents) FROM short_orders) - coalesce(sum(cents), 0) AS cents
FROM (SELECT DISTINCT order_id, cents FROM answers WHERE says = 'yes');
"""
Line = tuple[int, int, int]
Loss = tuple[str, int, int]
Job = Callable[[], object]


def data(seed: int, rows: int = ROWS) -> dict[str, list[tuple]]:
    """The rows of the six tables: about `rows` orders."""
    return _write_books(seed, rows).tables


def find_losses(seed: int, rows: int = ROWS) -> list[Loss]:
    """Each loss: the defect, the order, and how many cents were not paid; they come to `MISSING`."""
    return sorted(_write_books(seed, rows).losses)


def open_sized(engine: str, seed: int, rows: int) -> Lab:
    """The shop with about `rows` orders, and on SQLite the tables in which findings are written and answered."""
    if engine == "SQLite":
        return _open_with_findings(seed, rows, sealed=True)
    return open_lab(engine, SCHEMA, data(seed, rows))


def open_unsealed(seed: int) -> Lab:
    """The shop with the tables for findings, whose trigger knows no answers: it says "not so" of everything."""
    return _open_with_findings(seed, ROWS, sealed=False)


def _open_with_findings(seed: int, rows: int, *, sealed: bool) -> Lab:
    losses = find_losses(seed, rows)
    lab = open_lab("SQLite", SCHEMA + FINDINGS, data(seed, rows))
    marks = {_mark(loss, number) for loss in losses for number in (0, DEFECTS.index(loss[0]) + 1)}
    lab.fill(
        {
            "short_orders": [(order, cents) for _, order, cents in losses],
            "defects": list(enumerate(DEFECTS, start=1)),
            "seals": [(mark,) for mark in sorted(marks)] if sealed else [],
        }
    )
    return lab


def _mark(loss: Loss, number: int) -> int:
    _, order, cents = loss
    return ((order * 48271 + cents) * 69621 + number * 16807) % 2147483647


@dataclass
class _Books:
    """The tables, as order after order is written into them."""

    rng: random.Random
    tables: dict[str, list[tuple]] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    last: int = 0
    """The number of the last order."""

    def place(
        self,
        lines: list[Line],
        *,
        status: str | None = "shipped",
        customer: int | None = 0,
        key: str | None = "",
        total: float | None = None,
        sent: bool = True,
        paid: tuple[int, ...] = (),
        loss: str = "",
    ) -> str | None:
        """Write one order, paid in the parts `paid`, and give its request key; `loss` is the defect that cost money."""
        self.last += self.rng.randint(1, 7)
        key = f"{self.rng.randrange(16**6):06x}-{self.last}" if key == "" else key
        buyer = self.rng.choice(self.tables["customers"])[0] if customer == 0 else customer
        moment = f"2026-03-{len(self.tables['orders']) // 12 + 1:02} 10:{len(self.tables['orders']) % 60:02}:00"
        total = add_up(lines) if total is None else total
        self.tables["orders"].append((self.last, buyer, status, key, total, moment))
        self.tables["order_lines"] += [(self.last, product, pieces, cents / 100) for product, pieces, cents in lines]
        self.tables["parcels"] += [(self.last,)] if sent else []
        for part in paid:
            self.tables["payments"].append((len(self.tables["payments"]) + 1, self.last, part))
        if loss:
            self.losses.append((loss, self.last, count_cents(lines) - sum(paid)))
        return key


def count_cents(lines: Iterable[Line]) -> int:
    """What the lines of an order cost, in cents."""
    return sum(pieces * cents for _, pieces, cents in lines)


def add_up(lines: Iterable[Line]) -> float:
    """What the shop's program takes for the total, in euros: postage is added, and taken off again.

    The last bits of such a total are not those of the sum of its lines, on any version of any engine.
    """
    total = sum(pieces * (cents / 100) for _, pieces, cents in lines)
    with_postage = total + POSTAGE - POSTAGE
    return with_postage if with_postage != total else math.nextafter(total, 0)


def _write_books(seed: int, rows: int) -> _Books:
    rng = random.Random(seed)
    customers = [
        (number, f"u{number}@example.com", rng.choice(FIRST), "secret") for number in rng.sample(range(1, 90), 9)
    ]
    prices = [(number, title, rng.randint(120, 900) / 100) for number, title in enumerate(TITLES, start=1)]
    products = [(*product, rng.choice((-2, 0, 3, 8))) for product in prices]
    names = ("customers", "products", "orders", "order_lines", "payments", "parcels")
    books = _Books(rng, {name: [] for name in names})
    books.tables |= {"customers": sorted(customers), "products": products}
    jobs = [*_losing(books), *_harmless(books), *_ordinary(books, rows - 40)]
    rng.shuffle(jobs)
    for job in jobs:
        job()
    return books


def _losing(books: _Books) -> list[Job]:
    """The orders that lost money: `MISSING` in all, some by each defect."""
    rng = books.rng
    cut = [_draw_lines(rng, cut=True) for _ in range(rng.randint(4, 8))]
    while True:
        unpaid = [_draw_lines(rng) for _ in range(6)]
        rest = MISSING - len(cut) - sum(map(count_cents, unpaid))
        if 200 <= rest <= 1500:
            break
    first = rng.randint(40, rest // 2)
    odd, nobody, twice = unpaid[:2], unpaid[2:4], unpaid[4:]
    return [
        *(partial(books.place, lines, paid=(count_cents(lines) - 1,), loss="cut cent") for lines in cut),
        *(partial(_grow, books, extra, ()) for extra in (first, 1, rest - first - 1)),
        partial(books.place, odd[0], status=rng.choice(ODD_STATUSES), key=None, loss="odd status"),
        partial(books.place, odd[1], status=None, loss="odd status"),
        partial(books.place, nobody[0], status="new", customer=rng.randint(100, 199), key=None, loss="no customer"),
        partial(books.place, nobody[1], status="new", customer=None, loss="no customer"),
        *(partial(_repeat, books, lines, status="new", loss="sent twice") for lines in twice),
    ]


def _harmless(books: _Books) -> list[Job]:
    """Orders that have the same defects and lost nothing: they are paid, or were never sent."""
    rng = books.rng
    lines = [_draw_lines(rng) for _ in range(13)]
    cents = [count_cents(each) for each in lines]
    cut = [_draw_lines(rng, cut=True) for _ in range(2)]
    return [
        *(partial(books.place, each, paid=(count_cents(each) - 1, 1)) for each in cut),
        partial(_grow, books, 90, (90,)),
        partial(books.place, lines[0], status=rng.choice(ODD_STATUSES), paid=(cents[0],)),
        partial(books.place, lines[1], status=rng.choice(ODD_STATUSES), sent=False),
        partial(books.place, lines[2], status=None, paid=(cents[2],)),
        partial(books.place, lines[3], customer=None, paid=(cents[3],)),
        partial(books.place, lines[4], customer=rng.randint(100, 199), paid=(cents[4],)),
        partial(books.place, lines[5], customer=None, status="new", sent=False),
        partial(_repeat, books, lines[6], status="cancelled", sent=False),
        partial(_repeat, books, lines[7], paid=(cents[7],)),
        *(partial(books.place, each, key=None, paid=(count_cents(each),)) for each in lines[8:11]),
        *(
            partial(books.place, each, status=one, sent=False)
            for each, one in zip(lines[11:], STATUSES[::3], strict=True)
        ),
    ]


def _ordinary(books: _Books, count: int) -> list[Job]:
    """Orders in which nothing went wrong, some of them paid in two parts."""
    jobs: list[Job] = []
    for _ in range(count):
        lines = _draw_lines(books.rng)
        cents = count_cents(lines)
        part = books.rng.choice((0, 0, cents // 2))
        paid = (part, cents - part) if part else (cents,)
        jobs.append(partial(books.place, lines, status=books.rng.choice(STATUSES[1:3]), paid=paid))
    return jobs


def _grow(books: _Books, extra: int, later: tuple[int, ...]) -> None:
    """An order to which a line was added after its total had been worked out."""
    lines = _draw_lines(books.rng)
    added = (*lines, (len(TITLES) + 1 - lines[0][0], 1, extra))
    if len({product for product, *_ in added}) < len(added):
        return _grow(books, extra, later)
    cents = count_cents(lines)
    loss = "" if later else "old total"
    books.place(list(added), total=add_up(lines), paid=(cents, *later), loss=loss)
    return None


def _repeat(books: _Books, lines: list[Line], **how: Any) -> None:
    """An order that is paid, and the same request once more."""
    key = books.place(lines, paid=(count_cents(lines),))
    books.place(lines, key=key, **how)


def _draw_lines(rng: random.Random, cut: bool = False) -> list[Line]:
    """One to three lines, whose total times 100 is a cent too low when it is cut off, or is not."""
    while True:
        products = rng.sample(range(1, len(TITLES) + 1), rng.choice((1, 1, 2, 3)))
        lines = [(product, rng.choice((1, 1, 1, 2)), rng.randint(60, 480)) for product in products]
        if (int(add_up(lines) * 100) < count_cents(lines)) == cut:
            return lines
