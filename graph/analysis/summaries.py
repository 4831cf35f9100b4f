"""A network as a whole: its size, its density, and the parts it falls into."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import networkx as nx

from graph.analysis.networks import SOURCE_SIDE, TARGET_SIDE

DIGITS: Final = 12
COMMUNITY: Final = "community"


class Component(NamedTuple):
    """A part of the network whose nodes reach each other, directions ignored; number 1 is the largest."""

    number: int
    size: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A network as a whole; `sides` counts sources and targets, None in one mode."""

    nodes: int
    edges: int
    density: float
    components: int
    largest: int
    sides: tuple[int, int] | None


def components(graph: "nx.Graph[str]") -> list[Component]:
    """Give the components, largest first and then by their first member; directions are ignored."""
    plain = undirected(graph)
    parts = sorted(
        (tuple(sorted(part)) for part in nx.connected_components(plain)), key=lambda p: (-len(p), p)
    )
    return [Component(number, len(part), part) for number, part in enumerate(parts, start=1)]


def summary(graph: "nx.Graph[str]") -> Summary:
    """Give the network's size, its density (existing among possible ties) and its components.

    Two-mode density is over pairs of a source and a target; `largest` is the size of the largest component.
    """
    nodes, edges = graph.number_of_nodes(), graph.number_of_edges()
    modes = [mode_of(graph, node) for node in graph]
    sides = (modes.count(SOURCE_SIDE), modes.count(TARGET_SIDE)) if any(modes) else None
    possible = sides[0] * sides[1] if sides else nodes * (nodes - 1) // (1 if graph.is_directed() else 2)
    parts = components(graph)
    return Summary(
        nodes=nodes,
        edges=edges,
        density=rounded(edges / possible) if possible else 0.0,
        components=len(parts),
        largest=parts[0].size if parts else 0,
        sides=sides,
    )


def undirected(graph: "nx.Graph[str]") -> "nx.Graph[str]":
    """Give `graph` without directions, its nodes in the same order."""
    # A copy: networkx's undirected view is slow, and walks neighbours in the order of their hashes.
    return graph.to_undirected() if graph.is_directed() else graph


def rounded(value: float) -> float:
    """Give `value` rounded to twelve significant digits, and to the store's eighteen decimals."""
    return round(float(f"{value:.{DIGITS}g}"), 18)


def mode_of(graph: "nx.Graph[str]", node: str) -> str:
    """Give the side of a two-mode network on which `node` stands; empty in a one-mode network."""
    mode: str = graph.nodes[node].get("mode", "")
    return mode
