"""Serializes what a script leaves in a database, where nothing is temporary and no setting belongs to a connection."""

from __future__ import annotations

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab


def serialize_database(lab: Lab) -> bytes:
    """Give the file of a SQLite lab, for `open_image`; what a transaction that is still open did is kept.

    Raise `Mismatch` if there is nothing that a file could hold.
    """
    lab.outcomes(["COMMIT"])
    try:
        return lab.image()
    except EngineError as error:
        raise Mismatch("tables that can be written to a file", f"SQLite says: {error.sentence}") from None
