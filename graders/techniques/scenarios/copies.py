"""The copies of a shop that are made in a scenario, its log, and what is recovered from both after an accident."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field

from graders.labs import SharedLab
from graders.labs.lab import Row
from graders.techniques.backups import FileFunction, find_loss, read_moment
from graders.techniques.scenarios.changes import SOURCE, Change, find_changes, live_files
from graders.techniques.scenarios.events import Accident, Copy, Damage
from graders.techniques.scenarios.shop import Shop

TARGET = "copy.db"
RECOVERED = "recovered.db"

SPOILED_TABLE = "order_lines"


def spoil(content: bytes, damage: Damage) -> bytes:
    """The file after this damage.

    The page size and the marks of a WAL stand in the header: https://sqlite.org/fileformat.html#the_database_header
    """
    if damage == "half":
        return content[: len(content) // 2]
    if damage == "page":
        size, first = int.from_bytes(content[16:18], "big"), _first_page(content, SPOILED_TABLE)
        return content[: (first - 1) * size] + bytes(size) + content[first * size :]
    return content


def _first_page(content: bytes, table: str) -> int:
    # A file in WAL mode cannot be deserialised; bytes 18 and 19 say which mode it is in.
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(content[:18] + b"\x01\x01" + content[20:])
        (first,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    return int(first)


@dataclass
class Copies:
    """What lies in the folder of backups, and the log that lies elsewhere."""

    shop: Shop
    lab: SharedLab
    files: dict[str, bytes] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    has_whole_copy: bool = False

    def __post_init__(self) -> None:
        self._first = self.lab.image()
        self._rows: dict[str, list[Row]] = self.lab.dump()
        self._calls: dict[str, FileFunction] = {}

    def _function(self, name: str) -> FileFunction:
        if name not in self._calls:
            self._calls[name] = FileFunction(self.shop.functions[name])
        return self._calls[name]

    def note_changes(self, time: str) -> None:
        """Write what has been committed since the last time into the log."""
        if "recover" not in self.shop.functions and "backup" not in self.shop.functions:
            return
        rows = self.lab.dump()
        if rows != self._rows:
            columns = {table: self.lab.columns(table) for table in rows}
            self.changes += [(time, statement) for statement in find_changes(self._rows, rows, columns)]
            self._rows = rows

    def make(self, event: Copy, time: str) -> dict[str, str]:
        """Have the shop make a copy; what is wrong with it, if anything."""
        content = self.lab.image()
        if "backup" in self.shop.functions:
            call = self._function("backup")(live_files(self._first, self.changes), SOURCE, TARGET, paths=(0, 1))
            if call.exception:
                return {"restored": f"the backup at {time} ends with {call.exception}"}
            if loss := find_loss(call.after.get(TARGET), [read_moment(self.lab, f"at {time}")]):
                return {"restored": f"the backup at {time} does not bring back the shop: {loss.words}"}
            content = call.after[TARGET]
        self.files[f"copy{len(self.taken)}.db"] = spoil(content, event.damage)
        self.taken.append(time)
        self.has_whole_copy = self.has_whole_copy or not event.damage
        return {}

    def recover(self, event: Accident, time: str) -> dict[str, str]:
        """Have the shop recovered to just before the accident; what is wrong with it, if anything."""
        if not self.has_whole_copy:
            return {}
        changes = [*self.changes, (time, event.statement)]
        names = list(self.files)
        call = self._function("recover")(
            dict(self.files), names, list(self.taken), changes, time, RECOVERED, paths=(0, 4)
        )
        if call.exception:
            return {"restored": f"the recovery at {time} ends with {call.exception}"}
        loss = find_loss(call.after.get(RECOVERED), [read_moment(self.lab, f"just before {time}")])
        return {"restored": f"the recovery at {time} does not bring back the shop: {loss.words}"} if loss else {}
