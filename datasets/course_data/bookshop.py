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
# What drawn authors and titles are made of.
FIRST, LAST = ("Ada", "Björn", "Chidi", "Élise", "Omar", "Vera"), ("Ames", "Brook", "D'Arcy", "Holt", "Marsh", "Okoye")
NOUNS = ("Bridge", "Garden", "Island", "Letter", "Mirror", "River", "Storm", "Tower", "Winter", "Élan")
CROWD, EQUAL = 320, 6
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


def crowded(seed: int, secret: str = "", size: int = CROWD) -> dict[str, list[tuple]]:
    """The same tables with `size` books that collide: authors of many books, titles of several authors, equal books.

    One author has nearly half of them, so that a result that is cut off shows; the books of the small shop have
    companions that share some of their columns with them, and the first book of all has one for each column in which
    nothing else differs. `size` is 90 at least.
    """
    rng = random.Random(f"{seed} crowd")
    tables = data(seed, secret)
    books = [*BOOKS, *(_companion(rng, book) for book in BOOKS for _ in range(4))]
    authors = [f"{rng.choice(FIRST)} O'Dell", *rng.sample([f"{first} {last}" for first in FIRST for last in LAST], 11)]
    first = _drawn_book(rng, authors[1])
    books += [(*first[:place], other, *first[place + 1 :]) for place, other in enumerate(_other_book(first))]
    others = size - len(books) - EQUAL - 1
    books += [_drawn_book(rng, authors[0] if n < others // 2 else rng.choice(authors[1:])) for n in range(others)]
    books += rng.sample(books, EQUAL)
    rng.shuffle(books)
    books.insert(0, first)
    return {**tables, "books": [(number, *book) for number, book in enumerate(books, start=1)]}


def _companion(rng: random.Random, book: tuple) -> tuple:
    """A book that has some columns of `book`, and others of its own."""
    other = _drawn_book(rng, rng.choice(BOOKS)[1])
    kept = rng.sample(range(len(book)), rng.randint(2, 4))
    return tuple(book[place] if place in kept else other[place] for place in range(len(book)))


def _other_book(book: tuple) -> tuple:
    """A book that differs from `book` in every column."""
    title, author, shelf, price, note = book
    return f"{title} again", f"{author} junior", shelf % 4 + 1, price + 5, "lent" if note is None else None


def _drawn_book(rng: random.Random, author: str) -> tuple:
    title = f"{rng.choice(NOUNS)} and {rng.choice(NOUNS)}"
    note = rng.choice((None, None, "", "signed", "returned"))
    return title, author, rng.randint(1, 4), rng.randint(40, 199) * 10, note


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
