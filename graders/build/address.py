"""The address of the repository, which stands in pyproject.toml alone, and the links that follow from it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HEADING, KEY = "[project.urls]", "Repository"
GITHUB = r"(?:https://github\.com/)?([A-Za-z0-9-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/?"


@dataclass(frozen=True)
class Address:
    """A repository on GitHub: its `owner` and its `name`."""

    owner: str
    name: str

    @property
    def url(self) -> str:
        """Where people and git find it."""
        return f"https://github.com/{self.owner}/{self.name}"

    def binder(self, path: str) -> str:
        """Where Binder opens the file at `path`."""
        return f"https://mybinder.org/v2/gh/{self.owner}/{self.name}/HEAD?urlpath=lab/tree/{path}"

    def colab(self, path: str) -> str:
        """Where Colab opens the notebook at `path`."""
        return f"https://colab.research.google.com/github/{self.owner}/{self.name}/blob/HEAD/{path}"

    @property
    def codespace(self) -> str:
        """Where a codespace is made of it."""
        return f"https://codespaces.new/{self.owner}/{self.name}"


def parse_address(text: str) -> Address:
    """The address that OWNER/NAME or a URL on GitHub gives; raise `ValueError` for anything else."""
    match = re.fullmatch(GITHUB, text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no repository on GitHub: write OWNER/NAME, or https://github.com/OWNER/NAME")
    return Address(*match.groups())


def read_address(root: Path) -> Address | None:
    """The address that pyproject.toml in `root` names, or None."""
    path = root / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.is_file() else {}
    url = project.get("urls", {}).get(KEY, "")
    return parse_address(url) if url else None


def write_address(root: Path, address: Address) -> None:
    """Name `address` in pyproject.toml in `root`, in the place of any other."""
    path = root / "pyproject.toml"
    text = re.sub(rf"\n{re.escape(HEADING)}\n(?:\w.*\n)*", "\n", path.read_text(encoding="utf-8"))
    entry = f'{HEADING}\n{KEY} = "{address.url}"\n\n'
    path.write_text(text.replace("[project.optional-dependencies]", f"{entry}[project.optional-dependencies]", 1))
