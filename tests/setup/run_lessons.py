"""Run as a script in a fresh environment: runs each notebook in a folder and prints what went wrong as JSON."""

import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def trouble(path: Path) -> list[str]:
    """The errors of a notebook's cells, what they wrote on stderr, and the checks that give less than full marks."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": path.parent}}).execute()
    cells = [(cell, output) for cell in notebook.cells for output in cell.get("outputs", [])]
    errors = [f"{cell.id}: {output.ename}: {output.evalue}" for cell, output in cells if output.output_type == "error"]
    noise = [f"{cell.id}: {output.text}" for cell, output in cells if output.get("name") == "stderr"]
    return errors + noise + [cell.id for cell, output in cells if _is_short(cell, output)]


def _is_short(cell, output) -> bool:
    """Whether a check gives less than full marks, but for what cannot be tried without an extra."""
    points, data = cell.metadata.get("nbgrader", {}).get("points"), output.get("data", {})
    is_offered = "not tried:" not in data.get("text/html", "")
    return points is not None and is_offered and data.get("text/plain") != f"{points:g}"


if __name__ == "__main__":
    print(json.dumps({path.stem: trouble(path) for path in sorted(Path(sys.argv[1]).glob("*/*.ipynb"))}))
