"""Crashes: a script cut off before each of its statements, and what the database then recovers."""

from graders.techniques.crashes.sweep import Cut, Sweep, sweep_crashes

__all__ = ["Cut", "Sweep", "sweep_crashes"]
