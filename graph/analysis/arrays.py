"""Networks of hundreds of thousands of nodes: from the columns into arrays, measured by igraph and scipy.

Nodes are numbers, terms only where a result names them. The projection is the network's own query, compiled to SQL
without the evidence of each tie; small graphs prove that both ways give the same network and the same values.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from graph.analysis.networks import Network, ProjectionError
from graph.columns.kinds import SCALE
from graph.columns.opened import Columns
from graph.engine.sql.compile import compiled
from graph.engine.sql.fragments import NotCompiled
from graph.errors import Foreseen

if TYPE_CHECKING:
    import igraph
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
_EVIDENCE: Final = re.compile(r"\(GROUP_CONCAT\(DISTINCT STR\(\?graph\)\) AS \?evidence\)")
_SINCE: Final = re.compile(r"\(MIN\(\?year\) AS \?since\)")
DAMPING: Final = 0.85
CONVERGED: Final = 1e-12
ROUNDS: Final = 1000
BATCHES: Final = 10


class NotDrawn(Foreseen):
    """A network's query has no reading in SQL, or two sides are to be folded: graph.analysis.project draws it."""


@dataclass(frozen=True)
class Arrays:
    """A network: `iris` of its nodes, sorted, and per tie the places of its ends in them and its weight.

    `mode` says of each node whether it stands on the first side; without sides all do.
    """

    iris: list[str]
    tails: Numbers
    heads: Numbers
    weights: Floats
    directed: bool
    mode: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """The number of nodes."""
        return len(self.iris)

    @cached_property
    def igraph(self) -> "igraph.Graph":
        """The network as igraph has it: vertex i is the i-th node."""
        import igraph

        ties = np.column_stack((self.tails, self.heads))
        return igraph.Graph(self.size, ties, directed=self.directed, edge_attrs={"weight": self.weights})

    @cached_property
    def matrix(self) -> "csr_matrix":
        """The weights as a matrix from tails to heads; where ties have no direction, both ways."""
        from scipy.sparse import csr_matrix

        rows, columns, values = self.tails, self.heads, self.weights
        if not self.directed:
            loops = rows == columns
            rows, columns = np.concatenate((rows, columns[~loops])), np.concatenate((columns, rows[~loops]))
            values = np.concatenate((values, values[~loops]))
        return csr_matrix((values, (rows, columns)), shape=(self.size, self.size))


def draw(columns: Columns, network: Network) -> Arrays:
    """Give `network` over `columns`. Raises NotDrawn, and ProjectionError where a node stands on both sides."""
    if network.modes == "folded":
        raise NotDrawn(f"{network.name}: its sides are folded")
    try:
        plan = compiled(_SINCE.sub("", _EVIDENCE.sub("", network.query)), columns)
    except NotCompiled as reason:
        raise NotDrawn(f"{network.name}: {reason}") from reason
    if not all(plan.columns[end].encoded for end in ("source", "target")):
        raise NotDrawn(f"{network.name}: its ends are computed")
    order = ", ".join(f"c{n}" for n in range(len(plan.columns)))
    place = {name: f"c{n}" for n, name in enumerate(plan.columns)}
    weight = (f"(SELECT num / {SCALE}.0 FROM terms WHERE id = {place['weight']})" if plan.columns["weight"].encoded
              else f"{place['weight']}.lex::DOUBLE")  # fmt: skip
    found = columns.connection.execute(
        f"SELECT {place['source']} AS s, {place['target']} AS t, {weight} AS w FROM ({plan.sql}) AS drawn({order})"
    ).fetchnumpy()
    return _arrays(columns, network, found["s"].astype(np.int64), found["t"].astype(np.int64), found["w"])


def _arrays(columns: Columns, network: Network, sources: Numbers, targets: Numbers, weights: Floats) -> Arrays:
    ids = np.unique(np.concatenate((sources, targets)))  # ids of IRIs are in the order of the IRIs
    tails, heads = np.searchsorted(ids, sources), np.searchsorted(ids, targets)
    first, second = np.zeros(len(ids), bool), np.zeros(len(ids), bool)
    first[tails], second[heads] = True, True
    if network.two_mode and (first & second).any():
        raise ProjectionError(f"{network.name}: a node stands on both sides of a two-mode network")
    if not network.directed:  # two ties between the same nodes, written both ways, are one: the later counts
        tails, heads, weights = _undirected(tails, heads, weights)
    texts = columns.connection.execute(
        "SELECT lex FROM terms WHERE id IN (SELECT unnest(?::BIGINT[])) ORDER BY id", [ids.tolist()]
    ).fetchnumpy()["lex"]
    mode = first if network.two_mode else np.ones(len(ids), bool)
    return Arrays(list(texts), tails, heads, weights.astype(np.float64), network.directed, mode)


