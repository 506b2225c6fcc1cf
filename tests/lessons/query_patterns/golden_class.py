"""Golden submissions of the lesson on query patterns: what students hand in, and the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from student import Student, wrong_answer_to

LESSON = "14-query-patterns"
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student({"count-open-orders": "g, d, e, f, a"}),
    "joins-everything": Student(
        {
            "each-order-once": wrong_answer("each-order-once", "three lines and two payments"),
            "never-ordered": wrong_answer("never-ordered", "puts a NULL into the list"),
            "count-open-orders": "g d e b a",
            "account-pages": wrong_answer("account-pages", "Each order of a user has met"),
        },
        {"each-order-once": "0", "never-ordered": "0", "count-open-orders": "0", "account-pages": "0"},
        ("become in your join?", "What does NOT IN say then?", "Which line drops them?", "must not stand in one join?"),
    ),
    "loops-over-everything": Student(
        {
            "report-of-one-order": "a",
            "account-pages": wrong_answer("account-pages", "The same statement is sent"),
            "next-page": wrong_answer("next-page", "have been fetched too"),
        },
        {"account-pages": "1.8", "next-page": "1.5"},
        ("Which one statement asks for all users of the city?", "Which clause ends a page in SQL?"),
    ),
    "takes-equal-for-one": Student(
        {
            "each-order-once": wrong_answer("each-order-once", "Two equal payments are two payments"),
            "three-best-lines": wrong_answer("three-best-lines", "counts different quantities"),
            "next-page": wrong_answer("next-page", "same time as the last one shown are missing"),
        },
        {"each-order-once": "0", "three-best-lines": "0", "next-page": "0"},
        (
            "What does DISTINCT make of them?",
            "How many lines of the product are larger",
            "two orders of one time apart?",
        ),
    ),
}
