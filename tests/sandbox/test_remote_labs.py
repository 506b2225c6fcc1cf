"""Is a lab in another process used as one in this process, and is its death told in words?"""

import datetime
import decimal
import json
from functools import partial

import pytest

from graders.labs import EngineError, OutOfBounds, Session, labs_opened_by, open_lab, open_shared_lab
from graders.labs.lab_server import LabServer
from graders.sandbox.plain_data import decode, encode
from graders.sandbox.remote_labs import RemoteLab, call_remotely, read_reply

SCHEMA = "CREATE TABLE loans (id INTEGER PRIMARY KEY, member VARCHAR NOT NULL, fee DOUBLE)"
ROWS = {"loans": [(1, "Ada", 1.5), (2, "O'Brien", None), (3, "Ω", 0.0)]}


@pytest.fixture
def opened():
    """Opens labs behind the two turns of JSON that a pipe would make."""
    server = LabServer(encode, decode)

    def ask(request):
        return json.loads(server.reply(json.loads(json.dumps(request))))

    with labs_opened_by(partial(call_remotely, ask, "open", None)):
        yield open_lab


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB"])
def test_a_remote_lab_gives_what_a_local_one_gives(opened, engine):
    """Do all methods of a lab give the same here and there?"""
    with opened(engine, SCHEMA, ROWS) as far, open_lab(engine, SCHEMA, ROWS, here=True) as near:
        assert isinstance(far, RemoteLab)
        assert not isinstance(near, RemoteLab)
        for name, given in [
            ("dump", ()),
            ("tables", ()),
            ("columns", ("loans",)),
            ("statements", ("SELECT 1; SELECT ';'",)),
            ("execute", ("SELECT * FROM loans WHERE member = ?", ("O'Brien",))),
            ("run", ("INSERT INTO loans VALUES (4, 'x', 2); SELECT count(*) AS n FROM loans",)),
            ("put", ("loans", [(5, "y", 3.0)])),
            ("empty", (["loans"],)),
            ("dump", ()),
        ]:
            assert getattr(far, name)(*given) == getattr(near, name)(*given), name


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB"])
def test_refusals_are_the_engines_own(opened, engine):
    """Is a refused statement refused in the same words, and does the rest of a list go on?"""
    with opened(engine, SCHEMA) as far, open_lab(engine, SCHEMA, here=True) as near:
        statements = ["SELECT nothing", "SELECT 1 AS one"]
        refused, given = far.outcomes(statements)
        assert (refused.engine, refused.sentence, refused.statement) == (
            engine,
            near.outcomes(statements)[0].sentence,
            "SELECT nothing",
        )
        assert given.rows == [(1,)]
        with pytest.raises(EngineError, match="nothing"):
            far.execute("SELECT nothing")


def test_what_is_cut_off_there_is_out_of_bounds_here(opened):
    """Does a statement without end raise the same error as in a lab of this process?"""
    with opened("SQLite") as far, pytest.raises(OutOfBounds, match="cut off"):
        far.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n")


def test_every_value_comes_back_as_it_was(opened):
    """Do values of all the kinds that engines give survive the way?"""
    query = """
        SELECT 1.10::DECIMAL(5, 2), DATE '2026-01-02', TIMESTAMP '2026-01-02 03:04:05', TIME '03:04:05',
               INTERVAL 90 MINUTE, '\\x00\\xFF'::BLOB, [1, 2], {'a': 1},
               170141183460469231731687303715884105727::HUGEINT, 'NaN'::DOUBLE,
               uuid '00000000-0000-0000-0000-000000000001'
    """
    with opened("DuckDB") as far, open_lab("DuckDB", here=True) as near:
        found, expected = far.execute(query).rows[0], near.execute(query).rows[0]
    assert [repr(value) for value in found] == [repr(value) for value in expected]
    assert found[:2] == (decimal.Decimal("1.10"), datetime.date(2026, 1, 2))


def test_a_lab_at_fault_is_our_fault():
    """Is a call that no lab understands told apart from a refusal of the engine?"""
    server = LabServer(encode, decode)
    opening = {"call": "open", "arguments": ["SQLite"], "options": encode({"schema": SCHEMA, "data": ROWS})}
    assert json.loads(server.reply(opening))["made"] == 0
    request = {"call": "fly", "of": 0, "arguments": [], "options": encode({})}
    assert "AttributeError" in json.loads(server.reply(request))["broke"]


def test_rows_that_fill_a_pipe_are_refused_and_the_lab_lives(opened):
    """Are rows too large to tell out of bounds, and the next statement answered?"""
    with opened("SQLite") as far:
        with pytest.raises(OutOfBounds, match="4 million characters"):
            far.execute("SELECT printf('%900000c', 'x') FROM (VALUES (1), (2), (3), (4), (5))")
        assert far.execute("SELECT 1").rows == [(1,)]


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB"])
def test_sessions_of_a_shared_lab_are_far_too(opened, engine):
    """Do two sessions there see one database, each in its own transaction?"""
    with open_shared_lab(engine, SCHEMA, ROWS) as lab, lab.connect() as one, lab.connect() as other:
        assert isinstance(one, Session)
        one.execute("BEGIN")
        one.execute("UPDATE loans SET fee = 9 WHERE id = 1")
        assert one.in_transaction()
        assert not other.in_transaction()
        assert other.execute("SELECT fee FROM loans WHERE id = 1").rows == [(1.5,)]
        one.commit()
        assert other.execute("SELECT fee FROM loans WHERE id = 1").rows == [(9.0,)]


def test_a_lock_is_told_by_its_code(opened):
    """Does the engine's code come along, so that whoever drives sessions knows a lock from a mistake?"""
    with open_shared_lab("SQLite", SCHEMA) as lab, lab.connect() as one, lab.connect() as other:
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(EngineError) as refusal:
            other.execute("BEGIN IMMEDIATE")
        assert refusal.value.code == "SQLITE_BUSY"
        assert refusal.value.busy


@pytest.mark.parametrize(
    "content",
    [
        *({}, {"rows": 3}, {"rows": [3], "columns": []}, {"value": {"tuple": 3}}, {"error": "", "cut_off": 0}),
        *({"each": 1}, {"made": 1, "kind": "Sofa"}, {"made": 1, "kind": "Lab", "engine": "x", "methods": 3}),
    ],
)
def test_nonsense_is_never_taken_for_an_answer(content):
    """Is content that no lab can have written a refusal?"""
    with pytest.raises(OutOfBounds, match="no answer"):
        read_reply(lambda request: request, content)


def test_a_remote_lab_has_the_methods_of_a_lab_only():
    """Does a process that names other methods change nothing of what stands for its lab?"""
    made = {"made": 0, "kind": "Lab", "engine": "SQLite", "methods": ["_ask", "__class__", "a b", "tables"]}
    lab = read_reply(lambda request: {"value": request["call"]}, made)
    assert type(lab) is RemoteLab
    assert set(vars(lab)) == {"engine", "tables"}
