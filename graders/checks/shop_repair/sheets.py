"""A flat sheet of old orders drawn from a seed, messy as people leave it, and what of it can come into the shop."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course_data import shop
from graders.labs.lab import Row

SHEET = """
CREATE TABLE sheet (
    line_no     INTEGER PRIMARY KEY,
    request_key TEXT,
    email       TEXT,
    title       TEXT,
    pieces      INTEGER,
    cents       INTEGER,
    placed_at   TEXT
);
CREATE TABLE rejected (line_no INTEGER PRIMARY KEY);
"""
ORDERS = 7
Line = dict[str, Any]
Mess = Callable[[random.Random, Line], Line]
MESSES: Sequence[Mess] = (
    lambda rng, line: {"email": line["email"].upper()},
    lambda rng, line: {"email": f" {line['email']}", "title": f"{line['title']}  "},
    lambda rng, line: {"title": line["title"].swapcase(), "request_key": f"{line['request_key']} "},
    lambda rng, line: {"pieces": rng.choice((0, -1))},
    lambda rng, line: {"pieces": None},
    lambda rng, line: {"cents": None},
    lambda rng, line: {"title": "Lamp-01"},
    lambda rng, line: {"title": rng.choice(("Bells", ""))},
    lambda rng, line: {"title": None},
    lambda rng, line: {"email": f"x{line['email']}"},
    lambda rng, line: {"email": line["email"][1:]},
    lambda rng, line: {"request_key": ""},
    lambda rng, line: {"request_key": "  "},
    lambda rng, line: {"request_key": None},
)
"""What is wrong with a line, or looks wrong; each stands in a sheet at least once."""


@dataclass(frozen=True)
class Books:
    """What is in the shop after an import: orders and lines by the order's request key, and the rejected lines."""

    orders: list[Row]
    """Of each its key, customer, status, total in cents, and when it was placed."""
    lines: list[Row]
    """Of each the key of its order, product, pieces and price in cents."""
    rejected: list[Row]
    """The number of each."""


class Sheet:
    """A shop with its orders, and a sheet of others."""

    def __init__(self, seed: int):
        self.rng = random.Random(f"{seed} sheet")
        self.data = shop.data(seed, secret="salt")
        self.customers = {email: number for number, email, *_ in self.data["customers"]}
        self.products = {title: number for number, title, *_ in self.data["products"]}
        lines = self._draw_lines()
        self.rows: list[Row] = [(number, *line.values()) for number, line in enumerate(lines, start=2)]

    def _draw_lines(self) -> list[Line]:
        orders = [self._draw_order(number) for number in range(ORDERS + len(MESSES))]
        for mess, order in zip(MESSES, orders, strict=False):
            order[-1] |= mess(self.rng, order[-1])
        known = self.rng.choice(self.data["orders"])[3]
        orders[-1] = [line | {"request_key": known} for line in orders[-1]]
        lines = [line for order in orders for line in order]
        twins = [line | {"pieces": 5} for line in self.rng.sample(lines, 4)]
        (again, *_), (late, *_) = self._draw_order(90), self._draw_order(91)
        fixed = [again, again | {"cents": again["cents"] + 1}, late | {"pieces": 0}, late, late | {"pieces": 5}]
        return self._mix(lines + twins, fixed)

    def _mix(self, lines: list[Line], fixed: list[Line]) -> list[Line]:
        """All lines in any order, but those of `fixed` one after the other as they are."""
        places = sorted(self.rng.sample(range(len(lines) + len(fixed)), len(fixed)))
        self.rng.shuffle(lines)
        for place, line in zip(places, fixed, strict=True):
            lines.insert(place, line)
        return lines

    def _draw_order(self, number: int) -> list[Line]:
        key = f"sheet-{self.rng.randrange(16**4):04x}-{number}"
        email = self.rng.choice(sorted(self.customers))
        titles = self.rng.sample([title for title in sorted(self.products) if title.isascii()], self.rng.randint(1, 3))
        return [
            {
                "request_key": key,
                "email": email,
                "title": title,
                "pieces": self.rng.randint(1, 4),
                "cents": self.rng.randint(0, 2500),
                "placed_at": shop.moment(-number),
            }
            for title in titles
        ]

    def books(
        self,
        choose: str = "first good",
        plain: Callable[[str], str] = lambda text: text.strip(" ").lower(),
        titles: Callable[[str], str] | None = None,
    ) -> Books:
        """What should be in the shop after the import.

        `choose` says which of several lines for one product of one order comes in, and `plain` what of two texts must
        be equal, `titles` of two titles where that is something else; all are there for what people get wrong.
        """
        titles = titles or plain
        chosen: dict[tuple[str, int], Row] = {}
        for row in self.rows:
            place = (row[1] or "").strip(" "), self._find(self.products, row[3], titles)
            good = self._is_good(row, plain, titles)
            if choose == "last good" and good or place not in chosen and (good or choose == "first"):
                chosen[place] = row
        good_ones = {place: row for place, row in chosen.items() if self._is_good(row, plain, titles)}
        return self._books(good_ones, plain)

    def _is_good(self, row: Row, plain: Callable[[str], str], titles: Callable[[str], str]) -> bool:
        _, key, email, title, pieces, cents, _ = row
        taken = {"", *(order[3] for order in self.data["orders"])}
        found = self._find(self.customers, email, plain) and self._find(self.products, title, titles)
        return bool(found) and (key or "").strip(" ") not in taken and (pieces or 0) > 0 and cents is not None

    def _find(self, known: Mapping[str, int], text: str | None, plain: Callable[[str], str]) -> int:
        """The number of what is called so; 0 if nothing is."""
        return next((number for name, number in known.items() if plain(name) == plain(text or "")), 0)

    def _books(self, chosen: Mapping[tuple[str, int], Row], plain: Callable[[str], str]) -> Books:
        old = {order[0]: order for order in self.data["orders"]}
        lines = [(old[order][3], *rest) for order, *rest in self.data["order_lines"]]
        lines += [(key, product, row[4], row[5]) for (key, product), row in chosen.items()]
        totals: dict[str, int] = {}
        for key, _, pieces, cents in lines:
            totals[key] = totals.get(key, 0) + pieces * cents
        orders = {key: (key, buyer, status, total, moment) for _, buyer, status, key, total, moment in old.values()}
        for (key, _), row in chosen.items():
            orders[key] = (key, self._find(self.customers, row[2], plain), "shipped", totals[key], row[6])
        left = {row[0] for row in self.rows} - {row[0] for row in chosen.values()}
        return Books(sorted(orders.values()), sorted(lines), [(number,) for number in sorted(left)])
