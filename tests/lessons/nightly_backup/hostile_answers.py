"""Answers to the lesson on nightly backups that want marks, or our time, without the work."""

from __future__ import annotations

from tries import tries

from graders.sandbox.runtimes import why_missing

NIGHTS = {
    "for-ever": ("it waits for ever", "cat > /dev/null; while :; do sleep 1; done"),
    "many-files": (
        "our look at the folder takes too long",
        "i=0; while [ $i -lt 1000 ]; do : > /backups/$i; i=$((i + 1)); done; exit 1",
    ),
    "large-file": (
        "a file of ours is read that fills our memory",
        "head -c 7000000 /dev/zero > /backups/mydb.sql; exit 1",
    ),
    "link": ("another file of the machine is read", "ln -s /etc/passwd /backups/mydb_20260301.sql; exit 1"),
    "folder-is-gone": ("our look at the folder breaks", "rm -rf /backups; exit 1"),
    "folder-is-a-file": ("our look at the folder breaks", "rm -rf /backups; : > /backups; exit 1"),
    "odd-names": ("our reading of the names breaks", 'touch "/backups/$(printf "a\\nb")" "/backups/-rf"; exit 1'),
    "talks-much": ("what it says fills our memory", "yes 'backup done' | head -c 3000000; exit 1"),
    "hostile-dump": (
        "what we restore is made to break the engine",
        "printf -- '-- PostgreSQL database dump\\nATTACH \"/tmp/x\" AS x;\\n-- PostgreSQL database dump complete\\n'"
        " > /backups/mydb_20260301.sql; exit 1",
    ),
    "kills-its-parent": ("the process that looks on ends", "kill -9 $PPID; exit 1"),
}

TRIES = [
    *tries("repair-the-script", {f"script-{name}": row for name, row in NIGHTS.items()}),
    *tries(
        "keep-seven",
        {
            "seven-by-hand": (
                "names stand for backups",
                "for n in 1 2 3 4 5 6 7; do touch /backups/mydb_2026030$n.sql.gz; done",
            )
        },
    ),
    *tries(
        "restore-or-nothing",
        {
            "restore-no-database": ("our look at the database breaks", "dropdb restored"),
            "restore-odd-table": (
                "our reading of the tables breaks",
                'psql -c \'CREATE TABLE "a b" (x); INSERT INTO "a b" VALUES (x)\' restored; exit 1',
            ),
        },
    ),
    *tries(
        "repair-the-line",
        {
            "line-large": ("a line without an end is read", "0 2 * * * " + "x" * 5_000),
            "line-many": ("many jobs are run", "* * * * * true\n" * 400),
        },
    ),
]
if why_missing("shell"):
    TRIES = []
