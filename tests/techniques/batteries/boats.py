"""Rules of a boat rental, and schemas on three engines that keep them in many forms, or break one of them."""

from graders.techniques.batteries import (
    FILLED,
    BatteryExercise,
    Column,
    Day,
    Exact,
    Flag,
    Moment,
    OneOf,
    Reference,
    RowRule,
    Table,
    Text,
    Transitions,
    Unique,
    Whole,
)

KINDS = ("canoe", "kayak", "raft")
STEPS = {"booked": ("out", "cancelled"), "out": ("back",), "back": (), "cancelled": ()}


def draw_days(rng):
    """A rental of a day and a longer one."""
    day = rng.randint(10, 20)
    return [{"starts_on": f"2025-05-{day}", "ends_on": f"2025-05-{day + late}"} for late in (rng.randint(1, 8), 0)]


def draw_days_in_disorder(rng):
    """A rental that ends the day before it begins."""
    day = rng.randint(10, 20)
    return [{"starts_on": f"2025-05-{day}", "ends_on": f"2025-05-{day - 1}"}]


def leave_room(name, value):
    """A rental that begins long before, or ends long after, a day that is wrong in itself."""
    return {"ends_on": "2999-12-31"} if name == "starts_on" else {"starts_on": "1000-01-01"}


def describe(engine):
    """The rules, as far as `engine` can keep them."""
    duck = engine == "DuckDB"
    boats = Table(
        "boats",
        (
            Column("boat_id", default=FILLED),
            Column("name", Text(30)),
            Column("seats", Whole(1, 12)),
            Column("kind", OneOf(KINDS), default="canoe"),
            Column("bought_on", Day(), required=False),
            Column("retired_at", Moment(), required=False, typical=None),
        ),
        unique=(Unique(("name",), ignore_case=True),),
    )
    dead = {"retired_at": "2025-06-01 10:00:00" + ("" if engine == "SQLite" else "+00:00")}
    rentals = Table(
        "rentals",
        (
            Column("rental_id", default=FILLED),
            Column("boat_id"),
            Column("starts_on", Day()),
            Column("ends_on", Day()),
            Column("hours", Whole(1)),
            Column("rate", Whole(0) if engine == "SQLite" else Exact("0")),
            Column("total", computed=lambda row: row["hours"] * row["rate"]),
            Column("state", OneOf(tuple(STEPS))),
            Column("is_main", Flag(), typical=False),
        ),
        unique=(Unique(("boat_id",), only={"is_main": True}, others={"is_main": False}),),
        references=(Reference("boat_id", "boats", "refuse", {} if duck else dead),),
        rows=(
            RowRule(
                "that ends before it begins", ("starts_on", "ends_on"), draw_days, draw_days_in_disorder, leave_room
            ),
        ),
        transitions=() if duck else (Transitions("state", STEPS),),
        never_reused=engine == "SQLite",
    )
    extras = Table(
        "extras",
        (Column("rental_id"), Column("item", Text()), Column("note", Text(), required=False)),
        key=("rental_id", "item"),
        references=(Reference("rental_id", "rentals", "" if duck else "cascade"),),
    )
    return BatteryExercise((boats, rentals, extras), engine=engine)


