"""Small data sets: the same for the same seed, within the rules of the schema, and full of corner cases."""

import datetime
import subprocess
import sys
from decimal import Decimal
from itertools import islice

import pytest

from graders.labs import EngineError, open_lab
from graders.techniques.queries import ReusableLab, generate_instances, read_tables
from graders.techniques.queries.instances import count_rows
from graders.techniques.queries.query_syntax import collect_literals

SCHEMA = """
CREATE TABLE loan (
    id INTEGER PRIMARY KEY, member INTEGER REFERENCES member (id), due DATE NOT NULL,
    back DATE, fine DECIMAL(6, 2), CHECK (back IS NULL OR back >= due)
);
"""
MEMBER = """
CREATE TABLE member (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, card TEXT UNIQUE, friend INTEGER REFERENCES member (id)
);
"""
SCRIPTS = {"SQLite": SCHEMA + MEMBER, "DuckDB": MEMBER + SCHEMA}
QUERY = "SELECT name FROM member JOIN loan ON member = member.id WHERE due < '2024-03-01' AND name = 'Zoe'"


def made(engine="SQLite", count=60, **more):
    return sorted(islice(generate_instances(SCRIPTS[engine], [QUERY], engine=engine, **more), count), key=count_rows)


@pytest.fixture(scope="module")
def many():
    return made(count=200)


@pytest.mark.parametrize("engine", SCRIPTS)
def test_the_engine_tells_the_tables_parents_first(engine):
    with open_lab(engine, SCRIPTS[engine]) as lab:
        member, loan = read_tables(lab)
    assert (member.name, loan.name) == ("member", "loan")
    assert member.keys == (("id",), ("card",))
    assert [(key.columns, key.table, key.referenced) for key in loan.foreign_keys] == [(("member",), "member", ("id",))]
    assert [column.nullable for column in loan.columns] == [False, True, False, True, True]


@pytest.mark.parametrize("engine", SCRIPTS)
def test_the_same_seed_gives_the_same_instances(engine):
    assert made(engine, count=12, seed=3) == made(engine, count=12, seed=3)
    assert made(engine, count=12, seed=3) != made(engine, count=12, seed=4)


def test_the_instances_do_not_depend_on_the_hash_seed():
    code = (
        "from itertools import islice; from graders.techniques.queries import generate_instances; "
        f"print(list(islice(generate_instances({SCRIPTS['SQLite']!r}, [{QUERY!r}]), 30)))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in "12"
    ]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("engine", SCRIPTS)
def test_every_instance_can_be_loaded(engine):
    with ReusableLab(engine, SCRIPTS[engine]) as lab:
        for data in made(engine, count=15):
            lab.load(data)
            assert {name: len(rows) for name, rows in lab.lab.dump().items()} == {
                name: len(rows) for name, rows in data.items()
            }


def test_duckdb_gets_values_of_its_own_types():
    rows = [row for data in made("DuckDB", count=15) for row in data["loan"]]
    assert {type(row[2]) for row in rows} == {datetime.date}
    assert {type(row[4]) for row in rows} <= {Decimal, type(None)}


def test_the_smallest_comes_first_and_is_empty(many):
    sizes = [len(data["member"]) + len(data["loan"]) for data in many]
    assert sizes[0] == 0
    assert sizes == sorted(sizes)
    assert max(len(rows) for data in many for rows in data.values()) <= 7


def test_literals_and_their_neighbours_occur(many):
    names = {row[1] for data in many for row in data["member"]}
    days = {row[2] for data in many for row in data["loan"]}
    assert {"Zoe", "zOE", ""} <= names
    assert {"2024-02-29", "2024-03-01", "2024-03-02"} <= days


def test_quotes_nulls_ties_and_unmatched_rows_occur(many):
    assert any(row[2] == "O'Brien" for data in many for row in data["member"])
    assert any(row[3] is None for data in many for row in data["loan"])
    assert any(row[1] is None for data in many for row in data["loan"])
    used = [{row[1] for row in data["loan"]} for data in many]
    assert any({row[0] for row in data["member"]} - some for data, some in zip(many, used, strict=True))
    names = [[row[1] for row in data["member"]] for data in many]
    assert any(len(set(some)) < len(some) for some in names)
    assert any(data["member"] and not data["loan"] for data in many)


def test_given_values_and_examples_occur():
    data = made(values={"member.name": ["Quentin"]}, examples={"member": [(1, "Wanda", None, None)]})
    names = {row[1] for one in data for row in one["member"]}
    assert {"Quentin", "Wanda"} <= names


def test_a_limit_asks_for_more_rows():
    data = list(islice(generate_instances("CREATE TABLE t (x INTEGER)", ["SELECT x FROM t ORDER BY x LIMIT 10"]), 60))
    assert max(len(one["t"]) for one in data) > 10


@pytest.mark.parametrize(
    ("query", "column", "value"),
    [
        ("SELECT 1 FROM t WHERE pay * 2 = 84", "pay", 42),
        ("SELECT 1 FROM t WHERE x > -5", "x", -5),
        ("SELECT 1 FROM t WHERE date(d, '+14 days') < e", "d", 14),
        ("SELECT 1 FROM t WHERE x IN (SELECT y FROM u WHERE z = 'q')", "z", "q"),
        ("SELECT CASE x WHEN 'open' THEN 1 END FROM t", "x", "open"),
        ("SELECT 1 FROM t GROUP BY a HAVING SUM(x) > 100", "x", 50),
    ],
)
def test_literals_are_found_with_their_columns(query, column, value):
    assert value in collect_literals([query], "SQLite").by_column[column]


def test_a_query_that_cannot_be_read_has_no_literals():
    assert collect_literals(["SELEC ((("], "SQLite").by_column == {}


@pytest.mark.parametrize("engine", SCRIPTS)
def test_a_bench_refuses_what_the_engine_refuses_and_goes_on(engine):
    with ReusableLab(engine, SCRIPTS[engine]) as lab:
        with pytest.raises(EngineError):
            lab.load({"member": [(1, None, None, None)]})
        data = {"member": [(1, "Ann", None, None), (2, "Bob", None, 1)]}
        for _ in range(2):
            assert lab.run("SELECT COUNT(*) FROM member", data).rows == [(2,)]
