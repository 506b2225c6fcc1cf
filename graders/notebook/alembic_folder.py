"""Alembic as people use it, in a scratch folder: an env.py, revisions in files, and its commands run quietly."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from graders.labs import why_no_postgres


class AlembicFolder:
    """What `alembic init` makes, with our `env` as its env.py and the texts of `revisions` by their file names.

    It lies in a scratch folder that is removed with the object; `env` finds the models in `config.attributes`.
    """

    def __init__(self, env: str, revisions: Mapping[str, str]):
        self._scratch = tempfile.TemporaryDirectory(prefix="alembic-")
        self.path = Path(self._scratch.name, "migrations")
        config = Config()
        config.config_file_name = str(self.path.with_name("alembic.ini"))
        with redirect_stdout(io.StringIO()):
            command.init(config, str(self.path))
        (self.path / "env.py").write_text(env, encoding="utf-8")
        for name, text in revisions.items():
            (self.path / "versions" / name).write_text(text, encoding="utf-8")

    def files(self) -> list[str]:
        """The names of all files, as they lie below the folder."""
        here = self.path.parent
        files = (path for path in here.rglob("*") if path.is_file() and path.suffix not in (".pyc", ".db", ".duckdb"))
        return sorted(path.relative_to(here).as_posix() for path in files)

    def run(self, name: str, url: str, *words: str, models: sa.MetaData | None = None, **options: object) -> str:
        """Run `alembic <name> <words>` on the database at `url`; give what it prints, or raise what it raises."""
        output = io.StringIO()
        config = Config(stdout=output, attributes={"models": models})
        config.set_main_option("script_location", str(self.path))
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
        with redirect_stdout(io.StringIO()):
            getattr(command, name)(config, *words, **options)
        return output.getvalue().strip()

    def draft(self, url: str, message: str, models: sa.MetaData) -> str:
        """Run `alembic revision --autogenerate`; give the draft's upgrade and downgrade, and remove its file."""
        before = set(self.path.glob("versions/*.py"))
        self.run("revision", url, models=models, message=message, autogenerate=True)
        (draft,) = set(self.path.glob("versions/*.py")) - before
        text = draft.read_text(encoding="utf-8")
        draft.unlink()
        return text[text.index("def upgrade") :].strip()

    @contextmanager
    def urls(self) -> Iterator[dict[str, str]]:
        """The URL of a fresh database for each engine that is here; PostgreSQL's is dropped at the end."""
        with tempfile.TemporaryDirectory(dir=self._scratch.name) as folder:
            urls = {"SQLite": f"sqlite:///{folder}/shop.db", "DuckDB": f"duckdb:///{folder}/shop.duckdb"}
            if why_no_postgres():
                yield urls
                return
            with _fresh_postgres() as url:
                yield urls | {"PostgreSQL": url}


@contextmanager
def _fresh_postgres() -> Iterator[str]:
    # Its driver is an extra.
    from graders.labs.postgres_server import the_server

    access = the_server().new_database()
    query: dict[str, str | Sequence[str]] = {name: str(access[name]) for name in ("host", "port") if name in access}
    login = access["user"], access["password"]
    url = sa.URL.create("postgresql+psycopg", *login, database=access["dbname"], query=query)
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        the_server().drop_database(access)
