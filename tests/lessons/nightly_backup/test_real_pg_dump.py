"""Does a night with PostgreSQL's own pg_dump end as the night with the stand-in does?"""

import gzip
import subprocess

import pytest
from foreseen_answers import LESSONS

from graders.labs import open_shared_lab, why_no_postgres
from graders.labs.psql import find_psql, run_psql
from graders.techniques.backups import pass_nights, run_nights
from graders.techniques.backups.shell_dumps import write_script
from nightly_backup.scripts import FAULTY, SOUND

pytestmark = pytest.mark.skipif(bool(why_no_postgres()), reason="no PostgreSQL here")

TABLES = {"orders": [(1, "tent", 900), (2, "it's; a stove", 250)], "members": [(1, "Ann", 0), (2, "Ben", 5)]}
TASK = LESSONS["nightly-backup"].tasks["repair-the-script"]
CHOSEN = ("nothing is checked", "or true", "a check of the size", "straight into the final name", "exit 0 at the end")
SCRIPTS = {"solution": TASK.solution} | SOUND | {name: FAULTY[name][1] for name in CHOSEN}
# Another name of the database, and nothing else, stands between a script and the real program.
WRAPPER = """#!/bin/sh
for word; do
    shift
    case "$word" in mydb) set -- "$@" "$PGDATABASE" ;; *) set -- "$@" "$word" ;; esac
done
exec {program} "$@"
"""


def stand_in(script, weather):
    """Whether the exit code is 0, and how many files bring everything back, with the stand-in."""
    (run,) = run_nights(script, pass_nights([TABLES], {0: weather}))
    return run.code == 0, sum(found == run.night.committed for found in run.restored.values())


def for_real(script, weather, folder):
    """The same with pg_dump, on a PostgreSQL that is there, is down, or has come up with empty tables."""
    with open_shared_lab("PostgreSQL", write_script(TABLES)) as lab:
        for name in TABLES if weather == "hollow" else ():
            lab.execute(f"DELETE FROM {name}")
        there = lab.connection_variables() | ({"PGHOST": str(folder / "nobody")} if weather == "refused" else {})
        code = run_script(script, folder, there)
        files = [path.read_bytes() for path in sorted((folder / "backups").rglob("*")) if path.is_file()]
        return code == 0, sum(comes_back(lab, content) for content in files)


def run_script(script, folder, there):
    for name in ("backups", "bin"):
        (folder / name).mkdir()
    program = find_psql().with_name("pg_dump")
    (folder / "bin" / "pg_dump").write_text(WRAPPER.format(program=program))
    (folder / "bin" / "pg_dump").chmod(0o755)
    (folder / "nightly.sh").write_text(script.replace("/backups", str(folder / "backups")))
    shell = "bash" if "bash" in script.strip().partition("\n")[0] else "sh"
    path = f"{folder / 'bin'}:/usr/bin:/bin"
    environment = {"PATH": path, "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C", **there}
    done = subprocess.run([shell, "nightly.sh"], cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False)
    return done.returncode


def comes_back(lab, content):
    """Whether a file, restored by psql into the emptied database, brings back every row."""
    text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    lab.run("".join(f"DROP TABLE IF EXISTS {name};" for name in TABLES))
    if not text.strip():
        return False
    options = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-f", "dump.sql"]
    done = run_psql(lab, options, {"dump.sql": text.decode()})
    return done.code == 0 and all(
        name in lab.tables() and sorted(lab.execute(f"SELECT * FROM {name}").rows) == sorted(rows)
        for name, rows in TABLES.items()
    )


@pytest.mark.parametrize("weather", ["fine", "refused", "hollow"])
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_night_ends_as_with_the_stand_in(name, weather, tmp_path):
    assert for_real(SCRIPTS[name], weather, tmp_path) == stand_in(SCRIPTS[name], weather)
