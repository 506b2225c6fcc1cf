"""The gradebook as a database: nbgrader's tables and our two beside them, made in one step or not at all."""

from __future__ import annotations

from pathlib import Path

import nbgrader
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from nbgrader.api import Base

metadata = sa.MetaData()
claims = sa.Table(
    "course_claim",
    metadata,
    *(sa.Column(name, sa.String(128), primary_key=True) for name in ("student", "lesson", "exercise", "claim")),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("worth", sa.Float, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
)
# For each submission, digests of the answers and reports that were entered last, as JSON by exercise.
entered = sa.Table(
    "course_entered",
    metadata,
    *(sa.Column(name, sa.String(128), primary_key=True) for name in ("student", "lesson")),
    sa.Column("digests", sa.Text, nullable=False),
)


def create_gradebook(url: str) -> None:
    """Make sure that the database at `url` has every table, as nbgrader makes them and marks their version.

    nbgrader makes them one by one, and asks a program for their version in between: a run killed at that moment
    would leave a gradebook that nbgrader takes for complete.
    """
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                # Python's sqlite3 begins no transaction of its own before CREATE TABLE.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            if not sa.inspect(connection).has_table("alembic_version"):
                Base.metadata.create_all(connection)
                connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                connection.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": _newest_version()})
            metadata.create_all(connection)
    finally:
        engine.dispose()


def _newest_version() -> str:
    config = Config()
    config.set_main_option("script_location", str(Path(nbgrader.__file__).parent / "alembic"))
    return ScriptDirectory.from_config(config).get_current_head()
