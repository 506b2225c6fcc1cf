"""Do labs on PostgreSQL work, keep in what they must, and say who waits for whom?"""

import os
import sys
from pathlib import Path

import pytest

from graders.labs import EngineError, OutOfBounds, Waits, open_lab, open_shared_lab, why_no_postgres

# In CI a missing PostgreSQL is a failure, not a reason to skip.
pytestmark = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())

ACCOUNTS = "CREATE TABLE account (id int PRIMARY KEY, amount int)"
RICHER = "UPDATE account SET amount = amount + 1 WHERE id = $1"
TWO = {"account": [(1, 10), (2, 20)]}


@pytest.fixture
def lab():
    with open_lab("PostgreSQL", ACCOUNTS, TWO) as lab:
        yield lab


@pytest.fixture(scope="module")
def bank():
    with open_shared_lab("PostgreSQL", ACCOUNTS, TWO) as bank:
        yield bank


@pytest.fixture
def shared(bank):
    bank.rewind()
    return bank


def refused(call, *arguments) -> str:
    """The code of the error that the call raises."""
    with pytest.raises(EngineError) as caught:
        call(*arguments)
    return caught.value.code


def test_a_lab_does_what_labs_do(lab):
    """Are scripts split, rows kept, tables and columns named as in labs on other engines?"""
    script = "CREATE VIEW rich AS SELECT * FROM account -- a;b\n WHERE amount > 15; SELECT 'a;b' AS x, $$;$$ AS y;"
    assert lab.run(script).rows == [("a;b", ";")]
    assert lab.tables() == ["account"]
    assert lab.columns("rich") == ["id", "amount"]
    assert lab.columns("nothing") == []
    assert lab.dump() == TWO
    assert lab.execute("SELECT * FROM rich WHERE amount < $1", (0,)).columns == ("id", "amount")
    assert lab.execute("UPDATE account SET amount = 0").changed == 2
    assert lab.execute("SELECT amount, '50%' FROM account WHERE id = $1", (2,)).rows == [(0, "50%")]


def test_autocommit_is_the_engines_own(lab):
    """Do BEGIN and ROLLBACK mean what they say?"""
    lab.run("BEGIN; DELETE FROM account; ROLLBACK")
    assert lab.dump() == TWO


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELEC 1", "42601"),
        ("SELECT 1; SELECT 2", "42601"),
        ("SELECT 'open", "42601"),
        ("INSERT INTO account VALUES (1, 1)", "23505"),
        ("SELECT $1", "08P01"),
        ("SELECT 'infinity'::date", ""),
        ("SELECT '\ud800'", ""),
    ],
)
def test_refusals_have_codes(lab, statement, code):
    """Is what the engine refuses an error with its SQLSTATE, and the lab usable afterwards?"""
    assert refused(lab.execute, statement) == code
    assert lab.execute("SELECT 1").rows == [(1,)]


def test_a_row_that_does_not_fit_is_refused(lab):
    """Does `insert` raise the engine's error, and keep none of its rows?"""
    assert refused(lab.insert, "account", [(3, 1), (1, 1)]) == "23505"
    assert lab.dump() == TWO


@pytest.mark.parametrize(
    "statement",
    [
        "COPY account TO '/tmp/account.txt'",
        "/* a */ COPY account FROM PROGRAM 'id'",
        "DO $$ BEGIN COPY account FROM PROGRAM 'id'; END $$",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "CREATE EXTENSION plpgsql VERSION '2'",
        "CREATE EXTENSION hstore",
        "CREATE SCHEMA other",
        "CREATE DATABASE other",
        "CREATE ROLE other",
        "SET SESSION AUTHORIZATION admin",
        "SET ROLE admin",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "SET temp_file_limit = -1",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS '/lib/x86_64-linux-gnu/libc.so.6', 'getpid'",
    ],
)
def test_what_is_kept_out(lab, statement):
    """Is a way to files, programs, other databases and superuser's rights closed?"""
    assert refused(lab.execute, statement) in ("42501", "42710")
    assert lab.dump() == TWO


