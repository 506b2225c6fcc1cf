"""A relation and its parts as a tree: keys underlined, normal forms named, lost dependencies in words."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from textwrap import wrap

from graders.figures.svg import (
    BAD,
    GOOD,
    INK,
    LINE,
    PAPER,
    Block,
    Picture,
    add_lines,
    box,
    line,
    make_picture,
    move_block,
    text,
    text_lines,
    width_of,
)
from graders.techniques.dependencies import (
    FD,
    Node,
    candidate_keys,
    format_set,
    lost_dependencies,
    normal_form,
    restrict_fds,
    sort_keys,
)

GAP = 24
DROP = 64
MAX_LETTERS = 34
NO_BREAK = "\N{NO-BREAK SPACE}"
HIGH_FORMS = ("3NF", "BCNF")


def draw_bcnf_tree(tree: Node, fds: Iterable[FD]) -> Picture:
    """Draw the splits into BCNF, as `decompose_bcnf` gives them."""
    fds = list(fds)
    verdicts = _list_verdicts(tree, fds)
    block = add_lines(_draw_subtree(tree, fds), [f"{sign} {words}" for sign, words in verdicts])
    words = " ".join([*_describe_node(tree, fds), *(f"{words[0].upper()}{words[1:]}." for _, words in verdicts)])
    return make_picture("Decomposition into BCNF", words, block)


def _list_verdicts(tree: Node, fds: list[FD]) -> list[tuple[str, str]]:
    """What the leaves keep and what they lose, each with its sign; splits into BCNF are always lossless."""
    lost = [("✗", f"lost: {fd}") for fd in lost_dependencies(fds, tree.leaves)]
    return [("✓", "lossless: the join invents no row"), *(lost or [("✓", "no dependency is lost")])]


def _describe_node(node: Node, fds: list[FD]) -> list[str]:
    """The tree in words, from the top down."""
    sentence = f"{format_set(node.attributes)} is in {normal_form(node.attributes, fds)}, {_list_keys(node, fds)}"
    if node.children:
        parts = " and ".join(format_set(child.attributes) for child in node.children)
        sentence += f"; split on {node.split_on} into {parts}"
    return [f"{sentence}.", *(sentence for child in node.children for sentence in _describe_node(child, fds))]


def _list_keys(node: Node, fds: list[FD]) -> str:
    keys = sort_keys(candidate_keys(node.attributes, fds))
    return f"{'key' if len(keys) == 1 else 'keys'}: {', '.join(format_set(key) for key in keys)}"


def _draw_subtree(node: Node, fds: list[FD]) -> Block:
    """A relation above its parts, which stand side by side with the relation over their middle."""
    own = _draw_relation(node, fds)
    if not node.children:
        return own
    below = [_draw_subtree(child, fds) for child in node.children]
    label = f"split on {node.split_on}"
    spread = sum(child.width for child in below) + GAP * (len(below) - 1)
    width = max(own.width, spread, width_of(label))
    fork, floor = own.height + 24, own.height + DROP
    body = move_block(own, (width - own.width) / 2, 0)
    body += text(width / 2, own.height + 17, label, anchor="middle")
    x = (width - spread) / 2
    for child in below:
        body += line(width / 2, fork, x + child.width / 2, floor) + move_block(child, x, floor)
        x += child.width + GAP
    return Block(width, floor + max(child.height for child in below), body)


def _draw_relation(node: Node, fds: list[FD]) -> Block:
    """A box with the attributes, the first key underlined, then all keys and what the relation can check."""
    form = normal_form(node.attributes, fds)
    keys = sort_keys(candidate_keys(node.attributes, fds))
    names = wrap(" ".join(sorted(node.attributes)), MAX_LETTERS, break_long_words=False, break_on_hyphens=False)
    facts = _wrap_keys(_list_keys(node, fds))
    if not node.children:
        facts += [f"holds {fd}" for fd in restrict_fds(fds, node.attributes)]
    facts.append(f"{'✓' if form in HIGH_FORMS else '✗'} {form}")
    width = max(width_of(words) for words in [*names, *facts]) + 20
    height = LINE * (len(names) + len(facts)) + 10
    fill = PAPER if node.children else GOOD if form in HIGH_FORMS else BAD
    body = box(0, 0, width, height, fill=fill, border=1 if node.children else 2)
    body += "".join(_draw_names(words, keys[0], LINE * number) for number, words in enumerate(names, 1))
    body += text_lines(10, LINE * (len(names) + 1), facts, fill=INK)
    return Block(width, height, body)


def _wrap_keys(keys: str) -> list[str]:
    """Break a list of keys into lines after commas, never inside a key."""
    whole = keys.replace(" ", NO_BREAK).replace(f",{NO_BREAK}", ", ")
    return [words.replace(NO_BREAK, " ") for words in wrap(whole, MAX_LETTERS, break_long_words=False)]


def _draw_names(words: str, key: Iterable[str], y: float) -> str:
    """A line of attribute names in bold, those of the key underlined."""
    pieces = [
        f'<tspan text-decoration="underline">{escape(name)}</tspan>' if name in key else escape(name)
        for name in words.split()
    ]
    return f'<text x="10" y="{y:g}" fill="{INK}" font-weight="bold">{" ".join(pieces)}</text>'
