"""Does the proof of an exercise find what would make it unfair, and nothing else?"""

from pathlib import Path

import pytest

from graders.course.faults import Place
from graders.course.lesson import ForeseenAnswer, Task
from graders.fairness.proof import FairnessTrial
from graders.kernel.report import Report, Verdict
from graders.kernel.scoring import Outcome

SOLUTION = "def double(number):\n    if number < 0:\n        return 0\n    return number * 2"
PLACE = Place(Path("lesson.md"), 7)
SEEDS = (1, 2, 3)


def task(**fields) -> Task:
    return Task("double-it", 1, "python", 2, "double", PLACE, SOLUTION, **fields)


def report(score: float, hint: str = "") -> Report:
    """A report with two claims of one point each."""
    outcomes = [Outcome.HOLDS if score > place else Outcome.FAILS for place in range(2)]
    return Report("double-it", 2, tuple(Verdict(f"c{n}", "", one, 1, hint=hint) for n, one in enumerate(outcomes)))


def judge_by(cases, accepts=()):
    """A judge that runs an answer on `cases` of each seed, with half of the points if any is right."""

    def judge(text: str, seed: int) -> Report:
        if text in accepts:
            return report(2)
        space: dict[str, object] = {}
        try:
            exec(compile(text, "answer", "exec"), space)  # noqa: S102
            double = space["double"]
            right = [double(number) == (number * 2 if number >= 0 else 0) for number in cases(seed)]
        except Exception:
            return report(0)
        return report(2 if all(right) else 0)

    return judge


def prove(judge, **fields):
    return FairnessTrial(task(**fields), "def double(number):\n    ...", "SQLite", judge, SEEDS).prove()


def test_good_cases_kill_every_mutant_but_the_equivalent_ones():
    """Are the two mutants that mean the same for whole numbers all that is found?"""
    proof = prove(judge_by(lambda seed: [-3, 0, 4, seed]))
    assert {line for fault in proof.faults for line in fault.wrong.splitlines() if "+" in line} == {
        "      + if number <= 0:",
        "      + if number < 1:",
    }
    assert proof.tried["mutants"] > 20


def test_a_listed_mutant_is_no_fault():
    """Is a mutant accepted that the author lists with a reason, if it is one of the solution's?"""
    listed = ForeseenAnswer(
        "- if number < 0:\n+ if number <= 0:\n\n- if number < 0:\n+ if number < 1:",
        Place(Path("lesson.md"), 9),
        "twice 0 is 0",
    )
    assert prove(judge_by(lambda seed: [-3, 0, 4, seed]), equivalent=[listed]).faults == []
    stale = ForeseenAnswer("- if number < 0:\n+ if number < 7:\n", Place(Path("lesson.md"), 9), "it may be")
    faults = prove(judge_by(lambda seed: [-3, 0, 4, seed]), equivalent=[listed, stale]).faults
    assert [(fault.place.line, "no mutant" in fault.wrong) for fault in faults] == [(9, True)]


def test_poor_cases_let_mutants_survive():
    """Is each mistake found that the cases do not show?"""
    faults = prove(judge_by(lambda seed: [2])).faults
    assert any("return number * 3" in fault.wrong for fault in faults) is False
    assert sum("earns full marks" in fault.wrong for fault in faults) >= 4


def test_idle_answers_that_earn_are_found():
    """Is an answer that does nothing found where it earns points?"""
    idle = "def double(number):\n    return number"
    faults = prove(judge_by(lambda seed: [-3, 0, 4], accepts=[idle])).faults
    assert [fault for fault in faults if "idle answer" in fault.wrong and "return number" in fault.wrong]


def test_seeds_that_disagree_are_found():
    """Is a foreseen answer found that one seed takes for right?"""
    wrong = ForeseenAnswer("def double(number):\n    return number ** 2", Place(Path("lesson.md"), 20), "")
    faults = prove(judge_by(lambda seed: [2, -1, 0] if seed == 1 else [2, 0]), wrong=[wrong]).faults
    assert [fault for fault in faults if fault.place.line == 20 and "seed 2" in fault.wrong]


def test_a_refused_form_is_found():
    """Is the solution found to be refused in another form?"""

    def judge(text: str, seed: int) -> Report:
        return report(0) if "\t" in text else judge_by(lambda seed: [-3, 0, 4])(text, seed)

    faults = prove(judge).faults
    assert [fault for fault in faults if "indented by tabs" in fault.wrong]


@pytest.mark.parametrize("step", ["mutant", "idle answer"])
def test_an_answer_that_breaks_the_check_is_a_fault(step):
    """Is a claim found that breaks on an odd answer, rather than judges it?"""
    broken = Report("double-it", 2, (Verdict("c0", "", Outcome.OUR_FAULT, 1, found="ValueError"),))
    faults = prove(lambda text, seed: broken).faults
    assert [fault for fault in faults if step in fault.wrong and "breaks the check" in fault.wrong]


def test_a_sample_is_tried_from_first_to_last():
    """Are so many of each kind tried, and foreseen answers not again, on one seed alone?"""
    judge = judge_by(lambda seed: [-3, 0, 4])
    proof = FairnessTrial(task(), "def double(number):\n    ...", "SQLite", judge, SEEDS[:1], at_most=3).prove()
    assert proof.tried == {"mutants": 3, "idle answers": 3, "other forms": 3}


def test_what_is_listed_is_looked_up_among_all_mutants():
    """Does a sample call nothing stale that is a mutant outside it?"""
    listed = ForeseenAnswer("- if number < 0:\n+ if number <= 0:", Place(Path("lesson.md"), 9), "twice 0 is 0")
    judge = judge_by(lambda seed: [-3, 0, 4])
    trial = FairnessTrial(task(equivalent=[listed]), "", "SQLite", judge, SEEDS[:1], at_most=3)
    assert [fault for fault in trial.prove().faults if fault.place.line == 9] == []
