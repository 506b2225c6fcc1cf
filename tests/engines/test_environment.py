"""Do the other engines reach every Python of their environment, sandboxes included?"""

import sqlite3
import sys

import apsw
import pytest
from environment import make_environment, versions

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a library that is loaded first stands alone")


def test_the_environment_has_apsws_sqlite(tmp_path):
    """Is SQLite another than ours there, in a Python that ignores its surroundings, and DuckDB the same as here?"""
    there, here = versions(make_environment(tmp_path / "engines")), versions(sys.executable)
    assert here[0] == sqlite3.sqlite_version
    assert there == (apsw.sqlite_lib_version(), here[1])
