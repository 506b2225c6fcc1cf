"""Does the engine get the text as it was written, and the student the engine's own sentence?"""

import re

import pytest
from bank import ACCOUNTS, total

from graders.notebook.sql_results import SQLError


def test_a_refused_statement_shows_the_engines_sentence_and_the_line(bank):
    said = bank.refusal("%%sql\nSELECT name,\n  nope\nFROM account").splitlines()
    assert said[0] in (
        "SQLite says: no such column: nope",
        'DuckDB says: Binder Error: Referenced column "nope" not found in FROM clause!',
    )
    assert said[1:] == ["  line 3: nope"]


def test_a_word_that_stands_twice_is_not_pinned_to_a_line(notebook):
    notebook.run("%sql sqlite://")
    said = notebook.refusal("%%sql\nSELECT nope\nWHERE nope")
    assert said == "SQLite says: no such column: nope\n  in the statement that begins on line 2: SELECT nope\n"


def test_a_refused_statement_is_a_failed_cell(bank):
    assert isinstance(bank.run("%sql SELEC 1").error, SQLError)


def test_results_before_the_refused_statement_are_shown(bank):
    done = bank.run("%%sql\nSELECT 'first' AS a;\nSELECT * FROM nowhere;\nSELECT 'third' AS a")
    assert ["first" in shown for shown in done.shown] == [True]


def test_duckdb_keeps_its_own_behaviour_after_an_error_in_a_transaction(notebook):
    notebook.run("%sql duckdb://")
    notebook.run("%%sql\nBEGIN; SELECT * FROM nowhere")
    assert "aborted" in notebook.refusal("%sql SELECT 1")
    notebook.rows("%sql ROLLBACK")
    assert notebook.rows("%sql SELECT 1") == [(1,)]


def test_a_dataframe_is_not_a_table(bank):
    bank.run("import pandas; frame = pandas.DataFrame({'a': [1, 2]})")
    assert re.search("(no such table: |Table with name )frame", bank.refusal("%sql SELECT * FROM frame"))


def test_names_of_this_modules_variables_are_no_tables(notebook):
    notebook.run("%sql duckdb://")
    assert "Table with name statement does not exist" in notebook.refusal("%sql SELECT * FROM statement")


@pytest.mark.parametrize("text", ['{"k":1}', '{"a": {"b": 2}}', "a.{2}", "$5 and $6", "$name", "{name}", ":name", "%s"])
@pytest.mark.parametrize("magic", ["%sql ", "%%sql\n", "%%sql SELECT 1;\n"])
def test_text_reaches_the_engine_unchanged(bank, magic, text):
    bank.run("name = 'Ann'")
    assert bank.rows(f"{magic}SELECT '{text}' AS t") == [(text,)]


def test_comments_and_casts_reach_duckdb(notebook):
    notebook.run("%sql duckdb://")
    assert notebook.rows("%%sql -- don't\nSELECT '7'::int AS seven -- it's 7") == [(7,)]
    assert notebook.rows("%sql SELECT [1, 2, 3][1:2] AS s, {'k': 1} AS d") == [([1, 2], {"k": 1})]


@pytest.mark.parametrize("parameter", ["$name", ":name", "{name}", "{ name }", "?"])
def test_a_parameter_without_a_value_is_explained(bank, parameter):
    said = bank.refusal(f"%sql SELECT {parameter}")
    assert "a parameter such as :name, {name}, $name or ? has no value here" in said


@pytest.mark.parametrize("statement", ["SELEC 1", "SELEC '{name} :name'", "SELEC 1 -- {name}", "SELEC 1::int"])
def test_no_parameter_is_explained_where_there_is_none(bank, statement):
    assert "parameter" not in bank.refusal(f"%sql {statement}")


def test_python_names_stand_for_a_path_in_the_url(notebook):
    notebook.run("path = 'with a space.db'")
    notebook.run("%sql sqlite:///{path}")
    notebook.run(f"%%sql\n{ACCOUNTS}")
    for name in ("url", "text", "self"):
        notebook.run(f"{name} = 'sqlite:///with a space.db'")
        notebook.run(f"%sql again = ${name}")
        assert total(notebook, "again") == 10
