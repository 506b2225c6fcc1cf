"""The choices on the way through a schedule, taken depth first: whose statement happens next."""

from __future__ import annotations

from graders.techniques.schedules.running import Run


class _Choice:
    """One point at which several sessions could move: who was tried and met a lock, who moves now, who is left."""

    def __init__(self, names: list[str]):
        self.blocked: list[str] = []
        self.explored = False
        self.left = names
        self.now: str | None = None
        self.next()

    def next(self) -> None:
        self.now = self.left.pop(0) if self.left else None


class Choices:
    """Follows one way through all choices after another; a way that differs only in who waited is taken once.

    A statement that meets a lock changes nothing, so a way on which it was asked in vain is the way without it.
    """

    def __init__(self):
        self._taken: list[_Choice] = []
        self._begun = False

    def more(self) -> bool:
        """Turn to the next way; False if every way has been taken."""
        if not self._begun:
            self._begun = True
            return True
        while self._taken and not self._taken[-1].left:
            self._taken.pop()
        if self._taken:
            self._taken[-1].explored = True
            self._taken[-1].next()
        return bool(self._taken)

    def followed(self, run: Run) -> bool:
        """Take the way on `run` to its end; False if it turns out to be one that was taken before."""
        depth = 0
        while going := run.going():
            if any(run.attempt(name) for name in list(run.urgent)):
                continue
            if depth == len(self._taken):
                self._taken.append(_Choice([name for name in going if name not in run.urgent]))
            if not self._passed(run, self._taken[depth]):
                return False
            depth += 1
        return True

    def _passed(self, run: Run, choice: _Choice) -> bool:
        if any(run.attempt(name) for name in choice.blocked):
            return True
        while choice.now:
            if run.attempt(choice.now):
                return True
            choice.blocked.append(choice.now)
            choice.next()
        if not choice.explored:
            run.break_deadlock()
        return not choice.explored
