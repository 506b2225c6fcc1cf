"""A real IPython shell, cleared for each test, with a `run` that tells what a cell did and showed."""

from dataclasses import dataclass
from typing import Any

import pytest
import sql
import sql.magic
from bank import ACCOUNTS, IN_MEMORY, ON_DISK
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from graders.notebook.sql_magic import install

LOADER = sql.magic.load_ipython_extension


@dataclass
class Cell:
    """What became of a cell: its value, its error, what it displayed (as objects' text) and wrote."""

    value: Any
    error: BaseException | None
    shown: list[str]
    html: list[str]
    out: str
    err: str


class Notebook:
    """Runs cells one after another in one shell."""

    def __init__(self, shell: InteractiveShell):
        self.shell = shell

    def run(self, cell: str) -> Cell:
        with capture_output() as captured:
            outcome = self.shell.run_cell(cell, store_history=True)
        data = [output.data for output in captured.outputs]
        shown = [each.get("text/plain", "") for each in data]
        html = [each.get("text/html", "") for each in data]
        error = outcome.error_before_exec or outcome.error_in_exec
        return Cell(outcome.result, error, shown, html, captured.stdout, captured.stderr)

    def rows(self, cell: str) -> list:
        done = self.run(cell)
        assert done.error is None, done.error
        return list(done.value)

    def refusal(self, cell: str) -> str:
        """What the student reads of a cell that failed."""
        done = self.run(cell)
        assert done.error is not None
        assert done.err == ""
        return done.out


@pytest.fixture(scope="session")
def shell(tmp_path_factory):
    """One shell for all tests: putting one away takes longer than most tests."""
    config = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance(config=config, ipython_dir=str(tmp_path_factory.mktemp("ipython")))
    InteractiveShell.clear_instance()


@pytest.fixture
def own_shell():
    """A shell of the test's own, in place of the one for all tests, which is there again afterwards."""
    before = InteractiveShell._instance
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()
    for kind in type(before)._walk_mro() if before else ():
        kind._instance = before


@pytest.fixture
def bare_notebook(shell, tmp_path, monkeypatch):
    """The shell as it was before anything was loaded or named, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sql, "load_ipython_extension", LOADER)
    monkeypatch.setattr(sql.magic, "load_ipython_extension", LOADER)
    names, configurables = dict(shell.user_ns), list(shell.configurables)
    yield Notebook(shell)
    shell.user_ns.clear()
    shell.user_ns.update(names)
    shell.configurables[:] = configurables
    shell.magics_manager.registry.pop("SqlMagic", None)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("sql", None)
    shell.extension_manager.loaded.discard("sql")
    shell.config.pop("SqlMagic", None)


@pytest.fixture
def notebook(bare_notebook):
    magic = install(bare_notebook.shell)
    yield bare_notebook
    for name in list(magic.sessions.by_name):
        magic.sessions.close(name)


@pytest.fixture(params=IN_MEMORY + ON_DISK)
def bank(notebook, request):
    notebook.run(f"%sql {request.param}")
    assert notebook.run(f"%%sql\n{ACCOUNTS}").error is None
    return notebook


@pytest.fixture(params=ON_DISK)
def two_sessions(notebook, request):
    for name in ("alice", "bob"):
        assert notebook.run(f"%sql {name} = {request.param}").error is None
    notebook.run(f"%%sql alice\n{ACCOUNTS}")
    return notebook
