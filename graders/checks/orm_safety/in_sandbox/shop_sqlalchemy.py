"""The models of the bookshop in SQLAlchemy, and a connection that keeps what reaches the driver."""

from contextlib import contextmanager

from sqlalchemy import ForeignKey, Row, RowMapping, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool


def names(value):
    """The names of the columns of a row; none of a pair, which is read in its order, or of anything else."""
    if isinstance(value, Row):
        return value._fields if len(value) != 2 else ()
    return tuple(value) if isinstance(value, (dict, RowMapping)) else ()


def get(row, name):
    """The value that a row has in a column."""
    return getattr(row, name) if isinstance(row, Row) else row[name]


def items(value):
    """The values of a row, and the members of anything else."""
    return value.values() if isinstance(value, (dict, RowMapping)) else value


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


class Connection:
    """A database in memory; every statement on its way to the driver is appended to `statements`."""

    def __init__(self, statements):
        self.statements, self.is_announced = statements, False
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        self.driver = self.engine.raw_connection().driver_connection
        event.listen(self.engine, "before_cursor_execute", self.note)
        event.listen(self.engine, "handle_error", self.note_error)

    def note(self, connection, cursor, statement, parameters, context, executemany):
        """Keep a statement with its parameters."""
        self.statements.append([statement, list(parameters) if isinstance(parameters, tuple) else parameters, ""])
        self.is_announced = True

    def trace(self, statement):
        """Keep what reaches SQLite past the mapper, which announces what goes through it."""
        if not self.is_announced:
            self.statements.append([statement, [], ""])
        self.is_announced = False

    def note_error(self, context):
        """Keep the engine's code for what it refused."""
        if self.statements and context.statement is not None:
            self.statements[-1][2] = getattr(context.original_exception, "sqlite_errorname", "") or "refused"

    @contextmanager
    def session(self):
        """Give what a function is handed before its own arguments."""
        self.driver.set_trace_callback(self.trace)
        try:
            with Session(self.engine) as session:
                yield session, Book
        finally:
            self.driver.set_trace_callback(None)
