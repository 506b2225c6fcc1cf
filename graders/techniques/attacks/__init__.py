"""The attack judge: a function is called as honest people and as others would, and what reaches the driver is read."""

from graders.techniques.attacks.behaviour import (
    ANYTHING,
    REFUSED,
    Behaviour,
    Data,
    InjectionPoint,
    OrRefused,
    plant_row,
    rows_of,
)
from graders.techniques.attacks.exercise import Findings, InjectionExercise, injection_exercise, probe
from graders.techniques.attacks.explanation import mismatch_of
from graders.techniques.attacks.probing import Probe, Prober
from graders.techniques.attacks.statements import skeleton
from graders.techniques.attacks.subject import CallRecord, ConnectionSubject, SentStatement, Subject, format_call

__all__ = [
    "ANYTHING",
    "REFUSED",
    "Behaviour",
    "CallRecord",
    "ConnectionSubject",
    "Data",
    "Findings",
    "InjectionExercise",
    "InjectionPoint",
    "OrRefused",
    "Probe",
    "Prober",
    "SentStatement",
    "Subject",
    "format_call",
    "injection_exercise",
    "mismatch_of",
    "plant_row",
    "probe",
    "rows_of",
    "skeleton",
]
