"""A student's Python function as the subject of attacks: it holds a wire, and every statement is seen on our side."""

from __future__ import annotations

from typing import Any

from graders.kernel.report import Mismatch
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.sandbox import BoxedFunction
from graders.techniques.attacks.subject import Data, Seen, Sent, same_rows
from graders.techniques.schedules import read_final_state


class OnWire:
    """A boxed function whose first argument is a connection in autocommit; the database is made of `schema`.

    Use it in a `with`: it keeps one database and fills it anew only when it should hold other data.
    """

    def __init__(self, function: BoxedFunction, schema: str, engine: str = "SQLite"):
        self.function = function
        self.schema = schema
        self.engine = engine
        self._lab: SharedLab | None = None
        self._holds: Data = {}

    def __call__(self, data: Data, arguments: tuple[Any, ...]) -> Seen:
        lab = self._filled(data)
        sent: list[Sent] = []
        with lab.connect() as session:
            try:
                value, raised = self._driven(session, arguments, sent), ""
            except Mismatch as mismatch:
                value, raised = None, mismatch.found
        self._holds = read_final_state(lab, SharedLab.dump)
        return Seen(value, raised, tuple(sent), self._holds)

    def _driven(self, session: Any, arguments: tuple[Any, ...], sent: list[Sent]) -> Any:
        call = self.function.begin(session, *arguments)
        while (asked := call.waiting()) is not None:
            if not asked.statement:
                call.answer()
                continue
            outcome = asked.happen()
            code = outcome.code if isinstance(outcome, EngineError) else ""
            sent.append(Sent(asked.statement, asked.parameters, code))
            call.hand_back(outcome)
        return call.value()

    def _filled(self, data: Data) -> SharedLab:
        if self._lab is None or set(data) != set(self._holds):
            self.close()
            self._lab = open_shared_lab(self.engine, self.schema, data)
        elif changed := {table: rows for table, rows in data.items() if not same_rows(rows, self._holds[table])}:
            try:
                self._refill(self._lab, changed)
            except EngineError:
                # A call before has changed the tables themselves, or what they take.
                self.close()
                self._lab = open_shared_lab(self.engine, self.schema, data)
        return self._lab

    def _refill(self, lab: SharedLab, data: Data) -> None:
        """Put other rows into some tables, in one transaction: much faster than opening another database."""
        lab.execute("BEGIN")
        for table in reversed(data):
            lab.execute(f'DELETE FROM "{table}"')
        lab.fill(data)
        lab.execute("COMMIT")

    def said(self, arguments: tuple[Any, ...]) -> str:
        """The call as a student would write it."""
        words = ", ".join(["connection", *map(repr, arguments)])
        return f"`{self.function.name}({words if len(words) <= 160 else words[:160] + '…'})`"

    def close(self) -> None:
        """Throw its database away."""
        if self._lab is not None:
            self._lab.close()
            self._lab = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
