"""Run as a script by the kill test: grades a class in a fork of itself, again and again, and kills the fork.

A fresh interpreter would spend most of its life on imports, and most kills would hit those. Nothing of ours is
imported above, because every worker that is spawned imports this file too.
"""

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path


def start(submitted: Path, out: Path) -> int:
    """Begin to grade in a process group of its own and give its id."""
    from graders.course.course import Course
    from graders.grading.grade_class import grade_class

    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        grade_class(Course.at(Path.cwd()), "kill test", submitted, out, jobs=2)
        os._exit(0)
    return child


def main(submitted: Path, undisturbed: Path, disturbed: Path, kills: int) -> None:
    """Grade once in peace, then `kills` times until a random moment, then to the end; say how many were killed."""
    assert os.waitpid(start(submitted, undisturbed), 0)[1] == 0
    began = time.monotonic()
    shutil.rmtree(undisturbed)
    assert os.waitpid(start(submitted, undisturbed), 0)[1] == 0
    whole = time.monotonic() - began
    chance, killed = random.Random(1), 0
    while killed < kills:
        child = start(submitted, disturbed)
        # Most of a resumed run is over early: what is judged needs no worker any more.
        time.sleep(whole * chance.random() ** 2)
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        forget_sometimes(disturbed, chance)
    assert os.waitpid(start(submitted, disturbed), 0)[1] == 0
    print(killed)


def forget_sometimes(out: Path, chance: random.Random) -> None:
    """Now and then begin anew without gradebook or without store, so that kills hit the beginning of a run too."""
    if chance.random() < 0.25:
        for path in out.glob(chance.choice(("gradebook.db*", "results.db*"))):
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
