"""What a sandbox runs in place of Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Runtime:
    """Node.js, Java or a shell with our harness: `words` start it, and it speaks as `in_sandbox/serve.py` does.

    The first of `words` is the path of the program; `FOLDER` in the others stands for the sandbox's scratch folder.
    What it reads lies where Python's libraries lie. `memory` is what it may allocate, in bytes;
    `libraries` are the folders of its own libraries, which it finds by itself only where there is a /proc;
    `programs` are those that it may start, each in a process of its own: without any, it may start no process.
    """

    name: str
    words: tuple[str, ...]
    memory: int = 1 << 30
    libraries: tuple[Path, ...] = ()
    programs: tuple[Path, ...] = ()

    def command(self, folder: Path) -> list[str]:
        """The words that start it with the scratch folder `folder`."""
        return [word.replace("FOLDER", str(folder)) for word in self.words]

    def environment(self, given: dict[str, str]) -> dict[str, str]:
        """A sandbox's environment, with the way to its libraries."""
        return given | ({"LD_LIBRARY_PATH": ":".join(map(str, self.libraries))} if self.libraries else {})

    def limits(self, limits: dict[str, int]) -> dict[str, int]:
        """A sandbox's limits, changed to what it can live with: it reserves much more address space than it uses."""
        kept = {name: most for name, most in limits.items() if name != "AS"}
        return kept | {"DATA": self.memory, "NOFILE": 256}
