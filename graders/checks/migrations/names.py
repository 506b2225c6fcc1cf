"""Customers whose name is stored twice, whole and in two parts: what several exercises on migrations start from."""

from __future__ import annotations

import random
import string

from graders.labs import Lab

TWICE = """CREATE TABLE customers (
    customer_id INTEGER PRIMARY KEY, fullname TEXT, first_name TEXT, last_name TEXT);"""
FIRST = ("Ada", "Ben", "Carla", "Mei", "Joris")
LAST = ("Okafor", "Sato", "Ruiz", "van der Berg", "O'Brien")


def in_two(name: str | None) -> tuple[str | None, str | None]:
    """The first and the last name of `name`: what stands before its first space, and what stands behind it, or None."""
    if name is None:
        return None, None
    first, space, last = name.partition(" ")
    return first, last if space else None


def people_of(rng: random.Random, count: int) -> list[str]:
    """The whole names of `count` people, each of at least two words; the last is a stranger."""
    return [*(f"{rng.choice(FIRST)} {rng.choice(LAST)}" for _ in range(count - 1)), stranger(rng)]


def stranger(rng: random.Random) -> str:
    """A name of two words that stands in no list, so that nobody can look its parts up."""
    return " ".join("".join(rng.choices(string.ascii_lowercase, k=6)).title() for _ in range(2))


def disagreeing(lab: Lab) -> str:
    """An invariant: which customer's two names are not those of the whole name, in words, or ""."""
    query = "SELECT customer_id, fullname, first_name, last_name FROM customers ORDER BY customer_id"
    for number, name, first, last in lab.execute(query).rows:
        if (first, last) != in_two(name):
            return f"customer {number} is called {name!r}, and in two parts {first!r} and {last!r}"
    return ""
