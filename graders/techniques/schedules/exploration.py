"""Explores the orders in which scripts can interleave, all or a sample, for the shortest that goes wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby, permutations
from math import factorial, prod

from graders.labs import SharedLab
from graders.techniques.schedules.calls import Invariant, Script, read_final_state
from graders.techniques.schedules.interleaving import Run, run_in_order
from graders.techniques.schedules.schedule import Schedule

Order = tuple[str, ...]
MAX_SHRINKING_RUNS = 100


@dataclass(frozen=True)
class Exploration:
    """What came of running scripts in many orders."""

    names: Order
    """The names of the scripts."""
    schedule_count: int
    """How many schedules were run."""
    exhaustive: bool
    """Whether there are no others."""
    counterexample: Schedule | None
    """The shortest schedule that breaks the invariant."""
    violation_count: int
    """How many schedules break it."""
    left_open: Schedule | None
    """The shortest schedule that leaves a transaction open."""
    deadlock_count: int
    """In how many schedules all sessions waited for each other."""
    serial: Mapping[Order, Schedule]
    """The runs of one script after the other, by their order."""

    @property
    def words(self) -> str:
        """What was run and what was found, in sentences."""
        who, count = " and ".join(self.names), f"{self.schedule_count:,} schedules"
        which = f"All {count}" if self.exhaustive else f"{count}, not all that there are,"
        verdict = f"{self.violation_count:,} of them break" if self.violation_count else "none of them breaks"
        verdict += " the rule"
        if any(run.violation for run in self.serial.values()):
            verdict += ", and it is broken already where they run one after the other"
        deadlocks = f" In {self.deadlock_count:,} all sessions waited for each other." if self.deadlock_count else ""
        return f"{which} of {who} were run: {verdict}.{deadlocks}"


def explore(
    lab: SharedLab,
    scripts: Mapping[str, Script],
    invariant: Invariant | None = None,
    *,
    rule: Callable[[Schedule], str] | None = None,
    max_schedules: int = 500,
    seed: int = 1,
) -> Exploration:
    """Run the statements of `scripts` in every order on `lab`; where there are more than `max_schedules`, in a sample.

    `invariant` looks at the lab after all have ended and gives a sentence about what is broken, or ""; `rule` looks at
    what happened, what functions gave included. None of both asks for a final state that some serial order of the
    scripts leaves as well. Functions must do the same whenever they are given the same. Raise `Mismatch` if a function
    breaks the limits of its sandbox, or leaves nothing to look at.

        exploration = explore(bank, {"Ann": make_script(transfer, 1, 2, 30), "Ben": "UPDATE …"}, find_lost_money)
    """
    return _Explorer(lab, scripts, invariant, rule, max_schedules, random.Random(seed)).explore()


@dataclass
class _Explorer:
    lab: SharedLab
    scripts: Mapping[str, Script]
    invariant: Invariant | None
    rule: Callable[[Schedule], str] | None
    max_schedules: int
    rng: random.Random
    serial: dict[Order, Schedule] = field(default_factory=dict)
    runs: int = 0
    exhaustive: bool = True

    def explore(self) -> Exploration:
        serial = {order: self._run_serially(order) for order in permutations(self.scripts)}
        schedules = [self._judge(schedule) for schedule in self._schedules()]
        violations = [schedule for schedule in schedules if schedule.violation]
        shortest = min(violations, key=lambda schedule: schedule.length, default=None)
        if shortest and not self.exhaustive:
            shortest = shrink(shortest, self._run_in_order)
        return Exploration(
            tuple(self.scripts),
            len(schedules),
            self.exhaustive,
            shortest,
            violation_count=len(violations),
            left_open=min((one for one in schedules if one.left_open), key=lambda one: one.length, default=None),
            deadlock_count=sum(bool(one.deadlocks) for one in schedules),
            serial=serial,
        )

    def _schedules(self) -> Iterator[Schedule]:
        """Every order that locks leave over or, where these are too many, half of the runs so and half at random."""
        counts = Counter(next(iter(self.serial.values())).order)
        on_paper = factorial(counts.total()) // prod(map(factorial, counts.values()))
        yield from self._every(self.max_schedules if on_paper <= self.max_schedules else self.max_schedules // 2)
        if not self.exhaustive:
            yield from self._sample(counts, self.max_schedules - self.runs)

    def _every(self, limit: int) -> Iterator[Schedule]:
        """Depth first: every order of effective statements once, whoever had to wait for it."""
        paths = Paths()
        while paths.turn_to_next():
            if self.runs >= limit:
                self.exhaustive = False
                return
            self.runs += 1
            run = Run(self.lab, self.scripts)
            if paths.follow(run):
                yield self._check(run.finish())
            else:
                run.drop()

    def _sample(self, counts: Counter[str], limit: int) -> Iterator[Schedule]:
        """Serial orders, then random ones: half of them with few switches, where most mistakes show."""
        orders = {tuple(name for name in order for _ in range(counts[name])) for order in self.serial}
        for number in range(limit * 4):
            if len(orders) < limit:
                orders.add(tuple(self._draw_order(counts, stay=0.7 * (number % 2))))
        for order in sorted(orders):
            yield self._run_in_order(order)

    def _draw_order(self, counts: Counter[str], stay: float) -> Iterator[str]:
        left, last = counts.copy(), ""
        while left := +left:
            if not left[last] or self.rng.random() >= stay:
                last = self.rng.choice(sorted(left.elements()))
            left[last] -= 1
            yield last

    def _run_in_order(self, order: Order) -> Schedule:
        return self._judge(self._check(run_in_order(self.lab, self.scripts, order)))

    def _check(self, schedule: Schedule) -> Schedule:
        """The schedule with what invariant and rule say, asked while the lab is as the schedule left it."""
        violation = schedule.violation
        if self.invariant and not violation:
            violation = read_final_state(self.lab, self.invariant)
        if self.rule and not violation:
            violation = self.rule(schedule)
        return replace(schedule, violation=violation)

    def _judge(self, schedule: Schedule) -> Schedule:
        order, violation = self._find_serial_order(schedule), schedule.violation
        if not self.invariant and not self.rule and order is None:
            violation = violation or "no serial order of the scripts leaves this state"
        return replace(schedule, serial_order=order, violation=violation)

    def _find_serial_order(self, schedule: Schedule) -> Order | None:
        """A serial order, of all scripts or of those that did not fail, that leaves the same state."""
        unfailed = [name for name in self.scripts if name not in schedule.failures]
        orders = [*permutations(self.scripts), *permutations(unfailed)]
        return next((order for order in orders if self._run_serially(order).state == schedule.state), None)

    def _run_serially(self, order: Order) -> Schedule:
        if order not in self.serial:
            run = Run(self.lab, {name: self.scripts[name] for name in order})
            for name in order:
                while name in run.active():
                    if not run.advance(name):
                        run.break_deadlock()
            self.serial[order] = self._check(run.finish())
        return self.serial[order]


class _ChoicePoint:
    """One point at which several sessions could move: who met a lock here, who moves now, who is left."""

    def __init__(self, names: list[str]):
        self.blocked: list[str] = []
        self.revisited = False
        self.left = names
        self.now: str | None = None
        self.turn_to_next()

    def turn_to_next(self) -> None:
        self.now = self.left.pop(0) if self.left else None

    def pass_through(self, run: Run) -> bool:
        """Have one session move that has not moved here before; False if all that are left meet a lock."""
        if run.advance_any(self.blocked):
            return True
        while self.now:
            if run.advance(self.now):
                return True
            self.blocked.append(self.now)
            self.turn_to_next()
        if not self.revisited:
            run.break_deadlock()
        return not self.revisited


class Paths:
    """Follows one path through all choice points after another; paths that differ only in who waited are taken once.

    A statement that meets a lock changes nothing, so a path on which it was tried in vain is the path without it.
    """

    def __init__(self) -> None:
        self._points: list[_ChoicePoint] = []
        self._begun = False

    def turn_to_next(self) -> bool:
        """Turn to the next path; False if every path has been taken."""
        if not self._begun:
            self._begun = True
            return True
        while self._points and not self._points[-1].left:
            self._points.pop()
        if self._points:
            self._points[-1].revisited = True
            self._points[-1].turn_to_next()
        return bool(self._points)

    def follow(self, run: Run) -> bool:
        """Take the path with `run` to its end; False if it turns out to be one that was taken before."""
        depth = 0
        while names := run.active():
            if run.advance_any(run.urgent):
                continue
            if depth == len(self._points):
                self._points.append(_ChoicePoint([name for name in names if name not in run.urgent]))
            if not self._points[depth].pass_through(run):
                return False
            depth += 1
        return True


def shrink(shortest: Schedule, run: Callable[[Order], Schedule]) -> Schedule:
    """The shortest schedule with a violation that swaps of neighbouring turns reach, as long as they shorten it."""
    runs, orders = 0, _swap_turns(shortest.order)
    while runs < MAX_SHRINKING_RUNS and (order := next(orders, None)):
        runs += 1
        schedule = run(order)
        if schedule.violation and schedule.length < shortest.length:
            shortest, orders = schedule, _swap_turns(schedule.order)
    return shortest


def _swap_turns(order: list[str]) -> Iterator[Order]:
    turns = [list(turn) for _, turn in groupby(order)]
    for place in range(len(turns) - 1):
        swapped = [*turns[:place], turns[place + 1], turns[place], *turns[place + 2 :]]
        yield tuple(name for turn in swapped for name in turn)
