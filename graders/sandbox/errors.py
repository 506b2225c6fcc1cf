"""What can go wrong in a sandbox, as plain data: by the answer's doing, by nobody's, or because nothing isolates it."""

from __future__ import annotations

from enum import Enum


class TemporaryFailure(RuntimeError):
    """A sandbox gave nothing, by no fault of any answer; another try may succeed."""


class SandboxStartError(TemporaryFailure):
    """A sandbox could not be started."""


class SandboxTimeout(TemporaryFailure):
    """A sandbox did not answer for so long that it was given up, although it broke no bound."""


class IsolationUnavailable(RuntimeError):
    """No isolation holds on this machine; the words say what to install."""


class Failure(Enum):
    """What code in a sandbox did instead of giving a value."""

    CELL_RAISED = "the cell raised an exception"
    NAME_MISSING = "the cell does not define the name"
    CALL_RAISED = "the call raised an exception"
    VALUE_NOT_PLAIN = "what the call gave is not plain data"
    VALUE_ELLIPSIS = "what the call gave holds `...`"
    NAME_NOT_PLAIN = "what the cell defines is not plain data"
    NAME_ELLIPSIS = "what the cell defines holds `...`"
    UNREADABLE_REPLY = "the reply is not plain data"
    UNREADABLE_REQUEST = "the request to the database is not plain data"
    PROCESS_ENDED = "the process ended"
    CLOSED = "the sandbox was closed before"
    WORK = "one request took too much processor time"
    WORK_IN_ALL = "all requests took too much processor time"
    ASLEEP = "it waited of its own accord for too long"
    FOLDER_FULL = "it wrote too much into its folder"
    REPLY_TOO_LARGE = "one reply has too many characters"
    REPLIES_TOO_LARGE = "all replies have too many characters"
    TOO_MANY_REQUESTS = "the call sent its database too many statements"
    STATEMENT_TOO_LARGE = "the call sent its database too much SQL at once"
    ROWS_TOO_LARGE = "the call asked its database for too many characters of rows"


class SandboxError(Exception):
    """Code in a sandbox gave no value; whoever knows the reader says it in sentences.

    `subject` is what was run: a call as a student would write it, or "your cell". `limit` is the bound that was
    broken, in seconds, bytes, characters or statements. `detail` is what came back: an exception, the kind of a value,
    a number.
    """

    def __init__(self, failure: Failure, subject: str = "", limit: float = 0, detail: str = ""):
        super().__init__(failure, subject, limit, detail)
        self.failure = failure
        self.subject = subject
        self.limit = limit
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.subject}: {self.failure.value}" + (f" ({self.detail})" if self.detail else "")
