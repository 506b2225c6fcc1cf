"""Does a lab on PostgreSQL have what a lesson asks for beside its tables: counted statements, roles, schemas, psql?"""

import os

import psycopg
import pytest

from graders.labs import EngineError, MissingEngine, open_shared_lab, why_no_postgres
from graders.labs.postgres_extras import Extras
from graders.labs.psql import run_psql

pytestmark = pytest.mark.skipif(bool(why_no_postgres()) and not os.environ.get("CI"), reason=why_no_postgres())
COUNTED = "SELECT calls, rows FROM pg_stat_statements WHERE query = 'SELECT a FROM t'"


def test_statements_are_counted_where_asked_for():
    """Does the view count this lab's statements, and is there none in other labs?"""
    with open_shared_lab("PostgreSQL", "CREATE TABLE t (a int)", {"t": [(1,), (2,)]}, extras=Extras(True)) as lab:
        for _ in range(3):
            lab.execute("SELECT a FROM t")
        assert lab.execute(COUNTED).rows == [(3, 6)]
    with open_shared_lab("PostgreSQL") as lab, pytest.raises(EngineError) as refused:
        lab.execute(COUNTED)
    assert refused.value.code == "42P01"


def test_a_server_that_does_not_count_says_so():
    """Is it a missing engine, and not a broken check, if the extension cannot be made?"""
    from graders.labs.postgres_server import the_server

    access = the_server().new_database()
    with psycopg.connect(**access, autocommit=True) as ordinary, pytest.raises(MissingEngine, match="does not count"):
        Extras(counts_statements=True).make_inside(ordinary, psycopg.sql.Identifier(access["user"]))
    the_server().drop_database(access)


def test_a_session_acts_as_a_role_with_its_rights_only():
    """May the role do what it is granted and nothing else, in two labs of one server?"""
    for granted in (False, True):
        with open_shared_lab("PostgreSQL", "CREATE TABLE t (a int)", extras=Extras(roles=("shop_app",))) as lab:
            if granted:
                lab.execute("GRANT SELECT ON t TO shop_app")
            with lab.connect() as session:
                session.execute("SET ROLE shop_app")
                codes = [_code(session, statement) for statement in ("SELECT * FROM t", "DELETE FROM t")]
            assert codes == ["" if granted else "42501", "42501"]


def _code(session, statement):
    try:
        session.execute(statement)
    except EngineError as error:
        return error.code
    return ""


def test_schemas_are_there_again_after_a_rewind():
    """Can the lab make tables in its schemas, and are these empty when it begins anew?"""
    with open_shared_lab("PostgreSQL", extras=Extras(schemas=("archive",))) as lab:
        for _ in range(2):
            lab.execute("CREATE TABLE archive.t (a int)")
            lab.rewind()


def test_psql_reaches_the_lab():
    """Does psql run a file in the lab's database, as the lab's role, and tell its exit code and its words?"""
    with open_shared_lab("PostgreSQL") as lab:
        role = lab.execute("SELECT current_user").rows[0][0]
        done = run_psql(lab, ["-At", "-f", "f.sql"], {"f.sql": "CREATE TABLE t (a int); SELECT current_user"})
        assert (done.code, done.said.split()[-1], lab.tables()) == (0, role, ["t"])
        failed = run_psql(lab, ["-v", "ON_ERROR_STOP=1"], {}, "SELEC 1;")
        assert failed.code == 3 and "syntax error" in failed.said
