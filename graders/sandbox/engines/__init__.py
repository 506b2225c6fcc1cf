"""Engines in processes of their own: a lab there is used as one here, and its death is an engine's refusal."""

from graders.sandbox.engines.engine_sandbox import EngineSandbox, isolated_engines
from graders.sandbox.engines.far_lab import far_lab

__all__ = ["EngineSandbox", "isolated_engines", "far_lab"]
