"""The structure of a network in arrays: communities, core, loss of nodes, and how measures agree.

What `graph.analysis` does with fifty runs and fifty random networks is done with fewer where the ties are many:
`Effort` says with how many, and the results say so.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Final

import numpy as np

from graph.analysis.communities import SEEDS, STABLE, consensus
from graph.analysis.correlation import GIVEN, Correlation, ranked, without_third
from graph.analysis.dependence import RANDOM_ORDERS, STEPS, Removal
from graph.analysis.large.arrays import Arrays, Floats, Numbers
from graph.analysis.nulls import NULLS, seeded, z_score
from graph.analysis.summaries import rounded

if TYPE_CHECKING:
    import igraph
    from numpy.typing import NDArray

FULL_UP_TO: Final = 3_000  # ties; beyond, fewer runs
ATTEMPTS: Final = 500


@dataclass(frozen=True, slots=True)
class Effort:
    """How many runs of communities, random networks to compare with, and random orders of removal."""

    seeds: int
    nulls: int
    orders: int

    def __str__(self) -> str:
        return (f"{self.seeds} runs of communities (seeds 0 to {self.seeds - 1}); {self.nulls} random networks "
                f"(seeds 0 to {self.nulls - 1}); {self.orders} random orders of removal "
                f"(seeds 0 to {self.orders - 1})")  # fmt: skip


FULL: Final = Effort(SEEDS, NULLS, RANDOM_ORDERS)
FEW: Final = Effort(3, 3, 3)


def effort(found: Arrays) -> Effort:
    """Give how much is done for a network of this size."""
    return FULL if found.ties <= FULL_UP_TO else FEW


@dataclass(frozen=True)
class Parted:
    """The communities of a network: each node's, numbered from 0, the largest first, and how far to trust them."""

    member: Numbers
    modularity: float
    null_mean: float
    null_deviation: float
    z: float | None
    stability: float

    @property
    def stable(self) -> bool:
        """Whether the runs agree enough for the groups to be named."""
        return self.stability >= STABLE


def parted(found: Arrays) -> Parted | None:
    """Give the communities by weight, directions ignored, by Leiden; None where there are fewer than two ties."""
    if found.ties < 2:
        return None
    import igraph

    how = effort(found)
    ties = np.column_stack((found.tails, found.heads))
    whole = igraph.Graph(found.size, ties, edge_attrs={"weight": found.weights})
    runs = [_leiden(whole, seed) for seed in range(how.seeds)]
    scores = [whole.modularity(run, weights="weight") for run in runs]
    among = [null.modularity(_leiden(null, 0), weights="weight") for null in nulls(found, how.nulls)]
    modularity = math.fsum(scores) / len(scores)
    mean, deviation, z = z_score(modularity, among)
    chosen, stability = consensus([tuple(run.tolist()) for run in runs])
    return Parted(np.asarray(chosen), modularity, mean, deviation, z, stability)


def _leiden(graph: "igraph.Graph", seed: int) -> "Numbers":
    """Give each node's community, numbered from 0, the largest first and then by their first node."""
    seeded(seed)
    rounds = 2 if graph.ecount() > FULL_UP_TO else -1
    run = graph.community_leiden(objective_function="modularity", weights="weight", n_iterations=rounds)
    member = np.array(run.membership)
    _, first, sizes = np.unique(member, return_index=True, return_counts=True)
    place = np.empty(len(sizes), np.int64)
    place[np.lexsort((first, -sizes))] = np.arange(len(sizes))
    renumbered: Numbers = place[member]
    return renumbered


def nulls(found: Arrays, count: int) -> Iterator["igraph.Graph"]:
    """Give `count` random networks with the degrees of `found` (and its sides, or both degrees), without directions.

    The ends of all ties are dealt anew; ties then doubled, or of a node with itself, change ends with others until none
    is left (the configuration model, M. E. J. Newman, "Networks", 2010, 13.2); the weights are dealt out anew.
    """
    import igraph

    swapped = found.two_mode & ~found.mode[found.tails]
    tails = np.where(swapped, found.heads, found.tails)
    heads = np.where(swapped, found.tails, found.heads)
    for number in range(count):
        random = np.random.default_rng(number)
        ends = _dealt(tails, heads, random, mixed=not (found.directed or found.two_mode))
        weights = random.permutation(found.weights)
        yield igraph.Graph(found.size, np.column_stack(ends), edge_attrs={"weight": weights})


