"""The box: the only way in which the course runs a student's Python."""

from graders.sandbox.box import Box, BoxedFunction
from graders.sandbox.call import Call
from graders.sandbox.choice import best_wall, walls, weakness
from graders.sandbox.plain import decode, encode
from graders.sandbox.wall import Late, NoBox, NotNow, NoWall, Wall, no_wall
from graders.sandbox.watch import Bounds
from graders.sandbox.wires import Asked

__all__ = [
    "Asked",
    "Bounds",
    "Box",
    "BoxedFunction",
    "Call",
    "Late",
    "NoBox",
    "NotNow",
    "NoWall",
    "Wall",
    "best_wall",
    "decode",
    "encode",
    "no_wall",
    "walls",
    "weakness",
]
