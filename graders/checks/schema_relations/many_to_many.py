"""Claims on tables of users, roles, and who has which: pairs that enter once, and are found from either end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from graders import Attempt, Mismatch, Table, claim, experiment
from graders.checks.schema_relations.histories import create_image
from graders.labs import EngineError, Lab, Result, open_image
from graders.labs.lab import Row
from graders.techniques.plans import Access, read_accesses, read_indexes

TABLES = ("users", "roles", "user_roles")
PAIRS = "SELECT user_id, role_id FROM user_roles ORDER BY user_id, role_id"
ADD_USER, ADD_ROLE = "INSERT INTO users (name) VALUES ('{}')", "INSERT INTO roles (name) VALUES ({})"
ADD_PAIR = "INSERT INTO user_roles (user_id, role_id) VALUES ({}, {})"
DIRECTIONS = {
    "the roles of a user": "SELECT role_id FROM user_roles WHERE user_id = {}",
    "the users of a role": "SELECT user_id FROM user_roles WHERE role_id = {}",
}
NAMES = ("Ada", "Ben", "Carla", "Dara", "Ada")
ROLES = ("admin", "author", "guest")


@dataclass(frozen=True)
class Roles:
    """What the tables do with users, roles and pairs."""

    ids: dict[str, list[Row]]
    """The ids and names of users and roles that were added without an id."""
    refused: Sequence[tuple[str, str]]
    """Statements that should go through and do not, each with the engine's sentence."""
    stored: bool
    """Whether the pairs that were added are there, and no others."""
    accepted: dict[str, list[str]]
    """Statements that should be refused and are not, by what is wrong with them."""
    left: dict[str, tuple[list[Row], list[Row]]]
    """For a user and a role that were deleted: the pairs that should be left, and those that are."""
    accesses: dict[str, list[Access]]
    """How each direction is read."""
    superfluous: str
    """An index on `user_roles` that another one makes superfluous; "" if there is none."""


@experiment("repair-the-roles", condition="your script runs, and makes the three tables of the card")
def use_roles(attempt: Attempt) -> Roles:
    """Add users and roles as an application does, pair them, delete some, and look how pairs are found."""
    image = create_image("", attempt.answer)
    with open_image(image) as lab:
        if missing := [table for table in TABLES if table not in lab.tables()]:
            raise Mismatch("the tables `users`, `roles` and `user_roles`", f"no `{missing[0]}`")
        return _observe(lab, random.Random(attempt.seed))


def _observe(lab: Lab, rng: random.Random) -> Roles:
    people = [ADD_USER.format(name) for name in NAMES]
    groups = [ADD_ROLE.format(f"'{name}'") for name in ROLES]
    refused = _refusals(lab, people + groups)
    ids = {table: _rows(lab, f"SELECT id, name FROM {table}") for table in ("users", "roles")}
    # Where no id came by itself, those that an application would give.
    users, roles = (_ids_of(ids[table]) or list(range(1, 6)) for table in ("users", "roles"))
    pairs = sorted({(user, role) for user in users for role in rng.sample(roles, min(2, len(roles)))})
    refused += _refusals(lab, [ADD_PAIR.format(*pair) for pair in pairs])
    stored = _rows(lab, PAIRS) == pairs
    accepted = {kind: _acceptances(lab, bad) for kind, bad in _bad_statements(rng, pairs).items()}
    accesses = {name: _read_accesses(lab, query.format(1)) for name, query in DIRECTIONS.items()}
    return Roles(ids, refused, stored, accepted, _delete_some(lab, rng, pairs), accesses, _find_superfluous(lab))


def _bad_statements(rng: random.Random, pairs: Sequence[Row]) -> dict[str, list[str]]:
    """Statements that should be refused, by what is wrong with them."""
    user, role = rng.choice(pairs)
    stranger = max(max(pair) for pair in pairs) + rng.randint(1, 50)
    return {
        "a pair that is there": [ADD_PAIR.format(user, role)],
        "NULL in a pair": [ADD_PAIR.format("NULL", role), ADD_PAIR.format(user, "NULL")],
        "a user or a role that is not there": [ADD_PAIR.format(stranger, role), ADD_PAIR.format(user, stranger)],
        "a role's name that is taken, or none": [ADD_ROLE.format(f"'{rng.choice(ROLES)}'"), ADD_ROLE.format("NULL")],
    }


def _refusals(lab: Lab, statements: Sequence[str]) -> list[tuple[str, str]]:
    outcomes = zip(statements, lab.outcomes(statements), strict=True)
    return [(text, outcome.sentence) for text, outcome in outcomes if isinstance(outcome, EngineError)]


def _acceptances(lab: Lab, statements: Sequence[str]) -> list[str]:
    outcomes = zip(statements, lab.outcomes(statements), strict=True)
    return [text for text, outcome in outcomes if isinstance(outcome, Result)]


def _rows(lab: Lab, query: str) -> list[Row]:
    outcome = lab.outcomes([query])[0]
    return outcome.rows if isinstance(outcome, Result) else []


