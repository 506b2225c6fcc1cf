"""What a database of a lab on PostgreSQL has beside its role's tables: counted statements, further roles, schemas."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graders.labs.find_postgres import MissingEngine

if TYPE_CHECKING:
    import psycopg
    from psycopg.sql import Identifier

STATEMENT_COUNTS = "pg_stat_statements"


@dataclass(frozen=True)
class Extras:
    """What only a superuser can put into a database, for the lessons that need it."""

    counts_statements: bool = False
    """Whether the view `pg_stat_statements` says what each statement has taken; of other roles' it shows no text."""
    roles: tuple[str, ...] = ()
    """Roles without a login and without any right, as which a session of the lab can act: `SET ROLE shop_app`."""
    schemas: tuple[str, ...] = ()
    """Schemas beside `public` in which the lab's role may make things."""

    def make_roles(self, admin: psycopg.Connection, member: str) -> None:
        """Make the roles, which belong to the whole server, unless they are there, and let `member` act as each."""
        # Whoever only says what a lab needs has no driver, perhaps.
        from psycopg.errors import DuplicateObject
        from psycopg.sql import SQL, Identifier

        for name in self.roles:
            with suppress(DuplicateObject):
                admin.execute(SQL("CREATE ROLE {}").format(Identifier(name)))
            admin.execute(SQL("GRANT {} TO {}").format(Identifier(name), Identifier(member)))

    def make_inside(self, inside: psycopg.Connection, owner: Identifier) -> None:
        """Make what belongs to the one database that `inside` is connected to, for the role `owner`."""
        from psycopg.sql import SQL, Identifier

        for name in self.schemas:
            inside.execute(SQL("CREATE SCHEMA {} AUTHORIZATION {}").format(Identifier(name), owner))
        if self.counts_statements:
            _count_statements(inside)


def _count_statements(inside: psycopg.Connection) -> None:
    """Make the view; raise `MissingEngine` where the server has not been started with its library."""
    from psycopg import Error
    from psycopg.sql import SQL, Identifier

    try:
        inside.execute(SQL("CREATE EXTENSION IF NOT EXISTS {}").format(Identifier(STATEMENT_COUNTS)))
        inside.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(Identifier(STATEMENT_COUNTS)))
    except Error as error:
        sentence = error.diag.message_primary or "it says no more"
        raise MissingEngine(f"This PostgreSQL does not count statements: {sentence}.") from None
