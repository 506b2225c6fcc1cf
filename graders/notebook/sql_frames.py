"""Copying a pandas DataFrame into a table, for `%sql --persist` and `%sql --append`."""

from __future__ import annotations

import sqlalchemy
from sqlalchemy.pool import StaticPool

from graders.labs import EngineError, Lab
from graders.sql import quote_identifier


class _Lent:
    """A DB-API connection that SQLAlchemy may use, but neither begin, commit, roll back nor close."""

    def __init__(self, connection):
        self._connection = connection

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def commit(self):
        """Leave it to the student when a transaction ends."""

    rollback = close = commit


def copy_frame(frame, name: str, lab: Lab, *, append: bool = False) -> str:
    """Copy `frame` into the table `name` of `lab` and say so; an unnamed index is left out.

    Raises `EngineError` where the engine refuses, and `ValueError` or `EngineError` if the table exists and
    `append` is not set.
    """
    if frame.index.name is not None:
        frame = frame.reset_index()
    if lab.engine == "DuckDB":
        _copy_to_duckdb(frame, name, lab, append)
    else:
        _copy_by_sqlalchemy(frame, name, lab, append)
    return f"{len(frame):,} row{'' if len(frame) == 1 else 's'} copied into the table {name}"


def _copy_to_duckdb(frame, name, lab, append):
    lab.connection.register("frame_to_copy", frame)
    try:
        table = quote_identifier(name)
        start = f"INSERT INTO {table} BY NAME" if append else f"CREATE TABLE {table} AS"
        lab.execute(f"{start} SELECT * FROM frame_to_copy")
    finally:
        lab.connection.unregister("frame_to_copy")


def _copy_by_sqlalchemy(frame, name, lab, append):
    try:
        frame.to_sql(name, _engine(lab), index=False, if_exists="append" if append else "fail")
    except sqlalchemy.exc.DBAPIError as error:
        raise EngineError(lab.engine, str(error.orig)) from None


def _engine(lab: Lab):
    """A SQLAlchemy engine that has one connection, the session's own; a lab on PostgreSQL lends none."""
    if lab.engine == "PostgreSQL" and not hasattr(lab, "connection"):
        raise ValueError("A lab on PostgreSQL takes rows by INSERT; --persist and --append copy to other engines")
    if isinstance(lab.connection, sqlalchemy.Connection):
        return lab.connection
    return sqlalchemy.create_engine("sqlite://", creator=lambda: _Lent(lab.connection), poolclass=StaticPool)
