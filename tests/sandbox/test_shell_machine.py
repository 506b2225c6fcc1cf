"""Is a script of the shell run as it would be, and does a hostile one cost nothing but its own call?"""

import subprocess
import sys
from pathlib import Path

import pytest

from graders.sandbox import RUNTIME_BOUNDS, Bounds, Sandbox, SandboxError, best_isolation, no_isolation
from graders.sandbox.runtimes import runtime, why_missing

pytestmark = pytest.mark.skipif(bool(why_missing("shell")), reason="there is no shell here")
STRICT = pytest.mark.skipif(sys.platform != "linux", reason="isolation is for Linux alone")
DUMP = "CREATE TABLE orders (id integer, name text, PRIMARY KEY (id)); INSERT INTO orders VALUES (1, 'bell');"


def plan(count=1, weather="fine", command=("sh", "a.sh"), **more):
    night = {"weather": weather, "dump": DUMP, "command": list(command), "stdin": "", "environment": {}, **more}
    nights = [{**night, "now": f"2026-03-{day:02}T02:00:00"} for day in range(1, count + 1)]
    return {"script": "a.sh", "files": {}, "nights": nights}


def machine(script, isolation, bounds=RUNTIME_BOUNDS["shell"]):
    sandbox = Sandbox(bounds=bounds, isolation=isolation, runtime=runtime("shell"))
    return sandbox, sandbox.define(script, "script")


def run(script, isolation=None, **more):
    """The last night with `script`."""
    sandbox, function = machine(script, isolation)
    with sandbox:
        return function(plan(**more))["nights"][-1]


@pytest.mark.parametrize("name", ["none", "strict"])
def test_the_shell_and_its_programs_work(name):
    """Do pipes, functions, redirections, links and the programs of backups work, with isolation and without?"""
    if name == "strict" and sys.platform != "linux":
        pytest.skip("isolation is for Linux alone")
    script = """set -eu
twice() { echo "$1$1"; }
twice ab | tr a c | sed 's/b/d/' > one; cat one; ln -s one two; cat two; chmod 600 one
printf 'x\\ny\\n' | gzip | gunzip | sort -r | head -n 1; awk 'BEGIN { print 1 + 1 }'
find . -name one; ls -l one | cut -c1-10
mktemp > /dev/null; test -f one && echo yes; seq 3 | xargs echo; (exit 3) || echo $?
"""
    told = run(script, best_isolation() if name == "strict" else no_isolation())
    assert told["output"].splitlines() == ["cdcb", "cdcb", "y", "2", "./one", "-rw-------", "yes", "1 2 3", "3"]
    assert told["code"] == 0


def test_days_pass_and_files_grow_old():
    """Does `date` tell the machine's day, and `find -mtime` the age of a file on its calendar?"""
    script = "date +%F; date -d '2 days ago' +%d; find /backups -mtime +1 | wc -l; date > /backups/$(date +%d)"
    assert run(script, count=5)["output"].split() == ["2026-03-05", "03", "2"]


@pytest.mark.parametrize(
    ("weather", "more", "words"),
    [
        ("refused", {}, "Connection refused"),
        ("cut", {}, "closed the connection"),
        ("full", {"room": 60}, "No space left on device"),
    ],
)
def test_a_dump_fails_as_the_night_wants(weather, more, words):
    """Does pg_dump say so, and end with 1?"""
    told = run("pg_dump mydb > /backups/x; echo $?", weather=weather, **more)
    assert words in told["output"] and told["output"].endswith("1\n")


def test_a_power_cut_ends_everything_at_once():
    """Does nothing run on, not even what was in the background, and is half a dump left?"""
    told = run("(sleep 1; cat) & pg_dump mydb > /backups/x; echo after", weather="power")
    assert told["code"] == -9 and told["output"] == "" and list(told["files"]) == ["x"]


