"""How long a box takes behind each wall that holds here: from nothing to the value of a first call."""

from __future__ import annotations

import os
import statistics
import time

from graders.sandbox import Box, Wall, no_wall, walls, weakness

BOXES = 200


def seconds(wall: Wall) -> float:
    """The time to start a box, define a function in it and call it once."""
    began = time.perf_counter()
    with Box(wall=wall) as box:
        box.define("def double(n):\n    return 2 * n", "double")(21)
        return time.perf_counter() - began


def main() -> None:
    """Print the median and the 95th percentile for each wall; a Python of its own, without a wall, for comparison."""
    user = "root" if os.name == "posix" and os.geteuid() == 0 else "an ordinary user"
    for wall in (*(wall for wall in walls() if not weakness(wall)), no_wall()):
        times = [seconds(wall) for _ in range(BOXES if wall.holds else BOXES // 10)]
        median, high = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        print(f"box, wall {wall.name}, {user}: median {median * 1000:.1f} ms, 95th percentile {high * 1000:.1f} ms")


if __name__ == "__main__":
    main()
