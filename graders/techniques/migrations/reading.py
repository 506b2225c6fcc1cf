"""Reads the schema of a lab, whatever its engine."""

from __future__ import annotations

from graders.labs import Lab
from graders.sql import quote_identifier
from graders.techniques.migrations.duckdb_schema import read_duckdb
from graders.techniques.migrations.postgresql_schema import read_postgresql
from graders.techniques.migrations.schema import Schema
from graders.techniques.migrations.sqlite_schema import read_sqlite

READERS = {"SQLite": read_sqlite, "DuckDB": read_duckdb, "PostgreSQL": read_postgresql}
PLACES = {"SQLite": "main", "DuckDB": "main", "PostgreSQL": "public"}


def read_schema(lab: Lab) -> Schema:
    """Give every object of a lab by its kind and name, with what it says, in a form that spelling cannot change.

    Kinds are "table", "column", "unique", "foreign key", "check", "index", "trigger", "view" and "sequence". The order
    of columns does not count. Raise `Mismatch` if it cannot be read.
    """
    return READERS[lab.engine](lab)


def place_of(lab: Lab, name: str) -> str:
    """A table as a statement names it, so that no temporary one stands before it."""
    return f"{PLACES[lab.engine]}.{quote_identifier(name)}"
