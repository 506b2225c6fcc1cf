"""The attack judge: a function is called as honest people and as others would, and what reaches the driver is read."""

from graders.techniques.attacks.asked import attacks_asked
from graders.techniques.attacks.behaviour import ANYTHING, REFUSED, Behaviour, OrRefused, Slot
from graders.techniques.attacks.judging import Called, Finding, Trial
from graders.techniques.attacks.on_wire import OnWire
from graders.techniques.attacks.reads import Reader
from graders.techniques.attacks.skeleton import skeleton
from graders.techniques.attacks.subject import Data, Seen, Sent, Subject
from graders.techniques.attacks.telling import mismatch_of

__all__ = [
    "ANYTHING",
    "REFUSED",
    "Behaviour",
    "Called",
    "Data",
    "Finding",
    "OnWire",
    "OrRefused",
    "Reader",
    "Seen",
    "Sent",
    "Slot",
    "Subject",
    "Trial",
    "attacks_asked",
    "mismatch_of",
    "skeleton",
]
