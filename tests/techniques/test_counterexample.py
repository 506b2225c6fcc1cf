"""Counter-examples become small and plain, and still go wrong."""

from graders.techniques.queries import shrink

DATA = {"member": [(7, "Zoe"), (9, None), (8, "O'Brien")], "loan": [(4, 9, "2024-03-01"), (5, 7, None)]}


def test_only_the_rows_that_matter_are_left():
    def fails(data):
        return any(row[0] == 9 for row in data["member"])

    small = shrink(DATA, fails)
    assert small["loan"] == []
    assert [row[0] for row in small["member"]] == [9]


def test_values_become_plain_where_they_do_not_matter():
    small = shrink(DATA, lambda data: len(data["member"]) >= 2)
    assert small == {"member": [(1, "a"), (1, "a")], "loan": []}


def test_a_null_stays_where_it_matters():
    small = shrink(DATA, lambda data: any(row[1] is None for row in data["member"]))
    assert small == {"member": [(1, None)], "loan": []}


def test_a_date_written_as_text_stays_a_date():
    small = shrink(DATA, lambda data: len(data["loan"]) >= 1)
    assert small["loan"][0][2] in ("2024-03-01", None)


def test_the_number_of_trials_is_bounded():
    asked = []

    def fails(data):
        asked.append(data)
        return True

    shrink(DATA, fails, max_trials=3)
    assert len(asked) == 3


def test_the_data_given_are_left_alone():
    before = {table: list(rows) for table, rows in DATA.items()}
    shrink(DATA, lambda data: True)
    assert before == DATA
