"""Where the nodes of a network in arrays stand: `graph.analysis.positions`, the definitions, in bulk.

Each gives an array in the order of the nodes. What takes the product of nodes and ties is sampled, with its error.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph.analysis.large.arrays import Arrays, Floats, Numbers
from graph.analysis.large.cuts import cut_off
from graph.analysis.large.steps import steps_from

DAMPING: Final = 0.85
CONVERGED: Final = 1e-12
ROUNDS: Final = 1000
BATCHES: Final = 10
PIVOTS: Final = 50  # start nodes of the paths that betweenness is estimated from
LANDMARKS: Final = 400  # nodes of a part that everybody's steps are counted to; smaller parts are counted whole


def degree(found: Arrays) -> Numbers:
    """Give each node's number of ties; a tie with itself counts twice."""
    return np.bincount(found.tails, minlength=found.size) + np.bincount(found.heads, minlength=found.size)


def in_degree(found: Arrays) -> Numbers:
    """Give each node's number of ties that point to it."""
    return np.bincount(found.heads, minlength=found.size)


def out_degree(found: Arrays) -> Numbers:
    """Give each node's number of ties that it points to."""
    return np.bincount(found.tails, minlength=found.size)


def strength(found: Arrays) -> Floats:
    """Give the sum of the weights of each node's ties."""
    tails, heads = (np.bincount(end, found.weights, found.size) for end in (found.tails, found.heads))
    return np.asarray(tails + heads, np.float64)


def closeness(found: Arrays) -> Floats:
    """Give how near each node is to those it reaches, times the share of the network that it reaches."""
    near = np.nan_to_num(np.array(found.plain.closeness(normalized=True), np.float64))
    return np.asarray(near * (component_size(found) - 1) / max(found.size - 1, 1))


def sampled_closeness(found: Arrays, landmarks: int = LANDMARKS, seed: int = 0) -> tuple[Floats, Floats]:
    """Give an estimate of each node's closeness from its steps to random nodes of its part, and its standard error.

    D. Eppstein and J. Wang, "Fast approximation of centrality", Journal of Graph Algorithms and Applications 8 (2004);
    the error over ten batches of landmarks. In a part of no more nodes than landmarks it is exact, with an error of 0.
    """
    sizes = component_size(found)
    value, error = np.zeros(found.size), np.zeros(found.size)
    share = (sizes - 1) / max(found.size - 1, 1)
    small = np.flatnonzero((sizes <= landmarks) & (sizes > 1))
    if len(small):
        value[small] = np.array(found.plain.closeness(vertices=small.tolist(), normalized=True)) * share[small]
    for part in np.unique(found.parts[sizes > landmarks]):
        members = np.flatnonzero(found.parts == part)
        chosen = Random(seed).sample(range(len(members)), landmarks - landmarks % BATCHES)
        each = len(chosen) // BATCHES
        steps = np.array([steps_from(found.near, members[chosen[at : at + each]])[members]
                          for at in range(0, len(chosen), each)]) * (len(members) / each)  # fmt: skip
        mean, spread = steps.mean(axis=0), steps.std(axis=0, ddof=1) / math.sqrt(BATCHES)
        value[members] = (len(members) - 1) / mean * share[members]
        error[members] = value[members] * spread / mean
    return value, error


def betweenness(found: Arrays) -> Floats:
    """Give each node's share of the shortest paths between all other pairs, weights ignored."""
    pairs = _other_pairs(found)
    return np.array(found.graph.betweenness(directed=True)) / pairs if pairs else np.zeros(found.size)


def sampled_betweenness(found: Arrays, pivots: int = PIVOTS, seed: int = 0) -> tuple[Floats, Floats]:
    """Give each node's betweenness, estimated from the paths that start at `pivots` random nodes, and its error.

    As `graph.analysis.positions.sampled_betweenness`: Brandes and Pich (2007), the standard error over ten batches.
    ValueError for fewer pivots than batches or more than nodes.
    """
    if not BATCHES <= pivots <= found.size:
        raise ValueError(f"{pivots} pivots: take {BATCHES} to {found.size}, the number of nodes")
    chosen = Random(seed).sample(range(found.size), pivots - pivots % BATCHES)
    size = len(chosen) // BATCHES
    scale = found.size / size / _other_pairs(found)
    batches = np.array([
        np.array(found.graph.betweenness(directed=True, sources=chosen[at : at + size])) * scale
        for at in range(0, len(chosen), size)
    ])  # fmt: skip
    return batches.mean(axis=0), batches.std(axis=0, ddof=1) / math.sqrt(BATCHES)


def _other_pairs(found: Arrays) -> int:
    return (found.size - 1) * (found.size - 2) // (1 if found.directed else 2)


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


def hits(found: Arrays) -> tuple[Floats, Floats]:
    """Give each node's hub and authority scores, each summing to 1; ties without direction run from the first side."""
    from scipy.sparse import csr_array

    turned = ~found.directed & ~found.mode[found.tails]
    tails, heads = np.where(turned, found.heads, found.tails), np.where(turned, found.tails, found.heads)
    matrix = csr_array((found.weights, (tails, heads)), shape=(found.size, found.size))
    back, scores = matrix.T.tocsr(), np.full(found.size, 1 / found.size)
    for _ in range(ROUNDS):
        new = back @ (matrix @ scores)
        new /= new.sum()
        settled = np.abs(new - scores).sum() < CONVERGED
        scores = new
        if settled:
            break
    hubs = matrix @ scores
    return hubs / hubs.sum(), scores


def core(found: Arrays) -> Numbers:
    """Give each node's core number: the largest k for which it is in a part whose nodes have k ties within it."""
    return np.array(found.plain.coreness())


def constraint(found: Arrays) -> Floats:
    """Give Burt's constraint of each node."""
    return np.array(found.graph.constraint(weights="weight"))


def participation(found: Arrays, member: Numbers) -> Floats:
    """Give how evenly each node's ties spread over the communities, `member` being each node's."""
    low, high = found.pairs
    groups = int(member.max(initial=0)) + 1
    keys, counts = np.unique(np.concatenate((low * groups + member[high], high * groups + member[low])),
                             return_counts=True)  # fmt: skip
    node = keys // groups
    return np.asarray(1 - np.bincount(node, (counts / found.degrees[node]) ** 2, found.size))


def component_size(found: Arrays) -> Numbers:
    """Give the number of nodes that each node reaches, itself included, directions ignored."""
    return np.bincount(found.parts)[found.parts]


EXACT: Final[dict[str, Callable[[Arrays], NDArray[np.generic]]]] = {
    "degree": degree,
    "in-degree": in_degree,
    "out-degree": out_degree,
    "strength": strength,
    "closeness": closeness,
    "betweenness": betweenness,
    "pagerank": pagerank,
    "hub": lambda found: hits(found)[0],
    "authority": lambda found: hits(found)[1],
    "core": core,
    "constraint": constraint,
    "component-size": component_size,
    "cut-off": cut_off,
}
SAMPLED: Final[dict[str, Callable[[Arrays], tuple[Floats, Floats]]]] = {
    "closeness": sampled_closeness,
    "betweenness": sampled_betweenness,
}
