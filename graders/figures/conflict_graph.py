"""The conflict graph of a history drawn: transactions, who must come before whom, and the cycle if there is one."""

from __future__ import annotations

from math import cos, hypot, pi, sin

from graders.figures.svg import (
    BAD,
    EDGE,
    INK,
    MARK,
    PAPER,
    Block,
    Picture,
    add_footer,
    add_lines,
    make_picture,
    text,
)
from graders.techniques.schedules import ConflictGraph, Edge

NODE = 20
RADIUS = 90


def draw_conflict_graph(graph: ConflictGraph) -> Picture:
    """Draw the transactions in a ring with an arrow to each that must come later, and the conflicts in words.

    The arrows of a cycle are thick and its transactions marked; the foot gives the cycle, or a serial order.
    """
    places = _place_nodes(graph.nodes)
    cycle = graph.cycle()
    thick = set(zip(cycle, cycle[1:], strict=False))
    body = "".join(_draw_arrow(places, edge, edge in thick) for edge in graph.edges)
    body += "".join(_draw_node(name, places[name], name in cycle) for name in graph.nodes)
    bottom = max((y for _, y in places.values()), default=0) + NODE + 16
    block = add_lines(Block(2 * (RADIUS + NODE) + 8, bottom, body), _describe_edges(graph))
    return make_picture("Conflict graph", describe_conflict_graph(graph), add_footer(block, _describe_verdict(graph)))


def _place_nodes(names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Places on a ring, the first at the left; two stand beside each other."""
    middle = RADIUS + NODE + 4
    height = NODE + 24 if len(names) <= 2 else middle
    return {
        name: (middle - RADIUS * cos(2 * pi * at / len(names)), height - RADIUS * sin(2 * pi * at / len(names)))
        for at, name in enumerate(names)
    }


def _draw_node(name: str, place: tuple[float, float], marked: bool) -> str:
    x, y = place
    fill, stroke, thick = (BAD, MARK, 3) if marked else (PAPER, EDGE, 1)
    ring = f'<circle cx="{x:g}" cy="{y:g}" r="{NODE}" fill="{fill}" stroke="{stroke}" stroke-width="{thick}"/>'
    return ring + text(x, y + 5, _label(name), fill=INK, anchor="middle")


def _label(name: str) -> str:
    return f"T{name}" if name.isdigit() else name


def _draw_arrow(places: dict[str, tuple[float, float]], edge: Edge, thick: bool) -> str:
    """A curve from one circle to another, bent to its left, so that the way back does not lie on it."""
    (x1, y1), (x2, y2) = (places[name] for name in edge)
    far = hypot(x2 - x1, y2 - y1)
    along, across = ((x2 - x1) / far, (y2 - y1) / far), ((y2 - y1) / far, (x1 - x2) / far)
    bend, side = 0.22 * far, 7
    start = (x1 + along[0] * (NODE - 2) + across[0] * side, y1 + along[1] * (NODE - 2) + across[1] * side)
    end = (x2 - along[0] * (NODE + 4) + across[0] * side, y2 - along[1] * (NODE + 4) + across[1] * side)
    over = ((x1 + x2) / 2 + across[0] * bend, (y1 + y2) / 2 + across[1] * bend)
    curve = f"M{start[0]:.4g} {start[1]:.4g} Q{over[0]:.4g} {over[1]:.4g} {end[0]:.4g} {end[1]:.4g}"
    width = 3 if thick else 1.2
    path = f'<path d="{curve}" fill="none" stroke="currentColor" stroke-width="{width}"/>'
    return path + _draw_arrow_head(over, end)


def _draw_arrow_head(start: tuple[float, float], tip: tuple[float, float]) -> str:
    far = hypot(tip[0] - start[0], tip[1] - start[1])
    x, y = (tip[0] - start[0]) / far, (tip[1] - start[1]) / far
    left, right = ((tip[0] - 10 * x + 5 * sign * y, tip[1] - 10 * y - 5 * sign * x) for sign in (1, -1))
    points = " ".join(f"{px:.4g},{py:.4g}" for px, py in ((tip[0] + 2 * x, tip[1] + 2 * y), left, right))
    return f'<polygon points="{points}" fill="currentColor"/>'


def _describe_edges(graph: ConflictGraph) -> list[str]:
    """Each edge with its conflicts: "T1 → T2: r1(x) before w2(x)"."""
    return [
        f"{_label(first)} → {_label(second)}: {', '.join(f'{one} before {two}' for one, two in pairs)}"
        for (first, second), pairs in graph.edges.items()
    ]


def _describe_verdict(graph: ConflictGraph) -> str:
    if cycle := graph.cycle():
        return f"✗ cycle {' → '.join(map(_label, cycle))}: no serial order has these conflicts"
    return f"✓ serial order with the same conflicts: {', '.join(map(_label, graph.serial_order() or ()))}"


def describe_conflict_graph(graph: ConflictGraph) -> str:
    """Say the graph in words: its edges, and its cycle or a serial order."""
    edges = "; ".join(_describe_edges(graph)) or "no conflicts"
    verdict = _describe_verdict(graph)
    return f"Conflicts: {edges}. {verdict[2].upper()}{verdict[3:]}."
