"""Errors of a sandbox in the words that students read, for tests of both."""

from contextlib import contextmanager

from graders.kernel.answers import to_mismatch
from graders.sandbox import SandboxError


@contextmanager
def in_student_words():
    """Raise the `Mismatch` that the kernel makes of a `SandboxError` raised inside the `with`."""
    try:
        yield
    except SandboxError as error:
        raise to_mismatch(error) from None
