"""Is a report always text and values that files, pages, terminals and gradebooks take, and never too many of them?"""

from decimal import Decimal

import pytest

from graders.figures.report import report_text as shown_as_text
from graders.grading.judge_requests import report_from_json, report_to_json
from graders.kernel.readable import MAX_CELL, MAX_TEXT, format_value, readable, readable_value
from graders.kernel.report import MAX_COLUMNS, MAX_PICTURE, MAX_ROWS, NO_PICTURE, Report, Table, Verdict
from graders.kernel.scoring import Outcome


def failed(**what):
    return Verdict("claim", "it holds", Outcome.FAILS, **what)


@pytest.mark.parametrize("row", [(), (1,), (1, 2, 3)])
def test_a_table_refuses_a_row_of_another_width(row):
    """Is such a table a value that cannot be made, whatever it is to be drawn on?"""
    with pytest.raises(ValueError, match=rf"'t' has 2 columns, and a row of {len(row)} values"):
        Table("t", ("a", "b"), [(1, 2), row])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ordinary, with a\nline end, a\ttab and ë", "ordinary, with a\nline end, a\ttab and ë"),
        ("\ud800", r"\ud800"),
        ("a\0b", r"a\x00b"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("mar\u202egnitirw", r"mar\u202egnitirw"),
        ("\r\x85\u2028", r"\r\x85\u2028"),
        ("x" * 2000, "x" * (MAX_TEXT - 1) + "…"),
    ],
)
def test_text_is_readable_and_short(text, shown):
    """Is what has no shape written out, in each place of a verdict, and is what is readable left as it is?"""
    assert readable(text) == readable(shown) == shown
    verdict = failed(expected=text, found=text, hint=text)
    assert (verdict.expected, verdict.found, verdict.hint) == (shown, shown, shown)
    assert Report("x-1", 1, (verdict,), (text,)).remarks == (shown,)


def test_a_table_of_a_report_is_small_and_keeps_its_marked_rows():
    """Are rows and columns left out with their number, and not the row that matters?"""
    wide = Table("t" * 999, tuple(map(str, range(2000))), [(place,) * 2000 for place in range(500)], frozenset({499}))
    (table,) = failed(tables=(wide,)).tables
    assert (len(table.columns), len(table.rows), table.more) == (MAX_COLUMNS, MAX_ROWS, 500 - MAX_ROWS)
    assert table.columns[-1] == f"… {2000 - MAX_COLUMNS + 1:,} more columns"
    assert [table.rows[place][0] for place in table.marked] == [499]
    assert len(table.title) == MAX_CELL


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (10**154, 10**154),
        (10**200, "1" + "0" * (MAX_CELL - 2) + "…"),
        (Decimal("sNaN"), "sNaN"),
        (b"x" * 999, b"x" * MAX_CELL),
        ([1, None, "it's", {"k": (b"\0", {2, 1})}], "[1, NULL, 'it''s', {k: [x'00', {1, 2}]}]"),
        ("a\0", r"a\x00"),
        (range(3), "range(0, 3)"),
    ],
)
def test_a_cell_holds_a_short_plain_value(value, cell):
    """Is a value kept if it is short and plain, and written out if not?"""
    assert readable_value(value) == readable_value(cell) == cell


def test_a_number_that_python_does_not_write_has_its_type_for_a_cell():
    """Does a number of 5,000 digits raise nothing?"""
    assert readable_value(10**5000) == readable(10**5000) == "<int>"


def test_of_a_giant_value_the_beginning_is_written():
    """Is neither breadth nor depth gone through to the end?"""
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert len(format_value(deep)) < 50
    assert format_value([["x" * 10**6] * 10**6]) == "[['" + "x" * (MAX_CELL - 4) + "…"


def test_a_picture_is_shown_whole_or_not_at_all():
    """Is a picture never cut in the middle of a tag?"""
    assert failed(picture="<svg>\x1b</svg>").picture == r"<svg>\x1b</svg>"
    assert failed(picture="x" * (MAX_PICTURE + 1)).picture == NO_PICTURE


def test_a_report_comes_back_from_its_text_as_it_was():
    """Does what is cut and written out stay the same when it is read again?"""
    wide = Table("t\0", ("a\ud800",) * 99, [([1], "\x1b" * 300, None) * 33] * 99, frozenset({98}), "\u202e")
    report = Report("x-1", 2, (failed(tables=(wide,), hint="\ud800" * 999, picture="\0" * 9),), ("\x1b",))
    assert report_from_json(report_to_json(report)) == report


def test_no_line_of_a_detail_passes_for_a_verdict():
    """Is what an answer made the report say indented on the terminal, line by line?"""
    lines = shown_as_text(Report("x-1", 1, (failed(found="a\n  ✓ it holds (holds)"),))).splitlines()
    assert [line for line in lines if line.startswith("  ✓")] == []
    assert "        ✓ it holds (holds)" in lines
