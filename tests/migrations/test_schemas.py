"""Is each part of a schema seen on DuckDB and PostgreSQL, in a form that spelling cannot change?"""

import os

import pytest

from graders.labs import open_lab, why_no_postgres
from graders.techniques.migrations import compare_schemas, read_schema, read_state

# In CI a missing PostgreSQL is a failure, not a reason to skip.
EXTRA = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())
ENGINES = ["DuckDB", pytest.param("PostgreSQL", marks=EXTRA)]
ONE = """CREATE TABLE p (a INTEGER PRIMARY KEY, b VARCHAR DEFAULT 'x', CHECK (b <> 'no'));
    CREATE TABLE c (a INTEGER REFERENCES p, b INTEGER UNIQUE); CREATE INDEX i ON p (b);
    CREATE VIEW v AS SELECT a FROM p;"""
OTHER = """create table "p" (b varchar default 'x' check((("b"<>'no'))), -- a comment
    a integer primary key); create table c (b integer unique, "a" integer references p (a));
    create index if not exists i on "p"("b"); create view v as select "a" from p;"""
BASE = "CREATE TABLE u (a INTEGER PRIMARY KEY); CREATE TABLE t (a INTEGER, b VARCHAR)"
# On both engines: a table in place of `t`, and the object that differs.
PARTS = {
    "(a INTEGER, b VARCHAR NOT NULL)": ("column", "t.b"),
    "(a BIGINT, b VARCHAR)": ("column", "t.a"),
    "(a INTEGER, b VARCHAR DEFAULT 'b')": ("column", "t.b"),
    "(a INTEGER PRIMARY KEY, b VARCHAR)": ("column", "t.a"),
    "(a INTEGER, b VARCHAR, c VARCHAR)": ("column", "t.c"),
    "(a INTEGER, b VARCHAR, UNIQUE (b, a))": ("unique", "t (b, a)"),
    "(a INTEGER, b VARCHAR, CHECK (a > 1))": ("check", "t: a > 1"),
    "(a INTEGER REFERENCES u, b VARCHAR)": ("foreign key", "t (a)"),
    "(a INTEGER, b VARCHAR); CREATE UNIQUE INDEX i ON t (a)": ("index", "i"),
    "(a INTEGER, b VARCHAR); CREATE VIEW v AS SELECT a FROM t": ("view", "v"),
}
OF_POSTGRESQL = {
    '(a INTEGER, b VARCHAR COLLATE "C")': ("column", "t.b"),
    "(a INTEGER, b VARCHAR(9))": ("column", "t.b"),
    "(a INTEGER, b VARCHAR GENERATED ALWAYS AS ('b') STORED)": ("column", "t.b"),
    "(a INTEGER GENERATED ALWAYS AS IDENTITY, b VARCHAR)": ("sequence", "t.a"),
    "(a SERIAL, b VARCHAR)": ("sequence", "t.a"),
    "(a INTEGER, b VARCHAR, EXCLUDE (a WITH =))": ("unique", "t (a)"),
    "(a INTEGER, b VARCHAR); CREATE MATERIALIZED VIEW v AS SELECT a FROM t": ("view", "v"),
}


@pytest.fixture(scope="module")
def compare():
    """Tells how the schema that one script makes differs from that of another, on one lab for each engine."""
    labs = {}

    def schema_of(engine, script):
        if engine not in labs:
            labs[engine] = open_lab(engine)
        lab = labs[engine]
        lab.run(f"BEGIN; {script}")
        schema = read_schema(lab)
        lab.run("ROLLBACK")
        return schema

    yield lambda engine, one, other: compare_schemas(schema_of(engine, one), schema_of(engine, other))
    for lab in labs.values():
        lab.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_schema_is_the_same_in_another_spelling(compare, engine):
    """Do quotes, comments, case, white space, the order of columns and an implied key make no difference?"""
    assert not compare(engine, ONE, OTHER)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("table", PARTS)
def test_every_part_of_a_schema_counts(compare, engine, table):
    """Is each kind of object seen, and named?"""
    found = compare(engine, BASE, BASE.replace("(a INTEGER, b VARCHAR)", table))
    assert PARTS[table] in [*found.extra, *(key for key, _, _ in found.changed)]
    assert PARTS[table][1] in found.words


@EXTRA
@pytest.mark.parametrize("table", OF_POSTGRESQL)
def test_every_part_that_only_postgresql_has(compare, table):
    """Are collations, lengths, identities and exclusions seen too?"""
    found = compare("PostgreSQL", BASE, BASE.replace("(a INTEGER, b VARCHAR)", table))
    assert OF_POSTGRESQL[table] in [*found.extra, *(key for key, _, _ in found.changed)]


@EXTRA
def test_names_of_sequences_and_functions_do_not_count(compare):
    """Is a sequence known by the column it feeds, and a trigger by what its function does?"""
    script = """CREATE TABLE t (a INTEGER PRIMARY KEY DEFAULT nextval('{0}')); ALTER SEQUENCE {0} OWNED BY t.a;
        CREATE FUNCTION {0}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION {0}();"""
    one, other = (f"CREATE SEQUENCE {name};" + script.format(name) for name in ("one", "other"))
    assert not compare("PostgreSQL", one, other)
    assert compare("PostgreSQL", one, one.replace("OWNED BY t.a", "OWNED BY NONE")).words.startswith(
        "sequence t.a says"
    )


@EXTRA
def test_triggers_of_one_name_on_two_tables_are_told_apart(compare):
    """Is the loss of one of them seen?"""
    script = (
        BASE
        + """; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"""
    )
    both = script + "CREATE TRIGGER g BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION f();"
    assert compare("PostgreSQL", both, script).missing == (("trigger", "g on u"),)


@pytest.mark.parametrize("engine", ["SQLite", *ENGINES])
def test_names_with_any_signs_are_read(engine):
    """Are a table with a point in its name, and one whose name is the beginning of it, compare apart?"""
    script = """CREATE TABLE "a" ("b" INTEGER); CREATE TABLE "a.b" ("c ""d" INTEGER); INSERT INTO "a.b" VALUES (7);"""
    with open_lab(engine, script) as lab:
        assert read_state(lab).rows == {"a": (("b",), ()), "a.b": (('c "d',), ((7,),))}