def _ids_of(rows: Sequence[Row]) -> list[int]:
    return sorted({number for number, _ in rows if isinstance(number, int)})


def _delete_some(lab: Lab, rng: random.Random, pairs: list[Row]) -> dict[str, tuple[list[Row], list[Row]]]:
    """Delete a user, then a role; the pairs that should be left each time, and those that are."""
    before = _rows(lab, PAIRS)
    (user, role), left = rng.choice(pairs), {}
    other = rng.choice([each for owner, each in pairs if owner != user] or [role])
    for place, (table, key) in enumerate((("users", user), ("roles", other))):
        lab.outcomes([f"DELETE FROM {table} WHERE id = {key}"])
        before = [pair for pair in before if pair[place] != key]
        left[table] = (before, _rows(lab, PAIRS))
    return left


def _read_accesses(lab: Lab, query: str) -> list[Access]:
    try:
        return read_accesses(lab, query)
    except EngineError as error:
        raise Mismatch(f"`{query}` to run", error.says) from None


def _find_superfluous(lab: Lab) -> str:
    """An index on the pairs that another one serves in place of; "" if there is none."""
    indexes = [index for index in read_indexes(lab).values() if index.table.lower() == "user_roles"]
    for one in indexes:
        for other in indexes:
            if one is not other and other.can_replace(one):
                return one.name
    return ""


@claim(use_roles)
def gives_ids(roles: Roles) -> None:
    """a user or a role that is added without an id is given one of its own"""
    for table, rows in roles.ids.items():
        numbers = [number for number, _ in rows]
        if None in numbers:
            marked = frozenset(place for place, number in enumerate(numbers) if number is None)
            hint = "SQLite knows one type that makes a primary key count by itself. How is it spelt?"
            shown = Table(table, ("id", "name"), rows, marked, "no id")
            raise Mismatch("an id in every row", "NULL", hint, [shown])
        if not numbers or len(set(numbers)) < len(numbers):
            shown = Table(table, ("id", "name"), rows)
            raise Mismatch("an id of its own in every row that was added", "none", tables=[shown])


@claim(use_roles, after=gives_ids)
def takes_pairs(roles: Roles) -> None:
    """a user can have several roles, and a role several users"""
    if roles.refused:
        statement, sentence = roles.refused[0]
        hint = (
            "Two users may share a name, and a user has several roles. Which of your keys is narrower than that?"
            if "UNIQUE" in sentence
            else ""
        )
        raise Mismatch(f"`{statement}` to go through", f"SQLite says: {sentence}", hint)
    if not roles.stored:
        raise Mismatch("the pairs that were added, and no others", "other ones")


@claim(use_roles, after=takes_pairs)
def refuses_bad_pairs(roles: Roles) -> None:
    """a pair enters once, names a user and a role who are there, and holds no NULL"""
    hints = {
        "NULL in a pair": "A foreign key lets NULL pass, and so does this primary key. Which words refuse it?",
        "a pair that is there": "The same user has the same role twice. Which columns together should be a key?",
        "a user or a role that is not there": "Which clause ties this column to the table that it speaks of?",
    }
    for kind, statements in roles.accepted.items():
        if statements:
            raise Mismatch(f"{kind} to be refused", f"`{statements[0]}` is accepted", hints.get(kind, ""))


@claim(use_roles, after=takes_pairs)
def pairs_go_with_their_ends(roles: Roles) -> None:
    """a user or a role can be deleted, and the pairs go with it, as on the card"""
    for table, (expected, found) in roles.left.items():
        if found != expected:
            shown = [Table("pairs that should be left", ("user_id", "role_id"), expected)]
            shown.append(Table("pairs that are", ("user_id", "role_id"), found))
            hint = f"The card deletes pairs with what they name. What do yours do when a row of `{table}` goes?"
            raise Mismatch(f"{len(expected)} pairs to be left", f"{len(found)}", hint, shown)


@claim(use_roles, weight=2, after=takes_pairs)
def answers_both_directions(roles: Roles) -> None:
    """the roles of a user and the users of a role are each found in an index alone"""
    for name, accesses in roles.accesses.items():
        access = accesses[0] if accesses else None
        if access is None or access.partial or not access.searches:
            hint = "A list sorted by one column first is no help for the other. What would be?"
            raise Mismatch(f"a search for {name}", f"a {access}" if access else "none", hint)
        if not (access.covering or _is_whole_row(access)):
            hint = "The index finds the pair, and the answer is in the table behind it. Which column is it short of?"
            raise Mismatch(f"{name} from the index alone", f"a {access}, and then the table's rows", hint)


def _is_whole_row(access: Access) -> bool:
    """Whether the table itself is sorted by what is looked for (WITHOUT ROWID), and holds the answer."""
    return access.method == "rowid"


@claim(use_roles, weight=0.5, after=answers_both_directions)
def has_no_superfluous_index(roles: Roles) -> None:
    """no index repeats the beginning of another"""
    if roles.superfluous:
        hint = "Another index begins with the same columns and serves the same searches. Every write pays for both."
        raise Mismatch("no index that another one makes superfluous", f"`{roles.superfluous}`", hint)