def test_a_lab_sees_nothing_of_another(lab):
    """Are statements and sessions of another lab out of sight and reach?"""
    with open_lab("PostgreSQL") as other:
        other.execute("SELECT 'the solution'")
        seen = lab.execute("SELECT pid, query FROM pg_stat_activity WHERE datname <> current_database()").rows
        assert seen and not any("solution" in query for _, query in seen)
        assert refused(lab.execute, "SELECT pg_terminate_backend($1)", (seen[0][0],)) == "42501"


def test_too_much_is_cut_off(lab):
    """Are time, rows, memory and the size of a table bounded?"""
    lab._session.seconds = 0.3
    with pytest.raises(OutOfBounds):
        lab.run("SET statement_timeout = 0; SELECT pg_sleep(60)")
    lab._session.seconds = 20
    with pytest.raises(OutOfBounds):
        lab.execute("SELECT generate_series(1, 100000000)")
    if sys.platform == "linux":
        assert refused(lab.execute, "SELECT repeat('x', 1000000000)") == "53200"
        too_big = "CREATE TABLE big AS SELECT repeat('x', 2000) FROM generate_series(1, 200000)"
        assert refused(lab.execute, too_big) != ""
    assert lab.execute("SELECT 1").rows == [(1,)]


def test_a_session_that_waits_says_so_and_goes_on(shared):
    """Is a wait told apart from an error, and over when the other transaction ends?"""
    first, second = shared.connect(), shared.connect()
    first.run_script("BEGIN; UPDATE account SET amount = 0")
    with pytest.raises(Waits) as caught:
        second.execute(RICHER, (1,))
    assert caught.value.busy
    with pytest.raises(Waits):
        second.execute(RICHER, (1,))
    first.commit()
    assert second.execute(RICHER, (1,)).changed == 1
    assert shared.dump() == {"account": [(1, 1), (2, 0)]}


def test_the_lab_itself_does_not_wait_for_its_sessions(shared):
    """Does what the lab does for itself say too that it waits, but for loading rows, which is refused at once?"""
    session = shared.connect()
    session.run_script("BEGIN; LOCK TABLE account")
    with pytest.raises(Waits):
        shared.dump()
    assert refused(shared.insert, "account", [(3, 30)]) == "55P03"
    session.rollback()
    assert shared.dump() == TWO


def test_a_wait_is_over_before_anybody_moves_on(shared):
    """Is a statement whose lock was freed done before the session that freed it goes on, each time?"""
    first, second, third = (shared.connect() for _ in range(3))
    for _ in range(5):
        first.run_script("BEGIN; UPDATE account SET amount = 0 WHERE id = 1")
        for session in (second, third):
            with pytest.raises(Waits):
                session.execute(RICHER, (1,))
        first.commit()
        assert first.execute("SELECT amount FROM account WHERE id = 1").rows == [(2,)]
        assert [session.execute(RICHER, (1,)).changed for session in (second, third)] == [1, 1]
        assert shared.execute("SELECT amount FROM account WHERE id = 1").rows == [(2,)]


def test_another_call_gives_up_the_one_that_waits(shared):
    """Can a session that waits be rolled back, or closed?"""
    first, second = shared.connect(), shared.connect(autocommit=False)
    first.run_script("BEGIN; UPDATE account SET amount = 0")
    for end in (second.rollback, second.close):
        with pytest.raises(Waits):
            second.execute(RICHER, (1,))
        end()
        first.execute("SELECT 1")
    first.rollback()
    assert shared.dump() == TWO


def test_a_lock_that_is_not_waited_for_is_not_busy(shared):
    """Is NOWAIT's error, after which the transaction is over, not taken for a wait?"""
    first, second = shared.connect(), shared.connect()
    first.run_script("BEGIN; SELECT * FROM account FOR UPDATE")
    with pytest.raises(EngineError) as caught:
        second.execute("SELECT * FROM account FOR UPDATE NOWAIT")
    assert (caught.value.code, caught.value.busy) == ("55P03", False)


