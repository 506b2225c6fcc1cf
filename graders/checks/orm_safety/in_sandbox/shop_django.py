"""The models of the bookshop in Django, without a project, and a connection that keeps what reaches the driver."""

import os
import re
import sys
import types
from contextlib import contextmanager

import django
from django.conf import settings
from django.db import connection, models

APP = "bookshop_models"
# A notebook runs its cells inside an event loop, where Django would refuse to wait for a database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def set_up():
    """Tell Django of one database in memory and of one application: relations backwards need an installed one."""
    if settings.configured:
        return
    application = types.ModuleType(APP)
    application.__path__, application.__file__ = [os.getcwd()], os.path.join(os.getcwd(), APP)  # noqa: PTH109, PTH118
    sys.modules[APP] = application
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    settings.configure(DATABASES={"default": database}, INSTALLED_APPS=[APP], USE_TZ=False)
    django.setup()


def table(name):
    """The options of a model whose rows are in the table called `name`."""
    return type("Meta", (), {"app_label": APP, "db_table": name, "managed": False})


set_up()


class Member(models.Model):
    """A reader, or the clerk."""

    member_id = models.IntegerField(primary_key=True)
    name = models.TextField()
    password = models.TextField()
    role = models.TextField()

    Meta = table("members")


class Book(models.Model):
    """A book of the shop."""

    book_id = models.IntegerField(primary_key=True)
    title = models.TextField()
    author = models.TextField()
    shelf = models.IntegerField()
    price = models.IntegerField()
    note = models.TextField(null=True)  # noqa: DJ001

    Meta = table("books")


class Review(models.Model):
    """What a member wrote about a book."""

    review_id = models.IntegerField(primary_key=True)
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    member = models.ForeignKey(Member, models.CASCADE)
    words = models.TextField()

    Meta = table("reviews")


def names(value):
    """The names of the columns of a row; none of a pair, which is read in its order, or of anything else."""
    if isinstance(value, dict):
        return tuple(value)
    fields = getattr(value, "_fields", ()) if isinstance(value, tuple) else ()
    return fields if len(fields) != 2 else ()


def get(row, name):
    """The value that a row has in a column."""
    return row[name] if isinstance(row, dict) else getattr(row, name)


def items(value):
    """The values of a row, which may be a dictionary, and the members of anything else."""
    return value.values() if isinstance(value, dict) else value


class Connection:
    """A database in memory; every statement on its way to the driver is appended to `statements`."""

    def __init__(self, statements):
        self.statements = statements
        connection.close()
        connection.connect()

    @property
    def driver(self):
        """The engine's own connection."""
        return connection.connection

    def note(self, execute, sql, params, many, context):
        """Keep a statement with its parameters, and with the engine's code if it is refused."""
        text = sql if params is None else re.sub(r"(?<!%)%s", "?", sql).replace("%%", "%")
        self.statements.append([text, list(params or ()), ""])
        try:
            return execute(sql, params, many, context)
        except Exception as error:
            self.statements[-1][2] = getattr(error.__cause__ or error, "sqlite_errorname", "") or "refused"
            raise

    @contextmanager
    def session(self):
        """Give what a function is handed before its own arguments."""
        with connection.execute_wrapper(self.note):
            yield (Book,)
