"""Who is like whom and why, where few are, and which ties one would expect: comparisons, never facts."""

import math
import random
from importlib.resources import files
from itertools import product
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import networkx as nx
from pyoxigraph import NamedNode, QuerySolutions, Store

from graph.analysis.networks import SOURCE_SIDE, TARGET_SIDE, Projected, label_of, project
from graph.analysis.summaries import mode_of, rounded

if TYPE_CHECKING:
    import numpy as np
    from scipy import sparse

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

JOINED: Final = "all-sources"
DIMENSIONS: Final = ("category", "product", "place")
FEWEST: Final = 5
HELD_OUT: Final = 0.1
LARGEST_PAIRS: Final = 50_000_000
SUGGESTION: Final = "A suggestion from shared ties, which no source states."


class Likeness(NamedTuple):
    """How like a node is to the one asked for: `score` weighs what both share by how rare it is, `share` is the part of
    the ties of both that they have in common, `reasons` are the labels of what they share, the rarest first.
    """

    iri: str
    label: str
    score: float
    share: float
    reasons: tuple[str, ...]


class Cell(NamedTuple):
    """A combination with few partners: how many there are, and how many were expected were its parts independent."""

    parts: tuple[str, ...]
    labels: tuple[str, ...]
    partners: int
    expected: float


class Suggestion(NamedTuple):
    """A tie that is not stated, with the score by which it would be expected and the nodes whose ties say so."""

    source: str
    source_label: str
    target: str
    target_label: str
    score: float
    because: tuple[str, ...]


class Trial(NamedTuple):
    """How well suggestions find ties that were hidden: the chance that a hidden tie scores above an absent one (0.5 is
    guessing), by shared ties and by degrees alone, with the number of hidden ties.
    """

    hidden: int
    by_shared: float
    by_degree: float


def similar(graph: "nx.Graph[str]", iri: str, limit: int = 10) -> list[Likeness]:
    """Give the nodes most like `iri` by shared neighbours; none where it is not in the network.

    L. A. Adamic and E. Adar, "Friends and neighbors on the Web", Social Networks 25 (2003): each shared neighbour of k
    ties adds 1 / log k; beside it Jaccard's share. Directions ignored.
    """
    plain = graph.to_undirected() if graph.is_directed() else graph
    if iri not in plain:
        return []
    own = set(plain[iri])
    shared: dict[str, list[str]] = {}
    for neighbour in sorted(own):
        for other in plain[neighbour]:
            if other != iri:
                shared.setdefault(other, []).append(neighbour)
    found = []
    for other, common in shared.items():
        common.sort(key=lambda node: (plain.degree[node], node))
        found.append(
            Likeness(
                other,
                plain.nodes[other].get("label", other),
                rounded(math.fsum(1 / math.log(plain.degree[node]) for node in common)),
                rounded(len(common) / len(own | set(plain[other]))),
                tuple(plain.nodes[node].get("label", node) for node in common),
            )
        )
    return sorted(found, key=lambda like: (-like.score, -like.share, like.iri))[:limit]


def similar_partners(store: Store, iri: str, limit: int = 10, network: Projected | None = None) -> list[Likeness]:
    """Give the partners most like `iri` by what both are tied to in all sources; see `similar`.

    `network` gives the network, drawn from `store` by default.
    """
    return similar(project(store, JOINED) if network is None else network(JOINED), iri, limit)


def white_space(
    store: Store, dimensions: tuple[str, ...] = DIMENSIONS, fewest: int = FEWEST, limit: int = 50
) -> list[Cell]:
    """Give the combinations (by default category x product x place) with the fewest partners against expectation.

    Each part alone has `fewest` partners or more. Expected is the number of partners with any value in every dimension
    times each part's share among them. KeyError for a dimension without a query in `counts/`. An empty cell is as
    likely a gap in the lists as in the market.
    """
    members = [_members(store, name) for name in dimensions]
    everybody = set.intersection(*(set().union(*values.values()) for values in members))
    kept = [
        {part: own & everybody for part, own in sorted(values.items()) if len(own & everybody) >= fewest}
        for values in members
    ]
    found = []
    for parts in product(*kept):
        sides = [values[part] for values, part in zip(kept, parts, strict=True)]
        expected = len(everybody) * math.prod(len(side) / len(everybody) for side in sides)
        partners = len(set.intersection(*sides))
        if partners < expected:
            found.append((expected - partners, parts, partners, expected))
    found.sort(key=lambda row: (-row[0], row[1]))
    return [
        Cell(parts, tuple(label_of(store, part) for part in parts), partners, rounded(expected))
        for _, parts, partners, expected in found[:limit]
    ]


def _members(store: Store, dimension: str) -> dict[str, set[str]]:
    if dimension not in DIMENSIONS:
        raise KeyError(dimension)
    query = (files("graph.analysis") / "counts" / f"partners-by-{dimension}.rq").read_text(encoding="utf-8")
    solutions = store.query(query)
    members: dict[str, set[str]] = {}
    if isinstance(solutions, QuerySolutions):
        for solution in solutions:
            part, partner = solution["part"], solution["partner"]
            if isinstance(part, NamedNode) and isinstance(partner, NamedNode):
                members.setdefault(part.value, set()).add(partner.value)
    return members


