"""Is each of five wrong money transfers told apart by what it does, and the right one found right?"""

from pathlib import Path

import pytest
import transfers

from graders.kernel.claims import CLAIMS
from graders.kernel.exercise import Exercise
from graders.kernel.judge import judge
from graders.kernel.scoring import Outcome
from graders.labs import open_shared_lab
from graders.sandbox import Sandbox
from graders.techniques.power_cuts import sweep_crashes
from graders.techniques.schedules import explore, make_script, run_in_order


def opened():
    return open_shared_lab("SQLite", transfers.SCHEMA, transfers.DATA)


def money(lab):
    """The money that there is: neither more nor less than at the beginning."""
    total = lab.execute("SELECT sum(balance) FROM accounts").rows[0][0]
    return "" if total == 170 else f"{total} instead of 170 in all accounts"


def signs(source):
    """What a transfer does wrong, by the experiment that shows it."""
    with Sandbox() as sandbox:
        transfer = sandbox.define(source, "transfer")
        script = make_script(transfer, 1, 2, 30, isolation_level="")
        two = {"A": script, "B": make_script(transfer, 1, 2, 20, isolation_level="")}
        with opened() as lab:
            found = {"crash": bool(sweep_crashes(lab, script, money).first_violation)}
            found["interleaving"] = bool(explore(lab, two, money).counterexample)
            overdraft = run_in_order(lab, {"A": make_script(transfer, 1, 2, 500, isolation_level="")}, "")
            found["swallowed"] = not overdraft.failures
            found["left open"] = bool(overdraft.left_open)
            unknown = run_in_order(lab, {"A": make_script(transfer, 1, 99, 30, isolation_level="")}, "")
            found["rowcount"] = bool(money(lab)) and not unknown.failures
    return {name for name, wrong in found.items() if wrong}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RIGHT", set()),
        ("COMMITS_TWICE", {"crash"}),
        ("SWALLOWS", {"swallowed"}),
        ("READS_THEN_WRITES", {"interleaving"}),
        ("IGNORES_ROWCOUNT", {"rowcount"}),
        ("NEVER_ROLLS_BACK", {"left open"}),
    ],
)
def test_each_wrong_transfer_has_a_sign_of_its_own(name, expected):
    """Do the experiments find what is wrong with a transfer, and nothing else?"""
    assert signs(getattr(transfers, name)) == expected


def test_the_claims_of_the_author_guide_tell_them_apart():
    """Do the claims that the guide shows hold for the right transfer, and fail where they should?"""
    guide = (Path(__file__).parents[2] / "docs/author-guide.md").read_text(encoding="utf-8")
    section = guide[guide.index("## Transactions: every order") :]
    exercise = Exercise("example-3", "python", 2, "transfer", function=True)

    def failing(source):
        verdicts = judge(exercise, source).verdicts
        assert {verdict.outcome for verdict in verdicts} <= {Outcome.HOLDS, Outcome.FAILS}
        return {verdict.claim for verdict in verdicts if verdict.outcome is Outcome.FAILS}

    try:
        exec(section[section.index("~~~~python\n") + 11 :].partition("~~~~")[0], {"__name__": "guide"})
        assert failing(transfers.RIGHT) == set()
        assert failing(transfers.COMMITS_TWICE) == {"no_power_cut_loses_money"}
        assert "no_order_creates_money" in failing(transfers.READS_THEN_WRITES)
    finally:
        CLAIMS.pop("example-3", None)
