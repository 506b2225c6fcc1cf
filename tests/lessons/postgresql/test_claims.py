"""What the build does not try of the lesson on PostgreSQL: lazy answers, other forms, other seeds, a missing server."""

from functools import partial

import pytest
from foreseen_answers import LESSONS, NO_POSTGRES, earns_little, judge_answer

from graders.checks.postgresql.psql_command import read_command
from graders.checks.postgresql.workload import compare_day, open_day
from graders.kernel.report import Mismatch
from graders.labs import why_no_postgres

LESSON = LESSONS["postgresql"]
report_on = partial(judge_answer, LESSON.name)
on_postgres = pytest.mark.skipif(NO_POSTGRES, reason=why_no_postgres())

HERE = "SELECT oid FROM pg_database WHERE datname = current_database()"
LAZY = {
    "heaviest-statement": ["SELECT query FROM pg_stat_statements WHERE false", "SELECT 'SELECT 1' AS query"],
    "one-index-for-the-load": ["CREATE INDEX ON users (name)", "DROP TABLE orders", "SELECT 1"],
    "measure-the-update": ["c e", "a", "b", "f"],
    "repair-the-index": ["SELECT 1", "REINDEX TABLE CONCURRENTLY users", "BEGIN; LOCK TABLE users"],
    "give-up-soon": ["SELECT 1", "SET lock_timeout = 1", "SELECT pg_sleep(0.1)"],
    "who-holds-the-horizon": ["SELECT 1", "SELECT NULL", "SELECT pid FROM pg_stat_activity WHERE false"],
    "sizes-of-tables": ["SELECT 1", "SELECT schemaname, tablename, 0 FROM pg_tables WHERE schemaname = 'public'"],
    "view-past-the-policy": ["SELECT 1", "ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "DROP VIEW order_summary"],
    "grants-for-an-app": [
        "SELECT 1",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO shop_report",
        "DROP TABLE users CASCADE",
    ],
    "ids-after-an-import": ["SELECT 1", "DELETE FROM coupons", "DROP SEQUENCE coupons_id_seq CASCADE"],
    "index-for-documents": ["SELECT 1", "CREATE INDEX ON messages (id)", "DROP TABLE messages"],
    "down-asks-first": ["exit 1", "exit 0", "psql -c 'DROP TABLE users' shop", "read -r answer", "if"],
    "psql-that-stops": [
        "command = ''",
        "command = 'psql'",
        "command = 'psql -f other.sql'",
        "command = 'psql -X -c x'",
    ],
}
OTHER_FORMS = {
    "ids-after-an-import": [
        "CREATE SEQUENCE s OWNED BY coupons.id; SELECT setval('s', max(id)) FROM coupons; "
        "ALTER TABLE coupons ALTER id DROP DEFAULT; "
        "ALTER TABLE coupons ALTER id ADD GENERATED ALWAYS AS IDENTITY (START WITH 100000)",
    ],
    "index-for-documents": [
        "CREATE INDEX ON messages USING gin (body);"
        "CREATE INDEX ON messages (((body ->> 'cents')::int) DESC NULLS LAST)",
        "CREATE INDEX ON messages USING gin (body jsonb_path_ops); CREATE INDEX ON messages (id);"
        "CREATE INDEX ON messages (((body->>'cents')::int4))",
    ],
    "repair-the-index": [
        "DROP INDEX CONCURRENTLY IF EXISTS users_email; CREATE UNIQUE INDEX CONCURRENTLY ON users (email)",
        "CREATE UNIQUE INDEX CONCURRENTLY a ON users (email); REINDEX INDEX CONCURRENTLY users_email",
    ],
    "give-up-soon": [
        "SET statement_timeout = '1s'; ALTER TABLE orders ADD COLUMN shipped_at timestamptz",
        "DO $$ BEGIN SET lock_timeout = '100ms'; ALTER TABLE orders ADD shipped_at timestamptz; END $$",
    ],
    "psql-that-stops": [
        "command = 'psql mydb user -X -v ON_ERROR_STOP=on -1 -f schema.sql'",
        "command = 'psql -X --single-transaction -vON_ERROR_STOP=1 -fschema.sql'",
    ],
}


@on_postgres
@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in LAZY.items() for text in texts])
def test_lazy_answers_earn_nothing_and_never_break_a_check(name, text):
    assert earns_little(report_on(name, text), share=0)


