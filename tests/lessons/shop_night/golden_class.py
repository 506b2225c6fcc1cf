"""Golden submissions of the lesson on a night of the shop: what students hand in, the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from student import Student, wrong_answer_to

LESSON = "20-shop-night"
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "changes-at-once": Student(
        {
            "triggers-that-answer": "a",
            "order-the-rollout": "g c e b f a",
            "move-the-payments": wrong_answer("move-the-payments", "What must come before that step?"),
        },
        {"triggers-that-answer": "0", "order-the-rollout": "0", "move-the-payments": "0"},
        ("What must come before that step?",),
    ),
    "copies-files": Student(
        {
            "back-up-the-shop": wrong_answer("back-up-the-shop", "Which call knows where they are?"),
            "forget-a-customer": wrong_answer("forget-a-customer", "Which columns say who it is?"),
        },
        {"back-up-the-shop": "0", "forget-a-customer": "0"},
        ("Which columns say who it is?",),
    ),
}
