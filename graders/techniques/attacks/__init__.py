"""The attack judge: a function is called as honest people and as others would, and what reaches the driver is read."""

from graders.techniques.attacks.exercise import Findings, InjectionExercise, injection_exercise, mismatch_of, probe
from graders.techniques.attacks.inputs import Data, InjectionPoint, plant_row
from graders.techniques.attacks.probing import Probe, Prober
from graders.techniques.attacks.subject import (
    ANYTHING,
    REFUSED,
    Behaviour,
    CallRecord,
    ConnectionSubject,
    OrRefused,
    SentStatement,
    Subject,
    format_call,
    rows_of,
    skeleton,
)

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
