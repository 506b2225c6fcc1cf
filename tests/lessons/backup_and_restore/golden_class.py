"""Golden submissions of the lesson on backup and restore: what students hand in, the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from student import Student, wrong_answer_to

LESSON = "15-backup-and-restore"
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "other-forms": Student({"order-the-backup": "c, e, g, f, a"}),
    "copies-files": Student(
        {
            "copy-of-a-live-file": "a",
            "order-the-backup": "e g b a",
            "write-a-backup": wrong_answer("write-a-backup", "Which call knows where they are?"),
            "keep-the-newest-good": wrong_answer("keep-the-newest-good", "What would you restore from"),
        },
        {"order-the-backup": "0", "write-a-backup": "0", "keep-the-newest-good": "1.2"},
        ("the newest rows were in the log beside it", "no new backup came"),
    ),
    "trusts-what-is-there": Student(
        {
            "verify-a-copy": wrong_answer("verify-a-copy", "What was noted of each table?"),
            "recover-the-bank": wrong_answer("recover-the-bank", "Which copies are from before?"),
            "accounts-at-an-instant": wrong_answer("accounts-at-an-instant", "Is the accident itself"),
        },
        {"verify-a-copy": "0.86", "recover-the-bank": "0", "accounts-at-an-instant": "0"},
        ("nothing is in it", "Which copies are from before?"),
    ),
}
