"""Claims on a revision of Alembic: judged by the database that comes out of its folder, never by its text."""

from __future__ import annotations

from graders import Mismatch, claim
from graders.labs import EngineError, Lab, in_order, open_lab
from graders.techniques.migrations import Change, Standing, standing
from graders.techniques.migrations.faults import Fault, rows_fault, schema_fault

REST = """
CREATE INDEX customers_by_name ON customers (name);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
"""
BEFORE = f"""
CREATE TABLE customers (
    customer_id INTEGER NOT NULL PRIMARY KEY,
    name        VARCHAR(80) NOT NULL,
    email       VARCHAR(80)
);
{REST}"""
AFTER = f"""
CREATE TABLE customers (
    customer_id INTEGER NOT NULL PRIMARY KEY,
    name        VARCHAR(80) NOT NULL,
    email       VARCHAR(80) NOT NULL,
    status      VARCHAR(20) NOT NULL DEFAULT 'active'
);
{REST}"""
NOBODY = "nobody@example.com"
FILLED = [(1, "Ada", "a@example.com"), (2, "Prince", None), (5, "O'Brien", "o@example.com")]
SNAPSHOTS = {
    "filled": {"customers": FILLED, "alembic_version": [("0001",)]},
    "empty": {"customers": [], "alembic_version": [("0001",)]},
}
OLD_APP = "INSERT INTO customers (customer_id, name, email) VALUES (90, 'Mei', 'm@example.com')"


def _moved(data):
    customers = [(number, name, email or NOBODY, "active") for number, name, email in data["customers"]]
    return {"customers": customers, "alembic_version": [("0002",)]}


CHANGE = Change(BEFORE, AFTER, SNAPSHOTS, _moved, loses=True)


def _migrated(migrate, image: bytes, direction: str, where: str) -> Lab:
    """A lab with the database that the function makes of `image`."""
    try:
        made = migrate(image, direction)
    except Mismatch as mismatch:
        hint = _hint(mismatch.found)
        raise Mismatch(f"{direction}grade to run on the {where} snapshot", mismatch.found, hint=hint) from None
    lab = open_lab("SQLite")
    try:
        if not isinstance(made, bytes) or not made.startswith(b"SQLite format 3"):
            raise Mismatch("`migrate` to give the database back", f"{type(made).__name__}")
        lab.load(made)
    except EngineError as error:
        raise Mismatch("a database that can be read", f"SQLite says: {error}") from None
    return lab


def _hint(found: str) -> str:
    if "CommandError" in found:
        return "Alembic goes from revision to revision along one chain. Which one does yours come behind?"
    if "IntegrityError" in found:
        return "The table has rows. Which value does a column that is NOT NULL get in them, and who says so?"
    if "OperationalError" in found or "NotImplementedError" in found:
        return "SQLite cannot change a column in place. Which context manager of Alembic rebuilds the table?"
    return ""


def _image(lab: Lab) -> bytes:
    image = lab.image()
    lab.close()
    return image


@claim("migrations-10", worth=2)
def upgrades(migrate):
    """`upgrade head` gives the schema and the rows asked for, on a table with rows and on an empty one"""
    for name in SNAPSHOTS:
        with _migrated(migrate, _image(CHANGE.opened(name)), "up", name) as lab:
            goal, there = CHANGE.goal[name], standing(lab)
            _told(schema_fault(goal, there, f"after upgrade, on the {name} snapshot"))
            _told(rows_fault(goal, there, f"after upgrade, on the {name} snapshot"))


def _told(fault: Fault | None) -> None:
    if not fault:
        return
    if fault.kind == "column changed" and "DEFAULT" in fault.found + fault.expected and "status" in fault.expected:
        hint = "`default=` is for Python's objects. Which argument puts the default into the table?"
        raise Mismatch(fault.expected, fault.found, hint=hint)
    if "alembic_version" in fault.expected:
        hint = "Alembic notes the name that a revision gives itself. What is yours called?"
        raise Mismatch(fault.expected, fault.found, hint=hint, tables=fault.tables)
    raise fault.mismatch()


@claim("migrations-10", worth=1, after=upgrades)
def the_old_application_still_writes(migrate):
    """the old application, which knows nothing of `status`, can still add a customer after it"""
    with _migrated(migrate, _image(CHANGE.opened("filled")), "up", "filled") as lab:
        told = lab.outcomes([OLD_APP, "SELECT status FROM customers WHERE customer_id = 90"])
    refused = next((outcome for outcome in told if isinstance(outcome, EngineError)), None)
    if refused or told[1].rows != [("active",)]:
        raise Mismatch("an active customer", f"SQLite says: {refused}" if refused else f"{told[1].rows}")


@claim("migrations-10", worth=1, after=upgrades)
def downgrades(migrate):
    """`downgrade -1` gives the old schema back, keeps every customer, and `upgrade head` runs once more"""
    for name in SNAPSHOTS:
        image = _image(_migrated(migrate, _image(CHANGE.opened(name)), "up", name))
        with _migrated(migrate, image, "down", name) as lab:
            there, image = standing(lab), lab.image()
        if fault := schema_fault(CHANGE.start[name], there, f"after downgrade, on the {name} snapshot"):
            hint = "Downgrade takes back every change of upgrade. Which one is left?"
            raise Mismatch(fault.expected, fault.found, hint=hint)
        _told(rows_fault(_taken_back(there, name), there, f"after downgrade, on the {name} snapshot"))
        _migrated(migrate, image, "up", name).close()


def _taken_back(there: Standing, name: str) -> Standing:
    """What has to stand `there`: the customers of the snapshot, with the e-mails that upgrade gave them."""
    kept = [(number, email or NOBODY, called) for number, called, email in SNAPSHOTS[name]["customers"]]
    customers = ("customer_id", "email", "name"), tuple(in_order(kept))
    return Standing(
        there.schema, {"customers": customers, "alembic_version": CHANGE.start[name].rows["alembic_version"]}
    )
