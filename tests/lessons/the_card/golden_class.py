"""Golden submissions of the lesson on the whole card: what students hand in, and the marks and words it must earn."""

from __future__ import annotations

from functools import partial

from student import Student, wrong_answer_to

LESSON = "21-the-card"
wrong_answer = partial(wrong_answer_to, LESSON)

STUDENTS = {
    "all-right": Student({}),
    "trusts-the-card": Student(
        {
            "how-many-are-refused": "a",
            "order-the-script": wrong_answer("order-the-script", "Which step has deleted them?"),
            "own-page": wrong_answer("own-page", "besides the name and the role"),
            "own-migration": wrong_answer("own-migration", "Where would the data that are gone come from?"),
            "own-night": wrong_answer("own-night", "is that of its last command"),
        },
        {"order-the-script": "1", "own-page": "0", "own-migration": "1", "own-night": "0.5"},
        ("Which step has deleted them?", "gzip was content with nothing"),
    ),
}
