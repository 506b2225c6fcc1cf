"""The sentences for a name that is mistyped or missing: of an exercise, of a lesson, of a function, of a cell above."""

from __future__ import annotations

import contextlib
import re
import symtable
from collections.abc import Collection, Iterable, Mapping
from difflib import SequenceMatcher
from types import TracebackType
from typing import TYPE_CHECKING, Any

from graders.course.answer_cells import MAGIC
from graders.course.notebook_cells import UnreadableNotebook, read_notebook
from graders.kernel.exercise import Exercise, exercise_names, find_exercise, key_file, list_lessons
from graders.kernel.readable import readable
from graders.notebook.messages import Misuse, NotebookFunction, SentenceError
from graders.notebook.saved_notebook import notebook_path

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

NEAR, MAX_GUESSES, MAX_NAME = 0.72, 3, 60
SET_UP = "%load_ext graders"
# A call with a name that lacks its quotes, alone in its cell.
LONE_CALL = re.compile(r"\s*(\w+)\(\s*([a-z]\w*(?:-\w+)*)\s*\)\s*")


def get_exercise(name: str) -> Exercise:
    """The exercise called `name`; raise `Misuse` for what is no name, `SentenceError` if there is no such exercise."""
    if not isinstance(name, str) or not name.strip():
        raise Misuse
    exercise = find_exercise(name.strip())
    if exercise is None:
        near = guess(name, exercise_names())
        raise SentenceError(
            f"There is no exercise {shown(name)}.{near} The check cell below each exercise has its name."
        )
    return exercise


def get_lesson(name: str) -> str:
    """The name of the lesson called `name`, or with the id `name`; raise as `get_exercise` does."""
    by_id = {key_file(lesson)["id"]: lesson for lesson in list_lessons()}
    if not isinstance(name, str) or not name.strip():
        raise Misuse
    found = by_id.get(name.strip(), name.strip())
    if found not in by_id.values():
        near = guess(name, by_id.values()) or f" There are {', '.join(by_id.values())}."
        raise SentenceError(f"There is no lesson {shown(name)}.{near}")
    return found


def guess(name: str, known: Iterable[str]) -> str:
    """A question for whoever wrote `name`, with a blank before it: those of `known` that are nearest; or nothing."""
    written = _plain(name[:MAX_NAME])
    near = sorted((-_nearness(written, other), other) for other in known) if len(written) > 1 else []
    names = [f"`{other}`" for nearness, other in near if -nearness >= NEAR][:MAX_GUESSES]
    if not names:
        return ""
    return f" Did you mean {' or '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}?"


def shown(name: str) -> str:
    """`name` as a sentence repeats it: in backquotes, readable, and not longer than names are."""
    return f"`{readable(name, MAX_NAME)}`"


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "-", name.strip().casefold())


def _nearness(name: str, known: str) -> float:
    """How near `name` is to `known`, to one of its words or to its beginning, from 0 to 1."""
    other = known.casefold()
    return max(SequenceMatcher(None, name, part).ratio() for part in {other, other[: len(name)], *other.split("-")})


def explain_missing_names(shell: InteractiveShell) -> None:
    """Have a `NameError` of a name that a cell of this notebook defines say so; every other one is shown as ever."""
    shell.set_custom_exc((NameError,), show_missing_name)


def show_missing_name(
    shell: InteractiveShell,
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """Show the `NameError` that a cell ended with, as a sentence where one can say what to do."""
    name, functions = getattr(error, "name", None), names_of_functions(shell.user_ns)
    if name and (sentence := sentence_for(name, _last_cell(shell), functions)):
        kind, error = SentenceError, SentenceError(sentence)
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


def sentence_for(name: str, cell: str, functions: Collection[str]) -> str:
    """What to say of a `name` that is missing in `cell`; nothing if nobody can say what is meant."""
    if name in names_above(cell):
        return (
            f"`{name}` is not there yet: an earlier cell of this lesson makes it. Run the cells above "
            "(menu Run, Run All Above Selected Cell), then this one again."
        )
    if cell.lstrip().startswith(MAGIC):
        return ""
    call = LONE_CALL.fullmatch(cell)
    if call and call[1] in functions and name in call[2]:
        return f'Write the name in quotes: `{call[1]}("{call[2]}")`.'
    near = guess(name, functions) if re.search(rf"(?<![\w.]){re.escape(name)}\(", cell) else ""
    return f"There is no function `{name}`.{near}" if near else ""


def names_of_functions(names: Mapping[str, Any]) -> list[str]:
    """The names of those functions among `names` that the course has put there."""
    return [name for name, value in names.items() if isinstance(value, NotebookFunction)]


def _last_cell(shell: InteractiveShell) -> str:
    """The text of the cell that was run last."""
    history = shell.history_manager
    return history.input_hist_raw[-1] if history and history.input_hist_raw else ""


def names_above(cell: str) -> set[str]:
    """The names that demonstrations above `cell` in the saved notebook define.

    None if the notebook or the cell in it cannot be found, and for an answer, which must stand alone.
    """
    above: list[str] = []
    for source in () if cell.lstrip().startswith(MAGIC) else code_cells():
        if source.strip() == cell.strip():
            return {name for one in above for name in _assigned(one)}
        if not source.lstrip().startswith("%"):
            above.append(source)
    return set()


def is_lesson() -> bool:
    """Whether the saved notebook that the kernel belongs to is one of the course: a cell of it sets the course up."""
    return any(source.startswith(SET_UP) for source in code_cells())


def code_cells() -> list[str]:
    """The texts of the code cells of the saved notebook; none if it cannot be found or read."""
    path = notebook_path()
    with contextlib.suppress(UnreadableNotebook, LookupError, AttributeError, TypeError):
        cells = read_notebook(path)["cells"] if path else ()
        return ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
    return []


def _assigned(source: str) -> set[str]:
    """The names that a module with this source has in the end; none where Python cannot read it."""
    try:
        table = symtable.symtable(source, "cell", "exec")
    except SyntaxError:
        return set()
    return {one.get_name() for one in table.get_symbols() if one.is_assigned() or one.is_imported()}