def _dealt(tails: Numbers, heads: Numbers, random: np.random.Generator, *, mixed: bool) -> tuple[Numbers, Numbers]:
    """Deal the ends anew; `mixed` where a tail may become a head. What no deal mends within ATTEMPTS stays doubled."""
    ends = random.permutation(np.concatenate((tails, heads))) if mixed else None
    tails, heads = (ends[: len(tails)], ends[len(tails) :]) if ends is not None else (tails, random.permutation(heads))
    size = int(max(tails.max(), heads.max())) + 1
    for _ in range(ATTEMPTS):
        keys = (np.minimum(tails, heads) * size + np.maximum(tails, heads)) if mixed else tails * size + heads
        kept = np.zeros(len(keys), bool)
        kept[np.unique(keys, return_index=True)[1]] = True
        bad = np.flatnonzero(~kept | (tails == heads))
        if not len(bad):
            break
        others = random.choice(len(keys), len(bad), replace=False)
        for one, other in zip(bad, others, strict=True) if len(bad) < 1000 else ():
            heads[one], heads[other] = heads[other], heads[one]
        if len(bad) >= 1000:
            apart = ~np.isin(others, bad)
            heads[bad[apart]], heads[others[apart]] = heads[others[apart]], heads[bad[apart]]
    return tails, heads


def core(found: Arrays) -> dict[str, float]:
    """Give the size of the best core and the densities of core and periphery; nothing for two sides.

    As `graph.analysis.core_periphery`: the best core of each size are the nodes of highest degree.
    """
    if found.two_mode:
        return {}
    order = np.lexsort((np.arange(found.size), -found.degrees))
    sums = np.concatenate(([0], np.cumsum(found.degrees[order])))
    sizes = np.arange(found.size + 1)
    size = int(np.argmin(sizes * (sizes - 1) // 2 - sums))
    inside = np.zeros(found.size, bool)
    inside[order[:size]] = True
    low, high = found.pairs
    within, beyond = int((inside[low] & inside[high]).sum()), int((~inside[low] & ~inside[high]).sum())
    rest = found.size - size
    pairs = size * (size - 1) // 2, rest * (rest - 1) // 2
    return {
        "core-size": size,
        "core-density": rounded(within / pairs[0]) if pairs[0] else 0.0,
        "periphery-density": rounded(beyond / pairs[1]) if pairs[1] else 0.0,
    }


def robustness(found: Arrays, orders: int | None = None) -> list[Removal]:
    """Give how the largest part shrinks as nodes go, as `graph.analysis.robustness` does."""
    orders = effort(found).orders if orders is None else orders
    n = found.size
    targeted = _largest_left(found, np.lexsort((np.arange(n), -found.degrees)))
    curves = []
    for seed in range(orders):
        order = list(range(n))
        Random(seed).shuffle(order)
        curves.append(_largest_left(found, np.array(order)))
    mean = np.array(curves).sum(axis=0) / orders
    return [
        Removal(rounded(step / STEPS), rounded(float(mean[step]) / n), rounded(targeted[step] / n))
        for step in range(STEPS + 1)
    ]


def _largest_left(found: Arrays, order: Numbers) -> list[int]:
    """Give the size of the largest part at each step, backwards: nodes come back and parts are joined."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n = found.size
    turn = np.empty(n, np.int64)
    turn[order] = np.arange(n)
    low, high = found.pairs
    back = np.minimum(turn[low], turn[high])  # a tie is there as long as none of its ends is gone
    steps = [round(step * n / STEPS) for step in range(STEPS + 1)]
    came = np.searchsorted(steps, back, side="right") - 1
    by_step = np.argsort(came, kind="stable")
    bounds = np.searchsorted(came[by_step], np.arange(STEPS + 2))
    part, largest = np.arange(n, dtype=np.int32), [0]
    for step in range(STEPS - 1, -1, -1):
        new = by_step[bounds[step] : bounds[step + 1]]
        parts = int(part.max()) + 1
        ties = csr_array((np.ones(len(new), np.int8), (part[low[new]], part[high[new]])), shape=(parts, parts))
        part = connected_components(ties, directed=False)[1][part]
        largest.append(int(np.bincount(part).max()))
    return largest[::-1]


def correlations(found: Arrays, values: Mapping[str, Floats]) -> list[Correlation]:
    """Give Spearman's rank correlation of each pair of measures on each side, and the partial one given the degree."""
    sides = [("source", found.mode), ("target", ~found.mode)] if found.two_mode else [("", found.mode)]
    told = []
    for mode, side in sides:
        ranks = np.array([ranked(own[side]) for own in values.values()]) - (side.sum() + 1) / 2
        products, place = ranks @ ranks.T, {name: at for at, name in enumerate(values)}
        for one, other in combinations(values, 2):
            direct, left = _pearson(products, place[one], place[other], side), None
            if GIVEN in place and GIVEN not in (one, other):
                given = [_pearson(products, place[name], place[GIVEN], side) for name in (one, other)]
                left = without_third(direct, *given)
            told.append(Correlation(mode, one, other, int(side.sum()), _shown(direct), _shown(left)))
    return told


def _pearson(products: Floats, one: int, other: int, side: "NDArray[np.bool_]") -> float | None:
    scale = math.sqrt(products[one, one] * products[other, other])
    return float(products[one, other]) / scale if scale and side.sum() >= 3 else None


def _shown(value: float | None) -> float | None:
    return None if value is None else rounded(value)
