"""Where a node stands: the functions behind the measures, on networkx graphs whose nodes come sorted.

What networkx does more than ten times slower than igraph is done by igraph (betweenness, closeness, constraint, core
numbers, articulation points); tests hold the two together. Where sums decide the last digits they are exactly rounded
(`math.fsum`), so that each machine gives the same result.
"""

import math
import random
from collections.abc import Mapping
from operator import mul, sub
from typing import TYPE_CHECKING, Final

import networkx as nx

from graph.analysis.networks import SOURCE_SIDE
from graph.analysis.summaries import COMMUNITY, components, mode_of, undirected

if TYPE_CHECKING:
    import igraph

DAMPING: Final = 0.85
PIVOTS: Final = 200
BATCHES: Final = 10
_CONVERGED: Final = 1e-15
_ITERATIONS: Final = 1000
_PATIENCE: Final = 20_000

Values = Mapping[str, float]


def as_igraph(graph: "nx.Graph[str]", *, directed: bool | None = None) -> "igraph.Graph":
    """Give `graph` as igraph has it: vertex i is the i-th node; edges have their `weight`, 1 where none is given.

    `directed` False leaves the directions out (two opposite edges stay two); by default they stay.
    """
    import igraph  # it draws too, and takes most of a second to load

    number = {node: i for i, node in enumerate(graph)}
    ties = [(number[tail], number[head]) for tail, head in graph.edges()]
    made = igraph.Graph(len(number), ties, directed=graph.is_directed() if directed is None else directed)
    made.es["weight"] = [float(weight) for _, _, weight in graph.edges(data="weight", default=1)]
    return made


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


def strength(graph: "nx.Graph[str]") -> Values:
    """Give the sum of the weights of each node's ties, whatever their direction.

    A. Barrat et al., "The architecture of complex weighted networks", PNAS 101 (2004), eq. 2.
    """
    weights: dict[str, list[float]] = {node: [] for node in graph}
    for tail, head, weight in graph.edges(data="weight", default=1):
        weights[tail].append(weight)
        weights[head].append(weight)
    return {node: math.fsum(own) for node, own in weights.items()}


def closeness(graph: "nx.Graph[str]") -> Values:
    """Give how near each node is to those it reaches, times the share of the network that it reaches, 0 to 1.

    Freeman's measure (1978) as Wasserman and Faust (1994, 5.2) extend it to networks in parts, weights and directions
    ignored: `networkx.closeness_centrality(graph.to_undirected())`.
    """
    within = as_igraph(graph, directed=False).simplify().closeness(normalized=True)
    others = max(len(graph) - 1, 1)
    size = component_size(graph)
    return {
        node: 0.0 if math.isnan(near) else near * (size[node] - 1) / others
        for node, near in zip(graph, within, strict=True)
    }


def betweenness(graph: "nx.Graph[str]") -> Values:
    """Give each node's share of the shortest paths between all other pairs, weights ignored, 0 to 1.

    Freeman's measure (Sociometry 40, 1977) by the algorithm of U. Brandes (Journal of Mathematical Sociology
    25, 2001), divided by the number of other pairs: `networkx.betweenness_centrality(graph)`.
    """
    pairs = _other_pairs(graph)
    counts = as_igraph(graph).betweenness(directed=True)
    return {node: count / pairs if pairs else 0.0 for node, count in zip(graph, counts, strict=True)}


