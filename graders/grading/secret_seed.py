"""The secret seed of a course, from which the data are made that no student has seen."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

SEED_FILE = "course-seed"
SEED_VARIABLE = "COURSE_SEED"


def course_seed(root: Path) -> tuple[str, str]:
    """The seed, and a sentence about it if it was made just now.

    It is what COURSE_SEED holds or, without it, what the file `course-seed` in `root` holds; the file is made on
    first use and is not to be committed.
    """
    if os.environ.get(SEED_VARIABLE):
        return os.environ[SEED_VARIABLE], ""
    path = root / SEED_FILE
    if path.is_file():
        return path.read_text(encoding="utf-8").strip(), ""
    seed = secrets.token_hex(16)
    path.write_text(seed + "\n", encoding="utf-8")
    path.chmod(0o600)
    return seed, f"Made {path}: keep it with the gradebook and show it to no student; with it, marks repeat."


def exercise_seed(seed: str, exercise: str) -> int:
    """The seed of one exercise's data, a whole number that tells nothing of the course's seed."""
    return int.from_bytes(hashlib.sha256(f"{seed}\x1f{exercise}".encode()).digest()[:6], "big")
