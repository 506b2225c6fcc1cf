"""The start-up hook of kernels: the course sets itself up before the first cell that needs it, whichever that is."""

from __future__ import annotations

import re
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

NEEDS = re.compile(
    r"^\s*%%?(sql|answer|recall|needs)\b"
    r"|\b(check|hint|solution|progress|recall|contents|hand_in|save_attempts|own_card)\("
    r"|\b(fresh_lab|show_plan|show_b_tree|show_schema|work)\("
    r"|^\s*(check|hint|solution|progress|contents|hand_in|save_attempts|own_card|fresh_lab|show_schema)\s*\Z",
    re.M,
)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Have `shell` load the course when a cell needs it; every kernel of the environment calls this, so it is light."""

    def load_where_needed(info: ExecutionInfo) -> None:
        if not NEEDS.search(info.raw_cell or ""):
            return
        shell.events.unregister("pre_run_cell", load_where_needed)
        _load_course(shell)

    shell.events.register("pre_run_cell", load_where_needed)
    shell.set_custom_exc((NameError,), _show_missing_name)


def _show_missing_name(
    shell: InteractiveShell,
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """Show a `NameError` before the course is set up: in a lesson as the course explains it, elsewhere as ever."""
    from graders.notebook.mistyped_names import is_lesson, show_missing_name

    if is_lesson():
        _load_course(shell)
        show_missing_name(shell, kind, error, traceback, tb_offset)
    else:
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


def _load_course(shell: InteractiveShell) -> None:
    if shell.extension_manager is not None:
        shell.extension_manager.load_extension("graders")
