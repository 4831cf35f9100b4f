"""The shape of a whole network: a core with a periphery, and nestedness."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import networkx as nx

from graph.analysis.networks import SOURCE_SIDE, TARGET_SIDE
from graph.analysis.nulls import nulls, z_score
from graph.analysis.summaries import mode_of, rounded, undirected

if TYPE_CHECKING:
    import igraph

# A matrix of a side with itself: beyond this many nodes a side it would not fit.
LARGEST_SIDE: Final = 6000


@dataclass(frozen=True, slots=True)
class CorePeriphery:
    """The best split into a core, tied within, and a periphery, not tied within.

    `errors` counts the pairs that spoil it: absent in the core, present in the periphery; `inside` and `outside` are
    the densities of core and periphery.
    """

    core: tuple[str, ...]
    errors: int
    inside: float
    outside: float


@dataclass(frozen=True, slots=True)
class Nestedness:
    """How far the few partners of a node are among the many of another (NODF, 0 to 100), against random networks."""

    value: float
    null_mean: float
    null_deviation: float
    z: float | None


def core_periphery(graph: "nx.Graph[str]") -> CorePeriphery | None:
    """Give the best core, its nodes sorted by degree; directions and weights ignored. None for a two-mode network.

    The split that S. P. Borgatti and M. G. Everett ask for ("Models of core/periphery structures", Social Networks 21,
    1999), found exactly: the errors of a core depend only on its size and the degrees of its nodes, so that the best
    core of each size are the nodes of highest degree (S. Z. W. Lip, "A fast algorithm for the discrete core/periphery
    bipartitioning problem", 2011). Since degrees alone decide, a null model with the same degrees would have the same
    core: there is none to compare. In two modes either side alone would be a core without any error: nestedness tells
    there what this tells here.
    """
    if any(mode_of(graph, node) for node in graph):
        return None
    plain = undirected(graph)
    order = sorted(plain, key=lambda node: (-plain.degree[node], node))
    sums = _running([plain.degree[node] for node in order])
    _, size = min((k * (k - 1) // 2 - total, k) for k, total in enumerate(sums))
    core = order[:size]
    chosen, rest = set(core), len(plain) - size
    pairs = size * (size - 1) // 2, rest * (rest - 1) // 2
    within = sum(tail in chosen and head in chosen for tail, head in plain.edges())
    beyond = sum(tail not in chosen and head not in chosen for tail, head in plain.edges())
    return CorePeriphery(
        core=tuple(core),
        errors=pairs[0] - within + beyond,
        inside=rounded(within / pairs[0]) if pairs[0] else 0.0,
        outside=rounded(beyond / pairs[1]) if pairs[1] else 0.0,
    )


def _running(numbers: list[int]) -> list[int]:
    """Give the sums of the first 0, 1, 2, ... of `numbers`."""
    sums = [0]
    for number in numbers:
        sums.append(sums[-1] + number)
    return sums


def nestedness(graph: "nx.Graph[str]", against: Iterable["igraph.Graph"] | None = None) -> Nestedness | None:
    """Give the nestedness of a two-mode network; None for other networks, and for sides too large to compare.

    `against` are the random networks to compare with, those of `nulls` by default.

    NODF (nestedness by overlap and decreasing fill): M. Almeida-Neto et al., "A consistent metric for nestedness
    analysis in ecological systems", Oikos 117 (2008), over both sides.
    """
    sources = [i for i, node in enumerate(graph) if mode_of(graph, node) == SOURCE_SIDE]
    targets = [i for i, node in enumerate(graph) if mode_of(graph, node) == TARGET_SIDE]
    if not sources or not targets or max(len(sources), len(targets)) > LARGEST_SIDE:
        return None
    value = nodf(graph)
    place = {vertex: at for side in (sources, targets) for at, vertex in enumerate(side)}
    first, sizes = set(sources), (len(sources), len(targets))
    among = [
        _nodf(
            [(place[a], place[b]) if a in first else (place[b], place[a]) for a, b in null.get_edgelist()],
            sizes,
        )
        for null in (nulls(graph) if against is None else against)
    ]
    mean, deviation, z = z_score(value, among)
    return Nestedness(rounded(value), rounded(mean), rounded(deviation), None if z is None else rounded(z))


def nodf(graph: "nx.Graph[str]") -> float:
    """Give the NODF of a two-mode network, 0 to 100; 0 where no two nodes of a side can be compared."""
    sources = {node: i for i, node in enumerate(n for n in graph if mode_of(graph, n) == SOURCE_SIDE)}
    targets = {node: i for i, node in enumerate(n for n in graph if mode_of(graph, n) == TARGET_SIDE)}
    ties = [
        (sources[tail], targets[head]) if tail in sources else (sources[head], targets[tail])
        for tail, head in graph.edges()
    ]
    return _nodf(ties, (len(sources), len(targets)))


def _nodf(ties: list[tuple[int, int]], sizes: tuple[int, int]) -> float:
    import numpy as np
    from scipy import sparse

    rows, columns = zip(*ties, strict=True)
    matrix = sparse.csr_array((np.ones(len(ties)), (rows, columns)), shape=sizes)
    total, pairs = 0.0, 0
    for side in (matrix, matrix.T.tocsr()):
        size = side.shape[0]
        fill = np.asarray(side.sum(axis=1)).ravel()
        shared = (side @ side.T).tocoo()
        # A pair counts where the fills differ, by the smaller one's share of ties that the larger has too.
        counted = fill[shared.row] > fill[shared.col]
        total += 100 * float((shared.data[counted] / fill[shared.col[counted]]).sum())
        pairs += size * (size - 1) // 2
    return total / pairs if pairs else 0.0
