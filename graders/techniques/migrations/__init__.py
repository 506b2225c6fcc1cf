"""Migrations judged by what they do: to the schema, to the rows, in a power cut, and beside two live applications."""

from graders.techniques.migrations.catalogues import read_schema
from graders.techniques.migrations.change import HINTS, Change, Data, DatabaseState, Fault, compare_states, read_state
from graders.techniques.migrations.hazards import (
    Hazard,
    LiveChange,
    LiveDatabase,
    Shortfall,
    find_hazard,
    find_hazards,
    require_refusal,
)
from graders.techniques.migrations.migration import Migration, MigrationRun, read_migration, run_migration
from graders.techniques.migrations.rollout import (
    PlanStep,
    RowCounter,
    read_plan,
    run_timeline,
)
from graders.techniques.migrations.schema import Difference, Schema, compare_schemas
from graders.techniques.migrations.timeline import App, AppStatus, Timeline

__all__ = [
    "HINTS",
    "App",
    "AppStatus",
    "Change",
    "Data",
    "DatabaseState",
    "Difference",
    "Fault",
    "Hazard",
    "LiveChange",
    "LiveDatabase",
    "Migration",
    "MigrationRun",
    "PlanStep",
    "RowCounter",
    "Schema",
    "Shortfall",
    "Timeline",
    "compare_schemas",
    "compare_states",
    "find_hazard",
    "find_hazards",
    "require_refusal",
    "read_migration",
    "read_plan",
    "read_schema",
    "read_state",
    "run_migration",
    "run_timeline",
]
