"""A small lending library: members, books and loans.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: loans that are not returned (NULL), members without a loan, a member with two open loans, two members
of the same name, a name with an apostrophe, a loan returned on the very day it was due.
"""

from __future__ import annotations

import datetime
import random

SCHEMA = """
CREATE TABLE members (
    member_id INTEGER PRIMARY KEY,
    name      VARCHAR NOT NULL,
    city      VARCHAR
);
CREATE TABLE loans (
    loan_id     INTEGER PRIMARY KEY,
    member_id   INTEGER NOT NULL REFERENCES members (member_id),
    title       VARCHAR NOT NULL,
    due_on      DATE NOT NULL,
    returned_on DATE
);
"""
NAMES = ("Ada Okafor", "Ben Sato", "Carla Ruiz", "Dara O'Brien", "Edgar Lund", "Fatima Noor", "Ada Okafor")
CITIES = ("Lyon", "Porto", "Turku", None)
TITLES = ("Dune", "Emma", "Beloved", "Solaris", "Ulysses", "Walden")
FIRST_DAY = datetime.date(2026, 3, 2)
PLANTED = ((1, -3), (1, None), (2, 0), (4, None), (4, None), (5, 9))


def data(seed: int) -> dict[str, list[tuple]]:
    """The rows of `members` and `loans`; the last two members never borrow."""
    rng = random.Random(seed)
    members = [(number, name, rng.choice(CITIES)) for number, name in enumerate(NAMES, start=1)]
    borrowed = [*PLANTED, *((rng.randint(1, 5), rng.choice((-5, -1, 2, 12, None))) for _ in range(8))]
    loans = [_loan(rng, number, member, late) for number, (member, late) in enumerate(borrowed, start=1)]
    return {"members": members, "loans": loans}


def _loan(rng: random.Random, number: int, member: int, days_late: int | None) -> tuple:
    due = FIRST_DAY + datetime.timedelta(days=rng.randint(0, 40))
    returned = None if days_late is None else due + datetime.timedelta(days=days_late)
    return (number, member, rng.choice(TITLES), due.isoformat(), returned and returned.isoformat())
