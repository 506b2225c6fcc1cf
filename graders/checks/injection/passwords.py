"""Claims on a login that replaces old password hashes: whom it lets in, and what it leaves in the table."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders import Mismatch
from graders.kernel.claims import Attempt, claim, experiment
from graders.kernel.report import Table
from graders.techniques.attacks import CallTrace, ConnectionSubject, Data

MEMBERS = "CREATE TABLE members (member_id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, stored VARCHAR NOT NULL);"
MIN_N, MIN_SALT_BYTES, MIN_HASH_BYTES = 4096, 16, 32
# What we compute ourselves to verify a row: some seconds at most.
MAX_WORK = 2**21
LOGIN_ATTACKS = ("' OR 1=1 -- ", "Ada' -- ", "x' UNION SELECT name, stored FROM members -- ")
STRANGERS = ("nobody", "O'Brien", "", *LOGIN_ATTACKS, "Ad_", "%", "ada", "Ada ")
CLOCKS = (Path(__file__).parent / "in_sandbox" / "clocks.py").read_text(encoding="utf-8")
STOP_CLOCKS = f"""
import types as _types
_clocks = _types.ModuleType("_clocks")
exec(compile({CLOCKS!r}, "<the clocks>", "exec"), _clocks.__dict__)
_clocks.stop(globals())
"""


def old_row(password: str) -> str:
    """How the shop stored a password before: a bare SHA-256."""
    return "sha256$" + hashlib.sha256(password.encode()).hexdigest()


def new_row(password: str, salt: bytes, n: int = MIN_N) -> str:
    """How it stores one now: scrypt with its parameters, a salt, and the hash."""
    return f"scrypt${n}$8$1${salt.hex()}${_scrypt(password, salt, n, 8, 1)}"


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int, length: int = 64) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**26, dklen=length).hex()


def is_new_row(stored: Any, password: str) -> bool:
    """Whether a row in the new form is one of `password`, with a salt and an N of the least size asked for."""
    try:
        kind, n, r, p, salt, found = stored.split("$")
        n, r, p = int(n), int(r), int(p)
        length = max(len(found) // 2, MIN_HASH_BYTES)
        possible = _has_sizes(stored) and n * r * p <= MAX_WORK
        return possible and found == _scrypt(password, bytes.fromhex(salt), n, r, p, length)
    except (ValueError, TypeError, MemoryError, OverflowError, AttributeError):
        return False


def _has_sizes(stored: Any) -> bool:
    """Whether a row has the new form, with a salt and an N of the least size asked for."""
    try:
        kind, n, r, p, salt, _ = stored.split("$")
        return kind == "scrypt" and int(n) >= MIN_N and min(int(r), int(p)) > 0 and len(salt) >= 2 * MIN_SALT_BYTES
    except (ValueError, TypeError, AttributeError):
        return False


@dataclass(frozen=True)
class Logins:
    """What a login did for those whom it must let in, and for all others."""

    stored: dict[str, str]
    """For each member what the row held before: Ada's and Dara's are old ones of one password, Kim's is one of the same
    in small letters, Ines' and Edgar's are new ones; Gus and Hana have an old and a new row that differs from their
    password's in one place."""
    passwords: dict[str, str]
    """Their passwords."""
    right: dict[str, CallTrace]
    """For each member whose row is right, what the right password did."""
    wrong: list[CallTrace]
    """What another password did, for each member whose row is right."""
    altered: list[CallTrace]
    """What passwords did that are Ada's or Ines' but for blanks, capitals or some letters."""
    known: list[CallTrace]
    """What the text of Ada's row did as her password."""
    near: list[CallTrace]
    """What the passwords of Gus and Hana did with rows that are not theirs by one digit."""
    strangers: list[CallTrace]
    """What Ada's password did with each name that is no member's."""
    second: CallTrace
    """What Dara's password did after Ada had logged in."""
    again: list[CallTrace]
    """What Ada's password did to her old row on two other days, in which no clock goes on."""


