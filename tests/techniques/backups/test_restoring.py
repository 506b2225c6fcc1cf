"""Is what a file does not bring back told by its table, its row and its moment?"""

import pytest

from graders.labs import open_lab
from graders.techniques.backups import find_loss, read_moment

SCHEMA = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER);
CREATE TABLE transfers (id INTEGER PRIMARY KEY, amount INTEGER);
CREATE INDEX by_balance ON accounts (balance);
PRAGMA user_version = 7;
"""
ROWS = {"accounts": [(1, 100), (2, 50)], "transfers": [(1, 10)]}
TRANSFER = "UPDATE accounts SET balance = balance + 5 WHERE id = 1; INSERT INTO transfers VALUES (2, 5);"


def moments():
    with open_lab("SQLite", SCHEMA, ROWS) as lab:
        first = read_moment(lab, "before the transfer")
        lab.run(TRANSFER)
        return [first, read_moment(lab, "after it")]


def image(script=""):
    with open_lab("SQLite", SCHEMA, ROWS) as lab:
        lab.run(script)
        return lab.image()


@pytest.mark.parametrize("script", ["", TRANSFER, "REINDEX", "PRAGMA journal_mode = delete"])
def test_whole_files_lose_nothing(script):
    """Does a file that holds either moment bring everything back, in whatever order of pages?"""
    assert find_loss(image(script), moments()) is None


def test_a_file_that_says_it_has_a_log_is_read_without_it():
    """Is a file whose header names a log restored alone?"""
    content = bytearray(image())
    content[18:20] = b"\x02\x02"
    assert find_loss(bytes(content), moments()) is None


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ("DELETE FROM accounts WHERE id = 2", "rows", "in `accounts` row (2, 50) is missing (before the transfer)"),
        ("DELETE FROM accounts", "rows", "row (1, 100) is missing, and 1 more"),
        ("UPDATE accounts SET balance = 51 WHERE id = 2", "rows", "row (2, 51) in place of (2, 50)"),
        ("INSERT INTO accounts VALUES (3, 0)", "rows", "row (3, 0), which was never committed"),
        ("DROP TABLE transfers", "no table", "no table `transfers`"),
        (
            "UPDATE accounts SET balance = 105 WHERE id = 1",
            "no moment",
            "`accounts` as after it; `transfers` as before",
        ),
        ("DROP INDEX by_balance", "objects", "no index by_balance"),
        ("PRAGMA user_version = 0", "user_version", "user_version 0 in place of 7"),
    ],
)
def test_what_is_lost_is_named(script, kind, words):
    """Does the loss name the table and the row, or what stands beside the rows?"""
    loss = find_loss(image(script), moments())
    assert loss and loss.kind == kind
    assert words in loss.words


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (None, "no file"),
        (b"", "empty file"),
        (b"pg_dump: error: connection refused\n", "unreadable"),
        (image()[:5000], "damaged"),
        (image()[:4096] + b"\xff" * 100 + image()[4196:], "damaged"),
    ],
    ids=["none", "empty", "text", "cut", "overwritten"],
)
def test_what_is_no_database_is_told_as_that(content, kind):
    """Is a file from which nothing comes back told by what is wrong with it?"""
    loss = find_loss(content, moments())
    assert loss and loss.kind == kind
