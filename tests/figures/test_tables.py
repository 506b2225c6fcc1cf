"""Small tables: what is shown of a value, what is left out, and that nothing is said by colour alone."""

import datetime
import re
import uuid
from decimal import Decimal

import pytest

from graders.figures.tables import plan_html, plan_text, table_html, table_text, value_text
from graders.kernel.report import Table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        ("NULL", "'NULL'"),
        ("", "''"),
        ("null", "null"),
        (" a", "' a'"),
        ("it's", "it's"),
        ("'a'", "'''a'''"),
        ("a\nb\u200b", "a\\nb\\u200b"),
        (True, "true"),
        (7, "7"),
        (0.1 + 0.2, "0.30000000000000004"),
        (float("nan"), "nan"),
        (Decimal("1.50"), "1.50"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.datetime(2026, 1, 2, 3, 4), "2026-01-02 03:04:00"),
        (datetime.time(3, 4), "03:04:00"),
        (b"\x00\xff", "x'00ff'"),
        (memoryview(b"a"), "x'61'"),
        ([1, None, "x"], "[1, NULL, 'x']"),
        ({"k": None}, "{k: NULL}"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        (b"x" * 10_000, "x'" + "78" * 38 + "7…"),
    ],
)
def test_how_a_value_is_written(value, text):
    assert value_text(value) == text


LOANS = Table("Loans", ("id", "member"), [(1, "Ann"), (22, None), (3, "NULL")], frozenset({1}), "extra")


def test_text_lines_up_and_marks_with_a_sign_and_a_word():
    assert table_text(LOANS).splitlines() == [
        "Loans",
        "id  member",
        "--  ------",
        " 1  Ann",
        "22  NULL    ◀ extra",
        " 3  'NULL'",
    ]


def test_wide_characters_line_up():
    lines = table_text(Table("", ("名前", "n"), [("a", 1)])).splitlines()
    assert lines == ["名前  n", "----  -", "a     1"]


def test_html_has_a_caption_scopes_and_a_marked_row():
    html = table_html(LOANS)
    assert re.search(r"<caption[^>]*>Loans</caption>", html)
    assert html.count('<th scope="col"') == 2
    assert len(re.findall(r"<td[^>]*>◀ extra</td>", html)) == 1
    assert re.search(r"font-style: italic[^>]*>NULL<", html)
    assert "&#x27;NULL&#x27;" in html


def test_numbers_stand_right_and_text_left_even_in_one_column():
    html = table_html(Table("", ("v",), [(12,), ("12",), (None,)]))
    assert re.findall(r"<td[^>]*text-align: (\w+);", html) == ["right", "left", "left"]


def test_null_stands_with_the_numbers_of_its_column():
    html = table_html(Table("", ("v",), [(12,), (None,)]))
    assert re.findall(r"text-align: (\w+);", html) == ["right", "right", "right"]


def test_everything_is_escaped():
    html = table_html(Table("<t>", ("<c>",), [("<v> & $x$",)], frozenset({0}), "<m>"))
    assert not re.search(r"<[tcvm]>", html)
    assert "$x$" not in html
    assert html.count("<span>$</span>") == 2
    assert 'class="tex2jax_ignore mathjax_ignore"' in html


def test_no_colour_is_named():
    assert re.findall(r"(?:^|[\s;\"-])color: ([^;\"]+)", table_html(LOANS)) == ["inherit", "inherit"]
    assert "background" not in table_html(LOANS)


@pytest.mark.parametrize("draw", [table_text, table_html])
def test_a_long_table_is_cut_and_counted(draw):
    table = Table("", ("n",), [(n,) for n in range(1234)])
    assert "20 of 1,234 rows shown" in draw(table)
    assert "shown" not in draw(Table("", ("n",), table.rows[:20]))
    assert "3 of 1,234 rows shown" in draw(table, max_rows=3)


@pytest.mark.parametrize("draw", [table_text, table_html])
def test_a_marked_row_is_never_cut_off(draw):
    table = Table("", ("n",), [(n,) for n in range(5000, 5100)], frozenset({99}), "late")
    drawn = draw(table, max_rows=2)
    assert "5000" in drawn
    assert "5001" not in drawn
    assert drawn.index("5099") < drawn.index("◀ late")


@pytest.mark.parametrize("draw", [table_text, table_html])
def test_an_empty_table_names_its_columns(draw):
    drawn = draw(Table("", ("one", "two"), []))
    assert drawn.index("one") < drawn.index("two") < drawn.index("0 rows")


def test_a_plan_of_sqlite_is_a_tree():
    columns = ("id", "parent", "notused", "detail")
    rows = [
        (2, 0, 0, "MERGE"),
        (3, 2, 0, "LEFT"),
        (5, 3, 0, "SCAN a"),
        (9, 2, 0, "RIGHT"),
        (11, 0, 0, "SORT"),
    ]
    assert plan_text(columns, rows).splitlines() == [
        "├─ MERGE",
        "│  ├─ LEFT",
        "│  │  └─ SCAN a",
        "│  └─ RIGHT",
        "└─ SORT",
    ]


def test_plans_of_the_other_engines_are_their_own_text():
    assert plan_text(["explain_key", "explain_value"], [("physical_plan", "┌─┐\n└─┘\n")]) == "┌─┐\n└─┘"
    assert plan_text(["QUERY PLAN"], [("Sort",), ("  ->  Seq Scan",)]) == "Sort\n  ->  Seq Scan"


def test_rows_that_are_no_plan_have_no_plan_text():
    assert plan_text(["id", "detail"], [(1, "x")]) is None


def test_a_plan_keeps_its_spaces_and_is_escaped():
    html = plan_html("a  <b\n  $1")
    assert "a  &lt;b\n  <span>$</span>1" in html
    assert "white-space: pre-wrap;" in html