COMMON = """
CREATE TABLE boats (
    boat_id ID_1,
    name TEXT NOT NULL CHECK (trim(name) <> ''),
    seats INTEGER NOT NULL CHECK (seats BETWEEN 1 AND 12),
    kind TEXT DEFAULT 'canoe' NOT NULL CHECK (kind IN ('canoe', 'kayak', 'raft')),
    bought_on DAY(bought_on),
    retired_at MOMENT(retired_at),
    CHECK (length(name) <= 30)
)END;
CREATE UNIQUE INDEX boat_names ON boats (lower(name));
CREATE TABLE rentals (
    rental_id ID_2,
    boat_id INTEGER NOT NULL REFERENCES boats (boat_id),
    starts_on DAY(starts_on) NOT NULL,
    ends_on DAY(ends_on) NOT NULL,
    hours INTEGER NOT NULL CHECK (hours > 0),
    rate MONEY NOT NULL CHECK (rate >= 0),
    total TOTAL GENERATED ALWAYS AS (hours * rate) KEPT,
    state TEXT NOT NULL CHECK (state IN ('booked', 'out', 'back', 'cancelled')),
    is_main FLAG(is_main) NOT NULL,
    CHECK (ends_on >= starts_on)
)END;
ONE_MAIN;
CREATE TABLE extras (
    rental_id INTEGER NOT NULL REFERENCES rentals (rental_id) CASCADES,
    item TEXT NOT NULL CHECK (trim(item) <> ''),
    note TEXT CHECK (trim(note) <> ''),
    PRIMARY KEY (rental_id, item)
)END;
"""
SQLITE_TRIGGERS = """
CREATE TRIGGER steps BEFORE UPDATE OF state ON rentals
WHEN (old.state, new.state) NOT IN (VALUES ('booked', 'out'), ('booked', 'cancelled'), ('out', 'back'))
BEGIN SELECT RAISE(ABORT, 'no such step'); END;
CREATE TRIGGER alive BEFORE INSERT ON rentals
WHEN (SELECT retired_at FROM boats WHERE boat_id = new.boat_id) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'this boat is retired'); END;
"""
POSTGRESQL_TRIGGERS = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no such step'; END $$;
CREATE TRIGGER steps BEFORE UPDATE OF state ON rentals FOR EACH ROW
WHEN ((old.state, new.state) NOT IN (('booked', 'out'), ('booked', 'cancelled'), ('out', 'back')))
EXECUTE FUNCTION refuse();
CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF (SELECT retired_at FROM boats WHERE boat_id = new.boat_id) IS NOT NULL THEN RAISE EXCEPTION 'retired'; END IF;
RETURN new; END $$;
CREATE TRIGGER alive BEFORE INSERT ON rentals FOR EACH ROW EXECUTE FUNCTION ask();
"""
PIECES = {
    "SQLite": [
        ("ID_1", "INTEGER PRIMARY KEY"),
        ("ID_2", "INTEGER PRIMARY KEY AUTOINCREMENT"),
        ("DAY(bought_on)", "TEXT CHECK (bought_on IS date(bought_on, '+0 days'))"),
        ("DAY(starts_on)", "TEXT CHECK (starts_on IS date(starts_on, '+0 days'))"),
        ("DAY(ends_on)", "TEXT CHECK (ends_on IS date(ends_on, '+0 days'))"),
        ("MOMENT(retired_at)", "TEXT CHECK (retired_at IS datetime(retired_at, '+0 days'))"),
        ("FLAG(is_main)", "INTEGER CHECK (is_main IN (0, 1))"),
        ("MONEY", "INTEGER"),
        ("TOTAL", "INTEGER"),
        ("KEPT", "STORED"),
        ("CASCADES", "ON DELETE CASCADE"),
        ("ONE_MAIN", "CREATE UNIQUE INDEX one_main ON rentals (boat_id) WHERE is_main"),
        (")END;", ") STRICT;"),
    ],
    "DuckDB": [
        ("ID_1", "INTEGER PRIMARY KEY DEFAULT nextval('ids')"),
        ("ID_2", "INTEGER PRIMARY KEY DEFAULT nextval('ids')"),
        ("DAY(bought_on)", "DATE"),
        ("DAY(starts_on)", "DATE"),
        ("DAY(ends_on)", "DATE"),
        ("MOMENT(retired_at)", "TIMESTAMPTZ"),
        ("FLAG(is_main)", "BOOLEAN"),
        ("MONEY", "DECIMAL(10, 2)"),
        ("TOTAL", "DECIMAL(12, 2)"),
        ("KEPT", "VIRTUAL"),
        ("CASCADES", ""),
        ("ONE_MAIN", "CREATE UNIQUE INDEX one_main ON rentals ((CASE WHEN is_main THEN boat_id END))"),
        (")END;", ");"),
    ],
    "PostgreSQL": [
        ("ID_1", "INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        ("ID_2", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        ("DAY(bought_on)", "DATE"),
        ("DAY(starts_on)", "DATE"),
        ("DAY(ends_on)", "DATE"),
        ("MOMENT(retired_at)", "TIMESTAMPTZ"),
        ("FLAG(is_main)", "BOOLEAN"),
        ("MONEY", "NUMERIC(10, 2)"),
        ("TOTAL", "NUMERIC(14, 2)"),
        ("KEPT", "STORED"),
        ("CASCADES", "ON DELETE CASCADE"),
        ("ONE_MAIN", "CREATE UNIQUE INDEX one_main ON rentals (boat_id) WHERE is_main"),
        (")END;", ");"),
    ],
}
TRIGGERS = {"SQLite": SQLITE_TRIGGERS, "DuckDB": "", "PostgreSQL": POSTGRESQL_TRIGGERS}
BEGINNINGS = {"SQLite": "", "DuckDB": "CREATE SEQUENCE ids;", "PostgreSQL": ""}


def write_schema(engine):
    """A schema that keeps every rule."""
    schema = COMMON
    for place, piece in PIECES[engine]:
        schema = schema.replace(place, piece)
    return BEGINNINGS[engine] + schema + TRIGGERS[engine]


def edit(schema, changes):
    """`schema` with each of the texts replaced; each must be there."""
    for old, new in changes:
        assert old in schema, old
        schema = schema.replace(old, new, 1)
    return schema
