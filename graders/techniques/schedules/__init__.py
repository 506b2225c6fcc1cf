"""Schedules: what happens on a real engine when transactions run at the same time."""

from graders.techniques.schedules.anomalies import Finding, open_anomaly_lab, run_anomalies
from graders.techniques.schedules.calls import (
    CallRecord,
    Fetched,
    Invariant,
    LocalFunction,
    RunningScript,
    Script,
    Series,
    SQLScript,
    forget,
    make_script,
    observe_each,
    query_final_state,
    read_final_state,
    run_call,
    run_calls,
    start_script,
)
from graders.techniques.schedules.exploration import Exploration, explore
from graders.techniques.schedules.interleaving import run_in_order
from graders.techniques.schedules.locks import make_busy_error, meet_each_lock, retry_while_locked, take_turns
from graders.techniques.schedules.schedule import (
    Schedule,
    Step,
    record_step,
)

__all__ = [
    "CallRecord",
    "Exploration",
    "Fetched",
    "Finding",
    "Invariant",
    "LocalFunction",
    "RunningScript",
    "SQLScript",
    "Schedule",
    "Script",
    "Series",
    "Step",
    "explore",
    "forget",
    "make_busy_error",
    "make_script",
    "meet_each_lock",
    "observe_each",
    "open_anomaly_lab",
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
