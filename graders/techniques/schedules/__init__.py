"""Schedules: what happens on a real engine when transactions run at the same time, and the theory of it."""

from graders.techniques.schedules.exploring import Exploration, explore
from graders.techniques.schedules.running import run_in_order
from graders.techniques.schedules.schedule import Schedule, Step
from graders.techniques.schedules.scripts import Called, Script, Statements, called

__all__ = [
    "Called",
    "Exploration",
    "Schedule",
    "Script",
    "Statements",
    "Step",
    "called",
    "explore",
    "run_in_order",
]