def test_two_stand_ins_of_one_pipe_do_not_mix_their_answers():
    """Does each of several programs that ask at the same time get its own answer?"""
    script = "for i in 1 2 3 4 5 6; do (date +%H$i; pg_dump mydb | grep -c bell; date +%M$i) & done; wait"
    lines = run(script)["output"].split()
    assert sorted(lines) == sorted([f"02{i}" for i in range(1, 7)] + [f"00{i}" for i in range(1, 7)] + ["1"] * 6)


@pytest.mark.parametrize(
    "script",
    [
        "rm -rf /",
        "rm -rf ../../..",
        "cd / && rm -rf tmp",
        "find / -delete",
        "mv /etc/hosts /backups/",
        "cd ..; cd ..; rm -rf *",
    ],
)
def test_no_script_removes_what_is_outside_of_its_machine(script, tmp_path):
    """Are files outside kept, where nothing but the machine's own guard is there?"""
    told = run(f"cd /backups; {script}")
    assert told["code"] != 0 and "only files of its own" in told["output"]


ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
HOSTILE = {
    "a fork bomb": "bomb() { bomb | bomb & }; bomb; sleep 1; echo over",
    "processes that stay": "for i in $(seq 200); do (while :; do :; done) & done; exit 0",
    "an endless loop": "while :; do :; done",
    "an endless loop of a stand-in": "while :; do sleep 60; done",
    "output without end": "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done",
    "a file without end": "while :; do cat /dev/urandom; done > /backups/x",
    "many files": "i=0; while :; do i=$((i + 1)); : > /backups/$i; done",
    "folders in folders": "while mkdir d && cd d; do :; done; exit 1",
    "a variable without end": "x=aaaaaaaa; while :; do x=$x$x; done",
    "its own death": "kill -9 $PPID; kill -9 -1",
    "junk for the machine": "while :; do echo 'x y z' >&9; done",
    "a reply stolen": "read -r line <&7; read -r line <&8",
    "a closed line": "exec 6>&- 7<&- 8<&- 9>&-; pg_dump mydb",
    "SQL without end": f"psql -c '{ENDLESS}' mydb",
    "a gzip bomb": "head -c 7000000 /dev/zero | gzip | gzip > /backups/mydb_1.sql.gz",
}

# Nothing but these bounds ends them: narrower ones do it sooner.
NARROW = Bounds(work=3, in_all=6, asleep=3)
WITHOUT_END = {
    *("an endless loop", "output without end", "a file without end", "junk for the machine", "SQL without end"),
    *("a reply stolen", "an endless loop of a stand-in"),
}


@STRICT
@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_script_costs_nothing_but_its_own_call(name):
    """Does it end within its bounds, with no process left, and does the next answer get what it always gets?"""
    isolation = best_isolation()
    bounds = NARROW if name in WITHOUT_END else RUNTIME_BOUNDS["shell"]
    sandbox, function = machine(HOSTILE[name], isolation, bounds)
    with sandbox:
        try:
            told = function(plan())
            assert len(str(told)) < 5_000_000
        except SandboxError:
            pass
        folder = sandbox.folder
    assert not folder.exists()
    assert str(folder) not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert run("pg_dump mydb | grep -c bell", isolation)["output"] == "1\n"


SPIES = {
    "the course": f"cat {Path(__file__).resolve().parents[2]}/graders/sandbox/runtimes/shell.py",
    "the passwords": "cat /etc/passwd /etc/shadow",
    "the processes": "cat /proc/1/environ /proc/self/environ; ls /proc/1",
    "a neighbour": "ls /tmp; cat /tmp/sandbox-*/*",
    "the home of root": "ls /root; cat /root/.bashrc",
    "a place to write": "echo x > /tmp/x || echo x > /usr/bin/x || echo x > /x",
    "another program": "/usr/bin/python3 -c 'print(1)' || perl -e 'print 1' || curl --version || mount",
}


@STRICT
@pytest.mark.parametrize("name", SPIES)
def test_a_script_in_isolation_reaches_nothing_outside(name):
    """Does every way out fail?"""
    told = run(f"({SPIES[name]}) 2>/dev/null && echo reached; true", best_isolation())
    assert told["output"] == ""
