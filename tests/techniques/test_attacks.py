"""Does the attack judge tell vulnerable functions from safe ones, and name what leaked?"""

import pytest
from attacked import BEHAVIOURS, SAFE, VULNERABLE, InProcess

from graders.box import Box
from graders.techniques.attacks import OnWire, Trial, mismatch_of


def functions(group):
    return [pytest.param(what, source, id=f"{what}: {name}") for what in group for name, source in group[what].items()]


def trial_of(what, source):
    behaviour = BEHAVIOURS[what]
    return Trial(InProcess(source, behaviour.schema, behaviour.engine), behaviour, 1)


def boxed(what, source, box):
    """The same function in a box, over a wire."""
    return OnWire(box.define(source, "page"), BEHAVIOURS[what].schema, BEHAVIOURS[what].engine)


@pytest.fixture(scope="module")
def box():
    with Box(in_all=300) as one:
        yield one


def test_there_are_enough_of_both():
    assert len(functions(VULNERABLE)) >= 30
    assert len(functions(SAFE)) >= 30


@pytest.mark.parametrize(("what", "source"), functions(SAFE))
def test_safe_functions_pass(what, source):
    trial = trial_of(what, source)
    assert trial.mishap() is None
    assert trial.attack() is None


@pytest.mark.parametrize(("what", "source"), functions(VULNERABLE))
def test_vulnerable_functions_are_found(what, source):
    trial = trial_of(what, source)
    finding = trial.attack() or trial.mishap()
    assert finding
    print(
        what,
        finding.kind,
        repr(finding.call.value),
        finding.sent and finding.sent.statement,
        mismatch_of(finding, "SQLite").hint,
    )
    told = mismatch_of(finding, trial.behaviour.engine)
    assert told.expected and told.found


@pytest.mark.parametrize(("what", "source"), functions(SAFE)[::6])
def test_safe_functions_pass_over_a_wire(what, source, box):
    with boxed(what, source, box) as subject:
        trial = Trial(subject, BEHAVIOURS[what], 1)
        assert trial.mishap() is None
        assert trial.attack() is None


@pytest.mark.parametrize(("what", "source"), functions(VULNERABLE)[::6])
def test_vulnerable_functions_are_found_over_a_wire(what, source, box):
    with boxed(what, source, box) as subject:
        trial = Trial(subject, BEHAVIOURS[what], 1)
        assert trial.attack() or trial.mishap()
