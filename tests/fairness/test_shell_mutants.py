"""Are mistakes made between the lines of a script, and within them?"""

import pytest

from graders.fairness.shell_mutants import shell_mutants

SCRIPT = """set -eu
pg_dump mydb > new.sql
test -s new.sql || exit 2
mv new.sql "mydb_$(date +%Y%m%d).sql"
"""


def changes(kind, script=SCRIPT):
    return [mutant.change for mutant in shell_mutants(script) if mutant.kind == kind]


def test_lines_are_dropped_and_swapped():
    """Is each line dropped, and each two that follow each other swapped?"""
    assert len(changes("line dropped")) == 4
    assert len(changes("lines swapped")) == 3


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("-e dropped", "set -u"),
        ("check dropped", "test -s new.sql"),
        ("test turned round", "test ! -s new.sql || exit 2"),
        ("command allowed to fail", "pg_dump mydb > new.sql || true"),
        ("pipe for a file", "pg_dump mydb | cat > new.sql"),
        ("appended", "pg_dump mydb >> new.sql"),
        ("copied in place of moved", 'cp new.sql "mydb_$(date +%Y%m%d).sql"'),
        ("month dropped", 'mv new.sql "mydb_$(date +%Y%d).sql"'),
    ],
)
def test_lines_are_changed(kind, line):
    """Is there such a mutant, in which this line stands?"""
    assert any(f"+ {line}" in change for change in changes(kind))


def test_a_line_of_a_crontab_loses_its_backslashes():
    """Is each of them dropped once?"""
    assert len(changes("backslash dropped", r"0 2 * * * date +\%Y\%m\%d > /backups/a")) == 3
