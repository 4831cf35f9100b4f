"""Communities: groups of nodes tied more closely with each other than chance would have it, and how far to trust them.

A single run finds communities in anything. So fifty runs are made and compared with each other (stability) and with
random networks of the same degrees (z); the run that agrees best with all others stands for them (the consensus), and
groups get names only where the runs agree.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import networkx as nx

from graph.analysis.networks import TARGET_SIDE
from graph.analysis.nulls import nulls, seeded, z_score
from graph.analysis.positions import as_igraph
from graph.analysis.summaries import COMMUNITY, mode_of, rounded, undirected

if TYPE_CHECKING:
    import igraph

SEEDS: Final = 50
STABLE: Final = 0.8
# Up to so many ties Louvain by networkx; beyond, where that takes minutes, Leiden by igraph.
LARGEST_LOUVAIN: Final = 300
ONE_SOURCE: Final = 0.8

Partition = tuple[int, ...]
"""The community of each node, in the order of the nodes; communities are numbered from 0, the largest first."""


@dataclass(frozen=True, slots=True)
class Group:
    """A community: `name` is what its members share, "" where the runs do not agree enough to name it.

    `source` is the document that alone states four fifths or more of the ties of its members, "" where none does;
    `members` are `size`, or none where there are too many to name.
    """

    number: int
    members: tuple[str, ...]
    name: str
    source: str
    size: int


@dataclass(frozen=True, slots=True)
class Communities:
    """The communities of a network and how far to trust them.

    `modularity` is the mean of all runs, `null_mean` and `null_deviation` that of random networks of the same degrees,
    `z` how many deviations lie between, None where the random networks are all alike; `stability` is the mean adjusted
    Rand index of all pairs of runs, 1 where all agree. `one_source` is the share of nodes (in a two-mode network, of
    the first side) in communities that one source alone makes.
    """

    algorithm: str
    modularity: float
    null_mean: float
    null_deviation: float
    z: float | None
    stability: float
    one_source: float
    groups: tuple[Group, ...]

    @property
    def stable(self) -> bool:
        """Whether the runs agree enough for the groups to be named."""
        return self.stability >= STABLE

    def label(self, group: Group) -> str:
        """Name a community by what its members share, or say that the runs do not agree on it."""
        if self.stable:
            return f"community {group.number}: {group.name}"
        return f"community {group.number} (weak: runs agree to {self.stability:.2f} only)"


def communities(
    graph: "nx.Graph[str]",
    documents: Mapping[str, str] | None = None,
    *,
    seeds: int = SEEDS,
    against: Iterable["igraph.Graph"] | None = None,
) -> Communities | None:
    """Give the communities of `graph` by weight, directions ignored; None where it has fewer than two ties.

    `documents` says which document each named graph of the evidence was derived from (see `networks.documents`);
    without it each graph counts as a source of its own. `against` are the random networks to compare with, those of
    `nulls` by default.

    Modularity: M. E. J. Newman and M. Girvan, Physical Review E 69 (2004), 026113. Louvain: V. D. Blondel et al.
    (2008); Leiden: V. A. Traag et al. (2019), each by `seeds` seeds from 0 on the sorted nodes.
    """
    if graph.number_of_edges() < 2:
        return None
    louvain = graph.number_of_edges() <= LARGEST_LOUVAIN
    plain = as_igraph(graph, directed=False)
    find = _louvain if louvain else _leiden
    runs = [find(plain, seed) for seed in range(seeds)]
    scores = [plain.modularity(run, weights="weight") for run in runs]
    randoms = nulls(graph) if against is None else against
    among = [null.modularity(find(null, 0), weights="weight") for null in randoms]
    modularity = math.fsum(scores) / len(scores)
    mean, deviation, z = z_score(modularity, among)
    chosen, stability = consensus(runs)
    groups = _groups(graph, chosen, documents or {}, named=stability >= STABLE)
    return Communities(
        algorithm="Louvain" if louvain else "Leiden",
        modularity=rounded(modularity),
        null_mean=rounded(mean),
        null_deviation=rounded(deviation),
        z=None if z is None else rounded(z),
        stability=rounded(stability),
        one_source=rounded(_one_source(graph, groups)),
        groups=groups,
    )


def mark(graph: "nx.Graph[str]", found: Communities | None) -> None:
    """Write each node's community, numbered from 1, into its attribute `community`."""
    for group in found.groups if found else ():
        for node in group.members:
            graph.nodes[node][COMMUNITY] = group.number


