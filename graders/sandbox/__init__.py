"""The sandbox: the only way in which the course runs what students wrote."""

from graders.sandbox.calls import Call
from graders.sandbox.choose_isolation import best_isolation, isolations, weakness
from graders.sandbox.errors import (
    Failure,
    IsolationUnavailable,
    SandboxError,
    SandboxStartError,
    SandboxTimeout,
    TemporaryFailure,
)
from graders.sandbox.isolation import Isolation, no_isolation
from graders.sandbox.limits import PYTHON_BOUNDS, RUNTIME_BOUNDS, Bounds
from graders.sandbox.plain_data import decode, encode
from graders.sandbox.sandbox import Sandbox, SandboxedFunction
from graders.sandbox.student_statements import Request

__all__ = [
    "PYTHON_BOUNDS",
    "RUNTIME_BOUNDS",
    "Bounds",
    "Call",
    "Failure",
    "Isolation",
    "IsolationUnavailable",
    "Request",
    "Sandbox",
    "SandboxError",
    "SandboxStartError",
    "SandboxTimeout",
    "SandboxedFunction",
    "TemporaryFailure",
    "best_isolation",
    "decode",
    "encode",
    "isolations",
    "no_isolation",
    "weakness",
]
