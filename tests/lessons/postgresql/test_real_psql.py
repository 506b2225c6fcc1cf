"""Does the command that asks leave with PostgreSQL's own psql what it leaves with the stand-in?"""

import subprocess

import pytest
from foreseen_answers import LESSONS

from graders.checks.postgresql.migrate_command import (
    DOWN_EMPTY,
    RECORD,
    list_calls,
    run_call,
    write_migrations,
    write_state,
)
from graders.labs import open_shared_lab, why_no_postgres
from graders.labs.psql import find_psql

pytestmark = pytest.mark.skipif(bool(why_no_postgres()), reason="no PostgreSQL here")

NAMES = ["users", "orders", "payments"]
TASK = LESSONS["postgresql"].tasks["down-asks-first"]
SCRIPTS = [TASK.solution, *(right.text for right in TASK.right)]
CALLS = list_calls(len(NAMES))


def run_for_real(script, call, folder):
    """The exit code, and the tables with the number of their rows, that the script leaves in PostgreSQL."""
    with open_shared_lab("PostgreSQL", write_state(NAMES, call.applied)) as lab:
        for name, text in write_migrations(NAMES, call.broken).items():
            (folder / name).write_text(text)
        there = lab.connection_variables()
        (folder / "migrate").write_text(script.replace(" shop", f" {there['PGDATABASE']}"))
        shell = "bash" if "bash" in script.partition("\n")[0] else "sh"
        path = f"{find_psql().parent}:/usr/bin:/bin"
        done = subprocess.run(
            [shell, "migrate", *call.arguments],
            cwd=folder,
            env={"PATH": path, "HOME": str(folder), **there},
            input=call.typed,
            text=True,
            capture_output=True,
            check=False,
        )
        counts = {name: lab.execute(f"SELECT count(*) FROM {name}").rows[0][0] for name in lab.tables()}
    return bool(done.returncode), counts


@pytest.mark.parametrize("call", CALLS, ids=[call.words for call in CALLS])
@pytest.mark.parametrize("script", SCRIPTS, ids=["solution", "in bash", "without set -e"])
def test_the_stand_in_leaves_what_psql_leaves(script, call, tmp_path):
    done = run_call(script, script, NAMES, call)
    stand_in = bool(done.code), {name: len(rows) for name, rows in done.tables.items()}
    assert run_for_real(script, call, tmp_path) == stand_in
    assert stand_in[1][RECORD] == call.left and stand_in[0] == call.fails or call.words == DOWN_EMPTY
