"""The sandbox: the only way in which the course runs a student's Python."""

from graders.sandbox.call import Call
from graders.sandbox.choice import best_isolation, isolations, weakness
from graders.sandbox.isolation import (
    Isolation,
    IsolationUnavailable,
    SandboxStartError,
    SandboxTimeout,
    TemporaryFailure,
    no_isolation,
)
from graders.sandbox.plain import decode, encode
from graders.sandbox.sandbox import Sandbox, SandboxedFunction
from graders.sandbox.watch import Bounds
from graders.sandbox.wires import Asked

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
