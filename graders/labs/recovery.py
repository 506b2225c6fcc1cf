"""Whether a PostgreSQL can be recovered here, and a server whose log is archived."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graders.labs.find_postgres import Installation, MissingEngine, installations, why_no_postgres

if TYPE_CHECKING:
    from graders.labs.postgres_recovery import ArchivedServer


def why_no_recovery() -> str:
    """Say in a sentence why no server can be recovered here; empty if one can."""
    if reason := why_no_postgres():
        return reason
    if _complete_installation() is None:
        return "Point-in-time recovery needs pg_basebackup, which is not here: `make postgres` brings it."
    return ""


def _complete_installation() -> Installation | None:
    return next((one for one in installations() if (one.programs / "pg_basebackup").exists()), None)


@contextmanager
def open_archived_server() -> Iterator[ArchivedServer]:
    """A server of its own whose log is archived; raise `MissingEngine` where there can be none."""
    installation = _complete_installation()
    if (reason := why_no_recovery()) or installation is None:
        raise MissingEngine(reason)
    # The driver is an extra too.
    from graders.labs.postgres_recovery import ArchivedServer

    server = ArchivedServer(installation)
    try:
        yield server
    finally:
        server.close()
