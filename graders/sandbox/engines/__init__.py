"""Engines in processes of their own: a lab there is used as one here, and its death is an engine's refusal."""

from graders.sandbox.engines.engine_box import EngineBox, engines_behind
from graders.sandbox.engines.far_lab import far_lab

__all__ = ["EngineBox", "engines_behind", "far_lab"]
