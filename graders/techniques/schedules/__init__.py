"""Schedules: what happens on a real engine when transactions run at the same time, and the theory of it."""

from graders.techniques.schedules.anomalies import Finding, open_anomaly_lab, run_anomalies
from graders.techniques.schedules.calls import (
    CallRecord,
    Invariant,
    Series,
    observe_each,
    query_final_state,
    read_final_state,
    run_call,
    run_calls,
)
from graders.techniques.schedules.conflict_graphs import ConflictGraph, Edge, build_conflict_graph, parse_history
from graders.techniques.schedules.exploring import Exploration, explore
from graders.techniques.schedules.interleaving import retry_while_locked, run_in_order, take_turns
from graders.techniques.schedules.schedule import Schedule, Step, record_step
from graders.techniques.schedules.scripts import Player, Script, SQLScript, make_script, start_script

__all__ = [
    "CallRecord",
    "ConflictGraph",
    "Edge",
    "Exploration",
    "Finding",
    "Invariant",
    "Player",
    "SQLScript",
    "Schedule",
    "Script",
    "Series",
    "Step",
    "build_conflict_graph",
    "explore",
    "make_script",
    "observe_each",
    "open_anomaly_lab",
    "parse_history",
    "query_final_state",
    "read_final_state",
    "record_step",
    "retry_while_locked",
    "run_anomalies",
    "run_call",
    "run_calls",
    "run_in_order",
    "start_script",
    "take_turns",
]
