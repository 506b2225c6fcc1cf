"""Do sessions of a shared lab have transactions of their own, and does a power cut leave what the engine recovers?"""

import pytest

from graders.labs import EngineError, open_lab, open_shared_lab

SCHEMA = "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0))"
DATA = {"accounts": [(1, 100), (2, 50)]}
KINDS = [("SQLite", {}), ("SQLite", {"journal_mode": "wal"}), ("DuckDB", {}), ("DuckDB", {"durable": True})]
each_kind = pytest.mark.parametrize(("engine", "options"), KINDS, ids=lambda value: str(value))


@pytest.fixture
def opened(engine, options):
    with open_shared_lab(engine, SCHEMA, DATA, **options) as lab:
        yield lab


@each_kind
def test_a_session_sees_its_own_work_and_others_see_it_after_commit(opened):
    """Is what one session changes invisible to another until it commits?"""
    one, two = opened.connect(), opened.connect()
    one.execute("BEGIN")
    one.execute("UPDATE accounts SET balance = 7 WHERE id = 1")
    assert one.in_transaction() and not two.in_transaction()
    assert one.execute("SELECT balance FROM accounts WHERE id = 1").rows == [(7,)]
    assert two.execute("SELECT balance FROM accounts WHERE id = 1").rows == [(100,)]
    one.execute("COMMIT")
    assert not one.in_transaction()
    assert two.execute("SELECT balance FROM accounts WHERE id = 1").rows == [(7,)]


@each_kind
def test_a_second_writer_is_refused_at_once(opened, engine):
    """Is a lock, or a conflict, an error with the engine's code rather than a wait?"""
    one, two = opened.connect(), opened.connect()
    one.execute("BEGIN")
    one.execute("UPDATE accounts SET balance = 7 WHERE id = 1")
    with pytest.raises(EngineError) as caught:
        two.execute("UPDATE accounts SET balance = 8 WHERE id = 1")
    assert caught.value.code == {"SQLite": "SQLITE_BUSY", "DuckDB": "TransactionException"}[engine]
    assert caught.value.busy == (engine == "SQLite")


@each_kind
def test_a_power_cut_undoes_what_was_not_committed(opened, options, engine):
    """Are committed changes there after a power cut, and open transactions gone?"""
    if engine == "DuckDB" and not options:
        with pytest.raises(RuntimeError, match="durable"):
            opened.power_cut()
        return
    one, two = opened.connect(), opened.connect()
    two.execute("UPDATE accounts SET balance = 51 WHERE id = 2")
    one.execute("BEGIN")
    one.execute("UPDATE accounts SET balance = 7 WHERE id = 1")
    opened.power_cut()
    assert opened.dump() == {"accounts": [(1, 100), (2, 51)]}
    with pytest.raises(EngineError):
        one.execute("SELECT 1")


@each_kind
def test_a_power_cut_goes_back_to_the_moment_of_a_copy(opened, options, engine):
    """Is there, after a cut at an earlier moment, what was committed by then, however often and in whatever order?"""
    if engine == "DuckDB" and not options:
        with pytest.raises(RuntimeError, match="durable"):
            opened.keep_files()
        return
    session = opened.connect()
    session.execute("BEGIN")
    for balance in (1, 2):
        session.execute("UPDATE accounts SET balance = ? WHERE id = 1", (balance,))
        assert opened.keep_files()
    session.execute("COMMIT")
    assert opened.keep_files()
    for copy, balance in ((2, 2), (0, 100), (1, 100), (2, 2)):
        opened.power_cut(copy)
        assert opened.dump() == {"accounts": [(1, balance), (2, 50)]}
    opened.rewind()
    with pytest.raises(IndexError):
        opened.power_cut(0)


def test_a_hot_journal_is_rolled_back():
    """Does SQLite recover where half of a transaction had been written to the file?"""
    with open_shared_lab("SQLite", "CREATE TABLE t (n, pad)") as lab:
        session = lab.connect()
        session.execute("PRAGMA cache_size = 1")
        session.execute("BEGIN")
        session.execute_many("INSERT INTO t VALUES (?, zeroblob(5000))", [(n,) for n in range(200)])
        names = {path.name for path in lab._folder.iterdir()}
        assert "lab.db-journal" in names and lab._path.stat().st_size > 200 * 4000
        lab.power_cut()
        assert lab.dump() == {"t": []}
        assert lab.execute("PRAGMA integrity_check").rows == [("ok",)]


