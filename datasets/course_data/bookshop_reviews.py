"""The bookshop with what its readers wrote about its books: the tables that object-relational mappers are tried on.

Origin: generated here. Licence: CC BY 4.0 with the rest of the course's text.
Traps planted: those of the bookshop; a book with many reviews and books with none, so that a statement for each book
is noticed; every review leads to a member, and a member to a password, which is where a filter from outside may go.
"""

from __future__ import annotations

import random

from course_data import bookshop

SCHEMA = (
    bookshop.SCHEMA
    + """
CREATE TABLE reviews (
    review_id INTEGER PRIMARY KEY,
    book_id   INTEGER NOT NULL REFERENCES books (book_id),
    member_id INTEGER NOT NULL REFERENCES members (member_id),
    words     VARCHAR NOT NULL
);
"""
)
WORDS = ("read it twice", "I couldn't finish it", "100% worth it", "a present for my aunt", "雪", "too long")
REVIEWS = 18


def data(seed: int, secret: str = "") -> dict[str, list[tuple]]:
    """The rows of the four tables; `secret` is the clerk's password, which is random like the others without it."""
    rng = random.Random(seed + 1)
    tables = bookshop.data(seed, secret)
    reviewed = rng.sample([book[0] for book in tables["books"]], 7)
    reviews = [(n, rng.choice(reviewed), rng.randint(1, 5), rng.choice(WORDS)) for n in range(1, REVIEWS + 1)]
    return {**tables, "reviews": reviews}


def crowded(seed: int, secret: str = "", size: int = bookshop.CROWD) -> dict[str, list[tuple]]:
    """The same tables with `size` books that collide, two thirds of them with one review or more."""
    rng = random.Random(f"{seed} reviews")
    tables = bookshop.crowded(seed, secret, size)
    reviewed = rng.sample([book[0] for book in tables["books"]], size * 2 // 3)
    books = [*reviewed, *rng.choices(reviewed, k=size // 2)]
    reviews = [(n, book, rng.randint(1, 5), rng.choice(WORDS)) for n, book in enumerate(books, start=1)]
    return {**tables, "reviews": reviews}
