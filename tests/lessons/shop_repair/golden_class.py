"""Golden submissions of the lesson on the shop's repair: what students hand in, and what it must earn."""

from __future__ import annotations

from functools import partial

from shop_by_hand import REPAIR
from student import Student, full_marks, wrong_answer_to

LESSON = "18-shop-repair"
FULL = full_marks(LESSON)
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "by-hand": Student(REPAIR),
    "other-forms": Student({"sent-twice": "b, f, d, h, a, e", "cents-cut-off": "a", "what-the-card-takes": "c"}),
    "believes-the-copies": Student(
        {
            "short-orders": wrong_answer("short-orders", "A total is a copy"),
            "find-the-losses": wrong_answer("find-the-losses", "cuts them off"),
            "import-the-file": wrong_answer("import-the-file", "the sum of?"),
        },
        {"short-orders": "0", "find-the-losses": "2", "import-the-file": "2.25"},
        ("What do the lines of the order cost?", "Which function comes before CAST?", "What must it be the sum of?"),
    ),
    "forgets-null": Student(
        {
            "sent-twice": "b f d h g e",
            "find-the-losses": wrong_answer("find-the-losses", "names nobody either"),
            "repair-the-tables": wrong_answer("repair-the-tables", "a comparison with NULL is not false"),
        },
        {"sent-twice": "0", "find-the-losses": "2", "repair-the-tables": "2.45"},
        ("IS treats NULL and NULL as equal", "What does NOT IN give for NULL?", "What refuses NULL?"),
    ),
    "loops-and-casts": Student(
        {
            "read-the-prices": wrong_answer("read-the-prices", "A cast takes 3.999"),
            "newest-orders": wrong_answer("newest-orders", "The same statement is sent"),
        },
        {"read-the-prices": "0", "newest-orders": "1.5"},
        ("Who says what a price looks like?", "asks for the lines of all of them?"),
    ),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
}
