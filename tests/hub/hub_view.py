"""A view of this machine in which a hub has its users, their homes and an exchange, and the machine itself nothing new.

Two kinds: as on The Littlest JupyterHub each person is a user of the system, which takes root; as on Kubernetes all
are `jovyan`, and only the hub tells them apart.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from hub_environment import FOLDER, ROOT
from other_users import open_view

TEACHER, STUDENTS = "teacher", ("ann", "ben")
UIDS = {name: 20_101 + place for place, name in enumerate((TEACHER, *STUDENTS))}
SYSTEM_USERS, ONE_USER = "system users", "one user"
KINDS = [SYSTEM_USERS, ONE_USER] if os.geteuid() == 0 else [ONE_USER]
JOVYAN = 1000
HOMES = Path("/srv/home")
NOT_COPIED = {"build", "dist", "results", "submitted", "course-seed", "course.toml"}


@dataclass(frozen=True)
class View:
    """The machine as the hub sees it; what is written to its /srv lies in `folder`."""

    kind: str
    folder: Path

    @property
    def has_system_users(self) -> bool:
        """Whether each person is a user of the system."""
        return self.kind == SYSTEM_USERS

    def place(self, path: Path | str) -> Path:
        """Where the view's `path` below /srv lies outside."""
        return self.folder / Path(path).relative_to("/")

    def set_up(self) -> None:
        """Make the users, their homes, an exchange as docs/hub.md has it made, and the teacher's checkout."""
        (self.folder / "passwd").write_text("".join(f"{line}\n" for line in self._accounts()))
        (self.folder / "group").write_text("".join(f"{line}\n" for line in self._groups()))
        shutil.copytree(ROOT, self.place(HOMES / TEACHER / "course"), ignore=_not_copied)
        for name in UIDS:
            home = self.place(HOMES / name)
            home.mkdir(parents=True, exist_ok=True)
            home.chmod(0o700)
            # A terminal begins with a login shell, whose PATH is the system's: this is what a hub's administrator adds.
            (home / ".profile").write_text(f'PATH="{FOLDER / "bin"}:$PATH"\n')

    def give_homes(self) -> None:
        """Give everybody what lies in their home."""
        for name, uid in UIDS.items() if self.has_system_users else ():
            home = self.place(HOMES / name)
            for path in (home, *home.rglob("*")):
                os.chown(path, uid, uid)

    def _accounts(self) -> list[str]:
        if self.has_system_users:
            people = [f"{name}:x:{uid}:{uid}::{HOMES / name}:/bin/bash" for name, uid in UIDS.items()]
            return ["root:x:0:0:root:/root:/bin/bash", *people]
        return [f"jovyan:x:{JOVYAN}:{JOVYAN}::/home/jovyan:/bin/bash"]

    def _groups(self) -> list[str]:
        groups = {"root": 0} | UIDS if self.has_system_users else {"jovyan": JOVYAN}
        return [f"{name}:x:{gid}:" for name, gid in groups.items()]

    def words(self) -> list[str]:
        """The words that start a program in it."""
        paths = sorted({Path(sys.base_prefix), FOLDER, self.folder})
        words = open_view(*paths) if self.has_system_users else _view_of_one()
        for name in ("passwd", "group"):
            words += ["--ro-bind", str(self.folder / name), f"/etc/{name}"]
        return [*words, "--bind", str(self.folder / "srv"), "/srv"]


def _not_copied(folder: str, names: list[str]) -> set[str]:
    """What a new checkout would not have: what git keeps for itself, and what was made here."""
    hidden = {name for name in names if name.startswith(".") or name == "__pycache__"}
    return hidden | NOT_COPIED if Path(folder) == ROOT else hidden


def _view_of_one() -> list[str]:
    ids = ["--unshare-user", "--uid", str(JOVYAN), "--gid", str(JOVYAN)]
    return ["bwrap", "--die-with-parent", "--unshare-pid", *ids, "--dev-bind", "/", "/", "--proc", "/proc"]
