"""A lending library grown large: its members and as many loans as are asked for, 300,000 unless said otherwise.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: few members borrow most (Zipf: member 1 far more than any other, the last but one once, the last never);
97 % of the loans are returned, 2 % open, 1 % lost; a later loan is due later, give or take ten days; an open or lost
loan has no day of return (NULL); titles and e-mails are typed in mixed case; `email` is UNIQUE, so it has its index.
"""

from __future__ import annotations

import datetime
import random
from itertools import accumulate
from pathlib import Path

from course_data.cache import open_cached
from graders.labs import Lab

SCHEMA = """
CREATE TABLE members (
    member_id INTEGER PRIMARY KEY,
    name      VARCHAR NOT NULL,
    email     VARCHAR NOT NULL UNIQUE,
    city      VARCHAR
);
CREATE TABLE loans (
    loan_id     INTEGER PRIMARY KEY,
    member_id   INTEGER NOT NULL REFERENCES members (member_id),
    title       VARCHAR NOT NULL,
    due_on      DATE NOT NULL,
    returned_on DATE,
    status      VARCHAR NOT NULL,
    fine        INTEGER NOT NULL
);
"""
ROWS = 300_000
LOANS_A_MEMBER = 60
FIRST_DAY = datetime.date(2023, 1, 2)
DAYS = 1200
JITTER = 10
STATUSES, SHARES = ("returned", "open", "lost"), (97, 2, 1)
FIRST = ("Ada", "Ben", "Carla", "Dara", "Edgar", "Fatima", "Goran", "Hana", "Ivo", "Jun")
LAST = ("Okafor", "Sato", "Ruiz", "O'Brien", "Lund", "Noor", "Haas", "Silva", "Novak", "Diallo")
CITIES = ("Lyon", "Porto", "Turku", "Graz", "Ghent", None)
KINDS = ("The Red", "A Silent", "My Last", "The Northern", "An Unfinished", "Her Second", "The Glass", "One Broken")
THINGS = ("House", "River", "Letter", "Garden", "Harbour", "Winter", "Witness", "Map", "Orchard", "Engine")


def data(seed: int, rows: int = ROWS) -> dict[str, list[tuple]]:
    """The rows of `members` and of `loans`, which has as many as `rows` says; the first days are the same for all."""
    rng = random.Random(f"{seed} {rows}")
    people = max(rows // LOANS_A_MEMBER, 20)
    return {"members": [_member(rng, number) for number in range(1, people + 1)], "loans": _loans(rng, rows, people)}


def open_sized(engine: str, seed: int, rows: int = ROWS) -> Lab:
    """Open a fresh lab on `engine` with these data; what was made once is kept."""
    return open_cached(engine, Path(__file__), SCHEMA, data, seed, rows)


def _member(rng: random.Random, number: int) -> tuple:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    email = f"{first}.{last.replace(chr(39), '')}{number}@example.com"
    return number, f"{first} {last}", rng.choice((email, email.lower())), rng.choice(CITIES)


def _loans(rng: random.Random, rows: int, people: int) -> list[tuple]:
    weights = list(accumulate(1 / (number + 5) for number in range(1, people - 1)))
    borrowers = [*rng.choices(range(1, people - 1), cum_weights=weights, k=rows - 1), people - 1]
    statuses = rng.choices(STATUSES, SHARES, k=rows)
    titles = rng.choices(_titles(), k=rows)
    late = rng.choices((-9, -5, -2, 0, 1, 4, 30), (8, 20, 30, 15, 10, 12, 5), k=rows)
    jitter = rng.choices(range(-JITTER, JITTER + 1), k=rows)
    days = [(FIRST_DAY + datetime.timedelta(days)).isoformat() for days in range(DAYS + 2 * JITTER + 31)]
    return [
        _loan(number, *drawn, JITTER + number * (DAYS - 1) // rows + jitter[number - 1], days)
        for number, drawn in enumerate(zip(borrowers, titles, statuses, late, strict=True), start=1)
    ]


def _loan(number: int, member: int, title: str, status: str, late: int, due: int, days: list[str]) -> tuple:
    returned = days[max(due + late, 0)] if status == "returned" else None
    return number, member, title, days[due], returned, status, max(late, 0) * 20


def _titles() -> list[str]:
    """Eighty titles, each as three people would type it."""
    plain = [f"{kind} {thing}" for kind in KINDS for thing in THINGS]
    return [typed for title in plain for typed in (title, title, title.lower(), title.upper())]
