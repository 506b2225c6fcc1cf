"""What runs statement by statement over a connection, SQL texts and calls of functions, and what it leaves behind."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from graders.kernel.answers import to_mismatch
from graders.kernel.report import Mismatch
from graders.labs import EngineError, Result, Session, SharedLab
from graders.labs.lab import Row
from graders.sandbox import Call, Failure, Request, SandboxedFunction, SandboxError
from graders.sandbox.channel import open_lines, request
from graders.sandbox.in_sandbox.serve import Answer, serve
from graders.sandbox.watchdog import Overrun

LOCAL_CALL_CPU_SECONDS = 20
Case = TypeVar("Case")
Observed = TypeVar("Observed")
State = TypeVar("State")
Invariant = Callable[[SharedLab], str]


def read_final_state(lab: SharedLab, read: Callable[[SharedLab], State]) -> State:
    """What `read` gives of `lab` after an answer has run.

    Raise `Mismatch` if the engine refuses, for a table is gone or too large.
    """
    try:
        return read(lab)
    except EngineError as error:
        raise Mismatch("a database that can be looked at afterwards", f"{error.engine} says: {error}") from None


def query_final_state(lab: SharedLab, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """The rows of our own `query` after an answer has run; raise `Mismatch` as `read_final_state` does."""
    return read_final_state(lab, lambda lab: lab.execute(query, parameters).rows)


@dataclass(frozen=True)
class CallRecord(Generic[State]):
    """How one call of a student's function ended, and what it left behind."""

    words: str
    """The call as a student would write it."""
    arguments: tuple[Any, ...]
    """What the function was given after its connection."""
    exception: str
    """The exception that ended it, in words; "" if none did."""
    value: Any
    """What it gave; None if it raised an exception or was cut short."""
    left_open: bool
    """Whether its transaction was still open at the end."""
    statements: tuple[str, ...]
    """What it asked of its database, in order."""
    refused: tuple[int, ...]
    """The numbers of the statements that it was refused, counted from 0."""
    state: State
    """What was read of the database afterwards."""
    fetched: tuple[Fetched, ...] = ()
    """What each statement gave back."""


@dataclass(frozen=True)
class Fetched:
    """How much one statement gave back to the function."""

    rows: int
    characters: int
    """What all values of these rows take, written out."""


def measure_outcome(outcome: Result | EngineError) -> Fetched:
    """How much came back with the outcome of a statement; nothing with a refusal."""
    rows = [] if isinstance(outcome, EngineError) else outcome.rows
    return Fetched(len(rows), sum(len(str(value)) for row in rows for value in row))


def allow_all(request: Request) -> EngineError | None:
    """Let everything happen."""


def run_call(
    lab: SharedLab,
    function: SandboxedFunction | LocalFunction,
    *arguments: Any,
    read: Callable[[SharedLab], State],
    refuse: Callable[[Request], EngineError | None] = allow_all,
    max_refusals: int = 20,
) -> CallRecord[State]:
    """Call `function` with a connection to `lab` before its `arguments`, to its end or to `max_refusals` refusals.

    `refuse` is given each request before it happens, and gives the error to hand back in its place, or None. What the
    call has not committed is undone before `read` looks at the database. Raise `Mismatch` if the function breaks a
    limit of its sandbox, or leaves nothing to read.
    """
    with lab.connect() as session:
        call = function.begin(session, *arguments)
        statements: list[str] = []
        refused: list[int] = []
        fetched: list[Fetched] = []
        while (request := call.waiting()) and len(refused) < max_refusals:
            error = refuse(request)
            refused += [] if error is None else [len(statements)]
            statements.append(str(request))
            outcome = request.run() if error is None else error
            fetched.append(measure_outcome(outcome))
            call.hand_back(outcome)
        left_open, exception = session.in_transaction(), call.raised()
        value = None if request or exception else call.value()
        call.abandon()
    state = read_final_state(lab, read)
    ended = (call.words, arguments, exception, value, left_open, tuple(statements), tuple(refused))
    return CallRecord(*ended, state, tuple(fetched))


@dataclass(frozen=True)
class Series(Generic[Observed]):
    """Observations one after the other; to read on past the last of them raises what ended the series, if anything."""

    observations: tuple[Observed, ...]
    """What was observed before the end."""
    end: Mismatch | None = None
    """Why there was nothing to observe next: a limit of the sandbox was broken, or nothing was left to read."""

    def __iter__(self) -> Iterator[Observed]:
        yield from self.observations
        if self.end:
            raise self.end


def observe_each(observe: Callable[[Case], Observed], cases: Iterable[Case]) -> Series[Observed]:
    """Observe what happens in each of `cases`, up to the first in which there is nothing to observe."""
    observations: list[Observed] = []
    try:
        for case in cases:
            observations.append(observe(case))
    except (Mismatch, SandboxError) as error:
        return Series(tuple(observations), to_mismatch(error))
    return Series(tuple(observations))


