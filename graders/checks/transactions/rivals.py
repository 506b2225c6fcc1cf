"""Another program that holds a lock in the way of a call, and writes as soon as the call's transaction has ended."""

from __future__ import annotations

from dataclasses import dataclass

from graders.labs import EngineError, SharedLab
from graders.sandbox import Request

SENTENCES = {
    "SQLITE_CONSTRAINT_CHECK": "CHECK constraint failed: balance >= 0",
    "SQLITE_FULL": "database or disk is full",
    "SQLITE_LOCKED": "database table is locked",
}
WRITES = {"UPDATE", "INSERT", "REPLACE", "DELETE", "WITH"}
# SQLite words a refused COMMIT in a way of its own where a statement is still being run.
OF_COMMIT = "cannot commit transaction - SQL statements in progress"


def make_error(code: str, kind: str) -> EngineError:
    """What SQLite says when it refuses a statement of `kind`, such as "UPDATE", with `code`."""
    busy = OF_COMMIT if (code, kind) == ("SQLITE_BUSY", "COMMIT") else "database is locked"
    return EngineError("SQLite", SENTENCES.get(code, busy), code=code)


@dataclass(frozen=True)
class Lock:
    """A lock in the way of a kind of statement."""

    kind: str
    """What the statement begins with; "UPDATE" stands for every write."""
    code: str
    """The code of the refusal."""

    def stops(self, request: Request) -> bool:
        """Whether `request` is of the kind; a deferred BEGIN takes no lock, and a COMMIT of nothing needs none."""
        words = str(request).upper().split()
        if words[0] == "BEGIN":
            return self.kind == "BEGIN" and bool({"IMMEDIATE", "EXCLUSIVE"} & set(words))
        if words[0] in ("COMMIT", "END"):
            return self.kind == "COMMIT" and request.session.in_transaction()
        return self.kind == ("UPDATE" if words[0] in WRITES else words[0])


class Rival:
    """Another program: its `locks` are met one after the other, and it runs `write` once for each of them."""

    def __init__(self, lab: SharedLab, locks: list[Lock], write: str):
        self._lab, self._locks, self._write = lab, locks, write
        self.refusals = self.writes = 0

    def refuse(self, request: Request) -> EngineError | None:
        """The error that `request` meets, if it does; the rival writes when no transaction is in its way."""
        while self.writes < self.refusals and not request.session.in_transaction():
            self._lab.execute(self._write)
            self.writes += 1
        if self.refusals == len(self._locks) or not self._locks[self.refusals].stops(request):
            return None
        lock = self._locks[self.refusals]
        self.refusals += 1
        return make_error(lock.code, lock.kind)
