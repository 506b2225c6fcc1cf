"""Keeps reports by the digest of what was judged, so that the same answer is never judged twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from graders.grading.plain_reports import read_report, report_text
from graders.kernel.report import Report


class Store:
    """Reports in one SQLite file; use it in a `with`.

    It survives a kill at any moment, and holds nothing that cannot be judged again: a file that is no store any
    more is begun anew. A report that needs a person's review is kept only where another try would cost as much for
    the same; with `again`, it is not found.
    """

    def __init__(self, path: Path, again: bool = False):
        self.path = path
        self.again = again
        try:
            self._open()
        except sqlite3.DatabaseError:
            self.close()
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()
            self._open()

    def _open(self) -> None:
        self._connection = sqlite3.connect(self.path, isolation_level=None, timeout=60)
        # With a write-ahead log a kept report costs no wait for the disk, and a kill loses none.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS report (key TEXT PRIMARY KEY, report TEXT) WITHOUT ROWID")

    def find(self, key: str) -> Report | None:
        """The report kept under `key`, or None."""
        report = self._read(key)
        return None if report and self.again and report.status == "needs review" else report

    def _read(self, key: str) -> Report | None:
        row = self._connection.execute("SELECT report FROM report WHERE key = ?", (key,)).fetchone()
        try:
            return read_report(row[0]) if row else None
        except ValueError:
            return None

    def keep(self, key: str, report: Report) -> None:
        """Keep `report` under `key`, unless it needs review."""
        if report.status != "needs review":
            self._write(key, report)

    def keep_for_review(self, key: str, report: Report) -> None:
        """Keep `report` under `key` although it needs review."""
        self._write(key, report)

    def _write(self, key: str, report: Report) -> None:
        self._connection.execute("INSERT OR REPLACE INTO report VALUES (?, ?)", (key, report_text(report)))

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_) -> None:
        self.close()
