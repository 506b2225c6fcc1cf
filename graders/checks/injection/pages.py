"""The pages of the bookshop that the lesson on injection attacks: every one of them has its hole on purpose."""

from __future__ import annotations

import sqlite3

from graders.labs import EngineError, Lab

WINDOW = "shop_window"


def login(lab: Lab, name: str, password: str) -> tuple | None:
    """Who is logged in, as (name, role); None if nobody is."""
    found = lab.execute(f"SELECT name, role FROM members WHERE name = '{name}' AND password = '{password}'")
    return found.rows[0] if found.rows else None


def search(lab: Lab, words: str) -> list[tuple]:
    """The title and the price of every book whose title contains `words`."""
    return lab.execute(f"SELECT title, price FROM books WHERE title LIKE '%{words}%'").rows


def in_stock(lab: Lab, title: str) -> bool:
    """Whether there is such a book. The page says yes or no, and no when something goes wrong."""
    try:
        return bool(lab.execute(f"SELECT 1 FROM books WHERE title = '{title}'").rows)
    except EngineError:
        return False


def listing(lab: Lab, column: str) -> list[tuple]:
    """The title and the price of every book, sorted by `column`."""
    return lab.execute(f"SELECT title, price FROM books ORDER BY {column}").rows


def only_the_window(action: int, one: str | None, two: str | None, database: str | None, view: str | None) -> int:
    """An authorizer: SELECT, functions, and reading the shop's window are allowed, and nothing else."""
    if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION):
        return sqlite3.SQLITE_OK
    through_the_window = action == sqlite3.SQLITE_READ and WINDOW in (one, view)
    return sqlite3.SQLITE_OK if through_the_window else sqlite3.SQLITE_DENY
