"""Counts the work of a call, so that no bound rests on the clock."""

import sys

import pytest


@pytest.fixture
def counted_calls():
    """A function that runs another and gives how many calls, of Python's functions and C's, it made."""

    def count(function):
        calls = 0

        def note(frame, event, argument):
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(note)
        try:
            function()
        finally:
            sys.setprofile(None)
        return calls

    return count
