"""The bookshop behind a mapper: one call of a function on given rows, with all that reached the driver.

It runs beside a student's function, in its sandbox, and in demonstrations: it may import nothing of the course. The
mapper is a module beside this one, with a `Book`, a `Connection`, and what reads a row: `names`, `get` and `items`.
"""

import json
import traceback

CELL = "<your cell>"
SHOPS = {}
# What is read of a row that has names, such as that of SELECT *.
BOOK = ("title", "price")


class Shop:
    """A database in memory, made by `schema` and filled anew when it should hold other rows."""

    def __init__(self, mapper, schema):
        self.mapper, self.statements = mapper, []
        self.text, self.data, self.rows = "[]", [], []
        self.connection = mapper.Connection(self.statements)
        self.connection.driver.executescript(schema)

    def call(self, function, text, arguments):
        """Call `function` on the rows that `text` holds as JSON.

        Give its value, what it raised, in words, the statements, and the rows afterwards, None where they are the same.
        """
        if text != self.text:
            self.text, self.data = text, json.loads(text)
        if self.rows != self.data:
            self.fill(self.data)
        self.statements.clear()
        value, raised = self.run(function, arguments)
        statements = list(self.statements)
        self.rows = self.read(self.data)
        return [value, raised, statements, None if self.rows == self.data else self.rows]

    def run(self, function, arguments):
        """Call `function` with what the mapper hands it before `arguments`."""
        try:
            with self.connection.session() as leading_arguments:
                return plain(function(*leading_arguments, *arguments), self.mapper), ""
        except Exception as error:
            return None, problem(error)

    def fill(self, data):
        """Make the tables hold these rows."""
        driver = self.connection.driver
        driver.rollback()
        for table, _ in reversed(data):
            driver.execute(f"DELETE FROM {table}")
        for table, rows in data:
            if rows:
                driver.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        driver.commit()

    def read(self, data):
        """The rows of the same tables now."""
        driver = self.connection.driver
        driver.rollback()
        return [[table, [list(row) for row in driver.execute(f"SELECT * FROM {table}")]] for table, _ in data]


def plain(value, mapper):
    """What a function gave, as plain data: a book, or a row that is one, as its title and price, others as a list."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, mapper.Book):
        return [value.title, value.price]
    names = mapper.names(value)
    if all(name in names for name in BOOK):
        return [plain(mapper.get(value, name), mapper) for name in BOOK]
    items = [plain(item, mapper) for item in mapper.items(value)]
    return items[0] if names and len(items) == 1 and isinstance(items[0], list) else items


def problem(error):
    """An exception as a student reads it, with the line of the cell it came from."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == CELL]
    first = str(error).partition("\n")[0]
    return f"`{type(error).__name__}: {first}`" + (f" in line {lines[-1]} of your cell" if lines else "")


def call(mapper, function, schema, text, arguments):
    """Call `function` through `mapper` on a shop that holds the rows of `text`; one shop is kept for each schema."""
    if (mapper, schema) not in SHOPS:
        SHOPS[mapper, schema] = Shop(mapper, schema)
    return SHOPS[mapper, schema].call(function, text, arguments)
