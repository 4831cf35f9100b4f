"""A network in arrays as a whole: the figures of `graph.analysis.whole`, counted in bulk."""

import numpy as np

from graph.analysis.large.arrays import Arrays, Numbers
from graph.analysis.summaries import Summary, rounded
from graph.analysis.whole import Figure, Slice, centralization, concentration, listed


def summary(found: Arrays) -> Summary:
    """Give the network's size, its density and its parts, as `graph.analysis.summary` does."""
    parts = np.bincount(found.parts)
    first = int(found.mode.sum())
    sides = (first, found.size - first) if found.two_mode else None
    return Summary(
        nodes=found.size,
        edges=found.ties,
        density=_density(found.size, found.ties, sides, directed=found.directed),
        components=len(parts),
        largest=int(parts.max(initial=0)),
        sides=sides,
    )


def _density(nodes: int, ties: int, sides: tuple[int, int] | None, *, directed: bool) -> float:
    possible = sides[0] * sides[1] if sides else nodes * (nodes - 1) // (1 if directed else 2)
    return rounded(ties / possible) if possible else 0.0


def figures(found: Arrays, *, acyclic: bool = False) -> list[Figure]:
    """Give the figures of a network; with `acyclic` also the number of circles where none is expected."""
    size, degrees = summary(found), found.degrees
    sources = degrees[found.mode].tolist()
    targets = degrees[~found.mode].tolist()
    sides = size.sides or (None, None)
    return listed({
        "nodes": size.nodes,
        "edges": size.edges,
        "sources": sides[0],
        "targets": sides[1],
        "density": size.density,
        "components": size.components,
        "largest-component": size.largest,
        "centralization": centralization(sources, len(targets)),
        "mean-degree": rounded(float(degrees.mean())),
        "median-degree": int(np.sort(degrees)[(len(degrees) - 1) // 2]),
        "most-degree": int(degrees.max()),
        "assortativity": assortativity(found),
        "clustering": clustering(found),
        "concentration": concentration(sources),
        "target-concentration": concentration(targets),
        "circles": sum(len(part) > 1 for part in found.graph.connected_components(mode="strong"))
        if acyclic and found.directed else None,
    })  # fmt: skip


def assortativity(found: Arrays) -> float | None:
    """Give the correlation of the degrees at both ends of a tie, directions ignored; None where all are alike."""
    low, high = found.pairs
    one, other = (found.degrees[end].astype(np.float64) for end in (low, high))
    mean = (one.mean() + other.mean()) / 2
    spread = ((one - mean) ** 2).sum() + ((other - mean) ** 2).sum()
    return rounded(float(2 * ((one - mean) * (other - mean)).sum() / spread)) if spread else None


def clustering(found: Arrays) -> float:
    """Give the share of open chains that are closed: of two ties to a triangle; in two modes, of three to a circle.

    Circles of four are counted among the pairs of that side which the fewest chains of two ties join.
    """
    if not found.two_mode:
        closed = found.plain.transitivity_undirected()
        return rounded(closed) if closed == closed else 0.0
    low, high = found.pairs
    chains = int(((found.degrees[low] - 1) * (found.degrees[high] - 1)).sum())
    if not chains:
        return 0.0
    across = [found.near[side][:, ~side] for side in (found.mode, ~found.mode)]
    work = [int((found.degrees[side] ** 2).sum()) for side in (found.mode, ~found.mode)]
    least = across[int(work[1] < work[0])]
    shared = (least.T @ least).tocoo()
    both = shared.data[shared.row < shared.col]
    return rounded(4 * float((both * (both - 1) / 2).sum()) / chains)


def slices(found: Arrays) -> list[Slice]:
    """Give what the network had by the end of each year; nothing where no tie has a date. Undated ties are left out."""
    dated = found.since > 0
    years, ties = np.unique(found.since[dated], return_counts=True)
    first = np.full(found.size, np.iinfo(np.int64).max)
    for ends in (found.tails, found.heads):
        np.minimum.at(first, ends[dated], found.since[dated])
    told = []
    for year, edges in zip(years.tolist(), np.cumsum(ties).tolist(), strict=True):
        there = first <= year
        nodes, sources = int(there.sum()), int((there & found.mode).sum())
        sides = (sources, nodes - sources) if found.two_mode else None
        told.append(Slice(year, nodes, edges, _density(nodes, edges, sides, directed=found.directed)))
    return told


def distribution(found: Arrays) -> list[tuple[str, int, int]]:
    """Give how many nodes of each side ("" in one mode) have how many ties: side, ties, nodes."""
    sides = [("source", found.mode), ("target", ~found.mode)] if found.two_mode else [("", found.mode)]
    return [(name, int(ties), int(nodes)) for name, side in sides for ties, nodes in _counted(found.degrees[side])]


def _counted(values: Numbers) -> "zip[tuple[int, int]]":
    return zip(*np.unique(values, return_counts=True), strict=True)
