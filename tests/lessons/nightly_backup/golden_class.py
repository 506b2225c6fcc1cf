"""Golden submissions of the lesson on nightly backups: what students hand in, and the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from student import Student, wrong_answer_to

LESSON = "16-nightly-backup"
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "trusts-the-card": Student(
        {
            "why-is-it-empty": "a",
            "repair-the-line": wrong_answer("repair-the-line", "kept from that?"),
            "repair-the-script": wrong_answer("repair-the-script", "is that of its last command"),
            "keep-seven": wrong_answer("keep-seven", "What should be counted in place of days?"),
            "restore-or-nothing": wrong_answer("restore-or-nothing", "Which setting makes it stop?"),
        },
        {"repair-the-line": "0", "repair-the-script": "0.75", "keep-seven": "1", "restore-or-nothing": "1"},
        ("Cron ends the command at the first bare", "gzip was content with nothing"),
    ),
}
