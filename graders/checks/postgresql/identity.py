"""Claims on a column that is turned from SERIAL into an identity column, after an import that brought its own ids."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.postgresql.shop import ENGINE, ON_POSTGRESQL, read_statements, run_as_owner, run_statement
from graders.labs import EngineError, SharedLab, open_shared_lab
from graders.labs.lab import Row
from graders.labs.postgres_extras import Extras

APP = "shop_app"
EXTRAS = Extras(roles=(APP,))
SCHEMA = "CREATE TABLE coupons (id SERIAL PRIMARY KEY, code text NOT NULL)"
RIGHTS = f"GRANT SELECT, INSERT ON coupons TO {APP}"
ADD = "INSERT INTO coupons (code) VALUES ('new') RETURNING id"
ADD_WITH_ID = "INSERT INTO coupons (id, code) VALUES ($1, 'by hand')"
ALL = "SELECT id, code FROM coupons ORDER BY id"
TAKEN, GENERATED_ALWAYS, NO_RIGHT = "23505", "428C9", "42501"
# More than there are gaps below the largest id, so that a number from within them meets a taken one.
MANY = 60
USED = "The next number is one that the import has brought. Which function sets where the numbers go on?"
SEQUENCE_HAS_RIGHTS = "SERIAL's sequence has rights of its own, and the role has none. Which sort of column needs none?"
BY_HAND = "An id by hand is taken, and a later number will meet it. BY DEFAULT takes such ids. What refuses them?"


@dataclass(frozen=True)
class Ids:
    """What the table does after the script."""

    lost: int
    """How many of the imported rows are gone or changed."""
    largest: int
    """The largest id of the import."""
    added: list[int]
    """The ids of the rows that the owner has added without one."""
    refusal: str
    """Why one of these was refused, and by which SQLSTATE; "" if all were taken."""
    collided: bool
    app_refusal: str
    """Why the app's row was refused; "" if it was taken."""
    app_has_no_right: bool
    by_hand: str
    """The SQLSTATE by which an id that is given by hand is refused; "" if it is taken."""


def draw_coupons(rng: random.Random) -> list[Row]:
    """What the import brought: ids that begin with 1, with gaps."""
    ids = sorted({1, 2, *rng.sample(range(3, 40), 20), rng.randint(3_000, 9_000)})
    return [(number, f"C-{rng.randint(1_000, 9_999)}") for number in ids]


def open_imported(seed: int) -> SharedLab:
    """The table `coupons` after the import, which gave each row its id and took none from the sequence."""
    rows = ", ".join(f"({number}, '{code}')" for number, code in draw_coupons(random.Random(seed)))
    then = f"INSERT INTO coupons (id, code) VALUES {rows}; {RIGHTS}"
    return open_shared_lab(ENGINE, SCHEMA, then=then, extras=EXTRAS)


@experiment("ids-after-an-import", condition="your statements run", description=ON_POSTGRESQL)
def add_coupons(attempt: Attempt) -> Ids:
    """Run the script as the owner, and add coupons as the owner and as the app."""
    statements = read_statements(attempt.answer)
    with open_imported(attempt.seed) as lab:
        before = lab.execute(ALL).rows
        run_as_owner(lab, statements)
        after = set(map(repr, run_statement(lab.own, ALL)))
        app = _add_as_app(lab)
        added, refusal = _add_many(lab)
        (by_hand,) = lab.own.outcomes([(ADD_WITH_ID, (before[-1][0] + 50_000,))])
        return Ids(
            lost=sum(repr(row) not in after for row in before),
            largest=before[-1][0],
            added=added,
            refusal=refusal.says if refusal else "",
            collided=bool(refusal and refusal.code == TAKEN),
            app_refusal=app.says if app else "",
            app_has_no_right=bool(app and app.code == NO_RIGHT),
            by_hand=by_hand.code if isinstance(by_hand, EngineError) else "",
        )


def _add_as_app(lab: SharedLab) -> EngineError | None:
    with lab.connect() as session:
        session.execute(f"SET ROLE {APP}")
        try:
            session.execute(ADD)
        except EngineError as error:
            return error
    return None


def _add_many(lab: SharedLab) -> tuple[list[int], EngineError | None]:
    """The ids of rows that are added without one, until one is refused."""
    added: list[int] = []
    for _ in range(MANY):
        (outcome,) = lab.own.outcomes([ADD])
        if isinstance(outcome, EngineError):
            return added, outcome
        added += [row[0] for row in outcome.rows]
    return added, None


@claim(add_coupons, weight=2)
def goes_on_behind_the_import(ids: Ids) -> None:
    """coupons without an id get new numbers above those of the import, and no coupon is lost"""
    if ids.lost:
        raise Mismatch("every coupon of the import, as it was", f"{ids.lost} of them gone or changed")
    if ids.refusal:
        raise Mismatch(f"{MANY} new coupons", ids.refusal, USED if ids.collided else "")
    if not ids.added or min(ids.added) <= ids.largest:
        rows = [
            ("the largest of the import", ids.largest),
            ("the first new one", ids.added[0] if ids.added else "none"),
        ]
        raise Mismatch(f"ids above {ids.largest}", "ids below it", tables=[Table("ids", ("", "id"), rows)])


@claim(add_coupons, after=goes_on_behind_the_import)
def lets_the_app_add(ids: Ids) -> None:
    """the app, which has INSERT and SELECT on the table and no other right, can add a coupon"""
    if ids.app_refusal:
        raise Mismatch("a coupon of the app", ids.app_refusal, SEQUENCE_HAS_RIGHTS if ids.app_has_no_right else "")


@claim(add_coupons, weight=2, after=goes_on_behind_the_import)
def refuses_ids_by_hand(ids: Ids) -> None:
    """an id that is given by hand is refused, as PostgreSQL does for GENERATED ALWAYS"""
    if ids.by_hand != GENERATED_ALWAYS:
        found = f"it was refused, for another reason ({ids.by_hand})" if ids.by_hand else "it was taken"
        raise Mismatch("an id by hand to be refused", found, "" if ids.by_hand else BY_HAND)
