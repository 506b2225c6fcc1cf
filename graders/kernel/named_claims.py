"""Claims made from judging functions that take what is asked as their first parameter."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graders.kernel.claims import claim


def state(exercise: str, name: str, answer: str, asked: Any, judge: Callable, **told: Any) -> None:
    """Register `judge` as a claim called `name` on `exercise`, with `asked` filled in.

    The parameter `answer` of `judge` is given by the answer's own name. `told` is what `claim` takes beside it.
    """
    needed = [answer if needs == "answer" else needs for needs in list(inspect.signature(judge).parameters)[1:]]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(one, kind) for one in needed])

    def judged(*args, **given):
        return judge(asked, *signature.bind(*args, **given).args)

    judged.__name__ = name
    judged.__signature__ = signature
    claim(exercise, **told)(judged)
