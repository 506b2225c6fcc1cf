"""Golden submissions of the lesson on relations: what students hand in, and what they must earn."""

from __future__ import annotations

from functools import partial

from student import Student, full_marks, wrong_answer_to

LESSON = "05-schema-relations"
FULL = full_marks(LESSON)
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student(
        {
            "order-the-repair": "a b f e c",
            "one-default-address": "CREATE UNIQUE INDEX u ON addresses (CASE is_default WHEN 1 THEN customer_id END)",
        }
    ),
    "lets-children-go": Student(
        {
            "order-the-repair": "c a d e",
            "choose-on-delete": wrong_answer("choose-on-delete", "What does the accountant say?"),
            "turn-the-key-on": "b",
        },
        {"order-the-repair": "0", "choose-on-delete": "2.4"},
        ("Which step throws it away?", "What does the accountant say?"),
    ),
    "believes-the-mark": Student(
        {
            "members-who-come-back": wrong_answer("members-who-come-back", "Nobody who is present has this e-mail"),
            "one-default-address": "CREATE UNIQUE INDEX u ON addresses (customer_id, is_default)",
        },
        {"members-who-come-back": "2.5", "one-default-address": "0.5"},
        ("Which rows should your rule not look at?",),
    ),
    "copies-the-card": Student(
        {"repair-the-roles": wrong_answer("repair-the-roles", "SQLite knows one type")},
        {"repair-the-roles": "0"},
        ("SQLite knows one type that makes a primary key count by itself",),
    ),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
}
