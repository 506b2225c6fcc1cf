"""Are schemas that keep the rules of a boat rental told from those that break one, on every engine, by a row?"""

import pytest
from boats import describe, edit, write_schema
from correct import CORRECT
from faulty import FAULTY, ROW

from graders.kernel.report import Mismatch
from graders.labs import why_no_postgres
from graders.techniques.batteries import explain, observe_tables

MISSING = pytest.mark.skipif(bool(why_no_postgres()), reason="no PostgreSQL here")
ENGINES = ["SQLite", "DuckDB", pytest.param("PostgreSQL", marks=MISSING)]


def cases(schemas):
    return [
        pytest.param(engine, name, marks=[MISSING] if engine == "PostgreSQL" else [], id=f"{engine}: {name}")
        for engine, named in schemas.items()
        for name in named
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_there_are_enough(engine):
    """Are there twenty correct schemas and forty faulty ones?"""
    assert len(CORRECT[engine]) >= 20
    assert len(FAULTY[engine]) >= 40


@pytest.mark.parametrize(("engine", "name"), cases(CORRECT))
def test_correct_schemas_are_right(engine, name):
    """Does everything that is tried go right?"""
    script = edit(write_schema(engine), CORRECT[engine][name])
    findings = observe_tables(describe(engine), script, len(name))
    assert [(finding.probe.expected, finding.words) for finding in findings if not finding.right] == []


@pytest.mark.parametrize(("engine", "name"), cases(FAULTY))
def test_faulty_schemas_are_told_by_a_row(engine, name):
    """Is the rule that is broken the first that is named, with the row that shows it?"""
    claim, rule, changes = FAULTY[engine][name]
    script = edit(write_schema(engine), changes)
    if claim == ROW:
        with pytest.raises(Mismatch) as refused:
            observe_tables(describe(engine), script, len(name))
        assert f"`{rule}`" in refused.value.expected and refused.value.tables
        return
    findings = observe_tables(describe(engine), script, len(name))
    wrong = [finding for finding in findings if not finding.right and finding.probe.claim == claim]
    assert wrong and wrong[0].probe.rule == rule
    assert explain(wrong, {}).tables[0].marked
