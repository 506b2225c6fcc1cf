"""Do pictures of backups say what they draw: the damaged page, and what of the commits comes back?"""

import sqlite3

import pytest

from graders.figures.backup_timelines import Event, draw_pages, draw_recovery

LATE = [Event(360, "copy", "15:00")]
COPIES = (Event(0, "copy", "02:00"), Event(120, "copy", "06:00"), Event(240, "bad copy", "10:00"))
ACCIDENT = Event(350, "accident", "14:05")


@pytest.mark.parametrize(
    ("events", "log_reaches", "caption"),
    [
        (COPIES, 300, "Of 350 commits, 120 come back from the copy, 180 from the log, and 50 are lost."),
        (COPIES, 0, "Of 350 commits, 120 come back from the copy, 0 from the log, and 230 are lost."),
        (COPIES, 400, "Of 350 commits, 120 come back from the copy, 230 from the log, and 0 are lost."),
        (LATE, 0, "Of 350 commits, 0 come back from the copy, 0 from the log, and 350 are lost."),
    ],
)
def test_only_whole_copies_from_before_the_accident_bring_something_back(events, log_reaches, caption):
    """Is what is lost what is neither in the newest whole copy nor in the log?"""
    picture = draw_recovery(events, ACCIDENT, log_reaches)
    assert picture.caption == caption
    assert picture.svg.count("<circle") == len(events) + 1
    assert ("lost:" in picture.svg) is not caption.endswith(" 0 are lost.")


@pytest.mark.parametrize(("index", "words"), [(False, b"Customer 1500"), (True, b"Customer 1500")])
def test_the_damaged_page_is_named_by_what_it_holds(tmp_path, index, words):
    """Is a byte found in its page, and the page called a leaf of the table, or of the index?"""
    file = tmp_path / "customers.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)")
        names = [(number, f"Customer {number}") for number in range(1001, 2001)]
        connection.executemany("INSERT INTO customers VALUES (?, ?)", names)
        connection.execute("CREATE INDEX by_name ON customers (name)")
    connection.close()
    content = file.read_bytes()
    damaged = content.rindex(words) if index else content.index(words)
    picture = draw_pages(file, damaged)
    what = "a leaf of an index" if index else "a leaf of a table"
    assert f"it is in page {damaged // 4096 + 1}, {what}." in picture.words
    assert f"{len(content) // 4096} pages of 4,096 bytes" in picture.words
    assert picture.svg.count("✗") == 1
