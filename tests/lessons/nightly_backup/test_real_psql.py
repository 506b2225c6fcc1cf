"""Does the stand-in for psql leave what PostgreSQL's own leaves, and end with the same exit code?"""

import pytest

from graders.demonstrations import restore_text
from graders.labs import open_shared_lab, why_no_postgres
from graders.labs.psql import run_psql

pytestmark = pytest.mark.skipif(bool(why_no_postgres()), reason="no PostgreSQL here")

SOUND = """CREATE TABLE orders (id integer PRIMARY KEY, item text NOT NULL);
INSERT INTO orders VALUES (1, 'tent');
INSERT INTO orders VALUES (2, 'it''s; a stove');
INSERT INTO orders VALUES (3, 'rope');
"""
TEXTS = {
    "sound": SOUND,
    "a typo in the first statement": SOUND.replace("TABLE", "TABEL"),
    "a typo in the third": SOUND.replace("INSERT INTO orders VALUES (2", "INSRET INTO orders VALUES (2"),
    "a key twice": SOUND.replace("VALUES (3", "VALUES (2"),
    "a missing value": SOUND.replace("'rope'", "NULL"),
    "cut in the last statement": SOUND[:-9],
    "without the last semicolon": SOUND.rstrip(";\n"),
    "empty": "",
    "comments alone": "-- nothing\n",
    "its own transaction": f"BEGIN;\n{SOUND}COMMIT;\n",
    "never committed": f"START TRANSACTION;\n{SOUND}",
    "ended twice": f"COMMIT;\n{SOUND}END;\n",
    "broken in its own transaction": f"BEGIN;\n{SOUND}INSERT INTO orders VALUES (1, 'again');\nCOMMIT;\n",
    "aborted": f"BEGIN;\n{SOUND}ABORT;\n",
    "rolled back": f"BEGIN;\n{SOUND}ROLLBACK;\n",
}
OPTIONS = ("", "-v ON_ERROR_STOP=1", "-1", "-v ON_ERROR_STOP=1 -1", "--set=ON_ERROR_STOP=on --single-transaction")


def real_restore(text, options):
    """What PostgreSQL's own psql leaves, in the words of `restore_text`."""
    with open_shared_lab("PostgreSQL") as lab:
        done = run_psql(lab, ["-X", "-q", *options.split(), "-f", "a.sql"], {"a.sql": text})
        rows = lab.execute("SELECT count(*) FROM orders").rows[0][0] if "orders" in lab.tables() else None
    return f"exit code {done.code}; " + ("no table" if rows is None else f"{rows} rows of orders")


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("text", TEXTS)
def test_the_stand_in_leaves_what_psql_leaves(text, options):
    assert restore_text(TEXTS[text], options) == real_restore(TEXTS[text], options)
