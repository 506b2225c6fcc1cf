"""Golden submissions of the lesson on orders: what students hand in, the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from shop_by_hand import ORDERS
from student import Student, full_marks, wrong_answer_to

LESSON = "19-shop-orders"
FULL = full_marks(LESSON)
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "by-hand": Student(ORDERS),
    "blank": Student(dict.fromkeys(FULL, ""), dict.fromkeys(FULL, "0"), ("(blank)",)),
    "trusts-the-rules": Student(
        {
            "whose-key": "b",
            "order-the-purchase": "d c f g a e b",
            "place-an-order": wrong_answer("place-an-order", "Which BEGIN asks for the lock"),
        },
        {"whose-key": "0", "order-the-purchase": "0.67", "place-an-order": "3.43"},
        ("Which BEGIN asks for the lock before anything is read?",),
    ),
    "trusts-strangers": Student(
        {
            "steal-the-hashes": wrong_answer("steal-the-hashes", "How many has yours?"),
            "repair-the-search": wrong_answer("repair-the-search", "ends your quote itself"),
        },
        {"steal-the-hashes": "0", "repair-the-search": "0"},
        ("How many has yours?",),
    ),
}
