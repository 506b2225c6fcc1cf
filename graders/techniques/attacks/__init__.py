"""The attack judge: a function is called as honest people and as others would, and what reaches the driver is read."""

from graders.techniques.attacks.exercise import (
    Findings,
    InjectionExercise,
    explain_probe,
    injection_exercise,
    probe,
)
from graders.techniques.attacks.hints import A_NAME, BACKSLASH, DOUBLED, HARMLESS, IN_QUOTES
from graders.techniques.attacks.inputs import Data, InjectionPoint, plant_row
from graders.techniques.attacks.probing import Probe, Prober
from graders.techniques.attacks.sent_statements import SentStatement, columns_read, skeleton
from graders.techniques.attacks.subject import (
    ANYTHING,
    REFUSED,
    Behaviour,
    CallTrace,
    ConnectionSubject,
    InOrder,
    OrRefused,
    Subject,
    format_call,
    read_rows,
    same_rows,
)

__all__ = [
    "ANYTHING",
    "A_NAME",
    "BACKSLASH",
    "DOUBLED",
    "HARMLESS",
    "IN_QUOTES",
    "REFUSED",
    "Behaviour",
    "CallTrace",
    "ConnectionSubject",
    "Data",
    "Findings",
    "InjectionExercise",
    "InjectionPoint",
    "InOrder",
    "OrRefused",
    "Probe",
    "Prober",
    "SentStatement",
    "Subject",
    "columns_read",
    "format_call",
    "injection_exercise",
    "explain_probe",
    "plant_row",
    "probe",
    "read_rows",
    "same_rows",
    "skeleton",
]