def sampled_betweenness(
    graph: "nx.Graph[str]", pivots: int | None = None, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Give an estimate of each node's betweenness from paths that start at `pivots` random nodes (200), and its error.

    U. Brandes and C. Pich, "Centrality estimation in large networks", International Journal of Bifurcation and Chaos
    17 (2007). The error is the standard error over ten batches of pivots: the true value lies within twice as much in
    about 19 of 20 cases. ValueError for fewer pivots than batches or more than nodes.
    """
    pivots = min(PIVOTS, len(graph)) if pivots is None else pivots
    if not BATCHES <= pivots <= len(graph):
        raise ValueError(f"{pivots} pivots: take {BATCHES} to {len(graph)}, the number of nodes")
    chosen = random.Random(seed).sample(range(len(graph)), pivots - pivots % BATCHES)
    size = len(chosen) // BATCHES
    made, pairs = as_igraph(graph), _other_pairs(graph)
    scale = len(graph) / size / pairs
    batches = [
        [count * scale for count in made.betweenness(directed=True, sources=chosen[at : at + size])]
        for at in range(0, len(chosen), size)
    ]
    found = {}
    for node, own in zip(graph, zip(*batches, strict=True), strict=True):
        mean = math.fsum(own) / BATCHES
        spread = math.fsum((value - mean) ** 2 for value in own) / (BATCHES - 1)
        found[node] = (mean, math.sqrt(spread / BATCHES))
    return found


def _other_pairs(graph: "nx.Graph[str]") -> int:
    """Give the number of pairs of others that igraph counts paths of: ordered where ties have directions."""
    return (len(graph) - 1) * (len(graph) - 2) // (1 if graph.is_directed() else 2)


def pagerank(graph: "nx.Graph[str]") -> Values:
    """Give each node's PageRank, the chance that a walker who follows ties by their weight is there; sum 1.

    L. Page, S. Brin, R. Motwani and T. Winograd, "The PageRank citation ranking" (1999), damping 0.85, a node
    without an outgoing tie leading to every node alike: `networkx.pagerank(graph, tol=1e-15, max_iter=1000)`.
    That function multiplies by scipy, whose last digits differ between processors; these sums are exactly
    rounded and do not.
    """
    number = {node: i for i, node in enumerate(graph)}
    ties = [(tail, head, weight) for tail, head, weight in graph.to_directed().edges(data="weight", default=1)]
    leaving: list[list[float]] = [[] for _ in number]
    for tail, _, weight in ties:
        leaving[number[tail]].append(weight)
    out = [math.fsum(own) for own in leaving]
    tails: list[list[int]] = [[] for _ in number]
    shares: list[list[float]] = [[] for _ in number]
    for tail, head, weight in ties:
        tails[number[head]].append(number[tail])
        shares[number[head]].append(weight / out[number[tail]])
    size = len(number)
    stuck = [at for at in range(size) if not out[at]]
    rank = [1 / size] * size if size else []
    for _ in range(_ITERATIONS):
        lost = math.fsum(map(rank.__getitem__, stuck))
        everywhere = (1 - DAMPING + DAMPING * lost) / max(size, 1)
        given = [math.fsum(map(mul, map(rank.__getitem__, own), part)) for own, part in zip(tails, shares, strict=True)]
        following = [everywhere + DAMPING * own for own in given]
        change = math.fsum(map(abs, map(sub, following, rank)))
        rank = following
        if change <= _CONVERGED:
            break
    return dict(zip(number, rank, strict=True))


def hub(graph: "nx.Graph[str]") -> Values:
    """Give how far each node points to good authorities; all nodes sum to 1. See `authority`."""
    return _hits(graph)[0]


def authority(graph: "nx.Graph[str]") -> Values:
    """Give how far good hubs point to each node; all nodes sum to 1.

    J. Kleinberg, "Authoritative sources in a hyperlinked environment", Journal of the ACM 46 (1999), weights counting,
    started from equal scores; in a two-mode network ties point from the sources to the targets.
    `networkx.hits(graph)` where one answer exists; where several parts are equally strong it gives any.
    """
    return _hits(graph)[1]


def _hits(graph: "nx.Graph[str]") -> tuple[Values, Values]:
    import numpy as np
    from scipy import sparse

    if not graph.number_of_edges():
        return dict.fromkeys(graph, 0.0), dict.fromkeys(graph, 0.0)
    number = {node: i for i, node in enumerate(graph)}
    ties = [
        (tail, head, weight)
        if graph.is_directed() or mode_of(graph, tail) == SOURCE_SIDE
        else (head, tail, weight)
        for tail, head, weight in graph.edges(data="weight", default=1)
    ]
    tails, heads, weights = zip(*ties, strict=True)
    matrix = sparse.csr_array(
        (np.array(weights, dtype=float), ([number[t] for t in tails], [number[h] for h in heads])),
        shape=(len(number), len(number)),
    )
    back = matrix.T.tocsr()
    scores = np.full(len(number), 1 / len(number))
    for _ in range(_PATIENCE):
        following = back @ (matrix @ scores)
        following /= following.sum()
        settled = np.abs(following - scores).sum() <= _CONVERGED * 100
        scores = following
        if settled:
            break
    hubs = matrix @ scores
    hubs /= hubs.sum()
    return (
        dict(zip(graph, map(float, hubs), strict=True)),
        dict(zip(graph, map(float, scores), strict=True)),
    )


def core(graph: "nx.Graph[str]") -> Values:
    """Give the largest k such that the node is in a part whose every node has k ties or more within it.

    S. B. Seidman, "Network structure and minimum degree", Social Networks 5 (1983), directions ignored:
    `networkx.core_number(graph.to_undirected())`.
    """
    return dict(zip(graph, as_igraph(graph, directed=False).simplify().coreness(), strict=True))


def constraint(graph: "nx.Graph[str]") -> Values:
    """Give how far each node's ties lead back to each other: low for one that spans structural holes.

    R. S. Burt, "Structural Holes" (1992), ch. 2, by weight: `networkx.constraint(graph, weight="weight")`.
    """
    return dict(zip(graph, as_igraph(graph).constraint(weights="weight"), strict=True))


def participation(graph: "nx.Graph[str]") -> Values:
    """Give how evenly each node's ties spread over the communities: 0 where all lead into one.

    R. Guimera and L. A. N. Amaral, "Functional cartography of complex metabolic networks", Nature 433 (2005); the
    communities are the nodes' attribute `community` (see `communities.mark`), directions and weights ignored.
    """
    plain = undirected(graph)
    found = {}
    for node in graph:
        counts: dict[int, int] = {}
        for neighbour in plain[node]:
            community = graph.nodes[neighbour][COMMUNITY]
            counts[community] = counts.get(community, 0) + 1
        ties = sum(counts.values())
        found[node] = 1 - math.fsum((count / ties) ** 2 for count in counts.values()) if ties else 0.0
    return found


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
    names = list(graph)
    whole = as_igraph(graph, directed=False)
    lost = dict.fromkeys(graph, 0)
    for part in whole.connected_components():
        piece = whole.induced_subgraph(part)
        for point in piece.articulation_points():
            rest = piece.copy()
            rest.delete_vertices(point)
            lost[names[part[point]]] = len(part) - 1 - max(rest.connected_components().sizes())
    return lost