def run_calls(
    lab: SharedLab, function: SandboxedFunction, cases: Iterable[tuple[Any, ...]], *, read: Callable[[SharedLab], State]
) -> Series[CallRecord[State]]:
    """Call `function` with the arguments of each of `cases`, each time on the first rows of `lab`."""

    def run(arguments: tuple[Any, ...]) -> CallRecord[State]:
        lab.rewind()
        return run_call(lab, function, *arguments, read=read)

    return observe_each(run, cases)


class LocalFunction:
    """A function of this very process, called in a thread that stands in for a sandbox and speaks as one does.

    Only what we wrote, or what its author runs in a notebook of their own, is called like this. It serves one call.
    """

    def __init__(self, function: Callable[..., Any]):
        self.calling: Call | None = None
        self._name = getattr(function, "__name__", "function")
        (requests, to_it), (from_it, replies) = os.pipe(), os.pipe()
        self._lines = open_lines(to_it, from_it)
        threading.Thread(target=_serve, args=(requests, replies, {self._name: function}), daemon=True).start()

    def begin(self, *arguments: Any) -> Call:
        """Begin the call, which is then driven from outside."""
        return Call(self, self._name, arguments)

    def exchange(self, message: dict[str, Any], subject: str) -> dict[str, Any]:
        """Begin the call or hand a reply to the function; give what it asks next, or how it ended."""
        began = time.process_time()

        def look() -> None:
            if time.process_time() - began > LOCAL_CALL_CPU_SECONDS:
                raise Overrun("work", LOCAL_CALL_CPU_SECONDS)

        try:
            reply = request(self._lines, message, look, subject)
        except SandboxError:
            self.restart()
            raise
        if "ask" not in reply:
            self.restart()
        return reply

    def restart(self) -> None:
        """Cut the function off at whatever it asks from now on."""
        self._lines.close()

    def fail(self, failure: Failure, subject: str, limit: float = 0, detail: str = "") -> SandboxError:
        """Cut the function off and give the error to be raised."""
        self.restart()
        return SandboxError(failure, subject, limit, detail)


def _serve(requests: int, replies: int, functions: dict[str, Callable[..., Any]]) -> None:
    """Serve calls of `functions` over these pipes until the other end has gone."""
    with suppress(OSError, ValueError), os.fdopen(requests) as source, os.fdopen(replies, "w") as channel:
        serve(source, channel, Answer(source, channel, functions).reply)


@dataclass(frozen=True)
class SQLScript:
    """A SQL text, which stops at the first refusal and rolls back."""

    text: str
    """Its statements."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The options of its session, those of `SharedLab.connect`."""


@dataclass(frozen=True)
class FunctionScript:
    """A call of a function over a connection; the function sees each refusal as an exception and may go on."""

    function: SandboxedFunction | Callable[..., Any]
    """A student's function in its sandbox, or one of this process."""
    arguments: tuple[Any, ...] = ()
    """What it is given after the connection."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The options of its session, those of `SharedLab.connect`."""


Script = str | SQLScript | FunctionScript


def make_script(function: SandboxedFunction | Callable[..., Any], *arguments: Any, **options: Any) -> FunctionScript:
    """The script that calls `function(connection, *arguments)`; `options` are those of `SharedLab.connect`.

    make_script(transfer, 1, 2, 30, isolation_level="")
    """
    return FunctionScript(function, arguments, options)


class ScriptCall:
    """A SQL text that stands still before each of its statements, as a `Call` does at what its function asks."""

    def __init__(self, session: Session, statements: list[str]):
        self._session = session
        self._left = statements
        self._error = ""

    def waiting(self) -> Request | None:
        """The next statement; None at the end."""
        return Request(self._session, "execute", self._left[0]) if self._left else None

    def hand_back(self, outcome: Result | EngineError) -> None:
        """Go on to the next statement, or end at a refusal."""
        self._left.pop(0)
        if isinstance(outcome, EngineError):
            self._error = f"{outcome.code}: {outcome}"
            self.abandon()
            if self._session.in_transaction():
                self._session.rollback()

    def raised(self) -> str:
        """The refusal that ended it; "" if none did."""
        return self._error

    def abandon(self) -> None:
        """End it where it stands."""
        self._left.clear()


@dataclass(frozen=True)
class RunningScript:
    """One script that has begun, on a session of its own."""

    session: Session
    """Its connection, which stays open when it ends."""
    call: Call | ScriptCall
    """What stands still at each statement until it is handed an outcome."""


def start_script(lab: SharedLab, script: Script) -> RunningScript:
    """Put `script` on a session of its own, standing still before its first statement."""
    if isinstance(script, str):
        script = SQLScript(script)
    session = lab.connect(**script.options)
    if isinstance(script, SQLScript):
        return RunningScript(session, ScriptCall(session, lab.statements(script.text)))
    function = script.function if isinstance(script.function, SandboxedFunction) else LocalFunction(script.function)
    return RunningScript(session, function.begin(session, *script.arguments))


def forget(script: Script) -> None:
    """Have a student's function run in a fresh process from now on, which remembers nothing of earlier calls."""
    if isinstance(script, FunctionScript) and isinstance(script.function, SandboxedFunction):
        script.function.sandbox.restart()
