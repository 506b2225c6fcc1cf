"""Database URLs: which engine, which database, which file on disk."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
from sqlalchemy.engine import URL

NAMES = {"sqlite": "SQLite", "duckdb": "DuckDB", "postgresql": "PostgreSQL"}
EMBEDDED = ("sqlite", "duckdb")


def read_url(source: str) -> URL:
    """Read a database URL; raise `ValueError` if it is none, or names a file after two slashes."""
    try:
        url = sqlalchemy.make_url(source)
        url.get_dialect()
    except (sqlalchemy.exc.SQLAlchemyError, ValueError):
        raise ValueError(f"{source} is not the URL of a database, such as sqlite:///name.db") from None
    if url.get_backend_name() in EMBEDDED and url.host:
        raise ValueError(f"A file is named after three slashes: {url.drivername}:///{url.host}{url.database or ''}")
    return url


def database_of(url: URL) -> str:
    """The database that `url` means, written in one way: files by their full path, memory by nothing."""
    if url.get_backend_name() not in EMBEDDED:
        return url.render_as_string(hide_password=True)
    if url.database in (None, "", ":memory:"):
        return f"{url.drivername}://"
    if url.database.startswith("file:"):
        return url.render_as_string()
    return url.set(database=str(Path(url.database).resolve())).render_as_string()


def file_of(url: URL) -> tuple[int, int] | None:
    """Which file `url` is kept in, so that one put in its place is told from it; None if there is none."""
    try:
        status = Path(url.database or "").stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if url.database else None
