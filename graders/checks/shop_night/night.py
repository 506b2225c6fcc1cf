"""Claims on copies, recoveries and deletions of the shop, and on all of it in one night."""

from __future__ import annotations

import re
from collections.abc import Callable

from course_data import shop as shop_data
from graders import Attempt, Mismatch, claim, experiment
from graders.checks.shop_night.migration import explain_step
from graders.checks.shop_orders.explanations import PASSWORDS, explain, require_promises
from graders.figures.shop_nights import draw_shop_night
from graders.sandbox import SandboxedFunction
from graders.techniques.backups import Fault, LiveDatabase, find_torn_copy
from graders.techniques.migrations import read_plan
from graders.techniques.scenarios import (
    FUNCTIONS,
    Counterexample,
    Shop,
    ShopFindings,
    find_functions,
    judge_shop,
    take_in_currencies,
    take_in_euros,
)

# The products of which there are pieces enough for the orders that come while a copy is made.
IN_STOCK = (3, 4, 5, 6, 7, 8)
MEANWHILE = 25


def run_part(name: str) -> Callable[[Attempt], ShopFindings]:
    """An experiment: a night of a shop whose function `name` is the answer, and whose orders are taken by a program."""

    def pass_night(attempt: Attempt) -> ShopFindings:
        function: SandboxedFunction = attempt.answer
        data = shop_data.data(attempt.seed)
        shop = Shop(shop_data.SCHEMA, data, PASSWORDS, "", {name: function}, (), {1: take_in_euros})
        return judge_shop(shop, attempt.seed)

    return pass_night


copy_shop = experiment("back-up-the-shop")(run_part("backup"))
recover_shop = experiment("recover-the-shop")(run_part("recover"))
delete_customer = experiment("forget-a-customer")(run_part("delete_customer"))


@claim(copy_shop)
def brings_back_the_shop(findings: ShopFindings) -> None:
    """a copy that is made while the shop is in use brings back all that was committed"""
    if found := findings.broken.get("restored"):
        raise Mismatch(explain(found).expected, found.words, hint_on_copy(found))


def hint_on_copy(found: Counterexample) -> str:
    """The hint for a backup that fails in a known way."""
    words = found.violation.words
    # A copy of the file alone has every table, and the rows as they were before the log began.
    if "` row " in words:
        return "The newest rows were in the log beside the file. Which call knows where they are?"
    return "There is no file at `target`. Where did the copy go?" if "no file" in words else ""


@experiment("back-up-the-shop")
def copy_under_orders(attempt: Attempt) -> Fault | None:
    """Have a copy made while orders are committed between its steps."""
    data = shop_data.data(attempt.seed)
    orders = tuple(_take_order(1000 + number, IN_STOCK[(attempt.seed + number) % 6]) for number in range(MEANWHILE))
    return find_torn_copy(attempt.answer, LiveDatabase(shop_data.SCHEMA, data, orders, checkpoints=True))


def _take_order(number: int, product: int) -> tuple[str, ...]:
    """The statements of an order of one piece."""
    cents = shop_data.PRODUCTS[product - 1][1]
    return (
        f"UPDATE products SET stock = stock - 1 WHERE product_id = {product}",
        f"INSERT INTO orders VALUES ({number}, 1, 'paid', 'meanwhile-{number}', {cents}, '2026-03-20 21:00')",
        f"INSERT INTO order_lines VALUES ({number}, {product}, 1, {cents})",
        f"INSERT INTO payments VALUES ({number}, {number}, {cents}, '2026-03-20 21:00')",
    )


@claim(copy_under_orders, after=brings_back_the_shop)
def holds_one_moment(fault: Fault | None) -> None:
    """when orders are committed between its steps, the copy holds what the shop held at one moment"""
    if fault:
        hint = "The file was read page by page, and orders came between. What reads all pages as of one moment?"
        raise fault.to_mismatch(hint if "copied" in fault.kind else "")


@claim(recover_shop)
def brings_back_the_instant(findings: ShopFindings) -> None:
    """from a whole copy, a damaged one and the log, it makes the shop as it was just before the accident"""
    if found := findings.broken.get("restored"):
        raise Mismatch(explain(found).expected, found.words, hint_on_recovery(found))


