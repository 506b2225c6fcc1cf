"""Is PostgreSQL found where it is, started in any place by any user, and gone with the process that started it?"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from ending import FAR_NET
from other_users import ORDINARY, run_as

from graders.commands.doctor import _postgres
from graders.labs import MissingEngine, open_lab, why_no_postgres
from graders.labs.find_postgres import URL_VARIABLE, Installation, installations

needs_postgres = pytest.mark.skipif(
    bool(why_no_postgres()) and not os.environ.get("CI"), reason="there is no PostgreSQL here"
)
HOLDS = """
import sys, time
from graders.labs import open_lab
with open_lab("PostgreSQL", "CREATE TABLE t (a int)", {"t": [(1,)]}) as lab:
    assert lab.dump() == {"t": [(1,)]}
    print(lab._server.access["host"], flush=True)
    time.sleep(float(sys.argv[1]))
"""


def holder(seconds: float, **variables: str) -> subprocess.Popen:
    """A process that opens a lab, prints the server's folder, and holds the lab for so long."""
    command = [sys.executable, "-c", HOLDS, str(seconds)]
    return subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True)


def is_gone(folder: str) -> bool:
    """Whether the folder goes away in the end, and with it every process that names it."""
    give_up = time.monotonic() + FAR_NET
    while time.monotonic() < give_up:
        named = [each for each in psutil.process_iter(["cmdline"]) if folder in " ".join(each.info["cmdline"] or ())]
        if not Path(folder).exists() and not named:
            return True
        time.sleep(0.05)
    return False


@needs_postgres
def test_the_server_dies_with_its_process(tmp_path):
    """Is nothing left of a server, in a folder with spaces and quotes, when its process was killed?"""
    place = tmp_path / "with space, and 'quotes'"
    place.mkdir()
    process = holder(60, TMPDIR=str(place))
    folder = process.stdout.readline().strip()
    assert Path(folder).exists()
    process.kill()
    process.wait()
    assert is_gone(folder)


@needs_postgres
def test_the_server_starts_where_a_path_is_too_long(tmp_path):
    """Does it start where the path of its socket would be too long, and end with its process?"""
    place = tmp_path / ("Überlänge " * 9)
    place.mkdir()
    process = holder(0, TMPDIR=str(place))
    folder = process.communicate(timeout=FAR_NET)[0].strip()
    assert process.returncode == 0
    assert is_gone(folder)


@needs_postgres
@pytest.mark.skipif(bool(os.environ.get(URL_VARIABLE)), reason="no server of our own is wanted")
def test_every_installation_starts():
    """Does each PostgreSQL on this machine, the system's and the pip package's, run and recover?"""
    from graders.labs.postgres_server import PrivateServer

    for installation in installations():
        server = PrivateServer(installation)
        try:
            server.crash()
            assert server.admin().execute("SELECT 1").fetchone() == (1,)
        finally:
            server.stop()
        assert is_gone(str(server.folder))


@needs_postgres
@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_programs_that_nobody_can_reach_are_copied(tmp_path):
    """Does root start a server from a folder that is closed to everybody else?"""
    from graders.labs.postgres_server import PrivateServer

    found = installations()[-1]
    package = found.programs.parents[1]
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, closed / folder.name, symlinks=True)
    server = PrivateServer(Installation(closed / found.programs.relative_to(package.parent), "a closed folder's"))
    server.stop()
    assert is_gone(str(server.folder))


@needs_postgres
@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can try what other users can")
def test_an_ordinary_user_without_an_account_has_labs_too(tmp_path):
    """Do sessions wait, deadlock and survive a power cut for an ordinary user that has not even a name?"""
    tests = ("tests/labs/test_postgres.py", "-k", "deadlock or power_cut or in_the_open")
    done = run_as(ORDINARY, tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


@needs_postgres
def test_a_server_given_by_its_url_is_used():
    """Is a running server used when its URL is given, by a role that is no superuser, and left clean?"""
    from graders.labs.postgres_server import the_server

    server = the_server()
    server.admin().execute("CREATE ROLE teacher LOGIN CREATEDB CREATEROLE")
    try:
        host = str(server.access["host"]).replace("/", "%2F")
        process = holder(0, **{URL_VARIABLE: f"postgresql://teacher@/postgres?host={host}"})
        assert process.wait(60) == 0
        left = server.admin().execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'lab%'").fetchone()
        assert left == (0,)
    finally:
        server.admin().execute("DROP ROLE teacher")


def test_what_is_missing_is_said_in_one_sentence(monkeypatch):
    """Do the error, the doctor and lessons say the same, with the command that helps?"""
    monkeypatch.setattr("graders.labs.find_postgres.find_spec", lambda name: None)
    with pytest.raises(MissingEngine, match="make postgres") as caught:
        open_lab("PostgreSQL")
    assert str(caught.value) == why_no_postgres() != ""
    assert why_no_postgres() in _postgres()


def test_a_driver_without_a_server_is_said_too(monkeypatch, tmp_path):
    """Is the server asked for when only the driver is there?"""
    monkeypatch.setattr("graders.labs.find_postgres.find_spec", lambda name: object() if name == "psycopg" else None)
    monkeypatch.setattr("graders.labs.find_postgres.SYSTEM", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    assert "make postgres" in why_no_postgres()
