"""Is each of five wrong money transfers told apart by what it does, and the right one found right?"""

from pathlib import Path

import pytest
import transfers

from graders.kernel.report import Mismatch
from graders.labs import open_shared_lab
from graders.sandbox import Box
from graders.techniques.crashes import sweep_crashes
from graders.techniques.schedules import called, explore, run_in_order


def opened():
    return open_shared_lab("SQLite", transfers.SCHEMA, transfers.DATA)


def money(lab):
    """The money that there is: neither more nor less than at the beginning."""
    total = lab.execute("SELECT sum(balance) FROM accounts").rows[0][0]
    return "" if total == 170 else f"{total} instead of 170 in all accounts"


def signs(source):
    """What a transfer does wrong, by the experiment that shows it."""
    with Box() as box:
        transfer = box.define(source, "transfer")
        script = called(transfer, 1, 2, 30, isolation_level="")
        found = {"crash": bool(sweep_crashes(opened, script, money).broken)}
        two = {"A": script, "B": called(transfer, 1, 2, 20, isolation_level="")}
        found["interleaving"] = bool(explore(opened, two, money).broken)
        with opened() as lab:
            overdraft = run_in_order(lab, {"A": called(transfer, 1, 2, 500, isolation_level="")}, "")
            found["swallowed"] = not overdraft.failed
            found["left open"] = bool(overdraft.left_open)
        with opened() as lab:
            unknown = run_in_order(lab, {"A": called(transfer, 1, 99, 30, isolation_level="")}, "")
            found["rowcount"] = bool(money(lab)) and not unknown.failed
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
    shown = guide[guide.index("## Transactions: every order") :]
    code = shown[shown.index("~~~~python\n") + 11 :].partition("~~~~")[0]
    names = {}
    exec(code.replace('@claim("example-3")\n', ""), names)

    def failing(source):
        with Box() as box:
            transfer = box.define(source, "transfer")
            return {
                name for name in ("no_order_creates_money", "no_power_cut_loses_money") if fails(names[name], transfer)
            }

    assert failing(transfers.RIGHT) == set()
    assert failing(transfers.COMMITS_TWICE) == {"no_power_cut_loses_money"}
    assert "no_order_creates_money" in failing(transfers.READS_THEN_WRITES)


def fails(claim, transfer):
    try:
        claim(transfer)
    except Mismatch:
        return True
    return False
