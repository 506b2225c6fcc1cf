"""Claims on a login that verifies old and new password rows, and replaces an old one when its owner comes by."""

from __future__ import annotations

import hashlib
from typing import Any

from graders import Mismatch, claim
from graders.kernel.randomness import drawing
from graders.kernel.report import Table
from graders.techniques.attacks import OnWire, Seen
from graders.techniques.attacks.subject import Data

SCHEMA = "CREATE TABLE members (member_id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, stored VARCHAR NOT NULL);"
LEAST_N, LEAST_SALT, LEAST_HASH = 4096, 16, 32
# What we compute ourselves to verify a row: some seconds at most.
MOST_WORK = 2**21
STRANGERS = (
    "nobody",
    "O'Brien",
    "",
    "' OR 1=1 -- ",
    "Ada' -- ",
    "x' UNION SELECT name, stored FROM members -- ",
    "Ad_",
)


def old_row(password: str) -> str:
    """How the shop stored a password before: a bare SHA-256."""
    return "sha256$" + hashlib.sha256(password.encode()).hexdigest()


def new_row(password: str, n: int = LEAST_N, salt: bytes | None = None) -> str:
    """How it stores one now: scrypt with its parameters, a salt, and the hash."""
    salt = salt or drawing().randbytes(LEAST_SALT)
    return f"scrypt${n}$8$1${salt.hex()}${_scrypt(password, salt, n, 8, 1)}"


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int, length: int = 64) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=2**26, dklen=length).hex()


def lets_in(stored: str, password: str) -> bool:
    """Whether a row in the new form is one of `password`, with a salt and an N of the least size asked for."""
    try:
        kind, *numbers, salt, found = stored.split("$")
        n, r, p = map(int, numbers)
        asked = kind == "scrypt" and n >= LEAST_N and min(r, p) > 0 and len(salt) >= 2 * LEAST_SALT
        length = max(len(found) // 2, LEAST_HASH)
        return asked and n * r * p <= MOST_WORK and found == _scrypt(password, bytes.fromhex(salt), n, r, p, length)
    except (ValueError, TypeError, MemoryError, OverflowError, AttributeError):
        return False


def _word() -> str:
    return drawing().randbytes(4).hex()


class Shop:
    """Members with known passwords: Ada and Dara have old rows of the same password, the others new ones."""

    def __init__(self):
        self.shared, self.other = _word(), "naïve & " + _word()
        rows = (("Ada", old_row(self.shared)), ("Dara O'Brien", old_row(self.shared)))
        rows += (("Ines", new_row(self.other)), ("Edgar", new_row(self.shared, 1024)), ("Fatima", old_row(self.other)))
        self.data: Data = {"members": [(number, *row) for number, row in enumerate(rows, start=1)]}
        self.passwords = {"Ada": self.shared, "Dara O'Brien": self.shared, "Ines": self.other, "Edgar": self.shared}

    def stored(self, name: str) -> str:
        """What stands in the row of `name` before anybody has logged in."""
        return next(row[2] for row in self.data["members"] if row[1] == name)


def _logged_in(subject: OnWire, data: Data, name: str, password: str) -> Seen:
    seen = subject(data, (name, password))
    if seen.raised:
        raise Mismatch(f"{subject.said((name, password))} to give True or False", seen.raised)
    return seen


@claim("injection-12")
def lets_the_right_ones_in(login):
    """the right password logs in, with an old row and with a new one; a wrong password and an unknown name do not"""
    shop = Shop()
    with OnWire(login, SCHEMA) as subject:
        for name, password in shop.passwords.items():
            if _logged_in(subject, shop.data, name, password).value is not True:
                raise Mismatch(f"{subject.said((name, password))} to give True", "it does not", hint=_why(shop, name))
            if _logged_in(subject, shop.data, name, password + "x").value is not False:
                raise Mismatch(f"a wrong password of {name} to give False", "it does not")
        for name in STRANGERS:
            seen = _logged_in(subject, shop.data, name, shop.shared)
            if seen.value is not False:
                raise Mismatch(f"{subject.said((name, shop.shared))} to give False", "it logs in")


def _why(shop: Shop, name: str) -> str:
    if shop.stored(name).startswith("sha256"):
        return "The row begins with `sha256$`: how was it made?"
    return "The row names its own parameters and its salt. Do you compute with those, or with others?"


@claim("injection-12", after=lets_the_right_ones_in)
def replaces_an_old_row(login):
    """after it an old row is a new one of the same password, and lets it in again"""
    shop = Shop()
    with OnWire(login, SCHEMA) as subject:
        after = _rows(_logged_in(subject, shop.data, "Ada", shop.shared))
        stored = after.get("Ada")
        if stored == shop.stored("Ada"):
            hint = "Only at this moment does the program know the password. What can it write now?"
            raise Mismatch("a new row for Ada", "the old one is still there", hint)
        if not lets_in(stored, shop.shared):
            raise Mismatch(
                f"`scrypt$n$r$p$salt$hash` with n of {LEAST_N} and a salt of {LEAST_SALT} bytes at least, in hex",
                f"`{stored:.100}`" if isinstance(stored, str) else f"`{stored!r:.100}`",
                hint="Can this row be verified by what stands in it, and by nothing else?",
            )


@claim("injection-12", after=replaces_an_old_row)
def salts_each_row(login):
    """two members with the same password get different rows, and nobody can tell a salt beforehand"""
    shop = Shop()
    with OnWire(login, SCHEMA) as subject:
        first = _logged_in(subject, shop.data, "Ada", shop.shared).after
        rows = _rows(_logged_in(subject, first, "Dara O'Brien", shop.shared))
        again = _rows(_logged_in(subject, shop.data, "Ada", shop.shared))
    if rows.get("Ada") == rows.get("Dara O'Brien"):
        raise Mismatch(
            "two different rows",
            "the same row twice",
            hint="Whoever steals the table sees who shares a password. What is a salt for, and how often is it drawn?",
            tables=[Table("members", ("name", "stored"), [(name, rows.get(name)) for name in ("Ada", "Dara O'Brien")])],
        )
    if rows.get("Ada") == again.get("Ada"):
        hint = "Ada's old row was replaced on two days, by the same new one. Is the salt drawn, or computed?"
        raise Mismatch("a row that nobody can foresee", "the same row once more", hint=hint)


@claim("injection-12", after=lets_the_right_ones_in)
def touches_nothing_else(login):
    """a wrong password and a stranger change nothing, and nobody's row changes but one's own"""
    shop = Shop()
    with OnWire(login, SCHEMA) as subject:
        for name in ("Ada", *STRANGERS):
            after = _rows(_logged_in(subject, shop.data, name, "wrong"))
            if changed := _changed(shop, after):
                raise Mismatch(
                    f"{subject.said((name, 'wrong'))} to change nothing",
                    f"the row of {changed[0]} is another one",
                    hint="Somebody without the password has just set one. What must be known before a row is replaced?",
                )
        after = _rows(_logged_in(subject, shop.data, "Ada", shop.shared))
        if strangers := [name for name in _changed(shop, after) if name != "Ada"]:
            raise Mismatch(
                "Ada's row alone to change", f"the row of {strangers[0]} too", hint="Whose row does your UPDATE reach?"
            )


def _rows(seen: Seen) -> dict[str, Any]:
    return {row[1]: row[2] for row in (seen.after or {}).get("members", []) if len(row) == 3}


def _changed(shop: Shop, after: dict[str, Any]) -> list[str]:
    return [row[1] for row in shop.data["members"] if after.get(row[1]) != row[2]]
