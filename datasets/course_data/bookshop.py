"""A small bookshop with a page that anybody may use: books, members with their passwords, and a log.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: a name and titles with an apostrophe, titles with `%`, `_` and a backslash, an emoji and other scripts,
an empty note and notes that are NULL; the clerk is not the first member; passwords are ten random characters, stored
as they are, which is one of the mistakes that the lesson on injection is about.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

SCHEMA = """
CREATE TABLE members (
    member_id INTEGER PRIMARY KEY,
    name      VARCHAR NOT NULL,
    password  VARCHAR NOT NULL,
    role      VARCHAR NOT NULL
);
CREATE TABLE books (
    book_id INTEGER PRIMARY KEY,
    title   VARCHAR NOT NULL,
    author  VARCHAR NOT NULL,
    shelf   INTEGER NOT NULL,
    price   INTEGER NOT NULL,
    note    VARCHAR
);
CREATE TABLE log (
    line VARCHAR NOT NULL
);
"""
MEMBERS = ("Ada Okafor", "Dara O'Brien", "Ines Costa", "Fatima Noor", "Edgar Lund")
CLERK = "Ines Costa"
BOOKS = (
    ("Emma", "Jane Austen", 1, 990, None),
    ("Beloved", "Toni Morrison", 1, 1250, ""),
    ("Finnegan's Wake", "James Joyce", 2, 1800, "signed"),
    ("100% Wool", "Pia O'Neill", 3, 1500, None),
    ("50 Ways to Say _No_", "Rui Sá", 3, 700, "returned"),
    ("Solaris", "Stanisław Lem", 2, 1100, None),
    ("C:\\ and Other Drives", "Max % Power", 4, 450, ""),
    ("Crime & Punishment", "Fyodor Dostoevsky", 2, 1325, None),
    ("雪国", "川端康成", 4, 1650, None),
    ("A 🦊 in the Garden", "Lea Fuchs", 3, 820, "signed"),
    ("Drop Table, Select Chair", "Otto Bloch", 4, 600, None),
    ("Walden; or, Life in the Woods", "Henry D. Thoreau", 1, 905, None),
)
COLUMNS = ("book_id", "title", "author", "shelf", "price", "note")
# A book that no shop has: for whoever is to find one more.
EXTRA_BOOK = {"book_id": 4711, "title": "A Find", "author": "Ann Found", "shelf": 2, "price": 4711, "note": None}
# What honest people look for, with every trap that authors and titles hold.
AUTHORS = ("Jane Austen", "Pia O'Neill", "Max % Power", "Rui Sá", "川端康成", "nobody", "")
WORDS = ("Emma", "e", "Finnegan's", "100%", "_No_", "\\", "雪国", "🦊", "Drop Table, Select", "; or,", "", "zzz")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&*+-=?@"


def data(seed: int, secret: str = "") -> dict[str, list[tuple]]:
    """The rows of the three tables; `secret` is the clerk's password, which is random like the others without it."""
    rng = random.Random(seed)
    members = []
    for number, name in enumerate(MEMBERS, start=1):
        password = "".join(rng.choices(LETTERS, k=10))
        is_clerk = name == CLERK
        members.append((number, name, (secret if is_clerk else "") or password, "clerk" if is_clerk else "reader"))
    order = rng.sample(BOOKS, len(BOOKS))
    return {"members": members, "books": [(number, *book) for number, book in enumerate(order, start=1)], "log": []}


def books_with(tables: Mapping[str, Any], values: Mapping[str, Any], order: str = "book_id") -> list[dict[str, Any]]:
    """The books, by column, that have each of `values`, NULL among them, sorted by a column or down by "-column"."""
    books = [dict(zip(COLUMNS, row, strict=True)) for row in tables["books"]]
    found = [book for book in books if all(_same(book[name], value) for name, value in values.items())]
    return sorted(found, key=lambda book: book[order.removeprefix("-")], reverse=order.startswith("-"))


def _same(stored: Any, value: Any) -> bool:
    return type(stored) is type(value) and stored == value


def books_containing(tables: Mapping[str, Any], words: str) -> list[dict[str, Any]]:
    """The books, by column, whose title contains `words`; like LIKE, only the letters A to Z are equal to a to z."""
    return [book for book in books_with(tables, {}) if _small(words) in _small(book["title"])]


def _small(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)