def _make_rows(shared: str, other: str, rng: random.Random) -> dict[str, str]:
    """The rows of all members, by name."""
    salts = [rng.randbytes(MIN_SALT_BYTES) for _ in range(3)]
    strong = f"scrypt$8192$4$2${salts[1].hex()}${_scrypt(shared, salts[1], 8192, 4, 2)}"
    return {
        "Ada": old_row(shared),
        "Dara O'Brien": old_row(shared),
        "Ines": new_row(other, salts[0]),
        "Edgar": strong,
        "Fatima": old_row(other),
        "Kim": old_row(shared.lower()),
        "Gus": _change_last(old_row(shared)),
        "Hana": _change_last(new_row(shared, salts[2])),
    }


def _change_last(row: str) -> str:
    """The row with another last digit."""
    return row[:-1] + ("0" if row[-1] != "0" else "1")


def _alter(password: str) -> list[str]:
    """What some programs take for the same password."""
    return [f"{password}x", f"x{password}", f"{password} ", f" {password}", password[:-1], password.swapcase()]


@experiment("upgrade-password-hashes")
def log_in(attempt: Attempt) -> Logins:
    """Log in with right and wrong passwords, each time into the shop as it was at first."""
    shared, other = "Two words " + attempt.rng.randbytes(4).hex(), "Naïve & " + attempt.rng.randbytes(40).hex()
    passwords = {"Ada": shared, "Dara O'Brien": shared, "Ines": other, "Edgar": shared, "Kim": shared.lower()}
    stored = _make_rows(shared, other, attempt.rng)
    data, old = _table(stored), stored["Ada"]
    altered = [(name, one) for name in ("Ada", "Ines") for one in _alter(passwords[name])]
    known, near = [("Ada", old), ("Ada", old.partition("$")[2])], [("Gus", shared), ("Hana", shared)]
    with ConnectionSubject(attempt.answer, MEMBERS) as login:
        right = {name: login(data, (name, password)) for name, password in passwords.items()}
        wrong = [login(data, (name, attempt.rng.randbytes(5).hex())) for name in passwords]
        after = _stored(right["Ada"])
        later = _table({name: after.get(name) or row for name, row in stored.items()})
        second = login(later, ("Dara O'Brien", shared))
        others = tuple([login(data, one) for one in some] for some in (altered, known, near))
        strangers = [login(data, (name, shared)) for name in STRANGERS]
        attempt.answer.sandbox.define(STOP_CLOCKS, attempt.answer.name)
        again = [login(data, ("Ada", shared)) for _ in range(2)]
    return Logins(stored, passwords, right, wrong, others[0], others[1], others[2], strangers, second, again)


def _table(stored: dict[str, Any]) -> Data:
    return {"members": [(number, *row) for number, row in enumerate(stored.items(), start=1)]}


def _stored(record: CallTrace) -> dict[str, Any]:
    """For each name what the row holds after a call."""
    return {row[1]: row[2] for row in (record.data_after or {}).get("members", ()) if len(row) == 3}


def _changed(logins: Logins, record: CallTrace) -> list[str]:
    """The members whose rows a call changed."""
    after = _stored(record)
    return [name for name, stored in logins.stored.items() if after.get(name) != stored]


def _value_of(record: CallTrace) -> Any:
    if record.raised:
        raise Mismatch(f"{record.call} to give True or False", record.raised)
    return record.value


@claim(log_in)
def accepts_right_passwords_only(logins: Logins) -> None:
    """the right password logs in, with an old row and with a new one; a wrong password and an unknown name do not"""
    for record in logins.right.values():
        if (value := _value_of(record)) is not True:
            hint = _hint_on_form(logins) if value is False else ""
            raise Mismatch(f"{record.call} to give True", f"`{value!r:.60}`", hint)
    others = (*logins.wrong, *logins.strangers, *logins.known)
    # Of wrong passwords, one may have the part of a hash that is compared by chance.
    if sum(record.value is True for record in others) > 1:
        _must_refuse_all(others)
    _must_refuse_all(logins.near, "This row's hash ends with another digit than the password's. Is all of it compared?")
    _must_refuse_all(others)
    _must_refuse_all(logins.altered, "This is nearly the password, and is not it. What is left out of it, or changed?")


