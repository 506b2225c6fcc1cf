"""What JupyterLab gets for the course: settings, a start-up hook for kernels, and no teacher's menus for students."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ENVIRONMENT = Path(__file__).parent / "environment"
EXCHANGE = Path(__file__).parent / "exchange"
TEACHER = Path(__file__).parent / "teacher"


def install(prefix: Path, *, assignment_list: bool = False) -> list[Path]:
    """Lay the files into the Python environment at `prefix`, and give their paths.

    With `assignment_list`, students get nbgrader's list of assignments, which needs its exchange.
    """
    return _lay(ENVIRONMENT, prefix) + (_lay(EXCHANGE, prefix) if assignment_list else [])


def install_for_teacher(settings: Path) -> list[Path]:
    """Bring the teacher's menus back for whoever has their Jupyter settings in the folder `settings`."""
    return _lay(TEACHER, settings)


def _lay(folder: Path, place: Path) -> list[Path]:
    """Lay what is in `folder` into `place`, and give the paths.

    A JSON file that is there already keeps what it says of other things. Raise `ValueError` for one that is no JSON.
    """
    made = []
    for source in sorted(path for path in folder.rglob("*") if path.is_file()):
        target = place / source.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_content(source, target), encoding="utf-8")
        made.append(target)
    return made


def _content(source: Path, target: Path) -> str:
    """What the file `target` is to hold: JSON, merged with what is there, or the text of `source`."""
    if source.suffix != ".json":
        return source.read_text(encoding="utf-8")
    present = _read(target) if target.is_file() else {}
    return json.dumps(_merge(present, _read(source)), indent=2) + "\n"


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON ({error}): correct it, or move it away") from None


def _merge(present: Any, added: Any) -> Any:
    """`present` with what `added` says too: objects by name, lists without repetition, anything else replaced."""
    if isinstance(present, dict) and isinstance(added, dict):
        return present | {name: _merge(present.get(name), value) for name, value in added.items()}
    if isinstance(present, list) and isinstance(added, list):
        return [*present, *(one for one in added if one not in present)]
    return added
