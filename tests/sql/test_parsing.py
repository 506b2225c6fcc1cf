"""Is the work of reading a statement bounded by its size, whatever its shape?"""

import sys

import pytest

from graders.sql.lexer import DIALECTS
from graders.sql.parsing import parse
from graders.sql.statements import MAX_CHARACTERS, MAX_NESTING, MAX_TOKENS, TooLarge, Unreadable, check_size

ENGINES = list(DIALECTS)


def nested(opening, inside, closing, levels):
    return opening * levels + inside + closing * levels


SHAPES = {
    "brackets": lambda size: f"SELECT {nested('(', '1', ')', size)}",
    "ANY in ANY": lambda size: f"SELECT x = {nested('ANY (', '1', ')', size)}",
    "subqueries": lambda size: f"SELECT {nested('(SELECT ', '1', ')', size)}",
    "calls": lambda size: f"SELECT {nested('f(', '1', ')', size)}",
    "structs": lambda size: f"SELECT {nested('STRUCT(', '1', ')', size)}",
    "rows": lambda size: f"SELECT {nested('ROW(', '1', ')', size)}",
    "casts": lambda size: f"SELECT {nested('CAST(', '1', ' AS INT)', size)}",
    "CASE in CASE": lambda size: f"SELECT {nested('CASE WHEN ', '1', ' THEN 1 END', size)}",
    "NOT NOT": lambda size: f"SELECT {'NOT ' * size} 1",
    "signs": lambda size: f"SELECT {'- ' * size} 1",
    "= = =": lambda size: f"SELECT 1{' = 1' * size}",
    "OR OR": lambda size: f"SELECT 1{' OR 1' * size}",
    "IN": lambda size: f"SELECT 1 IN (1{', 1' * size})",
    "UNION": lambda size: f"SELECT 1{' UNION SELECT 1' * size}",
    "WITH in WITH": lambda size: nested("WITH a AS (", "SELECT 1", ") SELECT 1", size),
    "joins": lambda size: f"SELECT 1 FROM a{' JOIN b' * size}{' ON 1' * size}",
    "subscripts": lambda size: f"SELECT a{'[1]' * size}",
    "casts behind": lambda size: f"SELECT a{'::int' * size}",
    "open brackets": lambda size: f"SELECT {'(' * size}",
    "statements": lambda size: "SELECT 1;" * size,
    "quotes": lambda size: "'" * size,
    "words": lambda size: "SELECT " * size,
}
# One reading takes some hundred calls a token.
MAX_CALLS = 2_500_000


@pytest.mark.parametrize("size", [99, 1_600, 14_000])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("engine", ["SQLite", "DuckDB", "PostgreSQL"])
def test_no_shape_takes_more_than_bounded_work(engine, shape, size, counted_calls):
    statement = SHAPES[shape](size)

    def read():
        try:
            parse(statement, engine)
        except Unreadable:
            return

    assert counted_calls(read) < MAX_CALLS


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_too_large_is_named(engine):
    with pytest.raises(TooLarge, match=f"more than {MAX_CHARACTERS:,} characters"):
        check_size("SELECT 1" + " " * MAX_CHARACTERS, engine)
    with pytest.raises(TooLarge, match=f"more than {MAX_TOKENS:,} words and signs"):
        check_size(SHAPES["IN"](MAX_TOKENS), engine)
    with pytest.raises(TooLarge, match=f"nests more than {MAX_NESTING} levels deep"):
        check_size(SHAPES["ANY in ANY"](6_000), engine)


@pytest.mark.parametrize("engine", ["DuckDB", "PostgreSQL"])
def test_subscripts_nest_in_a_row_only(engine):
    with pytest.raises(TooLarge):
        check_size(SHAPES["subscripts"](MAX_NESTING + 1), engine)
    check_size(f"SELECT {', '.join(['a[1][1]'] * MAX_NESTING)}", engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("shape", ["brackets", "calls", "casts", "CASE in CASE", "OR OR", "IN", "subqueries"])
def test_what_people_write_is_read(engine, shape):
    assert parse(SHAPES[shape](50), engine)


def test_a_verdict_does_not_depend_on_how_deep_it_is_asked_for():
    """Is a statement that nests as deep as may be read from the bottom of the stack and from near its top?"""
    statement, limit = SHAPES["calls"](MAX_NESTING - 1), sys.getrecursionlimit()

    def deeper(levels):
        return deeper(levels - 1) if levels else parse(statement, "SQLite")

    assert deeper(0) == deeper(limit - 150)
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("text", ["", "-- nothing", "SELECT 1; SELECT 2", "SELECT 'open", "SELECT FROM WHERE ("])
def test_what_is_no_statement_is_unreadable(text):
    with pytest.raises(Unreadable):
        parse(text, "SQLite")
