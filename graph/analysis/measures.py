"""Measures of a node's position in a network.

Every measure is computed on sorted nodes with plain Python floats and rounded to twelve significant digits,
so that each machine gives the same result to the last digit. Nodes with equal values share a rank; in a
two-mode network a node is ranked among those of its own side, since a place and a provider do not compete.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import networkx as nx

from graph.analysis.summaries import components, mode_of, rounded, undirected

DAMPING: Final = 0.85
# Beyond this product of nodes and edges (minutes of work) a measure that takes their product is not computed.
LARGEST_PRODUCT: Final = 100_000_000
_CONVERGED: Final = 1e-15
_ITERATIONS: Final = 1000

Values = Mapping[str, float]


class Row(NamedTuple):
    """A node's value: `rank` 1 is the highest of `population`, the nodes it is ranked among; ties share a
    rank.
    """

    iri: str
    label: str
    value: int | float
    rank: int
    population: int
    kind: str
    mode: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: `definition` says what it means, in words fit to stand beside the number."""

    name: str
    label: str
    definition: str
    compute: Callable[["nx.Graph[str]"], Values]
    integer: bool = False
    directed: bool = False
    takes_product: bool = False

    def applies(self, graph: "nx.Graph[str]") -> bool:
        """Say whether the measure means something on `graph` and can be had in reasonable time."""
        if self.directed and not graph.is_directed():
            return False
        return not self.takes_product or graph.number_of_nodes() * graph.number_of_edges() <= LARGEST_PRODUCT


def degree(graph: "nx.Graph[str]") -> Values:
    """Give each node's number of ties, whatever their weight and direction.

    L. C. Freeman, "Centrality in social networks: conceptual clarification", Social Networks 1 (1978).
    """
    return dict(graph.degree())


def in_degree(graph: "nx.Graph[str]") -> Values:
    """Give each node's number of ties that point to it.

    S. Wasserman and K. Faust, "Social Network Analysis" (1994), 4.3.
    """
    return dict(graph.in_degree()) if isinstance(graph, nx.DiGraph) else {}


def out_degree(graph: "nx.Graph[str]") -> Values:
    """Give each node's number of ties that it points to.

    S. Wasserman and K. Faust, "Social Network Analysis" (1994), 4.3.
    """
    return dict(graph.out_degree()) if isinstance(graph, nx.DiGraph) else {}


def betweenness(graph: "nx.Graph[str]") -> Values:
    """Give each node's share of the shortest paths between all other pairs, weights ignored, 0 to 1.

    Freeman's measure (Sociometry 40, 1977) by the algorithm of U. Brandes (Journal of Mathematical Sociology
    25, 2001), divided by the number of other pairs: `networkx.betweenness_centrality(graph)`.
    """
    return dict(nx.betweenness_centrality(graph, normalized=True, weight=None))


def pagerank(graph: "nx.Graph[str]") -> Values:
    """Give each node's PageRank, the chance that a walker who follows ties by their weight is there; sum 1.

    L. Page, S. Brin, R. Motwani and T. Winograd, "The PageRank citation ranking" (1999), damping 0.85, a node
    without an outgoing tie leading to every node alike: `networkx.pagerank(graph, tol=1e-15, max_iter=1000)`.
    That function multiplies by scipy, whose last digits differ between processors; these sums are exactly
    rounded and do not.
    """
    ties = graph.to_directed()
    strength = dict(ties.out_degree(weight="weight"))
    into: dict[str, list[tuple[str, float]]] = {node: [] for node in ties}
    for tail, head, weight in ties.edges(data="weight", default=1):
        into[head].append((tail, weight / strength[tail]))
    rank = dict.fromkeys(ties, 1 / max(len(ties), 1))
    for _ in range(_ITERATIONS):
        lost = math.fsum(rank[node] for node in ties if not strength[node])
        everywhere = (1 - DAMPING + DAMPING * lost) / len(ties) if ties else 0.0
        following = {
            node: everywhere + DAMPING * math.fsum(rank[tail] * share for tail, share in into[node])
            for node in ties
        }
        change = math.fsum(abs(following[node] - rank[node]) for node in ties)
        rank = following
        if change <= _CONVERGED:
            break
    return rank


