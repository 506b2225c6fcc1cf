"""Experiments, which run an answer once, and claims, the sentences that must be true of what was observed."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Generic, TypeVar

OPEN_SEED = 1
Observed = TypeVar("Observed")
Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Attempt:
    """One answer that is being judged, as its experiments are given it."""

    answer: Any
    """SQL text, a function that runs in a sandbox, plain data, or the letters chosen."""
    seed: int
    """The seed of the data: open in a notebook, secret in the grader."""
    key: Any = None
    """What the build made of the solution: an instance of the exercise's own class of key."""
    solution: str | None = None
    """The solution's text, in the grader and the build only."""
    rng: random.Random = field(default_factory=random.SystemRandom)
    """Where passwords, canaries and salts are drawn: it repeats for a secret seed and the same answer."""


def rng_for(seed: int, text: str) -> random.Random:
    """Where the values for the answer `text` are drawn: they repeat for a secret seed, and are new for the open one.

    Another answer gets other values, so that what one report says of them helps with no other.
    """
    if seed == OPEN_SEED:
        return random.SystemRandom()
    return random.Random(f"{seed} {text}".encode(errors="surrogatepass"))


@dataclass(frozen=True)
class Experiment(Generic[Observed]):
    """Runs the answers to an exercise once and gives what was observed, as plain data."""

    exercise: str
    name: str
    run: Callable[[Attempt], Observed]
    condition: str = ""
    """What must hold for there to be anything to observe: a line of the report of its own, worth nothing."""
    description: Any = None
    """What the technique that made this experiment was told of the exercise."""


@dataclass(frozen=True)
class Claim:
    """One sentence that must be true of the answers to an exercise."""

    exercise: str
    name: str
    sentence: str
    experiment: Experiment[Any]
    judge: Callable[[Any], None]
    """Takes what was observed; returns nothing where the claim holds, and raises `Mismatch` where it does not."""
    weight: float = 1
    """Its share of the exercise's points among the other claims; 0 for a mere condition."""
    after: str | None = None
    """The claim that must hold first."""


@dataclass(frozen=True)
class KeyRequest:
    """What the key of an exercise is made of."""

    solution: str
    seed: int
    wrong: tuple[tuple[str, str], ...] = ()
    """The wrong answers that the author foresees, each with the hint it must meet."""


CLAIMS: dict[str, list[Claim]] = {}
LABS: dict[str, Callable[[int], Any]] = {}
KEY_MAKERS: dict[str, Callable[..., Any]] = {}
KEY_CLASSES: dict[str, type] = {}


def experiment(
    exercise: str, *, condition: str = "", description: Any = None
) -> Callable[[Callable[[Attempt], Observed]], Experiment[Observed]]:
    """Register the decorated function as an experiment with the answers to `exercise`.

    It is run at most once for an answer, when the first claim about it is tried. It raises `Mismatch` where there is
    nothing to observe: that is the verdict on `condition`, or, without one, on the first claim that is tried.

        @experiment("index-the-workload", condition="your script runs, and makes nothing but indexes")
        def measure_an_hour(attempt: Attempt) -> Hour: ...
    """

    def register(run: Callable[[Attempt], Observed]) -> Experiment[Observed]:
        new = Experiment(exercise, run.__name__, run, condition, description)
        if condition:
            _register(condition_claim(new))
        return new

    return register


def condition_claim(experiment: Experiment[Any]) -> Claim:
    """The claim, worth nothing, that holds once the experiment has something to observe."""
    name, sentence = experiment.name, experiment.condition
    return Claim(experiment.exercise, name, sentence, experiment, lambda observed: None, weight=0)


def claim(
    about: Experiment[Observed],
    *,
    weight: float = 1,
    after: Callable[..., Any] | str | None = None,
    sentence: str = "",
) -> Callable[[Function], Function]:
    """Register the decorated function as a claim about what an experiment observes.

    Its docstring, or `sentence`, is what people read. `weight` is its share of the points among the claims of the
    exercise, `after` the claim that must hold first.

        @claim(measure_an_hour, weight=3, after=takes_a_tenth)
        def takes_a_thirtieth(hour: Hour) -> None:
            \"\"\"it takes at most a thirtieth of them\"\"\"
    """

    def register(judge: Function) -> Function:
        words = sentence or inspect.getdoc(judge)
        if not words:
            raise TypeError(f"{judge.__module__}.{judge.__name__}: a claim needs a docstring, its sentence")
        first = after if isinstance(after, str) or after is None else after.__name__
        _register(Claim(about.exercise, judge.__name__, " ".join(words.split()), about, judge, weight, first))
        return judge

    return register


def _register(one: Claim) -> None:
    known = CLAIMS.setdefault(one.exercise, [])
    names = {other.name for other in known}
    if one.name in names:
        raise LookupError(f"{one.exercise}: there are two claims called `{one.name}`")
    if one.after and one.after not in names:
        raise LookupError(f"{one.exercise}: `{one.name}` comes after `{one.after}`, which is no claim before it")
    known.append(one)


def lab_for(*exercises: str) -> Callable[[Function], Function]:
    """Register the decorated function as what opens the lab of `exercises` in a notebook; it takes a seed."""

    def register(opener: Function) -> Function:
        LABS.update(dict.fromkeys(exercises, opener))
        return opener

    return register


def key_for(exercise: str, *, of: type) -> Callable[[Function], Function]:
    """Register the decorated function as what makes the key of `exercise`, an instance of the dataclass `of`.

    It is given a `KeyRequest`. The key is what a check needs to know without knowing the solution.
    """

    def register(maker: Function) -> Function:
        KEY_MAKERS[exercise] = maker
        KEY_CLASSES[exercise] = of
        return maker

    return register


def claims_of(exercise: str) -> list[Claim]:
    """The claims on `exercise`, in the order in which its lesson states them, once they have been loaded."""
    return CLAIMS.get(exercise, [])


def reuse_claims(exercise: str, *, of: Experiment[Any]) -> None:
    """Register for `exercise` every claim of the exercise that `of` is an experiment of, with its lab and its key.

    The answers to both are judged alike, by the same experiments and in the same words.

        reuse_claims("own-transfer", of=transfer_alone)
    """
    for one in claims_of(of.exercise):
        _register(replace(one, exercise=exercise, experiment=replace(one.experiment, exercise=exercise)))
    if of.exercise in LABS:
        LABS[exercise] = LABS[of.exercise]
    if of.exercise in KEY_MAKERS:
        KEY_MAKERS[exercise], KEY_CLASSES[exercise] = KEY_MAKERS[of.exercise], KEY_CLASSES[of.exercise]


def load_claims(lesson: str) -> None:
    """Import the claims of `lesson` ("start-here" has the package graders/checks/start_here), if it has any."""
    name = f"graders.checks.{lesson.replace('-', '_')}"
    try:
        package = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return
    for module in iter_modules(package.__path__, f"{name}."):
        import_module(module.name)