@each_kind
def test_rewinding_gives_the_first_data_back(opened):
    """Is a rewound lab as it was opened, open transactions and new tables included?"""
    session = opened.connect()
    session.execute("CREATE TABLE more (n INTEGER)")
    session.execute("BEGIN")
    session.execute("DELETE FROM accounts")
    opened.rewind()
    assert opened.dump() == {"accounts": [(1, 100), (2, 50)]}
    assert opened.columns("accounts") == ["id", "balance"]
    assert opened.connect().execute("SELECT count(*) FROM accounts").rows == [(2,)]


@pytest.mark.parametrize(
    ("engine", "statement", "code"),
    [
        ("SQLite", "INSERT INTO accounts VALUES (1, 1)", "SQLITE_CONSTRAINT_PRIMARYKEY"),
        ("SQLite", "INSERT INTO accounts VALUES (3, -1)", "SQLITE_CONSTRAINT_CHECK"),
        ("SQLite", "SELEC", "SQLITE_ERROR"),
        ("SQLite", "ATTACH 'x' AS y", "SQLITE_AUTH"),
        ("SQLite", "SELECT '\ud800'", "ValueError"),
        ("DuckDB", "INSERT INTO accounts VALUES (1, 1)", "ConstraintException"),
        ("DuckDB", "SELEC", "ParserException"),
        ("DuckDB", "ATTACH 'x' AS y", "PermissionException"),
    ],
)
def test_a_refusal_has_the_engines_code(engine, statement, code):
    """Does every refusal carry a code, in a lab and in a session alike?"""
    with open_shared_lab(engine, SCHEMA, DATA) as shared, open_lab(engine, SCHEMA, DATA) as lab:
        for where in (lab, shared, shared.connect()):
            with pytest.raises(EngineError) as caught:
                where.execute(statement)
            assert caught.value.code == code


@each_kind
def test_a_comment_hides_no_transaction(opened):
    """Is a transaction known to be open, and to have ended, whatever stands before the word?"""
    session = opened.connect()
    session.execute("-- all or nothing\n/* ; */ BEGIN")
    assert session.in_transaction()
    session.execute("/* nothing */ ROLLBACK;")
    assert not session.in_transaction()


@each_kind
def test_a_script_may_follow_the_data(engine, options):
    """Is what `then` does there from the start, and again after a rewind?"""
    with open_shared_lab(engine, SCHEMA, DATA, then="DELETE FROM accounts WHERE id = 2", **options) as lab:
        lab.execute("INSERT INTO accounts VALUES (3, 1)")
        lab.rewind()
        assert lab.dump() == {"accounts": [(1, 100)]}


def test_pythons_own_transaction_mode_is_that_of_the_connection():
    """Does a session with Python's default open a transaction before a change and none before a read?"""
    with open_shared_lab("SQLite", SCHEMA, DATA) as lab:
        session = lab.connect(isolation_level="")
        session.execute("SELECT * FROM accounts")
        assert not session.in_transaction()
        result = session.execute("UPDATE accounts SET balance = balance + 1")
        assert session.in_transaction()
        assert result.changed == 2


def test_dirty_reads_need_the_shared_cache():
    """Does a session that reads uncommitted data see what another has not committed, and no other session?"""
    with open_shared_lab("SQLite", SCHEMA, DATA) as lab:
        writer, reader = (lab.connect(read_uncommitted=True) for _ in range(2))
        writer.execute("BEGIN")
        writer.execute("UPDATE accounts SET balance = 7 WHERE id = 1")
        read = "SELECT balance FROM accounts WHERE id = 1"
        assert reader.execute(read).rows == [(7,)]
        assert lab.connect().execute(read).rows == [(100,)]


def test_a_statement_leaves_no_cursor_open():
    """Can another session commit although a result with many rows was never read to its end by its reader?"""
    with open_shared_lab("SQLite", SCHEMA, DATA) as lab:
        reader, writer = lab.connect(), lab.connect()
        reader.execute("SELECT * FROM accounts")
        writer.execute("DELETE FROM accounts")
        assert lab.dump() == {"accounts": []}


def test_wal_is_sqlites_wal():
    """Does the option reach the file?"""
    with open_shared_lab("SQLite", SCHEMA, DATA, journal_mode="wal") as lab:
        assert lab.execute("PRAGMA journal_mode").rows == [("wal",)]
        assert lab.connect().execute("PRAGMA journal_mode").rows == [("wal",)]


def test_a_mark_is_what_rewind_goes_back_to():
    with open_shared_lab("SQLite", SCHEMA, DATA) as lab:
        lab.execute("UPDATE accounts SET balance = 7 WHERE id = 1")
        lab.mark()
        lab.execute("UPDATE accounts SET balance = 8 WHERE id = 1")
        lab.rewind()
        assert lab.execute("SELECT balance FROM accounts ORDER BY id").rows == [(7,), (50,)]
