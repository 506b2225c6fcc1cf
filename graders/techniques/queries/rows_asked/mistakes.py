"""Known wrong answers, recognised by what they give: digests of their results on every data set."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from graders.labs import EngineError, Result
from graders.techniques.queries.instances import Bench
from graders.techniques.queries.rows.values import Row, normal


def digest_of(rows: Sequence[Row], salt: str) -> str:
    """A short digest of `rows` in their order; it hides them from the eye, not from trying them all."""
    text = salt + repr([normal(row) for row in rows])
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def multiset_digest(rows: Sequence[Row], salt: str) -> str:
    """A short digest of `rows` in which their order does not count."""
    return digest_of(sorted(map(normal, rows), key=repr), salt)


def mistake(bench: Bench, query: str, hint: str, inputs: Sequence[dict[str, list[Row]]], salt: str) -> dict[str, Any]:
    """What a check keeps of the wrong answer `query`: its hint, and its error or its traits."""
    try:
        (statement,) = bench.lab.statements(query)
    except EngineError as error:
        return {"hint": hint, "error": error.sentence}
    except ValueError:
        return {"hint": hint, "error": "several statements"}
    return {"hint": hint, **traits_or_error(bench.run_each(statement, inputs), salt)}


def traits_or_error(outcomes: Sequence[Result | EngineError], salt: str) -> dict[str, Any]:
    """By what an answer is recognised: the sentence with which an engine first refused it, or its traits."""
    refused = next((outcome for outcome in outcomes if isinstance(outcome, EngineError)), None)
    return {"error": refused.sentence} if refused else traits(outcomes, salt)


def traits(results: Sequence[Result], salt: str) -> dict[str, Any]:
    """By what an answer is recognised: its column names, and digests of its rows, in order and out of it."""
    return {
        "columns": tuple(name.casefold() for name in results[0].columns),
        "rows": [multiset_digest(result.rows, salt) for result in results],
        "order": [digest_of(result.rows, salt) for result in results],
    }


def hint_for(mistakes: Sequence[dict[str, Any]], found: dict[str, Any], by: Sequence[str]) -> str:
    """The hint of the first known mistake that agrees with `found` in the traits `by`, or nothing."""
    return next((known["hint"] for known in mistakes if all(known.get(t) == found.get(t) for t in by)), "")
