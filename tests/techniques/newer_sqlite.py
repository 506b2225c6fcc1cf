"""A lab on the SQLite that comes with apsw, which is newer than Python's own: enough of it to read plans."""

import apsw

from graders.labs import EngineError, Lab, Result


class NewerSQLiteLab(Lab):
    engine = "SQLite"

    def __init__(self):
        self.connection = apsw.Connection(":memory:")

    def statements(self, script):
        return [statement for statement in script.split(";") if statement.strip()]

    def execute(self, statement, parameters=()):
        try:
            cursor = self.connection.cursor()
            rows = [tuple(row) for row in cursor.execute(statement, tuple(parameters))]
        except apsw.Error as error:
            raise EngineError(self.engine, str(error), statement) from None
        return Result(("?",) if rows else (), rows)

    def tables(self):
        return [name for (name,) in self.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").rows]

    def columns(self, table):
        return [name for (name,) in self.execute("SELECT name FROM pragma_table_info(?)", (table,)).rows]

    def image(self):
        return self.connection.serialize("main")

    def close(self):
        self.connection.close()
