"""The attack judge on an object-relational mapper: a subject that sees statements where SQLAlchemy hands them on."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from course_data import bookshop
from graders.techniques.attacks import CallTrace, SentStatement, format_call


class OnSQLAlchemy:
    """A function of a connection, the table of books, and what is sent; an event shows what the driver gets."""

    def __init__(self, function):
        self.function = function

    def __call__(self, data, arguments):
        engine, sent = sa.create_engine("sqlite://", poolclass=StaticPool), []
        with engine.connect() as connection:
            self._fill(connection, data)
            books = sa.Table("books", sa.MetaData(), autoload_with=connection)

            @sa.event.listens_for(engine, "before_cursor_execute")
            def note(connection, cursor, statement, parameters, context, many):
                sent.append(SentStatement(statement, parameters))

            try:
                value, raised = [tuple(row) for row in self.function(connection, books, *arguments)], ""
            except Exception as error:
                value, raised = None, f"{type(error).__name__}: {error}"
            sa.event.remove(engine, "before_cursor_execute", note)
            after = {table: connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall() for table in data}
        engine.dispose()
        data_after = {table: [tuple(row) for row in rows] for table, rows in after.items()}
        return CallTrace(format_call("find", [], arguments), value, raised, tuple(sent), data_after)

    def _fill(self, connection, data):
        for statement in bookshop.SCHEMA.split(";")[:-1]:
            connection.exec_driver_sql(statement)
        for table, rows in data.items():
            if rows:
                connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", list(rows))


def _columns(books):
    return sa.select(books.c.title, books.c.price)


TEXT = "SELECT title, price FROM books WHERE author = "
ORM_SAFE = {
    "comparison": lambda c, books, author: c.execute(_columns(books).where(books.c.author == author)),
    "text with a parameter": lambda c, books, author: c.execute(sa.text(f"{TEXT}:author"), {"author": author}),
    "in": lambda c, books, author: c.execute(_columns(books).where(books.c.author.in_([author]))),
    "driver": lambda c, books, author: c.exec_driver_sql(f"{TEXT}?", (author,)),
}
ORM_VULNERABLE = {
    "text": lambda c, books, author: c.execute(sa.text(f"{TEXT}'{author}'")),
    "where(text)": lambda c, books, author: c.execute(_columns(books).where(sa.text(f"author = '{author}'"))),
    "literal column": lambda c, books, author: c.execute(
        _columns(books).where(books.c.author == sa.literal_column(f"'{author}'"))
    ),
    "op": lambda c, books, author: c.execute(_columns(books).where(books.c.author.op(f"= '{author}' OR 0 =")(1))),
}