def hint_on_recovery(found: Counterexample) -> str:
    """The hint for a recovery that fails in a known way."""
    words = found.violation.words
    if "malformed" in words or "cannot be restored" in words or "DatabaseError" in words:
        return "The newest copy is damaged. How do you find out whether a file is whole?"
    if "UNIQUE constraint failed" in words:
        return "A change was done twice: it was in the copy already. With which change does the replay begin?"
    accident = found.run.events[-1].words
    is_free = "price_cents = 0" in accident and re.search(r", 0, \d+\) in place of", words)
    emptied = re.search(r"DELETE FROM (\w+)", accident)
    if is_free or (emptied and f"in `{emptied[1]}` row" in words and "is missing" in words):
        return "Is the accident itself among the changes that you replay, or is what came after the copy left out?"
    if "is missing" in words or "in place of" in words:
        return "Not all that was committed after the copy is there. Where is it recorded, and in what order?"
    return ""


def hint_on_restored(found: Counterexample) -> str:
    """The hint for what was not brought back, by who failed: the backup, or the recovery."""
    is_copy = found.violation.words.startswith("the backup at")
    return hint_on_copy(found) if is_copy else hint_on_recovery(found)


@claim(delete_customer)
def forgets_the_person(findings: ShopFindings) -> None:
    """name, address and password of who asked are gone, of nobody else, and `deleted_at` says since when"""
    for name in ("errors", "served"):
        if found := findings.broken.get(name):
            expected = "the person to be gone from their row, and all other rows to be as they were"
            raise Mismatch(expected, found.words, hint_on_deletion(found.violation.words))


def hint_on_deletion(words: str) -> str:
    """The hint for a customer who was forgotten in a wrong way."""
    if "UNIQUE constraint failed: customers.email" in words:
        return "A second customer has asked, and this address is taken. How does each of them get another one?"
    if "FOREIGN KEY constraint failed" in words:
        return "The orders of this customer need somebody to belong to. What can become of the row, if it may not go?"
    if "did not ask" in words:
        return "Other customers have been forgotten as well. Which WHERE says whose row it is?"
    return "A mark alone hides nothing. Which columns say who it is?" if "is kept" in words else ""


@claim(delete_customer, after=forgets_the_person)
def keeps_the_orders(findings: ShopFindings) -> None:
    """their orders still belong to them, with lines and payments, so that every piece and cent is accounted for"""
    if found := findings.broken.get("accounted"):
        hint = "The books of the shop need the order. Which row has to stay so that it still belongs to somebody?"
        raise Mismatch(explain(found).expected, found.words, hint)
    require_promises(findings, "pieces", "payments", "totals")


@experiment("the-whole-night")
def pass_whole_night(attempt: Attempt) -> ShopFindings:
    """Put the student's whole shop through a night."""
    answer: SandboxedFunction = attempt.answer
    plan = answer.sandbox.define(answer.source, "PLAN")
    if not isinstance(plan, str):
        raise Mismatch("a text in `PLAN`", f"`{plan!r:.60}`")
    functions = find_functions(answer, *FUNCTIONS)
    secret = f"{attempt.rng.randrange(16**12):012x}"
    data = shop_data.data(attempt.seed, secret)
    shop = Shop(shop_data.SCHEMA, data, PASSWORDS, secret, functions, tuple(read_plan(plan)), {2: take_in_currencies})
    return judge_shop(shop, attempt.seed)


def require_night(findings: ShopFindings, *invariants: str) -> None:
    """Raise `Mismatch` for the first of these invariants that was broken, with the night as a picture."""
    for name in invariants:
        if found := findings.broken.get(name):
            mismatch = explain(found)
            hint = mismatch.hint or (hint_on_restored(found) if name == "restored" else explain_step(found).hint)
            raise Mismatch(mismatch.expected, mismatch.found, hint, picture=str(draw_shop_night(findings.night)))


@claim(pass_whole_night)
def serves_all_night(findings: ShopFindings) -> None:
    """buyers, strangers and customers get what they should, and no version refuses what it could serve"""
    require_night(findings, "errors", "served")


@claim(pass_whole_night, after=serves_all_night)
def loses_nothing(findings: ShopFindings) -> None:
    """each piece is sold once or left, each order is paid once, and every total is right to the cent"""
    require_night(findings, "stock", "pieces", "payments", "totals")


@claim(pass_whole_night, after=serves_all_night)
def gives_nothing_away(findings: ShopFindings) -> None:
    """no secret column is read, and no stranger gets in, or gets rows, by what they type"""
    require_night(findings, "secrets")


@claim(pass_whole_night, after=serves_all_night)
def comes_back(findings: ShopFindings) -> None:
    """the shop is restored as it was at that instant, and orders of deleted customers are accounted for"""
    require_night(findings, "restored", "accounted")