@on_postgres
@pytest.mark.parametrize(("name", "text"), [(n, text) for n, texts in OTHER_FORMS.items() for text in texts])
def test_other_forms_earn_full_marks(name, text):
    report = report_on(name, text)
    assert report.score == report.points, report.verdicts


@on_postgres
@pytest.mark.parametrize("seed", range(401, 407))
def test_each_statement_can_be_the_heaviest(seed):
    """Is the right query right, and the one by the mean wrong, whatever day is drawn?"""
    query = f"SELECT query FROM pg_stat_statements WHERE dbid = ({HERE})"
    right = report_on("heaviest-statement", f"{query} ORDER BY shared_blks_hit DESC LIMIT 1", seed=seed)
    wrong = report_on("heaviest-statement", f"{query} ORDER BY mean_exec_time DESC LIMIT 1", seed=seed)
    assert (right.score, wrong.score) == (right.points, 0)


@on_postgres
def test_the_day_is_the_same_each_time():
    """Are calls and pages of a seed the same in two runs, so that no mark depends on the run?"""
    days = []
    for _ in range(2):
        with open_day(7) as lab:
            days.append(compare_day(lab))
    assert days[0] == days[1]


@on_postgres
def test_a_report_that_was_ended_is_told_before_the_rest():
    """Does who ends the report earn at most the third for the column?"""
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction';"
    report = report_on("give-up-soon", f"{ends} ALTER TABLE orders ADD COLUMN IF NOT EXISTS shipped_at timestamptz")
    assert earns_little(report) and any("somebody's work" in hint for hint in report.hints)


def test_without_postgresql_nothing_is_marked_wrong(monkeypatch):
    """Does each check say that it was not tried, and count neither way?"""
    monkeypatch.setattr("graders.labs.find_postgres.find_spec", lambda name: None)
    monkeypatch.setattr("graders.labs.find_postgres._of_the_system", list)
    for task in LESSON.tasks.values():
        if task.kind in ("sql", "python", "parsons"):
            report = report_on(task.name, task.solution)
            assert (report.status, report.score) == ("needs review", report.points), task.name
            assert "not tried: PostgreSQL" in " ".join(verdict.found for verdict in report.verdicts)


READ = {
    "psql -f schema.sql": ("-f", "schema.sql"),
    "psql -h db -U me -d shop --file=schema.sql": ("--file=schema.sql",),
    "psql -X1v ON_ERROR_STOP=1 -f schema.sql shop": ("-X", "-1", "-v", "ON_ERROR_STOP=1", "-f", "schema.sql"),
    "psql -X < schema.sql": ("-X",),
}
NOT_READ = (
    *("", "psql", "ls", "psql -f", "psql -f a.sql", "psql -f schema.sql -f schema.sql", "psql -f schema.sql | cat"),
    *("psql -f schema.sql > /tmp/x", "psql -f 'schema.sql", "psql -c x", "psql -o x -f schema.sql", "psql <"),
    *("psql -v PROMPT1=`id` -f schema.sql", "psql -f schema.sql & id", "psql -f schema.sql a b c", "psql -f $(id)"),
)


@pytest.mark.parametrize("text", READ)
def test_command_lines_are_read_as_a_shell_does(text):
    assert read_command(text, "schema.sql").words == READ[text]


@pytest.mark.parametrize("text", NOT_READ)
def test_nothing_but_psql_on_its_file_is_run(text):
    with pytest.raises(Mismatch):
        read_command(text, "schema.sql")
