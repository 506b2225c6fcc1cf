"""Migrations judged by what they do: to the schema, to the rows, under a power cut, and under two live applications."""

from graders.techniques.migrations.applications import App
from graders.techniques.migrations.changes import Change, Standing, standing
from graders.techniques.migrations.faults import Fault
from graders.techniques.migrations.judging import faults, torn_by_a_cut, wrong_after_down, wrong_after_up
from graders.techniques.migrations.plans import PlanStep, steps_of
from graders.techniques.migrations.reading import read_schema
from graders.techniques.migrations.schema import Difference, Schema, difference
from graders.techniques.migrations.texts import Migration, read_migration
from graders.techniques.migrations.timeline import Tick, Timeline
from graders.techniques.migrations.traffic import run_timeline

__all__ = [
    "App",
    "Change",
    "Difference",
    "Fault",
    "Migration",
    "PlanStep",
    "Schema",
    "Standing",
    "Tick",
    "Timeline",
    "difference",
    "faults",
    "read_migration",
    "read_schema",
    "run_timeline",
    "standing",
    "steps_of",
    "torn_by_a_cut",
    "wrong_after_down",
    "wrong_after_up",
]
