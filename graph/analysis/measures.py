"""Measures of a node's position in a network, and how nodes rank by them.

Every measure is computed on sorted nodes and rounded to twelve significant digits. Nodes with equal values share a
rank; in a two-mode network a node is ranked among those of its own side, since a place and a provider do not compete.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import networkx as nx

from graph.analysis import positions
from graph.analysis.positions import Values
from graph.analysis.summaries import COMMUNITY, mode_of, rounded

# Beyond this product of nodes and edges (minutes of work) a measure that takes their product is not computed.
LARGEST_PRODUCT: Final = 100_000_000


class Row(NamedTuple):
    """A node's value: `rank` 1 is the highest of `population`, the nodes it is ranked among; ties share a
    rank. `error` is the standard error of a sampled value, None where it is exact.
    """

    iri: str
    label: str
    value: int | float
    rank: int
    population: int
    kind: str
    mode: str
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: `definition` says what it means, in words fit to stand beside the number, `plain` what plain networkx
    has for it ("" where nothing), `tolerance` how far another machine or library may differ from it, relatively.
    """

    name: str
    label: str
    definition: str
    compute: Callable[["nx.Graph[str]"], Values]
    integer: bool = False
    only: str = ""
    takes_product: bool = False
    sampled: Callable[["nx.Graph[str]"], Mapping[str, tuple[float, float]]] | None = None
    plain: str = ""
    tolerance: float = 1e-11
    everywhere: bool = False

    def applies(self, graph: "nx.Graph[str]") -> bool:
        """Say whether the measure means something on `graph` and can be had in reasonable time."""
        directed, two = graph.is_directed(), any(mode_of(graph, node) for node in list(graph)[:1])
        fits = {
            "": True,
            "directed": directed,
            "pointed": directed or two,
            "one-mode": not two,
            "communities": all(COMMUNITY in data for _, data in graph.nodes(data=True)),
        }
        return fits[self.only] and (not self.too_large(graph) or self.sampled is not None)

    def too_large(self, graph: "nx.Graph[str]") -> bool:
        """Say whether an exact answer would take minutes."""
        return self.takes_product and graph.number_of_nodes() * graph.number_of_edges() > LARGEST_PRODUCT


MEASURES: Final = (
    Measure(
        "degree",
        "degree",
        "Number of ties, whatever their weight and direction.",
        positions.degree,
        integer=True,
        plain="G.degree()",
        everywhere=True,
    ),
    Measure(
        "in-degree",
        "in-degree",
        "Number of ties that point to it.",
        positions.in_degree,
        integer=True,
        only="directed",
        plain="G.in_degree()",
    ),
    Measure(
        "out-degree",
        "out-degree",
        "Number of ties that it points to.",
        positions.out_degree,
        integer=True,
        only="directed",
        plain="G.out_degree()",
    ),
    Measure(
        "strength",
        "strength",
        "Sum of the weights of its ties, whatever their direction (Barrat and others 2004).",
        positions.strength,
        plain='G.degree(weight="weight")',
    ),
    Measure(
        "closeness",
        "closeness",
        "How few steps away the others are: 1 where all are neighbours, lower the farther they are and the fewer "
        "can be "
        "reached, weights and directions ignored (Freeman 1978; Wasserman and Faust 1994).",
        positions.closeness,
        takes_product=True,
        plain="nx.closeness_centrality(G.to_undirected())",
    ),
    Measure(
        "betweenness",
        "betweenness",
        "Share of the shortest paths between all other pairs of nodes that run through it, weights ignored: "
        "0 for none, 1 for all (Freeman 1977, Brandes 2001).",
        positions.betweenness,
        takes_product=True,
        sampled=positions.sampled_betweenness,
        plain="nx.betweenness_centrality(G)",
        everywhere=True,
    ),
    Measure(
        "pagerank",
        "PageRank",
        "Chance that a walker who follows ties by their weight, and with 15 percent starts anew anywhere, is "
        "there; all nodes of the network sum to 1 (Page, Brin, Motwani and Winograd 1999).",
        positions.pagerank,
        plain="nx.pagerank(G, tol=1e-15, max_iter=1000)",
        everywhere=True,
    ),
    Measure(
        "hub",
        "hub score",
        "How far it points to those that good hubs point to; all sum to 1. In a network of two sides, ties point "
        "from the "
        "first to the second (HITS: Kleinberg 1999).",
        positions.hub,
        only="pointed",
        plain="nx.hits(D)[0]",
        tolerance=1e-6,
    ),
    Measure(
        "authority",
        "authority score",
        "How far good hubs point to it; all sum to 1. In a network of two sides, ties point from the first to the "
        "second "
        "(HITS: Kleinberg 1999).",
        positions.authority,
        only="pointed",
        plain="nx.hits(D)[1]",
        tolerance=1e-6,
    ),
    Measure(
        "core",
        "core number",
        "Largest k such that it is in a part of the network in which everybody has k ties or more, directions ignored "
        "(Seidman 1983).",
        positions.core,
        integer=True,
        plain="nx.core_number(G.to_undirected())",
    ),
    Measure(
        "constraint",
        "constraint",
        "How far its ties lead back to each other, by weight: low for whoever spans gaps between others, high for "
        "whoever "
        "has few or closely tied neighbours (structural holes: Burt 1992).",
        positions.constraint,
        only="one-mode",
        plain='nx.constraint(G, weight="weight")',
        tolerance=1e-9,
    ),
    Measure(
        "participation",
        "participation",
        "How evenly its ties spread over the communities: 0 where all lead into one, nearer to 1 the more communities "
        "they reach alike (Guimera and Amaral 2005).",
        positions.participation,
        only="communities",
    ),
    Measure(
        "component-size",
        "size of component",
        "Number of nodes it can reach, itself included, directions ignored.",
        positions.component_size,
        integer=True,
        plain="len(nx.node_connected_component(G.to_undirected(), n))",
    ),
    Measure(
        "cut-off",
        "nodes cut off without it",
        "Number of nodes that lose touch with the largest rest of their component should it go, directions "
        "ignored: above 0 for articulation points only (Tarjan 1972).",
        positions.cut_off,
        integer=True,
        takes_product=True,
    ),
)


def applicable(graph: "nx.Graph[str]") -> tuple[str, ...]:
    """Give the names of the measures that `measure` takes for `graph`: some are for directed networks only, one for
    graphs whose nodes are marked with their communities.
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
    errors: dict[str, float] = {}
    if wanted.sampled is not None and wanted.too_large(graph):
        sampled = wanted.sampled(graph)
        found: Values = {node: value for node, (value, _) in sampled.items()}
        errors = {node: rounded(error) for node, (_, error) in sampled.items()}
    else:
        found = wanted.compute(graph)
    values = {node: _settle(value, integer=wanted.integer) for node, value in found.items()}
    sides: dict[str, list[str]] = {}
    for node in graph:
        sides.setdefault(mode_of(graph, node), []).append(node)
    return [
        row._replace(error=errors.get(row.iri))
        for mode in sorted(sides)
        for row in _ranked(graph, mode, {n: values[n] for n in sides[mode]})
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
