"""The large library: the traps it promises, the same rows for a seed, and files that are made safely once."""

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from course_data import cache, loans, names, open_dataset
from graders.labs import in_order

ROWS = 6_000


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """No data set has been kept yet."""
    monkeypatch.setenv(cache.PLACE, str(tmp_path / "kept"))


@pytest.fixture(scope="module")
def data():
    return loans.data(1, ROWS)


def test_the_same_seed_gives_the_same_rows_and_another_gives_others(data):
    assert loans.data(1, ROWS) == data
    assert loans.data(2, ROWS)["loans"] != data["loans"]


def test_the_traps(data):
    members, rows = data["members"], data["loans"]
    assert (len(members), len(rows)) == (ROWS // 60, ROWS)
    borrowed = Counter(row[1] for row in rows)
    (first, most), (_, second) = borrowed.most_common(2)
    assert (first, borrowed[len(members)], borrowed[len(members) - 1]) == (1, 0, 1)
    assert most > second > 3 * ROWS / len(members)
    status = Counter(row[5] for row in rows)
    assert 0.95 < status["returned"] / ROWS < 0.99
    assert status["open"] > status["lost"] > 0
    assert all((row[4] is None) == (row[5] != "returned") for row in rows)
    assert len({title.lower() for *_, title in (row[:3] for row in rows)}) == 80
    assert len({row[2] for row in rows}) == 240
    assert any(email != email.lower() for _, _, email, _ in members)


def test_a_later_loan_is_due_later_give_or_take(data):
    due = [row[3] for row in data["loans"]]
    assert due != sorted(due)
    assert all(early < late for early, late in zip(due, due[ROWS // 20 :], strict=False))


@pytest.mark.parametrize("engine", ["SQLite", "DuckDB"])
def test_a_lab_is_fresh_and_writable(engine, data):
    with open_dataset("loans", engine, rows=1_000) as lab:
        lab.execute("DELETE FROM loans")
        assert lab.execute("SELECT count(*) FROM loans").rows == [(0,)]
    with open_dataset("loans", engine, rows=1_000) as lab:
        assert lab.execute("SELECT count(*) FROM loans").rows == [(1_000,)]
        assert lab.execute("SELECT count(*) FROM members").rows == [(20,)]


def test_a_lab_from_a_file_has_the_rows_and_the_walls(data):
    with loans.open_sized("SQLite", 1, ROWS) as lab:
        assert lab.dump()["loans"] == in_order(data["loans"])
        assert lab.execute("PRAGMA foreign_keys").rows == [(1,)]
        assert lab.execute("PRAGMA max_page_count").rows == [(65_536,)]
        with pytest.raises(Exception, match="not authorized"):
            lab.execute("ATTACH ':memory:' AS other")


def test_only_the_open_seed_leaves_a_file():
    loans.open_sized("SQLite", 31, 500).close()
    assert list(cache.folder().glob("*.image")) == []
    loans.open_sized("SQLite", 1, 500).close()
    assert [path.name for path in cache.folder().glob("*.image")] == ["loans-500.image"]


@pytest.mark.parametrize("harm", ["cut", "foreign", "one bit", "older maker"])
def test_a_file_that_is_not_ours_is_made_again(harm, monkeypatch):
    loans.open_sized("SQLite", 1, 500).close()
    (path,) = cache.folder().glob("*.image")
    good = path.read_bytes()
    spoilt = {
        "cut": good[:-100],
        "foreign": b"SQLite format 3\x00" + bytes(4096),
        "one bit": good[:-1] + bytes([good[-1] ^ 1]),
        "older maker": cache._digest(good[32:], b"an older maker") + good[32:],
    }
    path.write_bytes(spoilt[harm])
    with loans.open_sized("SQLite", 1, 500) as lab:
        assert lab.execute("SELECT count(*) FROM loans").rows == [(500,)]
    assert path.read_bytes() == good


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path, monkeypatch):
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    monkeypatch.setenv(cache.PLACE, str(blocked))
    with loans.open_sized("SQLite", 1, 500) as lab:
        assert lab.execute("SELECT count(*) FROM loans").rows == [(500,)]


def count_loans(_):
    with loans.open_sized("SQLite", 1, 3_000) as lab:
        return lab.execute("SELECT count(*), sum(fine) FROM loans").rows


def test_processes_that_make_the_file_at_once_do_not_disturb_each_other():
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        assert len({tuple(rows) for rows in pool.map(count_loans, range(8))}) == 1
    assert [path.name for path in cache.folder().iterdir()] == ["loans-3000.image"]


def test_a_kept_data_set_opens_without_being_made(monkeypatch):
    loans.open_sized("SQLite", 1, 500).close()
    monkeypatch.setattr(cache, "_made", None)
    loans.open_sized("SQLite", 1, 500).close()


def test_names_and_sizes():
    assert "loans" in names()
    assert "cache" not in names()
    with pytest.raises(ValueError, match="one size"):
        open_dataset("orders", rows=5)
