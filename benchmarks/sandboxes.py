"""How long a sandbox takes in each isolation that holds here: from nothing to the value of a first call."""

from __future__ import annotations

import os
import statistics
import time

from graders.sandbox import Isolation, Sandbox, isolations, no_isolation, weakness

SANDBOXES = 200


def seconds(isolation: Isolation) -> float:
    """The time to start a sandbox, define a function in it and call it once."""
    began = time.perf_counter()
    with Sandbox(isolation=isolation) as sandbox:
        sandbox.define("def double(n):\n    return 2 * n", "double")(21)
        return time.perf_counter() - began


def main() -> None:
    """Print the median and the 95th percentile for each isolation and, to compare, for a Python without isolation."""
    user = "root" if os.name == "posix" and os.geteuid() == 0 else "an ordinary user"
    for isolation in (*(isolation for isolation in isolations() if not weakness(isolation)), no_isolation()):
        times = [seconds(isolation) for _ in range(SANDBOXES if isolation.is_strict else SANDBOXES // 10)]
        median, high = statistics.median(times), statistics.quantiles(times, n=20)[-1]
        median_ms, high_ms = median * 1000, high * 1000
        print(f"{isolation.name}, {user}: median {median_ms:.1f} ms, 95th percentile {high_ms:.1f} ms")


if __name__ == "__main__":
    main()
