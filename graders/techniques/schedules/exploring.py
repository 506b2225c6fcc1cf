"""Runs every interleaving of the statements of two or more scripts, and finds the shortest that breaks a rule."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from math import factorial, prod

from graders.labs import SharedLab
from graders.techniques.schedules.choices import Choices
from graders.techniques.schedules.looking import Invariant, seen
from graders.techniques.schedules.running import Run, run_in_order
from graders.techniques.schedules.schedule import Schedule
from graders.techniques.schedules.scripts import Script
from graders.techniques.schedules.shrinking import shrunk

Orders = dict[tuple[str, ...], Schedule]


@dataclass(frozen=True)
class Exploration:
    """What came of running scripts in many orders.

    `broken` is the shortest schedule that breaks the invariant, or None; `left_open` the shortest that leaves a
    transaction open; `tried` counts the schedules, `all` says whether there are no others. `serial` holds the runs
    of one script after the other; `unlike_serial` counts the schedules whose final state is that of none of them.
    """

    names: tuple[str, ...]
    tried: int
    all: bool
    broken: Schedule | None
    breaking: int
    left_open: Schedule | None
    unlike_serial: int
    deadlocks: int
    serial: Orders

    @property
    def words(self) -> str:
        """What was run and what was found, in sentences."""
        who = " and ".join(self.names)
        counted = f"All {self.tried:,} schedules" if self.all else f"{self.tried:,} schedules, not all that there are,"
        found = "none of them breaks the rule" if not self.breaking else f"{self.breaking:,} of them break the rule"
        if any(ran.broken for ran in self.serial.values()):
            found += ", and it is broken already where they run one after the other"
        ended = f" In {self.deadlocks:,} all sessions waited for each other." if self.deadlocks else ""
        return f"{counted} of {who} were run: {found}.{ended}"


def explore(
    lab_opener: Callable[[], SharedLab],
    scripts: Mapping[str, Script],
    invariant: Invariant | None = None,
    *,
    most: int = 500,
    seed: int = 1,
) -> Exploration:
    """Run the statements of `scripts` in every order on real sessions; where there are more than `most`, in a sample.

    `invariant` looks at the lab after all have ended and gives a sentence about what is broken, or ""; None asks
    for a final state that some serial order of the scripts leaves as well. Functions must do the same whenever they
    are given the same. Raise `Mismatch` if a function breaks the limits of its box, or leaves nothing to look at.
    """
    with lab_opener() as lab:
        return _Explorer(lab, scripts, invariant, most, random.Random(seed)).explored()


class _Explorer:
    def __init__(self, lab, scripts, invariant, most, rng):
        self.lab, self.scripts, self.invariant, self.most, self.rng = lab, scripts, invariant, most, rng
        self.serial: Orders = {}
        self.tried = 0
        self.all = True

    def explored(self) -> Exploration:
        for order in permutations(self.scripts):
            self._serial(order)
        found = [self._judged(schedule) for schedule in self._schedules()]
        broken = min((one for one in found if one.broken), key=Schedule.length, default=None)
        if broken and not self.all:
            broken = shrunk(broken, self._run)
        return Exploration(
            tuple(self.scripts),
            len(found),
            self.all,
            broken,
            breaking=sum(bool(one.broken) for one in found),
            left_open=min((one for one in found if one.left_open), key=Schedule.length, default=None),
            unlike_serial=sum(one.like is None for one in found),
            deadlocks=sum(bool(one.deadlocks) for one in found),
            serial={order: ran for order, ran in self.serial.items() if len(order) == len(self.scripts)},
        )

    def _schedules(self) -> Iterator[Schedule]:
        """Every order that locks leave over or, where these are too many, half of the runs so and half at random."""
        counts = Counter(next(iter(self.serial.values())).order)
        on_paper = factorial(counts.total()) // prod(map(factorial, counts.values()))
        yield from self._every(self.most if on_paper <= self.most else self.most // 2)
        if not self.all:
            yield from self._sample(counts, self.most - self.tried)

    def _every(self, most: int) -> Iterator[Schedule]:
        """Depth first: every order of effective statements once, whoever had to wait for it."""
        choices = Choices()
        while choices.more():
            if self.tried >= most:
                self.all = False
                return
            self.tried += 1
            run = Run(self.lab, self.scripts)
            if choices.followed(run):
                yield self._checked(run.finish())
            else:
                run.drop()

    def _sample(self, counts: Counter[str], most: int) -> Iterator[Schedule]:
        """Serial orders, then random ones: half of them with few switches, where most mistakes show."""
        orders = {tuple(name for name in order for _ in range(counts[name])) for order in self.serial}
        for number in range(most * 4):
            if len(orders) < most:
                orders.add(tuple(self._random_order(counts, stay=0.7 * (number % 2))))
        for order in sorted(orders):
            yield self._run(order)

    def _random_order(self, counts: Counter[str], stay: float) -> Iterator[str]:
        left, last = counts.copy(), ""
        while left := +left:
            if not left[last] or self.rng.random() >= stay:
                last = self.rng.choice(sorted(left.elements()))
            left[last] -= 1
            yield last

    def _run(self, order: tuple[str, ...]) -> Schedule:
        return self._judged(self._checked(run_in_order(self.lab, self.scripts, order)))

    def _checked(self, schedule: Schedule) -> Schedule:
        """The schedule with what the invariant says, asked while the lab still stands as the schedule left it."""
        if schedule.broken or not self.invariant:
            return schedule
        return replace(schedule, broken=seen(self.lab, self.invariant))

    def _judged(self, schedule: Schedule) -> Schedule:
        like = self._like(schedule)
        if self.invariant or like is not None:
            return replace(schedule, like=like)
        unlike = "no serial order of the scripts leaves this state"
        return replace(schedule, like=like, broken=schedule.broken or unlike)

    def _like(self, schedule: Schedule) -> tuple[str, ...] | None:
        """A serial order, of all scripts or of those that did not fail, that leaves the same state."""
        done = [name for name in self.scripts if name not in schedule.failed]
        for names in (self.scripts, done):
            for order in permutations(names):
                if self._serial(order).state == schedule.state:
                    return order
        return None

    def _serial(self, order: tuple[str, ...]) -> Schedule:
        if order not in self.serial:
            self.serial[order] = self._one_by_one(order)
        return self.serial[order]

    def _one_by_one(self, order: tuple[str, ...]) -> Schedule:
        run = Run(self.lab, {name: self.scripts[name] for name in order})
        for name in order:
            while name in run.going():
                run.move([name])
        return self._checked(run.finish())
