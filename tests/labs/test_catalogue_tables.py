"""Are the tables of a lab read alike on every engine: columns, types, keys, and what refers to what?"""

import pytest

from graders.labs import open_lab, why_no_postgres
from graders.labs.tables import Column, ForeignKey, read_tables

ENGINES = [
    "SQLite",
    "DuckDB",
    pytest.param("PostgreSQL", marks=pytest.mark.skipif(bool(why_no_postgres()), reason="no PostgreSQL")),
]
SCHEMA = """
CREATE TABLE courses (course TEXT PRIMARY KEY, room TEXT, hour INTEGER, UNIQUE (room, hour));
CREATE TABLE members (member_no INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
CREATE TABLE enrolments (
    member_no INTEGER NOT NULL REFERENCES members (member_no),
    course TEXT NOT NULL REFERENCES courses (course),
    fee INTEGER,
    PRIMARY KEY (member_no, course));
CREATE TABLE visits (
    member_no INTEGER, course TEXT, FOREIGN KEY (member_no, course) REFERENCES enrolments (member_no, course));
CREATE VIEW dear AS SELECT * FROM enrolments WHERE fee > 100;
"""


@pytest.fixture(params=ENGINES)
def tables(request):
    with open_lab(request.param, SCHEMA) as lab:
        yield {table.name: table for table in read_tables(lab)}


def test_tables_are_there_and_views_are_not(tables):
    """Do the base tables come in alphabetical order?"""
    assert list(tables) == ["courses", "enrolments", "members", "visits"]


def test_columns_have_their_types_and_keys(tables):
    """Is each column in its order, with NOT NULL where it says so, and the key marked?"""
    columns = tables["enrolments"].columns
    assert [column.name for column in columns] == ["member_no", "course", "fee"]
    assert [column.key for column in columns] == [True, True, False]
    assert [column.required for column in columns] == [True, True, False]
    assert columns[2].type.upper() == "INTEGER"


def test_what_is_unique_is_read(tables):
    """Are one column and two together told apart, and is the key not named again?"""
    assert tables["members"].uniques == (("email",),)
    assert tables["courses"].uniques == (("room", "hour"),)
    assert tables["enrolments"].uniques == ()


def test_foreign_keys_are_read_in_their_order(tables):
    """Does each have its columns and what they refer to, two columns together as one?"""
    assert tables["enrolments"].foreign_keys == (
        ForeignKey(("member_no",), "members", ("member_no",)),
        ForeignKey(("course",), "courses", ("course",)),
    )
    assert tables["visits"].foreign_keys == (
        ForeignKey(("member_no", "course"), "enrolments", ("member_no", "course")),
    )


def test_names_of_sqlite_may_be_written_in_any_case():
    """Is a reference in other letters one to the table, and one without columns one to its key?"""
    with open_lab(
        "SQLite", "CREATE TABLE Members (id INTEGER PRIMARY KEY); CREATE TABLE l (m REFERENCES MEMBERS)"
    ) as lab:
        members, loans = read_tables(lab)
    assert members.columns == (Column("id", "INTEGER", False, 1),)
    assert loans.foreign_keys == (ForeignKey(("m",), "Members", ()),)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_key_may_have_an_order_of_its_own(engine):
    """Is the primary key read in its order, and not in that of the columns?"""
    with open_lab(engine, "CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER, PRIMARY KEY (c, a))") as lab:
        (table,) = read_tables(lab)
    assert table.primary_key == ("c", "a")
    assert [column.nullable for column in table.columns] == [False, True, False]


STORED = [("SQLite", ""), pytest.param("PostgreSQL", "STORED", marks=ENGINES[2].marks)]


@pytest.mark.parametrize(("engine", "kind"), STORED)
def test_a_generated_column_says_so(engine, kind):
    """Is a column that is worked out told from those that are given?"""
    with open_lab(engine, f"CREATE TABLE t (a INTEGER, twice INTEGER GENERATED ALWAYS AS (2 * a) {kind})") as lab:
        (table,) = read_tables(lab)
    assert [column.generated for column in table.columns] == [False, True]