def consensus(runs: Sequence[Partition]) -> tuple[Partition, float]:
    """Give the run that agrees best with all others, and the mean agreement of all pairs (adjusted Rand index)."""
    totals = [0.0] * len(runs)
    for one, other in combinations(range(len(runs)), 2):
        agreement = adjusted_rand(runs[one], runs[other])
        totals[one] += agreement
        totals[other] += agreement
    best = max(range(len(runs)), key=lambda run: (round(totals[run], 9), -run))
    pairs = len(runs) * (len(runs) - 1)
    return runs[best], math.fsum(totals) / pairs if pairs else 1.0


def adjusted_rand(one: Partition, other: Partition) -> float:
    """Give how far two partitions agree beyond chance: 1 where they are the same, about 0 where by chance.

    L. Hubert and P. Arabie, "Comparing partitions", Journal of Classification 2 (1985), eq. 5.
    """
    import numpy as np

    rows, columns = np.asarray(one), np.asarray(other)
    size = int(columns.max(initial=0)) + 1

    def together(labels: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> int:
        many = labels.max(initial=0) > 10 * len(labels)  # then few of them have members
        counts = np.unique(labels, return_counts=True)[1] if many else np.bincount(labels)
        return int((counts * (counts - 1) // 2).sum())

    both, first, second = together(rows * size + columns), together(rows), together(columns)
    pairs = math.comb(len(one), 2)
    expected = first * second / pairs if pairs else 0.0
    most = (first + second) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def _louvain(graph: "igraph.Graph", seed: int) -> Partition:
    # Nodes are numbers: networkx walks sets of them, and only numbers hash the same in every process.
    plain: nx.Graph[int] = nx.Graph()
    plain.add_nodes_from(range(graph.vcount()))
    for edge in graph.es:
        one, other = edge.tuple
        before = plain[one][other]["weight"] if plain.has_edge(one, other) else 0.0
        plain.add_edge(one, other, weight=before + edge["weight"])
    found = nx.community.louvain_communities(plain, weight="weight", seed=seed)
    return _numbered({node: i for i, group in enumerate(found) for node in group})


def _leiden(graph: "igraph.Graph", seed: int) -> Partition:
    seeded(seed)
    found = graph.community_leiden(objective_function="modularity", weights="weight", n_iterations=-1)
    return _numbered(dict(enumerate(found.membership)))


def _numbered(membership: dict[int, int]) -> Partition:
    """Number communities from 0, the largest first and then by their first node."""
    members: dict[int, list[int]] = {}
    for node in sorted(membership):
        members.setdefault(membership[node], []).append(node)
    order = sorted(members, key=lambda group: (-len(members[group]), members[group][0]))
    number = {group: i for i, group in enumerate(order)}
    return tuple(number[membership[node]] for node in sorted(membership))


def _groups(
    graph: "nx.Graph[str]", chosen: Partition, documents: Mapping[str, str], *, named: bool
) -> tuple[Group, ...]:
    members: dict[int, list[str]] = {}
    for node, group in zip(graph, chosen, strict=True):
        members.setdefault(group, []).append(node)
    plain = undirected(graph)
    return tuple(
        Group(
            number + 1,
            tuple(members[number]),
            _shared(plain, members[number]) if named else "",
            _stated_by(plain, members[number], documents),
            len(members[number]),
        )
        for number in sorted(members)
    )


def _shared(plain: "nx.Graph[str]", members: list[str]) -> str:
    """Name what most members are tied to: up to three nodes within, those of the second side where there is one."""
    inside = set(members)
    candidates = [node for node in members if mode_of(plain, node) == TARGET_SIDE] or members
    ties = {node: sum(neighbour in inside for neighbour in plain[node]) for node in candidates}
    first = sorted(candidates, key=lambda node: (-ties[node], node))[:3]
    return ", ".join(str(plain.nodes[node].get("label", node)) for node in first)


def _stated_by(plain: "nx.Graph[str]", members: list[str], documents: Mapping[str, str]) -> str:
    """Give the document that alone states four fifths or more of the members' ties, "" where none does."""
    alone: Counter[str] = Counter()
    for tail, head in (tie for node in members for tie in plain.edges(node)):
        stating = {documents.get(graph, graph) for graph in plain[tail][head].get("evidence", "").split()}
        alone[stating.pop() if len(stating) == 1 else ""] += 1
    source, count = min(alone.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
    return source if count >= ONE_SOURCE * alone.total() else ""


def _one_source(graph: "nx.Graph[str]", groups: Sequence[Group]) -> float:
    counted = [node for node in graph if mode_of(graph, node) != TARGET_SIDE]
    of_one = {node for group in groups if group.source for node in group.members}
    return sum(node in of_one for node in counted) / len(counted) if counted else 0.0