def component_size(graph: "nx.Graph[str]") -> Values:
    """Give the number of nodes that each node reaches, itself included, directions ignored.

    The size of its weak component (Wasserman and Faust 1994, 4.2).
    """
    return {node: part.size for part in components(graph) for node in part.members}


def cut_off(graph: "nx.Graph[str]") -> Values:
    """Give the number of nodes that lose touch with the largest rest of their component should this node go.

    Above 0 exactly for articulation points whose removal parts their component (R. Tarjan, "Depth-first
    search and linear graph algorithms", SIAM Journal on Computing 1, 1972); directions ignored.
    """
    plain = undirected(graph)
    lost = dict.fromkeys(graph, 0)
    for part in components(graph):
        members = plain.subgraph(part.members)
        for point in nx.articulation_points(members):
            rest = members.subgraph([node for node in part.members if node != point])
            lost[point] = part.size - 1 - max(len(piece) for piece in nx.connected_components(rest))
    return lost


MEASURES: Final = (
    Measure("degree", "degree", "Number of ties, whatever their weight and direction.", degree, integer=True),
    Measure(
        "in-degree", "in-degree", "Number of ties that point to it.", in_degree, integer=True, directed=True
    ),
    Measure(
        "out-degree",
        "out-degree",
        "Number of ties that it points to.",
        out_degree,
        integer=True,
        directed=True,
    ),
    Measure(
        "betweenness",
        "betweenness",
        "Share of the shortest paths between all other pairs of nodes that run through it, weights ignored: "
        "0 for none, 1 for all (Freeman 1977, Brandes 2001).",
        betweenness,
        takes_product=True,
    ),
    Measure(
        "pagerank",
        "PageRank",
        "Chance that a walker who follows ties by their weight, and with 15 percent starts anew anywhere, is "
        "there; all nodes of the network sum to 1 (Page, Brin, Motwani and Winograd 1999).",
        pagerank,
    ),
    Measure(
        "component-size",
        "size of component",
        "Number of nodes it can reach, itself included, directions ignored.",
        component_size,
        integer=True,
    ),
    Measure(
        "cut-off",
        "nodes cut off without it",
        "Number of nodes that lose touch with the largest rest of their component should it go, directions "
        "ignored: above 0 for articulation points only (Tarjan 1972).",
        cut_off,
        integer=True,
        takes_product=True,
    ),
)


def applicable(graph: "nx.Graph[str]") -> tuple[str, ...]:
    """Give the names of the measures that `measure` takes for `graph`: in- and out-degree are for directed
    networks.
    """
    return tuple(row.name for row in MEASURES if row.applies(graph))


def definition(name: str) -> Measure:
    """Give the measure called `name`; KeyError where there is none."""
    for row in MEASURES:
        if row.name == name:
            return row
    raise KeyError(name)


def measure(graph: "nx.Graph[str]", name: str) -> list[Row]:
    """Give every node's value by the measure called `name`, highest first (sources before targets), then by
    label.

    KeyError where there is no such measure; ValueError where it does not apply to `graph`.
    """
    wanted = definition(name)
    if not wanted.applies(graph):
        raise ValueError(
            f"{name} does not apply to {graph.graph.get('name', 'this network')}: see `applicable`"
        )
    values = {node: _settle(value, integer=wanted.integer) for node, value in wanted.compute(graph).items()}
    sides: dict[str, list[str]] = {}
    for node in graph:
        sides.setdefault(mode_of(graph, node), []).append(node)
    return [
        row for mode in sorted(sides) for row in _ranked(graph, mode, {n: values[n] for n in sides[mode]})
    ]


def _ranked(graph: "nx.Graph[str]", mode: str, values: Mapping[str, int | float]) -> list[Row]:
    """Give the rows of one side, ranked: 1, 2, 2, 4 where the second and third are equal."""
    first: dict[int | float, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        first.setdefault(value, place)
    rows = [
        Row(
            iri=node,
            label=graph.nodes[node].get("label", node),
            value=value,
            rank=first[value],
            population=len(values),
            kind=graph.nodes[node].get("kind", ""),
            mode=mode,
        )
        for node, value in values.items()
    ]
    return sorted(rows, key=lambda row: (row.rank, row.label.casefold(), row.iri))


def _settle(value: float, *, integer: bool) -> int | float:
    return int(value) if integer else rounded(value)
