"""Scripts that are not in the lesson: sound ones, and faulty ones with the claim that notices each."""

MV = 'mv /backups/new.sql.gz "/backups/mydb_$(date +%Y%m%d).sql.gz"\n'
NAME = '"/backups/mydb_$(date +%Y%m%d).sql.gz"'
SILENT, FALSE, LOST, NOT_GOOD = "announces_failure", "leaves_no_false_file", "loses_no_backup", "leaves_a_backup"

SOUND = {
    "and by and": f"pg_dump mydb > /backups/t && gzip -f /backups/t && mv /backups/t.gz {NAME}",
    "a function that ends": f"""die() {{ echo "$1" >&2; exit 1; }}
t=/backups/.$$
rm -f /backups/.[0-9]*
pg_dump mydb > $t || die dump
gzip $t || die gzip
mv $t.gz {NAME} || die name""",
    "a trap that cleans up": f"""set -eu
tmp=$(mktemp /backups/tmp.XXXXXX)
trap 'rm -f "$tmp" "$tmp.gz"' EXIT
pg_dump -f "$tmp" mydb
gzip "$tmp"
mv "$tmp.gz" {NAME}""",
    "bash with PIPESTATUS": f"""#!/bin/bash
pg_dump mydb | gzip > /backups/part
status=("${{PIPESTATUS[@]}}")
[ "${{status[0]}}" -eq 0 ] && [ "${{status[1]}}" -eq 0 ] || exit 1
mv /backups/part {NAME}""",
    "read back before it gets its name": f"""set -e
pg_dump mydb > /backups/a
gzip -c /backups/a > /backups/b
gunzip -c < /backups/b | cmp -s - /backups/a
mv /backups/b {NAME}""",
    "a lock that lets go by itself": f"""set -e
exec 3> /backups/lock
flock -n 3
pg_dump mydb > /backups/a
gzip -c /backups/a > /backups/b
mv /backups/b {NAME}""",
}

FAULTY = {
    "nothing is checked": (SILENT, f"pg_dump mydb > /backups/a; gzip -c /backups/a > /backups/b; mv /backups/b {NAME}"),
    "set +e in the midst": (SILENT, "set -e\nset +e\npg_dump mydb > /backups/new.sql\ngzip -f /backups/new.sql\n" + MV),
    "-e on the first line only": (
        SILENT,
        "#!/bin/sh -e\npg_dump mydb > /backups/new.sql\ngzip -f /backups/new.sql\n" + MV,
    ),
    "exit 0 at the end": (
        SILENT,
        f"pg_dump mydb > /backups/a && gzip -f /backups/a && mv /backups/a.gz {NAME}\nexit 0",
    ),
    "a log line at the end": (
        SILENT,
        f"pg_dump mydb > /backups/a && gzip -f /backups/a && mv /backups/a.gz {NAME}\ndate",
    ),
    "or true": (SILENT, "set -e\npg_dump mydb > /backups/new.sql || true\ngzip -f /backups/new.sql\n" + MV),
    "the code of local assignment": (
        SILENT,
        f'#!/bin/bash\nset -e\nmake() {{ local d=$(pg_dump mydb); echo "$d" | gzip > /backups/b; }}\nmake\nmv /backups/b {NAME}',
    ),
    "a check of the size": (
        SILENT,
        f"set -e\npg_dump mydb | gzip > /backups/b\ntest -s /backups/b\nmv /backups/b {NAME}",
    ),
    "if without set -e inside": (
        SILENT,
        f"set -e\nif pg_dump mydb | gzip > /backups/b; then mv /backups/b {NAME}; else exit 1; fi",
    ),
    "a function in a condition": (
        SILENT,
        f"set -e\nmake() {{\npg_dump mydb > /backups/a\ngzip -f /backups/a\nmv /backups/a.gz {NAME}\n}}\nmake || exit 1\n: done",
    ),
    "a mail and no exit code": (
        SILENT,
        f"pg_dump mydb > /backups/a && gzip -f /backups/a && mv /backups/a.gz {NAME} || mail -s failed root < /dev/null",
    ),
    "in the background": (
        SILENT,
        f"set -e\n(pg_dump mydb > /backups/a; gzip -f /backups/a; mv /backups/a.gz {NAME}) & wait",
    ),
    "straight into the final name": (FALSE, f"#!/bin/bash\nset -eo pipefail\npg_dump mydb | gzip -9 > {NAME}"),
    "the final name, checked afterwards": (
        FALSE,
        f"f={NAME}\npg_dump mydb | gzip > $f\ngunzip -c $f | tail -n 4 | grep -q complete || exit 1",
    ),
    "renamed on failure only": (
        FALSE,
        f"#!/bin/bash\nset -o pipefail\npg_dump mydb | gzip > {NAME} || {{ mv {NAME} /backups/bad; exit 1; }}",
    ),
    "removed on failure": (
        FALSE,
        f"#!/bin/bash\nset -o pipefail\npg_dump mydb | gzip > {NAME} || {{ rm {NAME}; exit 1; }}",
    ),
    "the old ones go first": (
        LOST,
        "set -e\nrm -f /backups/*.gz\npg_dump mydb > /backups/new.sql\ngzip -f /backups/new.sql\n" + MV,
    ),
    "one generation that is moved away": (
        LOST,
        f'set -e\nfor f in /backups/mydb_*.gz; do [ -e "$f" ] && mv "$f" "$f.old"; done\npg_dump mydb > /backups/new.sql\n'
        f"gzip -f /backups/new.sql\n{MV}",
    ),
    "one name a month": (
        NOT_GOOD,
        "set -e\npg_dump mydb > /backups/new.sql\ngzip -f /backups/new.sql\nmv /backups/new.sql.gz /backups/mydb_$(date +%Y%m).sql.gz",
    ),
    "a lock that stays": (
        NOT_GOOD,
        "set -e\nln -s x /backups/lock\npg_dump mydb > /backups/new.sql\ngzip -f /backups/new.sql\n"
        + MV
        + "rm /backups/lock",
    ),
    "gzip that does not write over": (
        NOT_GOOD,
        "set -e\npg_dump mydb > /backups/new.sql\ngzip -k /backups/new.sql < /dev/null\n" + MV.replace("mv", "cp"),
    ),
    "another database": (NOT_GOOD, "set -e\npg_dump postgres > /backups/new.sql\ngzip -f /backups/new.sql\n" + MV),
}
