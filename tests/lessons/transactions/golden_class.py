"""Golden submissions of the lesson on transactions: what students hand in, and the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from student import Student, wrong_answer_to

LESSON = "08-transactions"
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student({"order-a-transfer": "d h c b e a"}),
    "never-begins": Student(
        {
            "order-a-transfer": "e b c",
            "all-or-nothing": wrong_answer("all-or-nothing", "a transaction of its own"),
            "transfer-money": wrong_answer("transfer-money", "A power cut between"),
            "import-the-orders": wrong_answer("import-the-orders", "the first orders of the file"),
        },
        {"order-a-transfer": "1.5", "all-or-nothing": "0", "transfer-money": "3.75", "import-the-orders": "1.5"},
        ("each statement is a transaction of its own", "the first orders of the file are in and the others are not"),
    ),
    "swallows-errors": Student(
        {
            "power-cut": "b",
            "all-or-nothing": wrong_answer("all-or-nothing", "What does the connection say to begin"),
            "transfer-money": wrong_answer("transfer-money", "Your function said that all was well"),
            "retry-when-busy": wrong_answer("retry-when-busy", "What does the caller believe"),
        },
        {"all-or-nothing": "0", "transfer-money": "3.75", "retry-when-busy": "2.25"},
        ("and who swallows it?", "Who learns of the refusal?", "when the function ends without a word?"),
    ),
    "trusts-what-was-read": Student(
        {
            "order-a-transfer": "d g b c a",
            "transfer-money": wrong_answer("transfer-money", "Was the money still there?"),
            "retry-when-busy": wrong_answer("retry-when-busy", "What did it read in this attempt?"),
        },
        {"order-a-transfer": "2", "transfer-money": "3.75", "retry-when-busy": "1.5"},
        ("The number 70 was true when somebody looked", "Was the money still there?"),
    ),
    "never-ends": Student(
        {
            "order-a-transfer": "d e b c",
            "transfer-money": wrong_answer("transfer-money", "who will release the lock?"),
            "retry-when-busy": wrong_answer("retry-when-busy", "is still open"),
        },
        {"order-a-transfer": "0", "transfer-money": "4.38", "retry-when-busy": "0"},
        ("The transaction was never ended", "who will release the lock?"),
    ),
}
