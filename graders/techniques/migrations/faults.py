"""What can be wrong with a migration: each fault has a kind of its own, and each kind a hint."""

from __future__ import annotations

from dataclasses import dataclass

from graders.kernel.report import Mismatch, Table
from graders.techniques.migrations.changes import Standing
from graders.techniques.migrations.schema import difference

HINTS = {
    "refused": "Run the statements one by one: which is the first that cannot work as the schema stands then?",
    "refused on rows": "An empty table accepts it. What does this statement ask of the rows that are there already?",
    "refused after writes": "DuckDB sets no NOT NULL after an UPDATE in the same transaction. Could a new table?",
    "left open": "What is never committed is rolled back when the connection closes. Where does the transaction end?",
    "rows lost": "Which statement deleted rows of another table? Were foreign keys on when a table was dropped?",
    "row changed": "Look at the marked row: which expression made this of it?",
    "table lost": "Which statement was to make this table, or to give it its name?",
    "table left": "A table of the way is still there. What was to become of it?",
    "table changed": "The new table is declared in another way than was asked.",
    "column lost": "Compare the columns one by one: which is missing?",
    "column left": "Which column has done its work and can go?",
    "column changed": "Compare type, NOT NULL and DEFAULT of this column with what was asked.",
    "index lost": "An index goes with its table or its column. Who makes it again?",
    "index left": "What is this index for, now?",
    "index changed": "Does the index have the columns that were asked for?",
    "trigger lost": "A trigger goes when its table is dropped. Who makes it again?",
    "trigger left": "Which application still needs this trigger?",
    "trigger changed": "The trigger no longer says what it said.",
    "view lost": "Who still reads this view?",
    "view left": "Which application still needs this view?",
    "view changed": "The view no longer says what it said.",
    "foreign key lost": "What keeps children without a parent out now?",
    "foreign key left": "Which rule does this foreign key keep?",
    "foreign key changed": "ALTER TABLE … RENAME takes foreign keys along. To which name do they point?",
    "unique lost": "Which rule did UNIQUE keep, and who keeps it now?",
    "unique left": "Was UNIQUE asked for here?",
    "unique changed": "Compare what this rule said with what it says now.",
    "check lost": "Which rule did CHECK keep, and who keeps it now?",
    "check left": "Was this CHECK asked for?",
    "check changed": "NOT VALID asks nothing of the rows that are there. Which statement looks at them?",
    "sequence lost": "Who gives the next row its number now?",
    "sequence left": "Which column takes its numbers from this sequence?",
    "sequence changed": "A sequence stays with the table it was made for. Whose is it, and which number comes next?",
    "down refused": "Start from the schema that your own up leaves: which statement finds it otherwise than it thinks?",
    "down schema": "The schema differs from the start. What did up take away that down does not bring back?",
    "down rows": "Rows differ from the start. Where would the data that are gone come from?",
    "up again": "Up, down, and up again: what does down leave that up stumbles over?",
    "torn": "The database is between two versions at this place. What holds statements together?",
    "no second run": "The script stopped half-way, and run again it does not reach its end. What did it leave behind?",
    "app refused": "This version of it is still running. Which of its statements no longer fits the schema?",
    "write lost": "A row that was written is gone. Who writes to the old table while its rows are being copied?",
    "app misled": "Both versions are running. How does what one writes reach the columns that the other reads?",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: its `kind`, a key of `HINTS`; what was expected and found; rows to look at."""

    kind: str
    expected: str
    found: str
    tables: tuple[Table, ...] = ()

    def mismatch(self, picture: str = "") -> Mismatch:
        """The fault as what a claim raises, with its hint."""
        return Mismatch(self.expected, self.found, HINTS[self.kind], self.tables, picture)


def fault_between(asked: Standing, found: Standing, where: str) -> Fault | None:
    """The first difference of what was found, `where`, from what was asked: in the schema, then in the rows."""
    return schema_fault(asked, found, where) or rows_fault(asked, found, where)


def schema_fault(asked: Standing, found: Standing, where: str) -> Fault | None:
    """The first object that is lost, changed or left over."""
    differs = difference(asked.schema, found.schema)
    if not differs:
        return None
    words = differs.words
    if differs.lost:
        kind, name = differs.lost[0]
        return Fault(f"{kind} lost", f"{kind} {name} {where}", words)
    if differs.changed:
        (kind, name), was, _ = differs.changed[0]
        return Fault(f"{kind} changed", f"{kind} {name} {where}: {was}", words)
    kind, name = differs.left[0]
    return Fault(f"{kind} left", f"no {kind} {name} {where}", words)


def rows_fault(asked: Standing, found: Standing, where: str) -> Fault | None:
    """The first table that has other rows; both schemas are the same."""
    for table, (columns, rows) in asked.rows.items():
        there = found.rows[table][1]
        if len(there) < len(rows):
            return Fault("rows lost", f"{len(rows)} rows in {table} {where}", f"{len(there)}")
        if there != rows:
            return _row_fault(table, columns, rows, there, where)
    return None


def _row_fault(table: str, columns: tuple, rows: tuple, there: tuple, where: str) -> Fault:
    wrong = next((row for row in there if row not in rows), there[-1])
    missing = next((row for row in rows if row not in there and row[0] == wrong[0]), None)
    right = missing or next((row for row in rows if row not in there), rows[-1] if rows else ())
    shown = [Table(f"found in {table}", columns, [wrong], frozenset({0}), "not what was asked")]
    if right:
        shown.append(Table(f"asked of {table}", columns, [right]))
    return Fault("row changed", f"the rows of {table} {where}", f"{wrong!r} among them", tuple(shown))