def suggestions(graph: "nx.Graph[str]", limit: int = 20) -> list[Suggestion]:
    """Give the absent ties of a two-mode network that shared ties speak for most: suggestions, never facts.

    Resource allocation over three steps (T. Zhou et al., "Bipartite network projection and personal recommendation",
    Physical Review E 76, 2007): each tie of a source passes one unit on to the target's other sources, and those to
    theirs, in equal parts. ValueError for a network of one mode, and for one of too many pairs.
    """
    import numpy as np

    sources, targets = _sides(graph)
    scores = _scores(graph, sources, targets)
    most = np.sort(scores, axis=None)[::-1][: limit + 1]
    least = most[-1] * (1 - 1e-9) if most.size else 0.0  # scores that differ by rounding go by name
    found = [(rounded(float(scores[i, j])), sources[i], targets[j])
             for i, j in np.argwhere((scores > 0) & (scores >= least))]  # fmt: skip
    return [
        Suggestion(
            source,
            graph.nodes[source].get("label", source),
            target,
            graph.nodes[target].get("label", target),
            score,
            tuple(graph.nodes[node].get("label", node) for node in _because(graph, source, target)),
        )
        for score, source, target in sorted(found, key=lambda row: (-row[0], row[1], row[2]))[:limit]
    ]


def trial(graph: "nx.Graph[str]", seed: int = 0) -> Trial | None:
    """Give how well `suggestions` finds a tenth of the ties that are hidden from it; None for fewer than 20 ties.

    The area under the ROC curve over all hidden and all absent ties; a hidden tie is of nodes that keep another one.
    """
    import numpy as np

    ties = sorted((a, b) if mode_of(graph, a) == SOURCE_SIDE else (b, a) for a, b in graph.edges())
    if len(ties) < 20:
        return None
    rest = graph.copy()
    hidden: list[tuple[str, str]] = []
    for source, target in random.Random(seed).sample(ties, len(ties)):
        if len(hidden) < HELD_OUT * len(ties) and rest.degree[source] > 1 and rest.degree[target] > 1:
            rest.remove_edge(source, target)
            hidden.append((source, target))
    if not hidden:
        return None
    sources, targets = _sides(graph)
    place = {node: at for side in (sources, targets) for at, node in enumerate(side)}
    shared = _scores(rest, sources, targets)
    degrees = np.outer([rest.degree[node] for node in sources], [rest.degree[node] for node in targets]).astype(float)
    absent = np.ones(shared.shape, dtype=bool)
    absent[tuple(np.array([(place[a], place[b]) for a, b in ties]).T)] = False
    of_hidden = tuple(np.array([(place[a], place[b]) for a, b in hidden]).T)
    return Trial(len(hidden), *(rounded(_area(own[of_hidden], own[absent])) for own in (shared, degrees)))


def _area(hidden: "Numbers", absent: "Numbers") -> float:
    """Give the chance that one of the scores `hidden` is above one of `absent`, equal scores counting half."""
    import numpy as np

    below = np.sort(absent)
    under = np.searchsorted(below, hidden, side="left")
    level = np.searchsorted(below, hidden, side="right") - under
    return float((under + level / 2).sum()) / (len(hidden) * len(absent))


def _sides(graph: "nx.Graph[str]") -> tuple[list[str], list[str]]:
    if not all(mode_of(graph, node) for node in graph):
        raise ValueError("suggestions are for a network of two sides")
    sources, targets = (
        [node for node in graph if mode_of(graph, node) == side] for side in (SOURCE_SIDE, TARGET_SIDE)
    )
    if len(sources) * len(targets) > LARGEST_PAIRS:
        raise ValueError(f"{len(sources)} times {len(targets)} pairs are too many to find suggestions among")
    return sources, targets


def _scores(graph: "nx.Graph[str]", sources: list[str], targets: list[str]) -> "Numbers":
    """Give the score of each pair of a source and a target, 0 where they are tied or no three steps join them."""
    import numpy as np
    from scipy import sparse

    place = {node: at for side in (sources, targets) for at, node in enumerate(side)}
    known = set(sources)
    ties = [(place[a], place[b]) if a in known else (place[b], place[a]) for a, b in graph.edges()]
    rows, columns = np.array(ties, dtype=int).reshape(-1, 2).T
    tied = sparse.csr_array((np.ones(len(ties)), (rows, columns)), shape=(len(sources), len(targets)))

    def shared_out(axis: int) -> "sparse.dia_array":
        return sparse.diags_array(1 / np.maximum(np.asarray(tied.sum(axis=axis)).ravel(), 1))

    passed = (tied @ shared_out(0) @ tied.T).tolil()
    passed.setdiag(0)  # not back to the source itself
    scores: Numbers = (passed.tocsr() @ shared_out(1) @ tied).toarray()
    scores[rows, columns] = 0
    return np.round(scores, 15)


def _because(graph: "nx.Graph[str]", source: str, target: str) -> list[str]:
    """Give up to three sources that are tied to `target` and share most with `source`."""
    own = set(graph[source])
    shared = {other: len(own & set(graph[other])) for other in graph[target]}
    return sorted((node for node, both in shared.items() if both), key=lambda node: (-shared[node], node))[:3]
