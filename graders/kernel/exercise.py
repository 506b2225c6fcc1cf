"""An exercise as a check knows it, and its key, sealed: what a check needs to know without knowing the solution."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, field, is_dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from cattrs import Converter

from graders.kernel.claims import KEY_CLASSES, KEY_MAKERS, KeyRequest, load_claims
from graders.sandbox import decode, encode

CONVERTER = Converter()
CHOICE_KINDS = ("choice", "prediction")
KINDS = ("sql", "python", "javascript", "java", "shell", "choice", "prediction", "parsons", "prose")


@dataclass(frozen=True)
class Exercise:
    """A graded task: its kind, its points, what a blank answer looks like, and its key.

    `lesson` is the name of its lesson, and `number` counts the exercises there from 1. `answer` is the name under
    which claims are given the answer (for Python, the name the cell must define); `stub` is the answer cell as
    released; `hints` is the ladder that `hint()` climbs; `key` is plain data made by the build: what a check needs to
    know without knowing the solution. `function` says that a Python answer is to be called, rather than read as data.
    An exercise that is `further` is off the lesson's main path: its points are a bonus.
    """

    name: str
    kind: str
    points: float
    answer: str
    title: str = ""
    stub: str = ""
    hints: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    function: bool = False
    key: Any = None
    lesson: str = ""
    number: int = 0
    further: bool = False

    @property
    def heading(self) -> str:
        """What the notebook calls the exercise: its number and its title, marked if it is further."""
        words = f"Exercise {self.number} · {self.title}" if self.number else self.title
        return f"{words} (further)" if self.further else words

    def blank(self, text: str) -> bool:
        """Whether `text` is what was released, or nothing, but for white space and, unless it is prose, comments."""
        if self.kind == "prose":
            return text.strip() in ("", self.stub.strip())
        return _bare(text) in ("", _bare(self.stub))

    def to_plain(self) -> dict[str, Any]:
        """The exercise as JSON can hold it; the key must have been encoded before."""
        return asdict(self)


def _bare(text: str) -> str:
    """`text` without its comment lines, its magic line and its white space."""
    lines = (line.strip() for line in text.strip().splitlines())
    kept = [line for line in lines if not line.startswith(("#", "--", "//", "%%answer"))]
    return "".join("".join(kept).split())


def exercise_from_plain(data: dict[str, Any]) -> Exercise:
    """Read an exercise back from what a key file holds; the claims of its lesson are loaded."""
    load_claims(data["lesson"])
    return Exercise(**{**data, "hints": tuple(data["hints"]), "key": read_key(data["name"], data["key"], data["kind"])})


@cache
def key_file(lesson: str) -> dict[str, Any]:
    """What the build wrote for the checks of `lesson`; raise `FileNotFoundError` if there is no such lesson."""
    text = (files("graders") / "keys" / f"{lesson}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def list_lessons() -> list[str]:
    """The lessons that have a key file, in course order."""
    found = [path.name[:-5] for path in (files("graders") / "keys").iterdir() if path.name.endswith(".json")]
    return sorted(found, key=lambda lesson: key_file(lesson)["id"])


def exercises_by_lesson() -> dict[str, list[str]]:
    """The names of the exercises of each lesson, in their order, by the lesson's id."""
    return {key_file(lesson)["id"]: list(key_file(lesson)["exercises"]) for lesson in list_lessons()}


@cache
def exercise_names() -> frozenset[str]:
    """The names of all exercises."""
    return frozenset(name for lesson in list_lessons() for name in key_file(lesson)["exercises"])


@cache
def find_exercise(name: str) -> Exercise | None:
    """The exercise called `name` as its lesson's key file has it, or None."""
    plain = (key_file(lesson)["exercises"].get(name) for lesson in list_lessons())
    return next((exercise_from_plain(data) for data in plain if data), None)


def digest(*words: str) -> str:
    """A short digest of `words`: enough to recognise a choice without spelling it out."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class ChoiceKey:
    """What a check needs to know of a choice or a prediction."""

    count: int
    """How many letters are right."""
    sealed: dict[str, str]
    """For each letter, sealed: "+" if it is right or "-" if not, and what to say to whoever misjudged it."""


def make_key(exercise: str, request: KeyRequest) -> Any:
    """The key of `exercise`, as it will be read back from its file; None if its claims need none."""
    maker = KEY_MAKERS.get(exercise)
    return read_key(exercise, write_key(maker(request))) if maker else None


def write_key(key: Any) -> Any:
    """`key` as JSON can hold it."""
    return encode(CONVERTER.unstructure(key) if is_dataclass(key) else key)


def read_key(exercise: str, plain: Any, kind: str = "") -> Any:
    """Read back what `write_key` wrote: a choice's key, or an instance of the class that the claims declare."""
    declared, found = ChoiceKey if kind in CHOICE_KINDS else KEY_CLASSES.get(exercise), decode(plain)
    return CONVERTER.structure(found, declared) if declared and found is not None else found


# Some 6 ms and 2 MB: a check that opens eight options still takes less than a tenth of a second.
COST, BLOCKS = 1 << 11, 8


@cache
def stretch(exercise: str, *words: str) -> bytes:
    """A digest of `words`, dear to compute (scrypt), and another one in each exercise, whose name is the salt."""
    return hashlib.scrypt("\x1f".join(words).encode(), salt=exercise.encode(), n=COST, r=BLOCKS, p=1, dklen=32)


def seal(text: str, exercise: str, *words: str) -> str:
    """`text`, unreadable without `words`, as a line of ASCII."""
    return base64.b85encode(_mask(text.encode(), stretch(exercise, *words))).decode("ascii")


def unseal(sealed: str, exercise: str, *words: str) -> str:
    """What `seal` was given; raise `ValueError` where it was given other words."""
    return _mask(base64.b85decode(sealed), stretch(exercise, *words)).decode()


def _mask(content: bytes, secret: bytes) -> bytes:
    stream = hashlib.shake_256(secret).digest(len(content))
    return bytes(one ^ other for one, other in zip(content, stream, strict=True))
