"""The folder for screenshots: the one named by COURSE_ARTEFACTS, or a temporary one."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory) -> Path:
    folder = Path(os.environ.get("COURSE_ARTEFACTS") or tmp_path_factory.mktemp("artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
