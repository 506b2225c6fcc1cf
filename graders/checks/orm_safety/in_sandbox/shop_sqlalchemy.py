"""The bookshop through SQLAlchemy: its models, and one call of a function with all that reached the driver.

It runs beside a student's function, in its box, and in demonstrations: it may import nothing of the course.
"""

import traceback

from sqlalchemy import ForeignKey, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool

CELL = "<your cell>"


class Base(DeclarativeBase):
    """What the models have in common."""


class Member(Base):
    """A reader, or the clerk."""

    __tablename__ = "members"
    member_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    password: Mapped[str]
    role: Mapped[str]


class Book(Base):
    """A book of the shop, and what was written about it."""

    __tablename__ = "books"
    book_id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author: Mapped[str]
    shelf: Mapped[int]
    price: Mapped[int]
    note: Mapped[str | None]
    reviews: Mapped[list["Review"]] = relationship(order_by="Review.review_id")


class Review(Base):
    """What a member wrote about a book."""

    __tablename__ = "reviews"
    review_id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.book_id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.member_id"))
    words: Mapped[str]
    member: Mapped[Member] = relationship()


class Shop:
    """A database in memory made by `schema`, filled anew when it should hold other rows; it keeps what it was sent."""

    def __init__(self, schema):
        self.sent, self.announced = [], False
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        self.raw = self.engine.raw_connection().driver_connection
        self.raw.executescript(schema)
        event.listen(self.engine, "before_cursor_execute", self.note)
        event.listen(self.engine, "handle_error", self.note_error)

    def note(self, connection, cursor, statement, parameters, context, executemany):
        """Keep a statement on its way to the driver."""
        self.sent.append([statement, plain(parameters), ""])
        self.announced = True

    def trace(self, statement):
        """Keep what SQLite is asked past the mapper, which announces what goes through it."""
        if not self.announced:
            self.sent.append([statement, [], ""])
        self.announced = False

    def note_error(self, context):
        """Keep the engine's code for what it refused."""
        if self.sent and context.statement is not None:
            self.sent[-1][2] = getattr(context.original_exception, "sqlite_errorname", "") or "refused"

    def fill(self, data):
        """Make the tables hold these rows."""
        self.raw.rollback()
        for table, rows in data:
            self.raw.execute(f"DELETE FROM {table}")
            if rows:
                self.raw.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        self.raw.commit()

    def held(self, data):
        """What the same tables hold now."""
        self.raw.rollback()
        return [[table, [list(row) for row in self.raw.execute(f"SELECT * FROM {table}")]] for table, _ in data]

    def run(self, function, arguments):
        """Call `function(session, Book, *arguments)`; give its value, and in words what it raised."""
        self.sent = []
        self.raw.set_trace_callback(self.trace)
        try:
            with Session(self.engine) as session:
                return shown(function(session, Book, *arguments)), ""
        except Exception as error:
            return None, problem(error)
        finally:
            self.raw.set_trace_callback(None)


def plain(parameters):
    """Parameters as plain data."""
    return list(parameters) if isinstance(parameters, tuple) else parameters


def shown(value):
    """What a function gave, as plain data: a book as its title and price, a row as a list."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Book):
        return [value.title, value.price]
    return [shown(item) for item in value]


def problem(error):
    """An exception as a student reads it, with the line of the cell it came from."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == CELL]
    first = str(error).partition("\n")[0]
    return f"`{type(error).__name__}: {first}`" + (f" in line {lines[-1]} of your cell" if lines else "")


def call(function, schema, data, arguments, kept={}):  # noqa: B006
    """Call `function` on a shop that holds `data`; give its value, what it raised, what was sent, what is left."""
    if schema not in kept:
        kept[schema] = (Shop(schema), [])
    shop, held = kept[schema]
    if held != data:
        shop.fill(data)
    value, raised = shop.run(function, arguments)
    after = shop.held(data)
    kept[schema] = (shop, after)
    return [value, raised, shop.sent, after]
