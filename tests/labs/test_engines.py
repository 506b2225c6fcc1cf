"""Is an engine opened by its name alone, and is a name that is none of an engine's met with a sentence?"""

import psutil
import pytest

from graders.labs import labs_opened_by, open_lab, open_shared_lab
from graders.labs.engines import ENGINES
from graders.sql import UnknownEngine, tokenize


@pytest.mark.parametrize("open_one", [open_lab, open_shared_lab])
@pytest.mark.parametrize("name", ["MySQL", "sqlite", ""])
def test_an_unknown_engine_is_one_sentence(open_one, name):
    """Does the sentence name the engines that there are, in this process and where labs are opened elsewhere?"""
    sentence = f"There is no engine `{name}` here. There are SQLite, DuckDB, PostgreSQL."
    with pytest.raises(UnknownEngine) as raised:
        open_one(name)
    assert str(raised.value) == sentence
    assert raised.value._render_traceback_() == [sentence]
    with labs_opened_by(lambda *_, **__: pytest.fail("opened")), pytest.raises(UnknownEngine):
        open_one(name)


def test_sql_of_an_unknown_engine_is_one_sentence():
    """Is the text of an engine without a dialect refused in the same words?"""
    with pytest.raises(UnknownEngine, match="There is no engine `MySQL` here. There are SQLite,"):
        list(tokenize("SELECT 1", "MySQL"))


def test_every_engine_is_opened_by_its_entry():
    """Do both kinds of lab of each entry say the name that they are opened by?"""
    for name, engine in ENGINES.items():
        if not engine.why_missing():
            assert {kind.engine for kind in engine.load_kinds()} == {name}


@pytest.mark.parametrize("name", ["SQLite", "DuckDB"])
def test_a_lab_has_no_threads_of_its_own(name):
    """Does a lab that reads a script start none, each of which would take its share of a sandbox's memory?"""
    before = psutil.Process().num_threads()
    with open_lab(name) as lab:
        assert len(lab.statements("SELECT 1; SELECT 2")) == 2
        assert psutil.Process().num_threads() <= before
