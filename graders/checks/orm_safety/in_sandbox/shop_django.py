"""The bookshop through Django's mapper, without a project: its models, and one call with all that reached the driver.

It runs beside a student's function, in its box, and in demonstrations: it may import nothing of the course.
"""

import os
import re
import sys
import traceback
import types

import django
from django.conf import settings
from django.db import connection, models

CELL, APP = "<your cell>", "bookshop_models"
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


set_up()


class Member(models.Model):
    """A reader, or the clerk."""

    member_id = models.IntegerField(primary_key=True)
    name = models.TextField()
    password = models.TextField()
    role = models.TextField()

    class Meta:
        """Where it is kept."""

        app_label, db_table, managed = APP, "members", False


class Book(models.Model):
    """A book of the shop."""

    book_id = models.IntegerField(primary_key=True)
    title = models.TextField()
    author = models.TextField()
    shelf = models.IntegerField()
    price = models.IntegerField()
    note = models.TextField(null=True)  # noqa: DJ001

    class Meta:
        """Where it is kept."""

        app_label, db_table, managed = APP, "books", False


class Review(models.Model):
    """What a member wrote about a book."""

    review_id = models.IntegerField(primary_key=True)
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    member = models.ForeignKey(Member, models.CASCADE)
    words = models.TextField()

    class Meta:
        """Where it is kept."""

        app_label, db_table, managed = APP, "reviews", False


class Recorder:
    """Keeps every statement on its way to the driver, with the engine's code for those that it refuses."""

    def __init__(self):
        self.sent = []

    def __call__(self, execute, sql, params, many, context):
        """Let one statement happen."""
        said = sql if params is None else re.sub(r"(?<!%)%s", "?", sql).replace("%%", "%")
        self.sent.append([said, list(params or ()), ""])
        try:
            return execute(sql, params, many, context)
        except Exception as error:
            cause = error.__cause__ or error
            self.sent[-1][2] = getattr(cause, "sqlite_errorname", "") or "refused"
            raise


def fill(data):
    """Make the tables hold these rows."""
    raw = connection.connection
    for table, _ in reversed(data):
        raw.execute(f"DELETE FROM {table}")
    for table, rows in data:
        if rows:
            raw.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def held(data):
    """What the same tables hold now."""
    return [
        [table, [list(row) for row in connection.connection.execute(f"SELECT * FROM {table}")]] for table, _ in data
    ]


def shown(value):
    """What a function gave, as plain data: a book as its title and price, a row as a list."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Book):
        return [value.title, value.price]
    if isinstance(value, dict):
        return [shown(item) for item in value.values()]
    return [shown(item) for item in value]


def problem(error):
    """An exception as a student reads it, with the line of the cell it came from."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == CELL]
    first = str(error).partition("\n")[0]
    return f"`{type(error).__name__}: {first}`" + (f" in line {lines[-1]} of your cell" if lines else "")


def run(function, arguments):
    """Call `function(Book, *arguments)`; give its value, what it raised, in words, and what was sent."""
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        try:
            return [shown(function(Book, *arguments)), "", recorder.sent]
        except Exception as error:
            return [None, problem(error), recorder.sent]


def call(function, schema, data, arguments, kept={}):  # noqa: B006
    """Call `function` on a shop that holds `data`; give its value, what it raised, what was sent, what is left."""
    if kept.get("schema") != schema:
        connection.close()
        connection.connect()
        connection.connection.executescript(schema)
        kept.update(schema=schema, held=[])
    if kept["held"] != data:
        fill(data)
    seen = run(function, arguments)
    kept["held"] = held(data)
    return [*seen, kept["held"]]
