"""Schemas that break one rule, as changes to the one in `boats`, each with the claim that must tell it and where."""

# What looks like a date, and need not be one.
FORM = "GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"
ROW = "a row in order is refused"
COMMON = {
    "no NOT NULL on name": ("missing", "boats.name", [("name TEXT NOT NULL", "name TEXT")]),
    "no check of blanks": ("values", "boats.name", [("CHECK (trim(name) <> '')", "")]),
    "a check that takes spaces": ("values", "boats.name", [("trim(name) <> ''", "name <> ''")]),
    "any length": ("values", "boats.name", [("CHECK (length(name) <= 30)", "CHECK (seats > 0)")]),
    "a letter too few": ("values", "boats.name", [("length(name) <= 30", "length(name) < 30")]),
    "a letter too many": ("values", "boats.name", [("length(name) <= 30", "length(name) <= 31")]),
    "no NOT NULL on seats": ("missing", "boats.seats", [("seats INTEGER NOT NULL", "seats INTEGER")]),
    "no seats": ("values", "boats.seats", [("BETWEEN 1 AND 12", "BETWEEN 0 AND 12")]),
    "thirteen seats": ("values", "boats.seats", [("BETWEEN 1 AND 12", "BETWEEN 1 AND 13")]),
    "not one seat": ("values", "boats.seats", [("BETWEEN 1 AND 12", "BETWEEN 2 AND 12")]),
    "not twelve seats": ("values", "boats.seats", [("BETWEEN 1 AND 12", "BETWEEN 1 AND 11")]),
    "any number of seats": ("values", "boats.seats", [("CHECK (seats BETWEEN 1 AND 12)", "")]),
    "no default": ("defaults", "boats.kind", [("DEFAULT 'canoe' ", "")]),
    "another default": ("defaults", "boats.kind", [("DEFAULT 'canoe' ", "DEFAULT 'raft' ")]),
    "NULL beats the default": ("missing", "boats.kind", [("DEFAULT 'canoe' NOT NULL", "DEFAULT 'canoe'")]),
    "any kind": ("values", "boats.kind", [("CHECK (kind IN ('canoe', 'kayak', 'raft'))", "")]),
    "a kind too few": ("values", "boats.kind", [("'kayak', 'raft'", "'kayak'")]),
    "kinds in any case": ("values", "boats.kind", [("(kind IN", "(lower(kind) IN")]),
    "always bought": (
        "missing",
        "boats.bought_on",
        [("length(name) <= 30", "length(name) <= 30 AND bought_on IS NOT NULL")],
    ),
    "names twice": ("keys", "boats (name)", [("CREATE UNIQUE INDEX boat_names", "CREATE INDEX boat_names")]),
    "names twice in other letters": ("keys", "boats (name)", [("(lower(name))", "(name)")]),
    "names twice with other seats": ("keys", "boats (name)", [("(lower(name))", "(lower(name), seats)")]),
    "orphan rentals": ("references", "rentals.boat_id", [("NOT NULL REFERENCES boats (boat_id)", "NOT NULL")]),
    "rentals of nothing": ("missing", "rentals.boat_id", [("boat_id INTEGER NOT NULL", "boat_id INTEGER")]),
    "no NOT NULL on hours": ("missing", "rentals.hours", [("hours INTEGER NOT NULL", "hours INTEGER")]),
    "no hours": ("values", "rentals.hours", [("hours > 0", "hours >= 0")]),
    "not one hour": ("values", "rentals.hours", [("hours > 0", "hours > 1")]),
    "never for nothing": ("values", "rentals.rate", [("rate >= 0", "rate > 0")]),
    "a negative rate": ("values", "rentals.rate", [("CHECK (rate >= 0)", "")]),
    "another total": ("computed", "rentals.total", [("(hours * rate)", "(hours + rate)")]),
    "any state": ("values", "rentals.state", [("CHECK (state IN ('booked', 'out', 'back', 'cancelled'))", "")]),
    "never on one day": (
        "rows",
        "rentals: that ends before it begins",
        [("ends_on >= starts_on", "ends_on > starts_on")],
    ),
    "an end before the beginning": (
        "rows",
        "rentals: that ends before it begins",
        [("CHECK (ends_on >= starts_on)", "CHECK (hours > 0)")],
    ),
    "many main rentals": ("keys", "rentals (boat_id)", [("CREATE UNIQUE INDEX one_main", "CREATE INDEX one_main")]),
    "extras twice": ("keys", "extras (rental_id, item)", [("PRIMARY KEY (rental_id, item)", "CHECK (item <> '')")]),
    "one extra a rental": (
        "keys",
        "extras (rental_id, item)",
        [("PRIMARY KEY (rental_id, item)", "PRIMARY KEY (rental_id)")],
    ),
    "one rental an extra": (
        "keys",
        "extras (rental_id, item)",
        [("PRIMARY KEY (rental_id, item)", "PRIMARY KEY (item)")],
    ),
    "blank extras": ("values", "extras.item", [("CHECK (trim(item) <> '')", "")]),
    "always a note": ("missing", "extras.note", [("note TEXT CHECK", "note TEXT NOT NULL CHECK")]),
    "blank notes": ("values", "extras.note", [("CHECK (trim(note) <> '')", "")]),
    "orphan extras": (
        "references",
        "extras.rental_id",
        [("REFERENCES rentals (rental_id)", ""), ("ON DELETE CASCADE", "")],
    ),
    "one rental a boat": (
        ROW,
        "rentals",
        [("CHECK (ends_on >= starts_on)", "CHECK (ends_on >= starts_on), UNIQUE (boat_id)")],
    ),
    "a column that nobody fills": (ROW, "boats", [("seats INTEGER", "owner TEXT NOT NULL, seats INTEGER")]),
}
OWN = {
    "SQLite": {
        "a state too few": ("transitions", "rentals.state", [(", 'cancelled'))", "))")]),
        "texts for numbers": (
            "values",
            "boats.seats",
            [
                (") STRICT;\nCREATE UNIQUE INDEX boat", ");\nCREATE UNIQUE INDEX boat"),
                ("BETWEEN 1 AND 12", "IN (1, 12) OR seats > 1 AND seats NOT IN (13)"),
            ],
        ),
        "days that are none": (
            "values",
            "boats.bought_on",
            [
                (
                    "bought_on IS date(bought_on, '+0 days')",
                    "bought_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'",
                )
            ],
        ),
        "rentals from days that are none": (
            "values",
            "rentals.starts_on",
            [
                (
                    "starts_on IS date(starts_on, '+0 days')",
                    "starts_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'",
                )
            ],
        ),
        "rentals until any word": (
            "values",
            "rentals.ends_on",
            [("ends_on IS date(ends_on, '+0 days')", "ends_on = date(ends_on, '+0 days')")],
        ),
        "any text for a moment": (
            "values",
            "boats.retired_at",
            [("CHECK (retired_at IS datetime(retired_at, '+0 days'))", "")],
        ),
        "ids of NULL": (
            ROW,
            "boats",
            [("boat_id INTEGER PRIMARY KEY", "boat_id INT PRIMARY KEY DEFAULT NULL"), (") STRICT;", ");")],
        ),
        "numbers that come back": ("keys", "rentals (rental_id)", [(" AUTOINCREMENT", "")]),
        "repeated names replace": (
            "keys",
            "boats (name)",
            [
                ("CHECK (trim(name) <> '')", "COLLATE NOCASE UNIQUE ON CONFLICT REPLACE CHECK (trim(name) <> '')"),
                ("CREATE UNIQUE INDEX", "CREATE INDEX"),
            ],
        ),
        "repeated names are ignored": (
            "keys",
            "boats (name)",
            [
                ("CHECK (trim(name) <> '')", "COLLATE NOCASE UNIQUE ON CONFLICT IGNORE CHECK (trim(name) <> '')"),
                ("CREATE UNIQUE INDEX", "CREATE INDEX"),
            ],
        ),
        "rentals that go with the boat": (
            "deletions",
            "rentals.boat_id",
            [("REFERENCES boats (boat_id)", "REFERENCES boats ON DELETE CASCADE")],
        ),
        "extras that keep a rental": ("deletions", "extras.rental_id", [("ON DELETE CASCADE", "")]),
        "any step": ("transitions", "rentals.state", [("('out', 'back'))", "('out', 'back')) AND 0")]),
        "a step too few": ("transitions", "rentals.state", [("('booked', 'cancelled'), ", "")]),
        "a step too many": (
            "transitions",
            "rentals.state",
            [("('out', 'back'))", "('out', 'back'), ('back', 'out'))")],
        ),
        "rentals of retired boats": ("references", "rentals.boat_id", [("IS NOT NULL\nBEGIN", "= 'never'\nBEGIN")]),
        "a total of anybody's": ("computed", "rentals.total", [("GENERATED ALWAYS AS (hours * rate) STORED", "")]),
        "other numbers for true": ("values", "rentals.is_main", [("CHECK (is_main IN (0, 1))", "")]),
        "rules for INSERT only": (
            "values",
            "boats.seats",
            [
                ("CHECK (seats BETWEEN 1 AND 12)", ""),
                (
                    "CREATE TRIGGER steps",
                    "CREATE TRIGGER seats BEFORE INSERT ON boats WHEN new.seats NOT BETWEEN 1 AND 12"
                    " BEGIN SELECT RAISE(ABORT, 'no'); END; CREATE TRIGGER steps",
                ),
            ],
        ),
    },
    "DuckDB": {
        "a state too few": ("values", "rentals.state", [(", 'cancelled'))", "))")]),
        "text for days": ("values", "boats.bought_on", [("bought_on DATE", "bought_on TEXT")]),
        "moments without a zone": ("values", "boats.retired_at", [("TIMESTAMPTZ", "TIMESTAMP")]),
        "money that is near": (
            "values",
            "rentals.rate",
            [("rate DECIMAL(10, 2)", "rate DOUBLE"), ("total DECIMAL(12, 2)", "total DOUBLE")],
        ),
        "text for numbers": (
            "values",
            "boats.seats",
            [("seats INTEGER NOT NULL CHECK (seats BETWEEN 1 AND 12)", "seats TEXT NOT NULL")],
        ),
        "fractions of seats": ("values", "boats.seats", [("seats INTEGER", "seats DOUBLE")]),
        "no numbers": (
            ROW,
            "boats",
            [("boat_id INTEGER PRIMARY KEY DEFAULT nextval('ids')", "boat_id INTEGER PRIMARY KEY")],
        ),
        "a total of anybody's": ("computed", "rentals.total", [("GENERATED ALWAYS AS (hours * rate) VIRTUAL", "")]),
        "text for true": (
            "values",
            "rentals.is_main",
            [("is_main BOOLEAN", "is_main TEXT"), ("WHEN is_main THEN", "WHEN is_main = 'true' THEN")],
        ),
    },
    "PostgreSQL": {
        "a state too few": ("transitions", "rentals.state", [(", 'cancelled'))", "))")]),
        "text for days": ("values", "boats.bought_on", [("bought_on DATE", "bought_on TEXT")]),
        "moments without a zone": ("values", "boats.retired_at", [("TIMESTAMPTZ", "TIMESTAMP")]),
        "money that is near": (
            "values",
            "rentals.rate",
            [("rate NUMERIC(10, 2)", "rate DOUBLE PRECISION"), ("total NUMERIC(14, 2)", "total DOUBLE PRECISION")],
        ),
        "money in whole units": ("values", "rentals.rate", [("rate NUMERIC(10, 2)", "rate BIGINT")]),
        "text for numbers": (
            ROW,
            "boats",
            [("seats INTEGER NOT NULL CHECK (seats BETWEEN 1 AND 12)", "seats BYTEA NOT NULL")],
        ),
        "fractions of seats": ("values", "boats.seats", [("seats INTEGER", "seats REAL")]),
        "no numbers": (ROW, "boats", [("GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "PRIMARY KEY")]),
        "rentals that go with the boat": (
            "deletions",
            "rentals.boat_id",
            [("REFERENCES boats (boat_id)", "REFERENCES boats ON DELETE CASCADE")],
        ),
        "extras that keep a rental": ("deletions", "extras.rental_id", [("ON DELETE CASCADE", "")]),
        "any step": ("transitions", "rentals.state", [("('out', 'back')))", "('out', 'back')) AND false)")]),
        "a step too few": ("transitions", "rentals.state", [("('booked', 'cancelled'), ", "")]),
        "rentals of retired boats": ("references", "rentals.boat_id", [("IS NOT NULL THEN", "= 'epoch' THEN")]),
        "a total of anybody's": ("computed", "rentals.total", [("GENERATED ALWAYS AS (hours * rate) STORED", "")]),
    },
}
# Where a foreign key has no action, there is none to drop.
FAULTY = {
    engine: {
        **{
            name: (claim, rule, [each for each in changes if each[0] != "ON DELETE CASCADE" or engine != "DuckDB"])
            for name, (claim, rule, changes) in COMMON.items()
        },
        **own,
    }
    for engine, own in OWN.items()
}
