"""Calls a student's function on files that are put into its sandbox, and keeps what it leaves of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

from graders.sandbox import Bounds, SandboxedFunction
from graders.techniques.backups.trial import Files, read_files

GLUE = """
import pathlib as _pathlib
def _call_with_files(name, folder, files, arguments, paths):
    place = _pathlib.Path(folder).absolute()
    place.mkdir()
    for file, content in files.items():
        (place / file).write_bytes(content)
    def locate(one):
        return [str(place / file) for file in one] if isinstance(one, list) else str(place / one)
    given = [locate(one) if number in paths else one for number, one in enumerate(arguments)]
    return globals()[name](*given)
"""
# What we define ourselves is no work of the function's.
OUR_OWN = Bounds()


@dataclass(frozen=True)
class FileCall:
    """How one call on files ended."""

    value: Any
    """What it gave; None if it raised an exception."""
    exception: str
    """The exception that ended it, in words; "" if none did."""
    before: Files
    """The files that it was given."""
    after: Files
    """The files that were there afterwards."""


@dataclass
class FileFunction:
    """A student's function that is given paths of files."""

    function: SandboxedFunction
    _call: SandboxedFunction = field(init=False)
    # Several of them may share a sandbox, and so its folder.
    _numbers: ClassVar[count] = count()

    def __post_init__(self) -> None:
        self._call = self.function.sandbox.define(GLUE, "_call_with_files", OUR_OWN)

    def __call__(self, files: Files, *arguments: Any, paths: Sequence[int] = (0,)) -> FileCall:
        """Call it with `arguments` where `files` lie in a fresh folder.

        The arguments whose numbers are in `paths`, a name of a file or a list of names, reach it as whole paths. Raise
        `SandboxError` if it breaks a limit or gives no plain data.

            verify({"copy.db": content}, "copy.db", expected).value
        """
        folder = f"files-{next(self._numbers)}"
        call = self._call.begin(self.function.name, folder, files, list(arguments), list(paths))
        while call.waiting():
            call.answer()
        exception = call.raised()
        value = None if exception else call.value()
        return FileCall(value, exception, files, read_files(self.function.sandbox.folder / folder))
