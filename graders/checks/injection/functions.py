"""What the functions of the lesson on injection are for, said without SQL; the attack judge does the rest."""

from __future__ import annotations

from typing import Any

from course_data import bookshop
from graders.figures.statements import draw_statement
from graders.techniques.attacks import ANYTHING, REFUSED, Behaviour, Data, Slot, attacks_asked, found_by

COLUMNS = ("book_id", "title", "author", "shelf", "price", "note")
BOOK = {"book_id": 4711, "title": "A Find", "author": "Ann Found", "shelf": 2, "price": 4711, "note": None}
SECRETS = (("members", "password"),)
SORTABLE = ("title", "author", "price")
FILTERED = ("title", "author", "shelf", "price", "note")


def _draw(statement: str, sent: str, engine: str) -> str:
    return draw_statement(statement, sent, engine).svg


def _books(data: Data) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in data["books"]]


def _lower(text: str) -> str:
    """`text` with the capitals A to Z made small, and no others: what LIKE takes for the same."""
    return "".join(sign.lower() if "A" <= sign <= "Z" else sign for sign in text)


def _search(data: Data, words: str, most: str) -> Any:
    if not (most.isascii() and most.isdigit()):
        return REFUSED
    books = [book for book in _books(data) if _lower(words) in _lower(book["title"]) and book["price"] <= int(most)]
    return [(book["title"], book["price"]) for book in books]


WORDS = ("Emma", "e", "Finnegan's", "100%", "_No_", "\\", "雪国", "🦊", "Drop Table, Select", "; or,", "", "zzz")

attacks_asked(
    "injection-6",
    answer="search",
    behaviour=Behaviour(
        schema=bookshop.SCHEMA,
        data=bookshop.data,
        slots=(
            Slot(
                "words",
                "pattern",
                WORDS,
                into=lambda words: (words, "5000"),
                plant=found_by("books", BOOK, "title", WORDS),
            ),
            Slot("most", "number", ("990", "1500", "0", "100000"), into=lambda most: ("e", most)),
        ),
        expects=_search,
        secrets=SECRETS,
        further=(("e", "9.5"),),
        needs=frozenset({("books", "title"), ("books", "price")}),
    ),
    draw=_draw,
)


def _listing(data: Data, column: str, direction: str) -> Any:
    if column not in SORTABLE or direction not in ("asc", "desc"):
        return REFUSED
    books = sorted(_books(data), key=lambda book: book[column], reverse=direction == "desc")
    return [(book["title"], book["author"], book["price"]) for book in books]


attacks_asked(
    "injection-8",
    answer="listing",
    behaviour=Behaviour(
        schema=bookshop.SCHEMA,
        data=bookshop.data,
        slots=(
            Slot("column", "identifier", SORTABLE, into=lambda column: (column, "asc")),
            Slot("direction", "identifier", ("asc", "desc"), into=lambda direction: ("price", direction)),
        ),
        expects=_listing,
        secrets=SECRETS,
        ordered=True,
        further=(("title", "desc"), ("author", "desc")),
    ),
    draw=_draw,
    honest="it gives the books sorted by title, author or price, up and down",
    safe="it raises an exception for every other column and direction, and sends nothing of them to the engine",
)


def _named(data: Data, name: str) -> Data:
    """The data with the member 4 called `name`."""
    members = [(row[0], name, *row[2:]) if row[0] == 4 else row for row in data["members"]]
    return {**data, "members": members}


def _password_changed(data: Data, member_id: int, new: str) -> Data:
    members = [(row[0], row[1], new, row[3]) if row[0] == member_id else row for row in data["members"]]
    name = next(row[1] for row in data["members"] if row[0] == member_id)
    return {**data, "members": members, "log": [*data["log"], (f"{name} has a new password",)]}


attacks_asked(
    "injection-9",
    answer="change_password",
    behaviour=Behaviour(
        schema=bookshop.SCHEMA,
        data=bookshop.data,
        slots=(
            Slot("new", "text", ("secret", "it's", "100%", "雪", ""), into=lambda new: (4, new)),
            Slot("name", "stored", ("Dara O'Brien", "50% Off", "川"), into=lambda _: (4, "secret"), plant=_named),
        ),
        expects=lambda data, member_id, new: ANYTHING,
        leaves=_password_changed,
        secrets=SECRETS,
        further=((2, "secret"), (5, "other")),
    ),
    draw=_draw,
    honest="it changes the password of the member and of nobody else, and writes one line into the log",
    safe="no name and no new password makes its statements say anything else",
)


def _find_books(data: Data, filters: dict[str, Any], order: str) -> Any:
    column = order.removeprefix("-")
    if column not in SORTABLE or not set(filters) <= set(FILTERED):
        return REFUSED
    books = [book for book in _books(data) if all(_same(book[name], value) for name, value in filters.items())]
    books.sort(key=lambda book: book[column], reverse=order.startswith("-"))
    return [(book["title"], book["author"], book["price"]) for book in books]


def _same(stored: Any, asked: Any) -> bool:
    return type(stored) is type(asked) and stored == asked


def _value(column: str, honest: tuple[str, ...]) -> Slot:
    """A value that books must have in `column`."""
    plant = found_by("books", BOOK, column, honest)
    return Slot(column, "text", honest, into=lambda value: ({column: value}, "title"), plant=plant)


AUTHORS = ("Jane Austen", "Pia O'Neill", "Max % Power", "Rui Sá", "川端康成", "nobody", "")

attacks_asked(
    "injection-14",
    answer="find_books",
    behaviour=Behaviour(
        schema=bookshop.SCHEMA,
        data=bookshop.data,
        slots=(
            _value("author", AUTHORS),
            _value("title", ("Emma", "雪国", "")),
            _value("note", ("signed", "", "returned")),
            Slot("key", "identifier", ("title", "author", "note"), into=lambda key: ({key: "signed"}, "title")),
            Slot("order", "identifier", SORTABLE, into=lambda order: ({"shelf": 2}, order)),
        ),
        expects=_find_books,
        secrets=SECRETS,
        ordered=True,
        further=(
            ({}, "price"),
            ({"shelf": 2}, "note"),
            ({}, "-title"),
            ({"note": None}, "-price"),
            ({"shelf": 3, "note": ""}, "price"),
            ({"shelf": 3, "note": "signed"}, "price"),
            ({"note": None, "shelf": 1}, "author"),
            ({"title": "雪国", "author": "川端康成"}, "-author"),
            ({"shelf": 3, "price": 700, "note": "returned"}, "title"),
        ),
    ),
    draw=_draw,
    honest="it finds exactly the books that have every value asked for, NULL among them, in the order asked for",
    safe="no key, no value and no order does anything but be looked for, or be refused with an exception",
)
