"""Golden submissions of the lesson on a night of the shop: what students hand in, the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from shop_by_hand import NIGHT
from student import Student, full_marks, wrong_answer_to

LESSON = "20-shop-night"
FULL = full_marks(LESSON)
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "by-hand": Student(NIGHT),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
    "copies-and-loses": Student(
        {
            "move-the-payments": wrong_answer("move-the-payments", "Which step removes it?"),
            "recover-the-shop": wrong_answer("recover-the-shop", "whether a file is whole?"),
            "the-whole-night": wrong_answer("the-whole-night", "Which writes belong in the same one?"),
        },
        {"move-the-payments": "2", "recover-the-shop": "0", "the-whole-night": "3"},
        (
            "Which step removes it?",
            "How do you find out whether a file is whole?",
            "Which writes belong in the same one?",
        ),
    ),
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
