"""Says which cells to run when a cell uses a name that an earlier cell of its lesson defines."""

from __future__ import annotations

import ast
import contextlib
from types import TracebackType
from typing import TYPE_CHECKING

from graders.course.notebook_cells import UnreadableNotebook, read_notebook
from graders.notebook.messages import SentenceError
from graders.notebook.notebook_session import notebook_path

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def explain_missing_names(shell: InteractiveShell) -> None:
    """Have a `NameError` of a name that a cell of this notebook defines say so; every other one is shown as ever."""

    def show(
        shell: InteractiveShell,
        kind: type[BaseException],
        error: BaseException,
        traceback: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        name = getattr(error, "name", None)
        if name and name in names_defined():
            error = SentenceError(
                f"`{name}` is not there yet: an earlier cell of this lesson makes it. Run the cells above "
                "(menu Run, Run All Above Selected Cell), then this one again."
            )
            kind = SentenceError
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)

    shell.set_custom_exc((NameError,), show)


def names_defined() -> set[str]:
    """The names that demonstration cells of the saved notebook define outside functions; none if it cannot be read."""
    path = notebook_path()
    names: set[str] = set()
    with contextlib.suppress(UnreadableNotebook, LookupError, AttributeError, TypeError):
        for cell in read_notebook(path)["cells"] if path else ():
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and not source.lstrip().startswith("%"):
                names |= _assigned(source)
    return names


def _assigned(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    made = (ast.FunctionDef, ast.ClassDef)
    defined = {node.name for node in tree.body if isinstance(node, made)}
    imported = {
        (alias.asname or alias.name).split(".")[0]
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return defined | imported | stored
