"""Labs and sessions in another process: every method call is a request, and what comes back is plain data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from graders.labs import EngineError, Lab, OutOfBounds, Result, Session, SharedLab
from graders.sandbox.plain import UNREADABLE, decode, encode

NOT_ANSWERED = "its process answered with something that is no answer"
Ask = Callable[[dict[str, Any]], dict[str, Any]]


class _Far:
    """Stands for a thing that lives where `ask` sends its requests, and has the methods that `made` names.

    A call raises `EngineError` where the thing itself would, `OutOfBounds` where the process that holds it has gone.
    """

    def __init__(self, ask: Ask, made: dict[str, Any]):
        self.engine = str(made["engine"])
        for name in made["methods"]:
            if name.isidentifier() and not name.startswith("_"):
                setattr(self, name, partial(_called, ask, int(made["made"]), name))


class FarLab(_Far, Lab):
    """A `Lab` in another process."""


class FarSharedLab(_Far, SharedLab):
    """A `SharedLab` in another process."""


class FarSession(_Far, Session):
    """A `Session` of a lab in another process."""


KINDS = {"Lab": FarLab, "SharedLab": FarSharedLab, "Session": FarSession}


def far_lab(ask: Ask, engine: str, *, kept: int | None = None, **options: Any) -> Lab:
    """Open a lab on `engine` where `ask` sends requests, with the options of `open_here`.

    `kept` is the number of a database file that is kept there, to begin with.
    """
    image = {} if kept is None else {"image": kept}
    return told(ask, ask({"open": engine, "options": encode(options), **image}))


def _called(ask: Ask, number: int, name: str, *given: Any, **options: Any) -> Any:
    arguments = [encode(_listed(value)) for value in given]
    return told(ask, ask({"of": number, "do": name, "given": arguments, "options": encode(options)}))


def _listed(value: Any) -> Any:
    """`value` with everything that is iterated over written out, as a pipe needs it."""
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    if isinstance(value, (str, bytes, tuple, list)) or not hasattr(value, "__iter__"):
        return value
    return list(value)


def told(ask: Ask, content: dict[str, Any]) -> Any:
    """What a reply tells: a value, a `Result`, something made; a refusal is raised.

    Raise `OutOfBounds` if no lab can have written this.
    """
    try:
        outcome = _outcome(ask, content)
    except UNREADABLE:
        raise OutOfBounds("The engine", NOT_ANSWERED) from None
    if isinstance(outcome, EngineError):
        raise outcome
    return outcome


def _outcome(ask: Ask, content: dict[str, Any]) -> Any:
    if "rows" in content:
        rows = list(map(tuple, decode(content["rows"])))
        rest = content["rest"]
        names = {key: tuple(map(str, rest[key])) for key in ("reads", "writes")}
        return Result(tuple(map(str, content["columns"])), rows, rest["changed"], rest["last_row"], **names)
    if "refused" in content:
        return (OutOfBounds if content["cut_off"] else EngineError)(*map(str, content["refused"]))
    if "each" in content:
        return [_outcome(ask, item) for item in content["each"]]
    if "made" in content:
        return KINDS[content["kind"]](ask, content)
    return decode(content["value"])
