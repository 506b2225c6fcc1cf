"""Golden submissions of the lesson on values: what students hand in, and the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from student import Student, wrong_answer_to

LESSON = "02-schema-values"
wrong_answer = partial(wrong_answer_to, LESSON)
NOTHING_ENTERS = """CREATE TABLE rentals (
    rental_id INTEGER PRIMARY KEY, guest TEXT NOT NULL, size TEXT NOT NULL, starts_on TEXT NOT NULL,
    ends_on TEXT NOT NULL, deposit_cents INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'booked',
    remark TEXT, returned_at TEXT, CHECK (guest <> guest)
) STRICT;"""
NO_RULES = "CREATE TABLE products (product_id INTEGER PRIMARY KEY, name, cents);"
CARD = """CREATE TABLE users (
    id SERIAL PRIMARY KEY, public_id UUID DEFAULT (gen_random_uuid()), email VARCHAR(255) NOT NULL, created_at TEXT
);"""

STUDENTS = {
    "all-right": Student({}),
    "refuses-everything": Student({"rent-out-tents": NOTHING_ENTERS}, {"rent-out-tents": "0"}),
    "no-rules": Student(
        {"price-list": NO_RULES, "repair-the-users": CARD},
        {"price-list": "0", "repair-the-users": "0"},
    ),
    "rounds": Student(
        {
            "row-of-nonsense": "a",
            "split-the-bill": "def split(cents, people):\n    return [cents // people] * people\n",
            "rename-a-status": "a c b",
        },
        {"split-the-bill": "0.4", "rename-a-status": "0"},
        ("Who pays the cents that are left?",),
    ),
}
