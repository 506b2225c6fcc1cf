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
    box,
    line,
    moved,
    picture,
    text,
    width_of,
)
from graders.techniques.dependencies import (
    FD,
    Node,
    candidate_keys,
    fds_within,
    in_key_order,
    lost_dependencies,
    normal_form,
    written,
)

APART = 24
FALL = 64
LONGEST_LINE = 34
NO_BREAK = "\N{NO-BREAK SPACE}"
HIGH_FORMS = ("3NF", "BCNF")


def draw_bcnf_tree(tree: Node, fds: Iterable[FD]) -> Picture:
    """Draw the splits into BCNF, as `decompose_bcnf` gives them."""
    fds = list(fds)
    drawn, verdicts = _subtree(tree, fds), _verdicts(tree, fds)
    body = drawn.body + "".join(
        text(0, drawn.height + LINE * number + 12, f"{sign} {words}")
        for number, (sign, words) in enumerate(verdicts, 1)
    )
    width = max(drawn.width, *(width_of(words) + 24 for _, words in verdicts))
    block = Block(width, drawn.height + LINE * (len(verdicts) + 1), body)
    words = " ".join([*_sentences(tree, fds), *(f"{words[0].upper()}{words[1:]}." for _, words in verdicts)])
    return picture("Decomposition into BCNF", words, block)


def _verdicts(tree: Node, fds: list[FD]) -> list[tuple[str, str]]:
    """What the leaves keep and what they lose, each with its sign; splits into BCNF are always lossless."""
    lost = [("✗", f"lost: {fd}") for fd in lost_dependencies(fds, tree.leaves)]
    return [("✓", "lossless: the join invents no row"), *(lost or [("✓", "no dependency is lost")])]


def _sentences(node: Node, fds: list[FD]) -> list[str]:
    """The tree in words, from the top down."""
    about = f"{written(node.attributes)} is in {normal_form(node.attributes, fds)}, {_keys_in_words(node, fds)}"
    if node.children:
        parts = " and ".join(written(child.attributes) for child in node.children)
        about += f"; split on {node.split_on} into {parts}"
    return [f"{about}.", *(sentence for child in node.children for sentence in _sentences(child, fds))]


def _keys_in_words(node: Node, fds: list[FD]) -> str:
    keys = in_key_order(candidate_keys(node.attributes, fds))
    return f"{'key' if len(keys) == 1 else 'keys'}: {', '.join(written(key) for key in keys)}"


def _subtree(node: Node, fds: list[FD]) -> Block:
    """A relation above its parts, which stand side by side with the relation over their middle."""
    own = _relation(node, fds)
    if not node.children:
        return own
    below = [_subtree(child, fds) for child in node.children]
    label = f"split on {node.split_on}"
    spread = sum(child.width for child in below) + APART * (len(below) - 1)
    width = max(own.width, spread, width_of(label))
    fork, floor = own.height + 24, own.height + FALL
    body = moved(own, (width - own.width) / 2, 0)
    body += text(width / 2, own.height + 17, label, anchor="middle")
    x = (width - spread) / 2
    for child in below:
        body += line(width / 2, fork, x + child.width / 2, floor) + moved(child, x, floor)
        x += child.width + APART
    return Block(width, floor + max(child.height for child in below), body)


def _relation(node: Node, fds: list[FD]) -> Block:
    """A box with the attributes, the first key underlined, then all keys and what the relation can check."""
    form = normal_form(node.attributes, fds)
    keys = in_key_order(candidate_keys(node.attributes, fds))
    names = wrap(" ".join(sorted(node.attributes)), LONGEST_LINE, break_long_words=False, break_on_hyphens=False)
    facts = _wrapped_between(_keys_in_words(node, fds))
    if not node.children:
        facts += [f"holds {fd}" for fd in fds_within(node.attributes, fds)]
    facts.append(f"{'✓' if form in HIGH_FORMS else '✗'} {form}")
    width = max(width_of(words) for words in [*names, *facts]) + 20
    height = LINE * (len(names) + len(facts)) + 10
    fill = PAPER if node.children else GOOD if form in HIGH_FORMS else BAD
    body = box(0, 0, width, height, fill=fill, border=1 if node.children else 2)
    body += "".join(_underlined(words, keys[0], LINE * number) for number, words in enumerate(names, 1))
    body += "".join(text(10, LINE * number, words, fill=INK) for number, words in enumerate(facts, len(names) + 1))
    return Block(width, height, body)


def _wrapped_between(keys: str) -> list[str]:
    """Break a list of keys into lines after commas, never inside a key."""
    whole = keys.replace(" ", NO_BREAK).replace(f",{NO_BREAK}", ", ")
    return [words.replace(NO_BREAK, " ") for words in wrap(whole, LONGEST_LINE, break_long_words=False)]


def _underlined(words: str, key: Iterable[str], y: float) -> str:
    """A line of attribute names in bold, those of the key underlined."""
    pieces = [
        f'<tspan text-decoration="underline">{escape(name)}</tspan>' if name in key else escape(name)
        for name in words.split()
    ]
    return f'<text x="10" y="{y:g}" fill="{INK}" font-weight="bold">{" ".join(pieces)}</text>'
