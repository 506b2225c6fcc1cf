"""The attack judge: a function is called as honest people and as others would, and what reaches the driver is read."""

from graders.techniques.attacks.behaviour import (
    ANYTHING,
    REFUSED,
    Behaviour,
    Data,
    InjectionPoint,
    OrRefused,
    plant_row,
)
from graders.techniques.attacks.exercise import Findings, InjectionExercise, injection_exercise, probe
from graders.techniques.attacks.explanation import mismatch_of
from graders.techniques.attacks.probing import Finding, Prober
from graders.techniques.attacks.statements import DIALECTS, is_value, skeleton, tokens_of
from graders.techniques.attacks.subject import CallRecord, ConnectionSubject, SentStatement, Subject, format_call

__all__ = [
    "ANYTHING",
    "DIALECTS",
    "REFUSED",
    "Behaviour",
    "CallRecord",
    "ConnectionSubject",
    "Data",
    "Finding",
    "Findings",
    "InjectionExercise",
    "InjectionPoint",
    "OrRefused",
    "Prober",
    "SentStatement",
    "Subject",
    "format_call",
    "injection_exercise",
    "is_value",
    "mismatch_of",
    "plant_row",
    "probe",
    "skeleton",
    "tokens_of",
]