@pytest.mark.parametrize("sessions", [2, 3])
def test_whoever_closes_the_circle_is_the_victim_of_the_deadlock(shared, sessions):
    """Does the last session get SQLSTATE 40P01, and the one that waited for it go on?"""
    shared.insert("account", [(3, 30)])
    all_of_them = [shared.connect() for _ in range(sessions)]
    for number, session in enumerate(all_of_them, 1):
        session.execute("BEGIN")
        session.execute(RICHER, (number,))
    for number, session in enumerate(all_of_them[:-1], 2):
        with pytest.raises(Waits):
            session.execute(RICHER, (number,))
    assert refused(all_of_them[-1].execute, RICHER, (1,)) == "40P01"
    all_of_them[-1].rollback()
    for number, session in reversed(list(enumerate(all_of_them[:-1], 2))):
        assert session.execute(RICHER, (number,)).changed == 1
        session.commit()


@pytest.mark.parametrize(
    ("isolation", "code"), [("READ COMMITTED", None), ("REPEATABLE READ", None), ("SERIALIZABLE", "40001")]
)
def test_write_skew_by_isolation_level(shared, isolation, code):
    """Is write skew kept out by SERIALIZABLE alone?"""
    first, second = (shared.connect(isolation=isolation, autocommit=False) for _ in range(2))
    for number, session in enumerate((first, second), 1):
        assert session.execute("SHOW transaction_isolation").rows == [(isolation.lower(),)]
        assert session.execute("SELECT sum(amount) FROM account").rows == [(30,)]
        session.execute("UPDATE account SET amount = amount - 30 WHERE id = $1", (number,))
    first.commit()
    if code:
        assert refused(second.commit) == code
    else:
        second.commit()
        assert shared.execute("SELECT sum(amount) FROM account").rows == [(-30,)]


def test_a_level_that_postgresql_does_not_know_is_refused(shared):
    """Is a misspelt isolation level an error before anything runs?"""
    with pytest.raises(ValueError, match="SERIALIZABLE"):
        shared.connect(isolation="SNAPSHOT")


def test_a_failed_transaction_is_over_until_rollback(shared):
    """Does COMMIT after an error save nothing, without an error of its own?"""
    session = shared.connect(autocommit=False)
    session.execute(RICHER, (1,))
    assert refused(session.execute, "SELECT 1 / 0") == "22012"
    assert refused(session.execute, "SELECT 1") == "25P02"
    assert session.in_transaction()
    session.commit()
    assert not session.in_transaction()
    assert shared.dump() == TWO


@pytest.mark.parametrize("opener", [open_lab, open_shared_lab])
def test_sequences_go_on_behind_the_rows(opener):
    """Does the next row get a number that is free, where the lab was filled with numbered rows?"""
    with opener(
        "PostgreSQL", 'CREATE TABLE "a b" (id serial PRIMARY KEY, "c d" int)', {"a b": [(7, 1), (3, 2)]}
    ) as lab:
        assert lab.execute('INSERT INTO "a b" ("c d") VALUES (3) RETURNING id').rows == [(8,)]


def test_rewinding_forgets_everything(shared):
    """Are data, tables, functions and settings as they were, and open sessions gone?"""
    session = shared.connect()
    session.run_script(
        "CREATE TABLE other (a int); ALTER TABLE account ADD COLUMN note text; DELETE FROM account;"
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER ROLE CURRENT_USER SET work_mem = '64kB';"
        "BEGIN; SELECT lo_create(4711)"
    )
    shared.rewind()
    assert shared.dump() == TWO
    assert refused(session.execute, "SELECT 1") == ""
    assert refused(shared.execute, "SELECT f()") == "42883"
    assert shared.execute("SHOW work_mem").rows == [("4MB",)]
    assert shared.execute("SELECT count(*) FROM pg_largeobject_metadata").rows == [(0,)]


def test_a_power_cut_keeps_what_was_committed(shared):
    """Is a committed row there after recovery, and an open transaction's not?"""
    session = shared.connect()
    session.run_script("INSERT INTO account VALUES (3, 30); BEGIN; INSERT INTO account VALUES (4, 40)")
    with pytest.raises(Waits):
        shared.connect().execute("INSERT INTO account VALUES (4, 0)")
    shared.power_cut()
    assert shared.dump() == {"account": [(1, 10), (2, 20), (3, 30)]}


def test_no_folder_is_left_in_the_open(lab):
    """Can only its own user enter the server's folder, and is there no TCP port?"""
    folder = Path(lab._server.access["host"])
    assert folder.stat().st_mode & 0o077 == 0
    assert lab.execute("SHOW listen_addresses").rows == [("",)]
