"""The box: the only way in which the course runs a student's Python."""

from graders.box.box import Box, BoxedFunction
from graders.box.plain import decode, encode

__all__ = ["Box", "BoxedFunction", "decode", "encode"]
