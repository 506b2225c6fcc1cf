"""Golden submissions of the lesson on isolation: what students hand in, and the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from student import Student, wrong_answer_to

LESSON = "09-isolation"
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student(
        {
            "lose-two-visitors": 'turns = "C A B B B C C A A"',
            "one-seat-two-booths": "ALTER TABLE bookings ADD PRIMARY KEY (seat)",
        }
    ),
    "looks-first": Student(
        {
            "optimistic-lock": wrong_answer("optimistic-lock", "between your SELECT and your UPDATE"),
            "never-oversell": wrong_answer("never-oversell", "between your SELECT and your UPDATE"),
            "lose-two-visitors": 'turns = "AAABBBCCC"',
        },
        {"optimistic-lock": "1", "never-oversell": "3.12", "lose-two-visitors": "0"},
        ("Can one statement ask and write?", "Read, decide and write under one lock.", "Who must read before whom?"),
    ),
    "trusts-the-sender": Student(
        {
            "optimistic-lock": wrong_answer("optimistic-lock", "said that it was saved"),
            "never-oversell": wrong_answer("never-oversell", "The same order came a second time"),
        },
        {"optimistic-lock": "0.5", "never-oversell": "3.75"},
        ("Who said that it was saved?", "What must be asked before taking?"),
    ),
    "any-index-will-do": Student(
        {
            "one-seat-two-booths": "CREATE INDEX by_seat ON bookings (seat)",
            "name-the-anomaly": wrong_answer("name-the-anomaly", "Had the value that was read been committed"),
        },
        {"one-seat-two-booths": "0", "name-the-anomaly": "2"},
        ("Which word is missing?", "Had the value that was read been committed by then?"),
    ),
}
