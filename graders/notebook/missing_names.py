"""Says which cells to run when a cell uses a name that an earlier cell of its lesson defines."""

from __future__ import annotations

import contextlib
import symtable
from types import TracebackType
from typing import TYPE_CHECKING

from graders.course.answer_cells import MAGIC
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
        if name and name in names_above(_last_cell(shell)):
            error = SentenceError(
                f"`{name}` is not there yet: an earlier cell of this lesson makes it. Run the cells above "
                "(menu Run, Run All Above Selected Cell), then this one again."
            )
            kind = SentenceError
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)

    shell.set_custom_exc((NameError,), show)


def _last_cell(shell: InteractiveShell) -> str:
    """The text of the cell that was run last."""
    history = shell.history_manager
    return history.input_hist_raw[-1] if history and history.input_hist_raw else ""


def names_above(cell: str) -> set[str]:
    """The names that demonstrations above `cell` in the saved notebook define.

    None if the notebook or the cell in it cannot be found, and for an answer, which must stand alone.
    """
    path = notebook_path() if not cell.lstrip().startswith(MAGIC) else None
    sources: list[str] = []
    with contextlib.suppress(UnreadableNotebook, LookupError, AttributeError, TypeError):
        for each in read_notebook(path)["cells"] if path else ():
            source = "".join(each["source"])
            if each["cell_type"] == "code" and source.strip() == cell.strip():
                return {name for one in sources for name in _assigned(one)}
            if each["cell_type"] == "code" and not source.lstrip().startswith("%"):
                sources.append(source)
    return set()


def _assigned(source: str) -> set[str]:
    """The names that a module with this source has in the end; none where Python cannot read it."""
    try:
        table = symtable.symtable(source, "cell", "exec")
    except SyntaxError:
        return set()
    return {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}
