"""Do other forms of an answer mean the same, and do wrong orders and idle answers differ from right ones?"""

import sqlite3

import pytest

from graders.fairness.mutants import order_mutants
from graders.fairness.other_forms import python_forms, shell_forms, sql_forms
from graders.fairness.proof import idle_programs

SCRIPT = "create TABLE t (a INTEGER, b TEXT);\nINSERT INTO t VALUES (1, 'Select From');\nUPDATE t SET a = a + 1;"
PROGRAM = """import math


def area(radius, *, digits=2):
    # of a circle
    return round(math.pi * radius**2, digits)
"""


@pytest.mark.parametrize(("kind", "script"), list(sql_forms(SCRIPT, "SQLite")), ids=lambda value: value[:40])
def test_forms_of_a_script_do_the_same(kind, script):
    """Does the script leave the same rows in this form?"""
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(script)
        assert connection.execute("SELECT a, b FROM t").fetchall() == [(2, "Select From")]
    assert script != SCRIPT


def test_comments_that_may_mean_something_are_kept():
    """Is a script with comments in it only laid out in ways that leave them where they are?"""
    kinds = [kind for kind, _ in sql_forms("-- step: first\nSELECT 1;\n-- step: second\nSELECT 2;", "SQLite")]
    assert "laid out by sqlglot" not in kinds
    assert "with keywords in lower case" in kinds


@pytest.mark.parametrize(("kind", "source"), list(python_forms(PROGRAM, "area")), ids=lambda value: value[:40])
def test_forms_of_a_program_do_the_same(kind, source):
    """Does the function give the same in this form?"""
    space: dict[str, object] = {}
    exec(compile(source, "answer", "exec"), space)  # noqa: S102
    assert space["area"](2) == 12.57
    assert source != PROGRAM


def test_wrong_orders_are_all_others():
    """Is each step left out and moved, each two exchanged, and each step that is too many put everywhere?"""
    orders = [mutant.text for mutant in order_mutants("a b c", {"a": "", "b": "", "c": "", "d": ""})]
    assert {"b c", "b a c", "c b a", "a b c d", "d a b c"} <= set(orders)
    assert "a b c" not in orders
    assert len(orders) == len(set(orders))


def test_idle_programs_have_the_function_and_do_nothing():
    """Is there one for each constant, one for each argument and one that raises?"""
    programs = list(idle_programs(PROGRAM, "area"))
    assert "return radius" in programs[-2]
    assert "raise ValueError" in programs[-1]
    assert all("import math" in program and "pi" not in program for program in programs)


SHELL = """set -eu
day=$(date +%d)
name="$(printf '%s' a)"
psql -X -q -1 -f /backups/new.sql copy
mv /backups/new.sql "/backups/$day"
"""


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("with backquotes", "day=`date +%d`"),
        ("with backquotes", """name="$(printf '%s' a)\""""),
        ("with paths in quotes", 'mv "/backups/new.sql" "/backups/$day"'),
        ("with long options", "set -o errexit -o nounset"),
        ("with long options", "psql -X -q --single-transaction -f /backups/new.sql copy"),
    ],
)
def test_forms_of_a_shell_script(kind, line):
    """Does this line stand in that form, and nothing that would mean something else?"""
    assert line in dict(shell_forms(SHELL))[kind].splitlines()


def test_a_form_that_is_the_script_itself_is_left_out():
    """Is a script without a place for a form not tried again as it is?"""
    assert [kind for kind, _ in shell_forms("exit 0")] == [
        *("with a comment before it", "with a blank line after each line"),
        *("with line feeds of Windows", "with blanks before each line"),
    ]
