"""The box: the only way in which the course runs a student's Python."""

from graders.box.box import Box, BoxedFunction
from graders.box.call import Call
from graders.box.choice import best_wall, walls, weakness
from graders.box.plain import decode, encode
from graders.box.wall import Late, NoBox, NotNow, NoWall, Wall, no_wall
from graders.box.watch import Bounds
from graders.box.wires import Asked

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
