"""What a script leaves in the database file, where nothing is temporary and no setting is of one connection alone."""

from __future__ import annotations

from graders.kernel.report import Mismatch
from graders.labs import EngineError, Lab


def left_by(lab: Lab) -> bytes:
    """Give the file of a SQLite lab, for `open_image`; a transaction that a script left open is kept.

    Raise `Mismatch` if there is nothing that a file could hold.
    """
    lab.outcomes(["COMMIT"])
    try:
        return lab.image()
    except EngineError as error:
        raise Mismatch("tables that can be written to a file", f"SQLite says: {error.sentence}") from None
