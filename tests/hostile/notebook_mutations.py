"""Notebooks as no program would write them: mutations of one good notebook, each from a seed of its own."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

ODD_VALUES = (
    None, True, 0, -1, 10**400, 1e308, "", "\x00", "\ud800", "\u202e", "%%answer open-loans", "%%answer",
    "x" * 200_000, [], [[]], {}, {"": None}, ["\ud800", 1, None], [["SELECT 1"]], {"nbgrader": []},
    {"nbgrader": {"grade_id": ["x"]}},
    "open-loans-answer", "DROP TABLE members; SELECT 'é' AS name", "import os\nos._exit(1)", "\r\n\r", "\x1b[2J",
)  # fmt: skip


def mutated(notebook: str, seed: int) -> bytes:
    """The notebook `notebook` (as JSON) after one to four mutations of its structure or, at times, of its bytes."""
    chance = random.Random(seed)
    data = json.loads(notebook)
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(STRUCTURE)(data, chance)
    content = json.dumps(data, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    return chance.choice(BYTES)(content, chance) if chance.random() < 0.3 else content


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) below `data`."""
    found, inside = [], [data]
    while inside:
        container = inside.pop()
        for key, value in container.items() if isinstance(container, dict) else enumerate(container):
            found.append((container, key))
            if isinstance(value, (dict, list)):
                inside.append(value)
    return found


def _place(data: Any, chance: random.Random) -> tuple[Any, Any]:
    places = _places(data) if isinstance(data, (dict, list)) else []
    return chance.choice(places) if places else ([data], 0)


def _replace(data: Any, chance: random.Random) -> Any:
    container, key = _place(data, chance)
    container[key] = chance.choice(ODD_VALUES)
    return data


def _delete(data: Any, chance: random.Random) -> Any:
    container, key = _place(data, chance)
    del container[key]
    return data


def _wrap(data: Any, chance: random.Random) -> Any:
    container, key = _place(data, chance)
    container[key] = chance.choice(([container[key]], {"source": container[key]}, str(container[key])))
    return data


def _swap(data: Any, chance: random.Random) -> Any:
    (one, a), (other, b) = _place(data, chance), _place(data, chance)
    one[a], other[b] = json.loads(json.dumps(other[b])), json.loads(json.dumps(one[a]))
    return data


def _double_a_cell(data: Any, chance: random.Random) -> Any:
    cells = data.get("cells") if isinstance(data, dict) else None
    if isinstance(cells, list) and cells:
        cells.insert(chance.randrange(len(cells)), chance.choice(cells))
    return json.loads(json.dumps(data))


def _answer_oddly(data: Any, chance: random.Random) -> Any:
    """Give an answer cell an odd text: the case that goes farthest."""
    cells = data.get("cells") if isinstance(data, dict) else None
    answers = [cell for cell in cells or () if isinstance(cell, dict) and "%%answer" in str(cell.get("source"))]
    if answers:
        cell = chance.choice(answers)
        start = str(cell["source"]).partition("\n")[0]
        cell["source"] = f"{start}\n{chance.choice(ODD_VALUES)}"
    return data


def _as_root(data: Any, chance: random.Random) -> Any:
    container, key = _place(data, chance)
    return container[key] if chance.random() < 0.2 else data


def _deepen(content: bytes, chance: random.Random) -> bytes:
    """Put a list in lists in lists where a text is expected, up to and beyond what a parser can follow."""
    depth, key = chance.choice((10, 300, 900, 990, 5_000, 100_000)), chance.choice((b"source", b"grade_id", b"id"))
    deep = b'"%s": %s%s, "was": "' % (key, b"[" * depth, b"]" * depth)
    return content.replace(b'"%s": "' % key, deep, chance.randint(1, 3))


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 20)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


STRUCTURE: tuple[Callable[[Any, random.Random], Any], ...] = (
    _replace, _replace, _delete, _wrap, _swap, _double_a_cell, _answer_oddly, _answer_oddly, _as_root,
)  # fmt: skip
BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _deepen,
    _deepen,
    lambda content, chance: content[: chance.randrange(len(content))],
    lambda content, chance: content + content[: chance.randrange(len(content))],
    lambda content, chance: content.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-8-sig", "utf-7"))),
    lambda content, chance: b"",
    lambda content, chance: b"[" * chance.choice((10, 100_000)) + content,
    lambda content, chance: b"\x00" * chance.choice((1, 1000)) + content,
)
