"""Does the picture of a schema show tables, keys and references, in words too, and stay small for a large one?"""

import re
from xml.etree import ElementTree

import pytest

from graders.figures.schemas import MAX_COLUMNS, MAX_LAYERED, MAX_TABLES, draw_schema
from graders.labs.tables import Column, ForeignKey, TableDefinition

SVG = "{http://www.w3.org/2000/svg}"


def table(name, *columns, refers=(), uniques=()):
    made = tuple(Column(column, "INTEGER", False, column == "id") for column in columns)
    return TableDefinition(name, made, uniques, tuple(ForeignKey((own,), other, ()) for own, other in refers))


MEMBERS = table("members", "id", "email", uniques=(("email",),))
LOANS = table("loans", "id", "member", refers=[("member", "members")])


def texts(picture):
    return ["".join(one.itertext()) for one in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]


def widths(picture):
    return float(ElementTree.fromstring(picture.svg).get("width"))


def test_every_column_is_written_with_its_remarks():
    """Are keys, unique columns and references there as words, and the key underlined?"""
    picture = draw_schema([LOANS, MEMBERS])
    assert {"members", "loans", "email", "unique", "key", "→ members"} <= set(texts(picture))
    assert picture.svg.count("underline") == 2
    assert picture.svg.count("<path") == 2


def test_the_alternative_text_has_what_the_picture_has():
    """Does it name every column, and the sentence below who refers to whom?"""
    picture = draw_schema([LOANS, MEMBERS])
    description = ElementTree.fromstring(picture.svg).find(f"{SVG}desc").text
    assert "Table loans: id INTEGER (key), member INTEGER; member refers to members." in description
    assert picture.words == "2 tables: loans refers to members."


def test_what_is_referred_to_stands_on_the_left():
    """Is a child to the right of its parent, whatever their order?"""
    picture = draw_schema([LOANS, MEMBERS])
    places = dict(re.findall(r'<g transform="translate\((\S+) \S+\)"><rect.*?font-weight="bold">(\w+)<', picture.svg))
    assert [name for _, name in sorted((float(x), name) for x, name in places.items())] == ["members", "loans"]


@pytest.mark.parametrize(
    "tables",
    [
        [table("a", "id", "b", refers=[("b", "b")]), table("b", "id", "a", refers=[("a", "a")])],
        [table("a", "id", "boss", refers=[("boss", "a")])],
        [table("a", "id", "lost", refers=[("lost", "nowhere")])],
        [table("a", "<b>&", 'c"')],
        [table("a")],
    ],
    ids=["circle", "itself", "to nothing", "odd names", "no columns"],
)
def test_odd_schemas_are_drawn(tables):
    """Is the drawing whole, whatever refers to what?"""
    assert "a" in texts(draw_schema(tables))


def test_a_large_schema_stays_small():
    """Are only the first tables and columns drawn, and the others counted?"""
    many = [table(f"t{number:03}", "id", *(f"c{place}" for place in range(50))) for number in range(200)]
    picture = draw_schema(many)
    assert sum(words.startswith("t0") for words in texts(picture)) == MAX_TABLES
    assert f"and {51 - MAX_COLUMNS} more columns" in texts(picture)
    assert "200 tables, of which 12 are drawn" in picture.words
    assert len(picture.svg) < 60_000


def test_a_long_chain_is_drawn_without_lines():
    """Does a picture that would shrink beyond reading give up its lines, and not its words?"""
    chain = [
        table(f"a_rather_long_name_{n}", "id", "parent", refers=[("parent", f"a_rather_long_name_{n - 1}")] * (n > 0))
        for n in range(6)
    ]
    picture = draw_schema(chain)
    assert widths(picture) <= MAX_LAYERED
    assert "<path" not in picture.svg
    assert "→ a_rather_long_name_4" in texts(picture)
