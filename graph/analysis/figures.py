"""Figures as SVG: a network's picture and the curve of its robustness, each with a caption that says what it shows.

The same network gives the same bytes. Colours follow the reader's light or dark setting; all that a figure says stands
in its caption too, which is also the text for whoever does not see it.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING, Final

import networkx as nx

from graph.analysis.dependence import Removal
from graph.analysis.networks import TARGET_SIDE
from graph.analysis.nulls import seeded
from graph.analysis.paths import FORWARD, Step
from graph.analysis.positions import as_igraph
from graph.analysis.summaries import Summary, mode_of, summary, undirected

if TYPE_CHECKING:
    import igraph

WIDTH: Final = 900
HEIGHT: Final = 560
MARGIN: Final = 24
# A picture of more nodes is a hairball: then the best tied are drawn.
MOST_NODES: Final = 350
NAMED: Final = 14
_LINE: Final = 18
_LETTERS: Final = 118
_LETTER: Final = 6.6
_OPENING: Final = 0.7  # below 1 opens the crowded middle
_STYLE: Final = (
    "svg{color-scheme:light dark;background:#fdfcf9;font:14px system-ui,sans-serif;fill:#1c1b19}"
    ".tie{stroke:#8b867b;stroke-opacity:.35;fill:none}.one{fill:#0b5565}.two{fill:#c2571a}"
    ".name{font-size:12px;paint-order:stroke;stroke:#fdfcf9;stroke-width:3px}"
    ".axis{stroke:#5b574f}.a{stroke:#0b5565}.b{stroke:#c2571a}.a,.b{fill:none;stroke-width:2.5}"
    "@media(prefers-color-scheme:dark){svg{background:#16171a;fill:#ebe8e1}.tie{stroke:#b0aba0}"
    ".one{fill:#86cbdb}.two{fill:#f0965c}.name{stroke:#16171a}.axis{stroke:#b0aba0}.a{stroke:#86cbdb}.b{stroke:#f0965c}}"
)


def picture(graph: "nx.Graph[str]", date: str) -> bytes:
    """Give the picture of `graph` as SVG; `date` is that of the data. The best tied nodes are named.

    Nodes are placed by forces (T. Fruchterman and E. Reingold, 1991) from a circle, so that the same network looks the
    same; where there are more than 350 the best tied are drawn.
    """
    drawn = _best_tied(graph)
    places = _places(drawn)
    lines = [
        f'<path class="tie" d="{"".join(_line(places[tail], places[head]) for tail, head in drawn.edges())}"/>'
    ]
    degree = dict(graph.degree())
    largest = max(degree.values(), default=1)
    for node in sorted(drawn, key=lambda node: (degree[node], node)):
        x, y = places[node]
        radius = 2.5 + 11 * math.sqrt(degree[node] / largest)
        side = "two" if mode_of(graph, node) == TARGET_SIDE else "one"
        name = escape(str(graph.nodes[node].get("label", node)))
        lines.append(f'<circle class="{side}" cx="{x}" cy="{y}" r="{radius:.1f}"><title>{name}</title></circle>')
    lines += _names(graph, places, sorted(drawn, key=lambda node: (-degree[node], node)))
    return _svg(str(graph.graph.get("title", "")), "".join(lines), caption(graph, date, len(drawn)))


def _names(graph: "nx.Graph[str]", places: dict[str, tuple[int, int]], order: Sequence[str]) -> list[str]:
    """Name the first nodes of `order` whose names do not lie over those before."""
    taken: list[tuple[float, float, float]] = []
    lines = []
    for node in order:
        x, y = places[node]
        name = str(graph.nodes[node].get("label", node))
        wide = _LETTER * len(name)
        left = x - 6 - wide if x > WIDTH * 0.7 else x + 6
        if not any(abs(y - other) < 15 and left < end and begin < left + wide for begin, end, other in taken):
            taken.append((left, left + wide, y))
            lines.append(f'<text class="name" x="{left:.0f}" y="{y - 5}">{escape(name)}</text>')
        if len(lines) == NAMED:
            break
    return lines


def caption(graph: "nx.Graph[str]", date: str, drawn: int | None = None) -> str:
    """Say what a picture of `graph` shows: projection, numbers, date, who is named and the bias."""
    degree = dict(graph.degree())
    first = sorted(graph, key=lambda node: (-degree[node], node))[:5]
    tied = [(graph.nodes[node].get("label", node), degree[node]) for node in first]
    return captioned(graph.graph, summary(graph), tied, date, drawn)


def captioned(
    said: Mapping[str, str], whole: Summary, first: Sequence[tuple[str, int]], date: str, drawn: int | None = None
) -> str:
    """Say what `said` (title, rule, bias, warning) says of a network of this size, and who has most ties."""
    named = "; ".join(f"{label} ({ties})" for label, ties in first)
    sides = f" ({whole.sides[0]} and {whole.sides[1]})" if whole.sides else ""
    shown = f" Drawn are the {drawn} best tied." if drawn not in (None, whole.nodes) else ""
    texts = (
        f"{said.get('title', 'Network')}: {whole.nodes} nodes{sides}, {whole.edges} ties, data of {date}.{shown}",
        f"Most ties: {named}.",
        f"Projection: {said.get('rule', '')}",
        f"Bias: {said.get('bias', '')}",
        f"Warning: {said['warning']}" if "warning" in said else "",
    )
    return " ".join(filter(None, texts))


def curve(graph: "nx.Graph[str]", removal: Sequence[Removal], date: str) -> bytes:
    """Give the robustness curves of `graph` as SVG: what is left of the largest part as nodes go."""
    left, bottom = MARGIN * 2, HEIGHT - MARGIN * 2

    def at(share: float, rest: float) -> str:
        return f"{left + share * (WIDTH - left - MARGIN):.0f},{bottom - rest * (bottom - MARGIN):.0f}"

    lines = [f'<path class="axis" fill="none" d="M{at(0, 1)}L{at(0, 0)}L{at(1, 0)}"/>']
    for name, values in (("a", [r.random for r in removal]), ("b", [r.targeted for r in removal])):
        points = " ".join(at(row.share, value) for row, value in zip(removal, values, strict=True))
        lines.append(f'<polyline class="{name}" points="{points}"/>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = at(share, 0).split(",")
        lines.append(f'<text x="{x}" y="{int(y) + 18}" text-anchor="middle">{share:.0%}</text>')
        x, y = at(0, share).split(",")
        lines.append(f'<text x="{int(x) - 6}" y="{int(y) + 5}" text-anchor="end">{share:.0%}</text>')
    lines.append(f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 4}" text-anchor="middle">share of nodes gone</text>')
    lines.append(f'<text class="key" x="{WIDTH - MARGIN}" y="{MARGIN + 10}" text-anchor="end">'
                 "blue: gone at random; orange: most tied first</text>")  # fmt: skip
    at_random = next((row.share for row in removal if row.random < 0.5), 1.0)
    targeted = next((row.share for row in removal if row.targeted < 0.5), 1.0)
    said = (
        f"{graph.graph.get('title', 'Network')}: share of the {len(graph)} nodes in the largest part as nodes go, data "
        f"of {date}. Less than half is left once {at_random:.0%} are gone at random (mean of twenty orders), once "
        f"{targeted:.0%} are gone with the most tied first. Bias: {graph.graph.get('bias', '')}"
    )
    return _svg(f"Robustness: {graph.graph.get('title', '')}", "".join(lines), said)


def chain(steps: Sequence[Step]) -> str:
    """Give the picture of a path as SVG to stand within a page: each thing below the one before, arrows as stated."""
    high = 56 * len(steps) + 36
    said = "; ".join(f"{step.source_label}, {step.property_label}, {step.target_label}" for step in steps)
    lines = []
    for at, step in enumerate(steps):
        top = 18 + 56 * at
        tip = top + 48 if step.direction == FORWARD else top + 8
        wing = tip - 7 if step.direction == FORWARD else tip + 7
        lines.append(f'<path class="axis" fill="none" d="M14 {top + 8}V{top + 48}M9 {wing}L14 {tip}L19 {wing}"/>')
        lines.append(f'<text class="by" x="30" y="{top + 33}">{escape(step.property_label)}</text>')
    names = [steps[0].source_label, *(step.target_label for step in steps)] if steps else []
    for at, name in enumerate(names):
        y = 18 + 56 * at
        lines.append(f'<circle class="one" cx="14" cy="{y}" r="7"/><text x="30" y="{y + 5}">{escape(name)}</text>')
    return (
        f'<svg class="chain" viewBox="0 0 480 {high}" width="480" height="{high}" role="img" '
        f'aria-label="{escape(said)}">{"".join(lines)}</svg>'
    )


def _best_tied(graph: "nx.Graph[str]") -> "nx.Graph[str]":
    plain = undirected(graph)
    if len(plain) <= MOST_NODES:
        return plain
    kept = sorted(plain, key=lambda node: (-plain.degree[node], node))[:MOST_NODES]
    part: nx.Graph[str] = nx.Graph()
    part.add_nodes_from(sorted(kept))
    part.add_edges_from((a, b) for a, b in plain.edges() if a in part and b in part)
    return part


def _places(graph: "nx.Graph[str]") -> dict[str, tuple[int, int]]:
    """Give where each node stands: the largest part above, the others in a row below, each laid out by forces."""
    if not len(graph):
        return {}
    names = list(graph)
    made = as_igraph(graph, directed=False)
    parts = sorted(made.connected_components(), key=lambda part: (-len(part), part))
    rest = len(parts) - 1
    floor = HEIGHT - MARGIN - (HEIGHT // 6 if rest else 0)
    places = _laid_out(made, parts[0], (MARGIN, MARGIN, WIDTH - MARGIN, floor))
    for at, part in enumerate(parts[1:]):
        wide = (WIDTH - 2 * MARGIN) / rest
        left = MARGIN + at * wide
        places |= _laid_out(made, part, (left + wide / 8, floor + MARGIN, left + wide * 7 / 8, HEIGHT - MARGIN))
    return {names[i]: place for i, place in places.items()}


def _laid_out(
    whole: "igraph.Graph", part: list[int], frame: tuple[float, float, float, float]
) -> dict[int, tuple[int, int]]:
    """Give the places of the vertices `part` within a frame (left, top, right, bottom)."""
    left, top, right, bottom = frame
    piece = whole.induced_subgraph(part)
    seeded(0)
    layout = piece.layout_fruchterman_reingold(seed=piece.layout_circle(), niter=500, grid=False)
    middle = [sum(at) / len(part) for at in zip(*layout, strict=True)]
    opened = []
    for x, y in layout:
        away = math.hypot(x - middle[0], y - middle[1]) or 1.0
        factor = away ** (_OPENING - 1)
        opened.append(((x - middle[0]) * factor, (y - middle[1]) * factor))
    xs, ys = [x for x, _ in opened], [y for _, y in opened]
    wide, high = (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0
    return {
        i: (
            round(left + (x - min(xs)) / wide * (right - left)),
            round(top + (y - min(ys)) / high * (bottom - top)),
        )
        for i, (x, y) in zip(part, opened, strict=True)
    }


def _line(one: tuple[int, int], other: tuple[int, int]) -> str:
    return f"M{one[0]} {one[1]}L{other[0]} {other[1]}"


def _svg(title: str, body: str, said: str) -> bytes:
    lines = wrap(said, _LETTERS)
    high = HEIGHT + _LINE * (len(lines) + 1)
    below = "".join(
        f'<text x="{MARGIN}" y="{HEIGHT + _LINE * at}">{escape(line)}</text>' for at, line in enumerate(lines, start=1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {high}" role="img" aria-labelledby="t d">'
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(said)}</desc><style>{_STYLE}</style>'
        f"{body}{below}</svg>\n"
    ).encode()
