"""The sandbox: the only way in which the course runs a student's Python."""

from graders.sandbox.calls import Asked, Call
from graders.sandbox.choose_isolation import best_isolation, isolations, weakness
from graders.sandbox.isolation import (
    Isolation,
    IsolationUnavailable,
    SandboxStartError,
    SandboxTimeout,
    TemporaryFailure,
    no_isolation,
)
from graders.sandbox.plain_data import decode, encode
from graders.sandbox.sandbox import Sandbox, SandboxedFunction
from graders.sandbox.watchdog import Bounds

__all__ = [
    "Asked",
    "Bounds",
    "Sandbox",
    "SandboxedFunction",
    "Call",
    "Late",
    "SandboxStartError",
    "SandboxTimeout",
    "TemporaryFailure",
    "IsolationUnavailable",
    "Isolation",
    "best_isolation",
    "decode",
    "encode",
    "no_isolation",
    "isolations",
    "weakness",
]
