"""Files that may be backups of a shop, drawn from a seed: whole ones, and ones that have lost something."""

from __future__ import annotations

import hashlib
import random
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graders.labs.lab import Row

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, remark TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, cents INTEGER NOT NULL);
CREATE TABLE returns (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL);
CREATE INDEX orders_by_customer ON orders (customer_id);
"""
NAMES = ("Ada", "Ben", "Cem", "Mei", "Pia O'Neill", "Zoë")
PAGE = 4096
# The first byte of a page that holds rows of a table.
TABLE_LEAF = 13
Expected = dict[str, tuple[int, str]]


# An order is changed back while the schema knows nothing of the index, which keeps as many entries as there are rows.
STALE_ENTRY = """
UPDATE orders SET customer_id = customer_id + 1 WHERE id = {order};
PRAGMA writable_schema = ON;
CREATE TEMP TABLE aside AS SELECT * FROM main.sqlite_schema WHERE name = 'orders_by_customer';
DELETE FROM main.sqlite_schema WHERE name = 'orders_by_customer';
PRAGMA writable_schema = RESET;
UPDATE orders SET customer_id = customer_id - 1 WHERE id = {order};
PRAGMA writable_schema = ON;
INSERT INTO main.sqlite_schema SELECT * FROM aside;
DROP TABLE aside;
PRAGMA writable_schema = RESET;
"""


@dataclass(frozen=True)
class Copy:
    """A file that may be a backup."""

    kind: str
    """"good", "no database", "lost" or "damaged"."""
    words: str
    """What is special about it."""
    content: bytes | None
    """What is in it; None if there is no such file."""


def digest(rows: list[Row]) -> tuple[int, str]:
    """How many rows a table has, and a checksum of them."""
    return len(rows), hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


class Shop:
    """A shop drawn from a seed, and the files that claim to hold it."""

    def __init__(self, seed: int):
        self.rng = random.Random(f"{seed} copies")
        customers: list[Row] = [
            (number, f"{self.rng.choice(NAMES)} {number}", f"since 20{number:02}, a good customer " * 4)
            for number in range(1, 71)
        ]
        orders: list[Row] = [(number, self.rng.randint(1, 70), self.rng.randint(100, 9000)) for number in range(1, 301)]
        self.data: dict[str, list[Row]] = {"customers": customers, "orders": orders, "returns": []}
        self.whole = self.write()

    @property
    def expected(self) -> Expected:
        """What was noted of each table at the moment of the backup."""
        return {table: digest(rows) for table, rows in self.data.items()}

    def write(self, script: str = "", page_size: int = PAGE) -> bytes:
        """The file of the shop, after `script`."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "shop.db")
            connection = sqlite3.connect(path, isolation_level=None)
            connection.executescript(f"PRAGMA page_size = {page_size}; {SCHEMA} BEGIN;")
            for table, rows in self.data.items():
                for row in rows:
                    connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
            connection.execute("COMMIT")
            connection.executescript(script)
            connection.close()
            return path.read_bytes()

    def copies(self) -> list[Copy]:
        """Good files first, then files that are no databases, that have lost rows, and that are damaged."""
        return [*self.good(), *self.no_databases(), *self.lost(), *self.damaged()]

    def good(self) -> list[Copy]:
        """Files that bring everything back, in different forms."""
        return [
            Copy("good", "an online backup", self.whole),
            Copy("good", "one whose pages are of another size", self.write("VACUUM", page_size=1024)),
            Copy("good", "one of a database in WAL mode", self.write("PRAGMA journal_mode = wal")),
            Copy("good", "one with free pages", self.write("CREATE TABLE x AS SELECT * FROM orders; DROP TABLE x")),
        ]

    def no_databases(self) -> list[Copy]:
        """What is no database at all."""
        message = b'Error: unable to open database "/srv/shop.db": unable to open database file\n'
        return [
            Copy("no database", "there is no such file", None),
            Copy("no database", "a file of 0 bytes", b""),
            Copy("no database", "the message of a failed command", message),
        ]

    def lost(self) -> list[Copy]:
        """Sound databases that are not the shop."""
        customer, order = self.rng.randint(2, 60), self.rng.randint(2, 290)
        scripts = {
            "the tables without their rows": "DELETE FROM customers; DELETE FROM orders",
            "one table is missing": "DROP TABLE returns",
            "the last three orders are missing": "DELETE FROM orders WHERE id > 297",
            "one order has another price": f"UPDATE orders SET cents = cents + 1 WHERE id = {order}",
            "a customer has another name": f"UPDATE customers SET name = 'x' || name WHERE id = {customer}",
        }
        return [Copy("lost", words, self.write(script)) for words, script in scripts.items()]

    def damaged(self) -> list[Copy]:
        """Files of which a part was lost or changed on the way."""
        pages = [start for start in range(PAGE, len(self.whole), PAGE) if self.whole[start] == TABLE_LEAF]
        middle = self.rng.choice(pages)
        return [
            Copy("damaged", "the last page is missing", self.whole[:-PAGE]),
            Copy("damaged", "it ends in the middle", self.whole[: len(self.whole) // 2 + 100]),
            Copy("damaged", "one page is full of zeros", _overwrite(self.whole, middle, bytes(PAGE))),
            Copy("damaged", "one bit of a name is another", self._flip_a_name()),
            Copy("damaged", "an order is missing from an index", self._without_index_entry()),
        ]

    def _flip_a_name(self) -> bytes:
        _, name, _ = self.rng.choice(self.data["customers"])
        row = f"{name}since".encode()
        # A page may hold what is left of a row that was moved: only the row itself is read.
        return self.whole.replace(row, bytes([row[0] ^ 1]) + row[1:])

    def _without_index_entry(self) -> bytes:
        """The shop's file, in which an order stands in an index under another customer; no count gives that away."""
        order = self.rng.randint(2, 290)
        return self.write(STALE_ENTRY.format(order=order))


def _overwrite(content: bytes, place: int, other: bytes) -> bytes:
    return content[:place] + other + content[place + len(other) :]