def _undirected(tails: Numbers, heads: Numbers, weights: Floats) -> tuple[Numbers, Numbers, Floats]:
    order = np.lexsort((heads, tails))
    low, high = np.minimum(tails, heads)[order], np.maximum(tails, heads)[order]
    last = {(int(a), int(b)): n for n, (a, b) in enumerate(zip(low, high, strict=True))}
    kept = np.fromiter(last.values(), np.int64, len(last))
    return low[kept], high[kept], weights[order][kept]


def degree(found: Arrays) -> Numbers:
    """Give each node's number of ties; a tie with itself counts twice."""
    return np.bincount(found.tails, minlength=found.size) + np.bincount(found.heads, minlength=found.size)


def strength(found: Arrays) -> Floats:
    """Give the sum of the weights of each node's ties."""
    tails, heads = (np.bincount(end, found.weights, found.size) for end in (found.tails, found.heads))
    return np.asarray(tails + heads, np.float64)


def pagerank(found: Arrays) -> Floats:
    """Give each node's PageRank; a node that points nowhere leads to every node alike."""
    out = np.asarray(found.matrix.sum(axis=1)).ravel()
    share = np.divide(1.0, out, out=np.zeros_like(out), where=out > 0)
    backward, rank = found.matrix.T.tocsr(), np.full(found.size, 1 / found.size)
    for _ in range(ROUNDS):
        lost = rank[out == 0].sum()
        new = DAMPING * (backward @ (rank * share) + lost / found.size) + (1 - DAMPING) / found.size
        if np.abs(new - rank).sum() < CONVERGED:
            return np.asarray(new)
        rank = new
    return rank


def in_degree(found: Arrays) -> Numbers:
    """Give each node's number of ties that point to it."""
    return np.bincount(found.heads, minlength=found.size)


def out_degree(found: Arrays) -> Numbers:
    """Give each node's number of ties that it points to."""
    return np.bincount(found.tails, minlength=found.size)


def hits(found: Arrays) -> tuple[Floats, Floats]:
    """Give each node's hub and authority scores, each summing to 1; ties without direction run from the first side."""
    from scipy.sparse import csr_matrix

    turned = ~found.directed & ~found.mode[found.tails]
    tails, heads = np.where(turned, found.heads, found.tails), np.where(turned, found.tails, found.heads)
    matrix = csr_matrix((found.weights, (tails, heads)), shape=(found.size, found.size))
    back, scores = matrix.T.tocsr(), np.full(found.size, 1 / found.size)
    for _ in range(ROUNDS):
        new = back @ (matrix @ scores)
        new /= new.sum()
        if np.abs(new - scores).sum() < CONVERGED:
            break
        scores = new
    hubs = matrix @ scores
    return hubs / hubs.sum(), scores


def core(found: Arrays) -> Numbers:
    """Give each node's core number: the largest k for which it is in a part whose nodes have k ties within it."""
    return np.array(found.igraph.as_undirected(mode="each").simplify().coreness())


def constraint(found: Arrays) -> Floats:
    """Give Burt's constraint of each node."""
    return np.array(found.igraph.constraint(weights="weight"))


def component_size(found: Arrays) -> Numbers:
    """Give the number of nodes that each node reaches, itself included, directions ignored."""
    member = np.array(found.igraph.connected_components(mode="weak").membership, dtype=np.int64)
    return np.bincount(member)[member]


def betweenness(found: Arrays, pivots: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Give each node's betweenness, estimated from the paths that start at `pivots` random nodes, and its error.

    As `graph.analysis.positions.sampled_betweenness`: Brandes and Pich (2007), the standard error over ten batches.
    ValueError for fewer pivots than batches or more than nodes.
    """
    if not BATCHES <= pivots <= found.size:
        raise ValueError(f"{pivots} pivots: take {BATCHES} to {found.size}, the number of nodes")
    chosen = Random(seed).sample(range(found.size), pivots - pivots % BATCHES)
    size = len(chosen) // BATCHES
    pairs = (found.size - 1) * (found.size - 2) // (1 if found.directed else 2)
    scale = found.size / size / pairs
    batches = np.array([
        np.array(found.igraph.betweenness(directed=True, sources=chosen[at : at + size])) * scale
        for at in range(0, len(chosen), size)
    ])  # fmt: skip
    return batches.mean(axis=0), batches.std(axis=0, ddof=1) / math.sqrt(BATCHES)


MEASURES: Final[dict[str, Callable[[Arrays], NDArray[np.generic]]]] = {
    "degree": degree,
    "in-degree": in_degree,
    "out-degree": out_degree,
    "strength": strength,
    "pagerank": pagerank,
    "hub": lambda found: hits(found)[0],
    "authority": lambda found: hits(found)[1],
    "core": core,
    "constraint": constraint,
    "component-size": component_size,
}
