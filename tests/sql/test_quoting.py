"""Do names and texts with quotes in them reach every engine as they are, wherever the package writes SQL?"""

import pytest

from graders.labs import open_lab, why_no_postgres
from graders.sql import quote_identifier, quote_literal
from graders.techniques.migrations.change import read_state
from graders.techniques.queries.reusable_lab import schema_without_keys

ENGINES = [
    "SQLite",
    "DuckDB",
    pytest.param("PostgreSQL", marks=pytest.mark.skipif(bool(why_no_postgres()), reason=why_no_postgres())),
]
NAMES = ['a"b', "a'b", "a`b", "a]b", "a b", "select", 'a";--', "é"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_a_lab_takes_any_name(engine, name):
    """Are tables and columns of such a name filled, listed, copied out and emptied?"""
    table = quote_identifier(name)
    with open_lab(engine, f"CREATE TABLE {table} ({table} integer, other text)") as lab:
        lab.insert(name, [(1, "x")])
        assert lab.tables() == [name]
        assert lab.columns(name) == [name, "other"]
        assert lab.dump() == {name: [(1, "x")]}
        assert lab.execute(f"SELECT {table} FROM {table}").columns == (name,)
        lab.empty([name])
        assert lab.dump() == {name: []}


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB"])
@pytest.mark.parametrize("name", NAMES)
def test_a_lab_is_filled_with_many_rows_under_any_name(engine, name):
    with open_lab(engine, f"CREATE TABLE {quote_identifier(name)} (a integer)") as lab:
        lab.put(name, [(1,), (2,)])
        lab.insert(name, [(number,) for number in range(200)])
        assert len(lab.dump()[name]) == 202
        script = schema_without_keys(lab, f"CREATE TABLE {quote_identifier(name)} (a integer)")
    with open_lab(engine, script) as lab:
        assert lab.tables() == [name]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [name for name in NAMES if name == name.lower()])
def test_a_migration_is_read_under_any_name(engine, name):
    table = quote_identifier(name)
    with open_lab(engine, f"CREATE TABLE {table} ({table} integer); INSERT INTO {table} VALUES (1)") as lab:
        there = read_state(lab)
    assert there.rows == {name: ((name,), ((1,),))}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", ["it's", '"', "a;b", "--", "''"])
def test_a_literal_is_its_text(engine, text):
    with open_lab(engine) as lab:
        assert lab.execute(f"SELECT {quote_literal(text)}").rows == [(text,)]
        assert lab.execute(f"SELECT {quote_literal(None)}").rows == [(None,)]
