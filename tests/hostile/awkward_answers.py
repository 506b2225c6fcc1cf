"""Answers, most of them honest mistakes, after which a report is hard to draw, to write down or to print."""

from __future__ import annotations

from dataclasses import dataclass

from graders.course.course import Course
from graders.course.reading import read_lesson


@dataclass(frozen=True)
class Awkward:
    """One answer: its name, the exercise, the text, and words that its report must hold."""

    name: str
    exercise: str
    text: str
    says: str


def solutions(course: Course) -> dict[str, str]:
    """The solution of every exercise of the course."""
    lessons = map(read_lesson, course.lesson_folders)
    return {name: task.solution for lesson in lessons for name, task in lesson.tasks.items()}


def awkward_answers(course: Course) -> list[Awkward]:
    """The catalogue; some answers are made from the course's solutions."""
    solved = solutions(course)
    return [*_other_columns(solved), *_other_rows(), *_texts(), *_nested(), *_values_of_duckdb()]


def _other_columns(solved: dict[str, str]) -> list[Awkward]:
    tables = solved["split-the-loan-sheet"].partition("CREATE VIEW")[0]
    begin = 'connection.execute("BEGIN IMMEDIATE")'
    added = "connection.execute('ALTER TABLE {} ADD COLUMN note TEXT')"
    widened = "if orders: connection.execute('ALTER TABLE lines ADD COLUMN note TEXT DEFAULT 1')"
    rows = [
        (
            "view-of-one-column",
            "split-the-loan-sheet",
            "CREATE VIEW sheet_again AS SELECT member_id FROM sheet",
            "1 column: member_id",
        ),
        (
            "view-of-all-columns",
            "split-the-loan-sheet",
            f"{tables}CREATE VIEW sheet_again AS SELECT * FROM loans JOIN members JOIN books JOIN shelves",
            "10 columns: member_id",
        ),
        (
            "account-with-a-note",
            "transfer-money",
            solved["transfer-money"].replace(begin, f"{added.format('accounts')}\n    {begin}"),
            "4 columns: id, owner, balance, note",
        ),
        (
            "line-with-a-note",
            "import-the-orders",
            solved["import-the-orders"].replace(begin, f"{widened}\n    {begin}"),
            "4 columns: order_id, sku, quantity, note",
        ),
        (
            "order-with-a-note",
            "import-the-orders",
            solved["import-the-orders"].replace(begin, f"{added.format('orders')}\n    {begin}"),
            "2 columns: order_id, note",
        ),
        (
            "list-with-a-note",
            "all-or-nothing",
            "def run_all(connection, statements):\n    " + added.format("accounts"),
            "has 3 columns",
        ),
    ]
    return [Awkward(*row) for row in rows]


def _other_rows() -> list[Awkward]:
    backfill = "def backfill(connection, size):\n    connection.execute('{}')"
    return [
        Awkward(
            "customers-renumbered",
            "resumable-backfill",
            backfill.format("UPDATE customers SET customer_id = customer_id + 1000"),
            "no such row",
        ),
        Awkward("customers-deleted", "resumable-backfill", backfill.format("DELETE FROM customers"), "no such row"),
    ]


def _texts() -> list[Awkward]:
    keys = "def candidate_keys(attributes, fds):\n    return [{%s}]"
    found = {
        "half-a-character": (r"'\ud800'", r"\ud800"),
        "zero-character": (r"'a\0b'", r"a\x00b"),
        "escape-sequence": (r"'\x1b[31mred\u202e'", r"\x1b[31mred\u202e"),
        "giant-name": ("'x' * 4_000_000", "xxx…"),
    }
    return [Awkward(name, "find-candidate-keys", keys % text, says) for name, (text, says) in found.items()]


def _nested() -> list[Awkward]:
    nested = (
        "def search(connection, words, most):\n    value = []\n    for _ in range({}):\n        value = [value]\n    {}"
    )
    plain = "def search(connection, words, most):\n    return {}"
    return [
        Awkward("nested-484-deep", "fix-the-search", nested.format(484, "return value"), "nested more than 40 deep"),
        Awkward("row-nested-38-deep", "fix-the-search", nested.format(35, "return [(value, 1)]"), "rows"),
        Awkward(
            "number-of-5000-digits", "fix-the-search", plain.format("[(10**5000, 1)]"), "int of more than 4,300 digits"
        ),
        Awkward("number-of-4000-digits", "fix-the-search", plain.format("[(10**4000, float('nan'))]"), "rows"),
        Awkward("sets-in-rows", "fix-the-search", plain.format("[({'a': 1, 2: {3}}, None), ()]"), "rows"),
    ]


def _values_of_duckdb() -> list[Awkward]:
    variants = "CREATE OR REPLACE TABLE bookings AS SELECT 1::VARIANT AS seat, {'a': 1}::VARIANT AS passenger"
    return [
        Awkward(
            "interval-too-long", "one-seat-two-booths", "SELECT INTERVAL 999999999 MONTH", "Python cannot hold a value"
        ),
        Awkward(
            "bookings-of-any-type",
            "one-seat-two-booths",
            f"{variants} UNION ALL SELECT 'a'::VARIANT, [1]::VARIANT",
            "{a: 1}",
        ),
        Awkward(
            "list-nested-484-deep", "one-seat-two-booths", f"SELECT {'[' * 484}1{']' * 484}", "nested more than 30 deep"
        ),
    ]
