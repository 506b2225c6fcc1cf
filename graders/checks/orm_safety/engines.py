"""One page of SQLAlchemy on several engines, for demonstrations: the same function, another driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from course_data import bookshop_reviews
from graders.checks.orm_safety.mappers import load_shop, print_record
from graders.labs import why_no_postgres
from graders.sql.statements import split_statements
from graders.techniques.attacks import CallTrace, SentStatement

# As in the sandbox: neither has types.
SHOP, MODELS = load_shop("SQLAlchemy")
URLS = {"SQLite": "sqlite://", "DuckDB": "duckdb:///:memory:", "PostgreSQL": "postgresql+psycopg://"}


def run_on(engine: str, function: Callable[..., Any], *arguments: Any) -> CallTrace:
    """One call of `function(session, Book, …)` on a fresh bookshop on `engine`, one of `URLS`."""
    with _open_shop(engine) as opened:
        sent: list[SentStatement] = []
        event.listen(opened, "before_cursor_execute", lambda *call: sent.append(SentStatement(call[2], call[3])))
        with Session(opened) as session:
            try:
                value, raised = SHOP.plain(function(session, MODELS.Book, *arguments), MODELS), ""
            except DBAPIError as error:
                value, raised = None, str(error.orig).partition("\n")[0]
    return CallTrace("", value, raised, tuple(sent))


def show_on(engine: str, function: Callable[..., Any], *arguments: Any) -> None:
    """Print what a call gave on `engine` and what it sent; if the engine is missing, say how to get it."""
    if engine == "PostgreSQL" and (missing := why_no_postgres()):
        print(f"PostgreSQL: not run. {missing}\n")
        return
    print(f"{engine}:")
    print_record(run_on(engine, function, *arguments), arguments)


@contextmanager
def _open_shop(engine: str) -> Iterator[Engine]:
    with _open_engine(engine) as opened:
        with opened.begin() as connection:
            for statement in split_statements(bookshop_reviews.SCHEMA, engine):
                connection.exec_driver_sql(statement)
            for model in (MODELS.Member, MODELS.Book, MODELS.Review):
                table = MODELS.Base.metadata.tables[model.__tablename__]
                rows = bookshop_reviews.data(1)[table.name]
                connection.execute(table.insert(), [dict(zip(table.c.keys(), row, strict=True)) for row in rows])
        yield opened


@contextmanager
def _open_engine(engine: str) -> Iterator[Engine]:
    options: dict[str, Any] = {"poolclass": StaticPool}
    if engine != "PostgreSQL":
        opened = create_engine(URLS[engine], **options)
        yield opened
        opened.dispose()
        return
    from graders.labs.postgres_server import the_server

    server = the_server()
    access = server.new_database()
    opened = create_engine(URLS[engine], connect_args=access, **options)
    try:
        yield opened
    finally:
        opened.dispose()
        server.drop_database(access)