def _must_refuse_all(records: Iterable[CallTrace], hint: str = "") -> None:
    for record in records:
        if (value := _value_of(record)) is not False:
            raise Mismatch(f"{record.call} to give False", f"`{value!r:.60}`", hint=hint)


def _hint_on_form(logins: Logins) -> str:
    """A hint on the rows of one form, where those of the other let their owners in."""
    failed = {name for name, record in logins.right.items() if record.value is not True}
    if failed == set(logins.right) - {"Kim"}:
        return "The one password that lets in is all in small letters. What becomes of the capitals in the others?"
    if failed == {"Ada", "Dara O'Brien", "Kim"}:
        return "The row begins with `sha256$`: how was it made?"
    if failed == {"Edgar"}:
        return "The row names its own parameters and its salt. Do you compute with those, or with others?"
    return ""


@claim(log_in, after=accepts_right_passwords_only)
def upgrades_old_rows(logins: Logins) -> None:
    """after it an old row is a new one of the same password, and lets it in again"""
    for name in ("Ada", "Dara O'Brien"):
        record = logins.right[name] if name == "Ada" else logins.second
        stored = _stored(record).get(name)
        if stored == logins.stored[name]:
            hint = "Only at this moment does the program know the password. What can it write now?"
            raise Mismatch(f"a new row for {name}", "the old one is still there", hint=hint)
        if not is_new_row(stored, logins.passwords[name]):
            raise _not_new(stored)


def _not_new(stored: Any) -> Mismatch:
    return Mismatch(
        f"`scrypt$n$r$p$salt$hash` with n of {MIN_N} and a salt of {MIN_SALT_BYTES} bytes at least, in hex",
        f"`{stored:.250}`" if isinstance(stored, str) else f"`{stored!r:.250}`",
        hint="Can this row be verified by what stands in it, and by nothing else?" if _has_sizes(stored) else "",
    )


@claim(log_in, after=upgrades_old_rows)
def salts_each_row(logins: Logins) -> None:
    """two members with the same password get different rows, and nobody can tell a salt beforehand"""
    for record in (logins.second, *logins.again):
        _value_of(record)
    ada, dara = _stored(logins.right["Ada"]).get("Ada"), _stored(logins.second).get("Dara O'Brien")
    if _salt(ada) == _salt(dara):
        raise Mismatch(
            "two different salts",
            "the same salt twice",
            hint="Whoever steals the table sees who shares a password. What is a salt for, and how often is it drawn?",
            tables=[Table("members", ("name", "stored"), [("Ada", ada), ("Dara O'Brien", dara)])],
        )
    one, other = (_salt(_stored(record).get("Ada")) for record in logins.again)
    if _salt(ada) == one:
        hint = "Ada's old row was replaced on two days, with the same salt. Is the salt drawn, or computed?"
        raise Mismatch("a salt that nobody can foresee", "the same salt once more", hint=hint)
    if one == other:
        hint = "All clocks were stopped, and the salt came out twice. Is it drawn, or read off a clock?"
        raise Mismatch("a salt that nobody can foresee", "the same salt once more", hint=hint)


def _salt(row: Any) -> str:
    return row.split("$")[4] if isinstance(row, str) and row.count("$") == 5 else ""


@claim(log_in, after=accepts_right_passwords_only)
def changes_no_other_row(logins: Logins) -> None:
    """a wrong password, a stranger and a new row change nothing, and nobody's row changes but one's own"""
    for record in (*logins.wrong, *logins.altered, *logins.known, *logins.near, *logins.strangers):
        if changed := _changed(logins, record):
            raise Mismatch(
                f"{record.call} to change nothing",
                f"the row of {changed[0]} is another one",
                hint="Somebody without the password has just set one. What must be known before a row is replaced?",
            )
    for name in ("Ines", "Edgar"):
        if _changed(logins, logins.right[name]):
            hint = "This row is a new one already. Which rows are to be replaced, and how does your code know them?"
            raise Mismatch(f"{logins.right[name].call} to change nothing", "a row is another one", hint=hint)
    others = [name for name in _changed(logins, logins.right["Ada"]) if name != "Ada"]
    if others:
        hint = "Whose row does your UPDATE reach?"
        raise Mismatch("Ada's row alone to change", f"the row of {others[0]} too", hint=hint)
