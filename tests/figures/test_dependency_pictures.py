"""Pictures of dependencies and schedules: the right things marked, with sign and word, nothing cut or overlapping."""

import random
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest
import schedule_pictures

from graders.figures.dependencies import draw_chase, draw_closure, draw_spurious_join
from graders.figures.svg import Picture
from graders.techniques.dependencies import (
    FD,
    chase,
    find_spurious_join,
    letters,
    parse_fds,
    random_fds,
)

SVG = "{http://www.w3.org/2000/svg}"
TEACHING = "student course instructor"
TEACHING_FDS = parse_fds("student course -> instructor; instructor -> course")
LINES = "order product customer email price quantity"
LINES_FDS = parse_fds("order -> customer; customer -> email; product -> price; order product -> quantity")
LOSSLESS = ["order customer", "customer email", "product price", "order product quantity"]
LOSSY = ["order customer email", "order price quantity", "product price"]
ODD_FDS = [FD({"a<b", 'c"&d'}, {"<script>"})]
NARROWEST_CHARACTER = 7.8


def pictures():
    yield draw_closure("order", LINES_FDS, LINES)
    yield draw_closure({"a<b", 'c"&d'}, ODD_FDS)
    yield draw_chase(chase(LINES, LOSSLESS, LINES_FDS))
    yield draw_chase(chase(LINES, LOSSY, LINES_FDS))
    yield draw_spurious_join(find_spurious_join(LINES, LOSSY, LINES_FDS))
    rng = random.Random(2)
    for size in (5, 7, 12):
        attributes = letters(size)
        fds = random_fds(rng, attributes, 2 * size)
        yield draw_closure(sorted(attributes)[:2], fds)
    yield from schedule_pictures.pictures()


def texts(drawn: Picture):
    """Every text of a drawing with its left, right and baseline on the page."""
    found = []

    def visit(node, x, y):
        if node.tag == f"{SVG}g":
            dx, dy = node.get("transform").removeprefix("translate(").rstrip(")").split()
            x, y = x + float(dx), y + float(dy)
        if node.tag == f"{SVG}text":
            words = "".join(node.itertext())
            width = NARROWEST_CHARACTER * len(words)
            left = x + float(node.get("x")) - width * {"middle": 0.5, "end": 1}.get(node.get("text-anchor"), 0)
            found.append((words, left, left + width, y + float(node.get("y"))))
        for child in node:
            visit(child, x, y)

    visit(ET.fromstring(drawn.svg), 0, 0)
    return [one for one in found if one[0]]


def words_of(drawn):
    return [words for words, *_ in texts(drawn)]


@pytest.mark.parametrize("drawn", list(pictures()))
def test_a_picture_has_its_facts_in_words(drawn):
    root = ET.fromstring(drawn.svg)
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title" and root[0].text
    assert root[1].tag == f"{SVG}desc" and root[1].text == drawn.words
    assert str(drawn) == drawn.svg == drawn._repr_svg_()
    assert drawn.svg in drawn._repr_html_() and "<figcaption>" in drawn._repr_html_()
    assert "<script>" not in drawn._repr_html_() and "http" not in drawn.svg.replace(SVG.strip("{}"), "")


@pytest.mark.parametrize("drawn", list(pictures()))
def test_no_text_is_cut_off_or_written_over_another(drawn):
    x, y, width, height = map(float, ET.fromstring(drawn.svg).get("viewBox").split())
    found = texts(drawn)
    for words, left, right, base in found:
        assert x <= left and right <= x + width, words
        assert y + 10 <= base <= y + height - 2, words
    for one, other in combinations(found, 2):
        apart = one[2] <= other[1] or other[2] <= one[1] or abs(one[3] - other[3]) >= 13
        assert apart, (one, other)


@pytest.mark.parametrize("drawn", list(pictures()))
def test_text_on_a_light_box_is_dark_and_other_text_follows_the_page(drawn):
    for node in ET.fromstring(drawn.svg).iter(f"{SVG}text"):
        assert node.get("fill") in ("#1b1f24", "currentColor")
    for node in ET.fromstring(drawn.svg).iter(f"{SVG}rect"):
        red, green, blue = (int(node.get("fill")[place : place + 2], 16) for place in (1, 3, 5))
        assert min(red, green, blue) > 200


def test_panels_start_a_new_line_before_the_page_ends():
    chain = parse_fds("A -> B; B -> C; C -> D; D -> E")
    panels, page = len(chain) + 1, ET.fromstring(draw_closure("A", chain).svg)
    assert float(page.get("width")) <= 908
    lines = {node.get("transform").split()[1] for node in page.findall(f"{SVG}g")}
    assert 1 < len(lines) < panels


def test_the_closure_grows_by_what_is_marked_new():
    drawn = draw_closure("order", LINES_FDS, LINES)
    assert words_of(drawn).count("new") == 2 and words_of(drawn).count("◀ fires") == 2
    assert "step 2: customer -> email" in words_of(drawn)
    thick = [node for node in ET.fromstring(drawn.svg).iter(f"{SVG}rect") if node.get("stroke-width") == "3"]
    assert len(thick) == 3
    assert drawn.words == (
        "From order: order -> customer adds customer; customer -> email adds email. "
        "The closure is customer email order; it does not reach price product quantity."
    )


def test_a_closure_that_does_not_grow_says_so():
    assert "no dependency adds anything" in draw_closure("email", LINES_FDS).words
    assert draw_closure("A", parse_fds("A -> B")).words.endswith("it reaches every attribute.")


def test_a_chase_marks_each_changed_cell_and_the_complete_row():
    result = chase(LINES, LOSSLESS, LINES_FDS)
    drawn = draw_chase(result)
    changed = sum(len(step.changed) for step in result.steps)
    assert sum("→" in words for words in words_of(drawn)) == changed > 0
    thick = [node for node in ET.fromstring(drawn.svg).iter(f"{SVG}rect") if node.get("stroke-width") == "3"]
    assert len(thick) == changed
    assert words_of(drawn).count("✓ all a") == 1 and "✓ lossless: a row is all a" in words_of(drawn)
    assert drawn.words.endswith("Row 4 is all a, so the parts are lossless.")


def test_a_lossy_chase_has_no_complete_row():
    drawn = draw_chase(chase("A B", ["A", "B"], []))
    assert "✓ all a" not in words_of(drawn) and "✗ lossy: no row is all a" in words_of(drawn)
    assert "No step changes anything." in drawn.words


def test_every_invented_row_is_marked():
    example = find_spurious_join(TEACHING, ["student course", "course instructor"], [])
    drawn = draw_spurious_join(example)
    assert words_of(drawn).count("✗ invented") == len(example.spurious) == 2
    assert drawn.words == (
        "2 rows were stored, the join of the parts gives 4; 2 invented: "
        "student1, course1, instructor2; student2, course1, instructor1."
    )
