"""Locks this process as a plan says and then becomes another program, which stays behind the same locks.

It is started as a script, with the plan as JSON and the program's words: it may import nothing of the course.
"""

import json
import os
import pathlib
import runpy
import sys

HERE = pathlib.Path(__file__).parent


def main(plan, *words):
    """Lock, and become the program; if a lock does not hold, say why in a line and end."""
    locks, seccomp = (runpy.run_path(str(HERE / name)) for name in ("locks.py", "seccomp.py"))
    try:
        locks["lock"](json.loads(plan), seccomp)
        os.execv(words[0], words)
    except Exception as error:
        print(json.dumps({"refused": f"{type(error).__name__}: {error}"[:300]}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
