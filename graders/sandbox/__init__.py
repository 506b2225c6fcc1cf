"""The box: the only way in which the course runs a student's Python."""

from graders.sandbox.box import Box, BoxedFunction
from graders.sandbox.call import Call
from graders.sandbox.choice import best_wall, walls, weakness
from graders.sandbox.plain import decode, encode
from graders.sandbox.wall import NoBox, NoWall, Wall, no_wall
from graders.sandbox.wires import Asked

__all__ = [
    "Asked",
    "Box",
    "BoxedFunction",
    "Call",
    "NoBox",
    "NoWall",
    "Wall",
    "best_wall",
    "decode",
    "encode",
    "no_wall",
    "walls",
    "weakness",
]
