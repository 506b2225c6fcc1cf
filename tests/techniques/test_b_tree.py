"""B-trees read from the file's pages hold what the engine says, and searches read the pages that they must."""

import random

import pytest

from course_data import loans
from graders.labs import SQLiteLab
from graders.techniques.plans import open_b_tree


@pytest.fixture(scope="module")
def lab():
    with loans.open_sized("SQLite", 1, 16_000) as lab:
        lab.run("CREATE INDEX md ON loans (member_id, due_on); CREATE INDEX dd ON loans (due_on DESC, fine)")
        lab.run("CREATE INDEX r ON loans (returned_on); CREATE INDEX t ON loans (title)")
        yield lab


@pytest.mark.parametrize("name", ["loans", "members", "md", "dd", "r", "t", "sqlite_autoindex_members_1"])
def test_pages_and_entries_are_those_that_the_engine_counts(lab, name):
    whole = open_b_tree(lab, name).scan()
    table = "members" if "members" in name else "loans"
    assert whole.entries == lab.execute(f"SELECT count(*) FROM {table}").rows[0][0]
    if lab.execute("SELECT 1 FROM pragma_compile_options WHERE compile_options = 'ENABLE_DBSTAT_VTAB'").rows:
        counted = lab.execute("SELECT count(*) FROM dbstat WHERE name = ? AND pagetype <> 'overflow'", (name,)).rows
        assert whole.pages == counted[0][0]


@pytest.mark.parametrize(
    ("name", "low", "high", "where"),
    [
        ("loans", (77,), (77,), "loan_id = 77"),
        ("loans", (100,), (900,), "loan_id BETWEEN 100 AND 900"),
        ("md", (7,), (7,), "member_id = 7"),
        ("md", (7, "2025-06-01"), (7,), "member_id = 7 AND due_on >= '2025-06-01'"),
        ("md", (3,), (5, "2024-01-01"), "member_id IN (3, 4) OR member_id = 5 AND due_on <= '2024-01-01'"),
        ("dd", ("2023-03-01",), ("2023-02-01",), "due_on BETWEEN '2023-02-01' AND '2023-03-01'"),
        ("r", (None,), (None,), "returned_on IS NULL"),
        ("r", ("2025-01-01",), (), "returned_on >= '2025-01-01'"),
        ("t", ("A Silent Map",), ("A Silent Map",), "title = 'A Silent Map'"),
        ("t", ("nothing of the kind",), ("nothing of the kind",), "title = 'nothing of the kind'"),
    ],
)
def test_a_search_finds_what_the_query_finds(lab, name, low, high, where):
    tree = open_b_tree(lab, name)
    visit = tree.search(low, high)
    assert visit.entries == lab.execute(f"SELECT count(*) FROM loans WHERE {where}").rows[0][0]
    levels = tree.levels()
    assert [len(level) for level in visit.levels[:1]] == [1]
    assert all(set(read) <= set(there) for read, there in zip(visit.levels, levels, strict=True))
    assert visit.pages < tree.scan().pages


def test_values_of_every_kind_come_back_as_they_are():
    rng = random.Random(7)
    values = [None, 0, 1, -1, 127, -129, 2**31, -(2**40), 2**62, 0.5, -1e300, "", "é", "x" * 3000, b"\x00\xff", True]
    values += [rng.randint(-(2**63), 2**63 - 1) for _ in range(200)]
    with SQLiteLab() as lab:
        lab.run("CREATE TABLE v (id INTEGER PRIMARY KEY, x); CREATE INDEX vx ON v (x)")
        for number, value in enumerate(values):
            lab.execute("INSERT INTO v VALUES (?, ?)", (number * 10**14, value))
        tree = open_b_tree(lab, "vx")
        keys = [key for level in tree.levels() for number in level for key in tree.page(number).keys]
        stored = lab.execute("SELECT x, id FROM v").rows
    long = [key for key in keys if len(key) < 2]
    assert len(long) <= 1, "only the text that runs on to a page of its own is cut"
    assert sorted(map(repr, keys)) == sorted(repr(row) for row in stored if row[0] != "x" * 3000) or len(long) == 1
    assert set(map(repr, keys)) - set(map(repr, stored)) == set(map(repr, long))


def test_page_one_and_an_empty_table():
    with SQLiteLab() as lab:
        lab.run("CREATE TABLE empty (id INTEGER PRIMARY KEY)")
        assert open_b_tree(lab, "empty").search((1,), (1,)).entries == 0
        assert open_b_tree(lab, "EMPTY").scan().pages == 1
        with pytest.raises(LookupError):
            open_b_tree(lab, "nowhere")
