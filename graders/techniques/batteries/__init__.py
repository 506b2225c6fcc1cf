"""Accept/reject batteries: tables judged by the rows that must enter and those that must not, grown from the rules."""

from graders.techniques.batteries.domains import (
    Day,
    Domain,
    Exact,
    Flag,
    Moment,
    OneOf,
    Sample,
    Text,
    Values,
    Whole,
    draw_word,
)
from graders.techniques.batteries.exercise import (
    GROWTH,
    BatteryExercise,
    battery_exercise,
    grow_probes,
    observe_tables,
    try_tables,
)
from graders.techniques.batteries.faults import HINTS, choose_hint, explain
from graders.techniques.batteries.probes import Probe, StoredChange
from graders.techniques.batteries.row_probes import insert_probe, update_probe
from graders.techniques.batteries.rules import (
    DRAWN,
    FILLED,
    NOTHING,
    Column,
    Reference,
    RowRule,
    Table,
    Transitions,
    Unique,
)
from graders.techniques.batteries.trials import Finding, offer_values, open_tables, try_probe
from graders.techniques.batteries.world import World

__all__ = [
    "BatteryExercise",
    "Column",
    "DRAWN",
    "Day",
    "Domain",
    "Exact",
    "FILLED",
    "Finding",
    "Flag",
    "GROWTH",
    "HINTS",
    "Moment",
    "NOTHING",
    "OneOf",
    "Probe",
    "Reference",
    "RowRule",
    "Sample",
    "StoredChange",
    "Table",
    "Text",
    "Transitions",
    "Unique",
    "Values",
    "Whole",
    "World",
    "battery_exercise",
    "choose_hint",
    "draw_word",
    "explain",
    "grow_probes",
    "insert_probe",
    "observe_tables",
    "offer_values",
    "open_tables",
    "try_probe",
    "try_tables",
    "update_probe",
]
