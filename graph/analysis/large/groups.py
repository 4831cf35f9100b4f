"""The communities of a network in arrays as they are told: the largest, what they share, and who states their ties."""

import numpy as np

from graph.analysis.communities import ONE_SOURCE, Communities, Group
from graph.analysis.large.arrays import Arrays, Numbers
from graph.analysis.large.structure import Parted
from graph.analysis.summaries import rounded

TOLD = 100  # communities, the largest
SHARED = 3
FIRST_MEMBERS = 5


def communities(found: Arrays, parts: Parted, documents: dict[str, str], named: dict[str, str]) -> Communities:
    """Give the communities with the TOLD largest as groups, without the names of their members.

    `documents` and `named` are the documents of the graphs and the labels of the nodes that `shared` gives.
    """
    sizes, sources = np.bincount(parts.member), _stated_by(found, parts.member, documents)
    best = shared(found, parts)
    groups = tuple(
        Group(
            number=number + 1,
            members=(),
            name=", ".join(named[found.iris[node]] for node in best[number]) if parts.stable else "",
            source=sources[number],
            size=int(sizes[number]),
        )
        for number in range(min(TOLD, len(sizes)))
    )
    of_one = np.array([source != "" for source in sources])[parts.member]
    return Communities(
        algorithm="Leiden",
        modularity=rounded(parts.modularity),
        null_mean=rounded(parts.null_mean),
        null_deviation=rounded(parts.null_deviation),
        z=None if parts.z is None else rounded(parts.z),
        stability=rounded(parts.stability),
        one_source=rounded(float(of_one[found.mode].mean())),
        groups=groups,
    )


def shared(found: Arrays, parts: Parted) -> list[list[int]]:
    """Give, of each community that is told, up to three nodes within that most members are tied to."""
    low, high = found.pairs
    inside = parts.member[low] == parts.member[high]
    ties = np.bincount(low[inside], minlength=found.size) + np.bincount(high[inside], minlength=found.size)
    chosen = []
    for number in range(min(TOLD, int(parts.member.max()) + 1)):
        members = np.flatnonzero(parts.member == number)
        targets = members[~found.mode[members]]
        among = targets if len(targets) else members
        chosen.append(among[np.lexsort((among, -ties[among]))][:SHARED].tolist())
    return chosen


def first_members(parts: Parted) -> list[list[int]]:
    """Give the first members, by name, of each community that is told."""
    return [
        np.flatnonzero(parts.member == number)[:FIRST_MEMBERS].tolist()
        for number in range(min(TOLD, int(parts.member.max()) + 1))
    ]


def _stated_by(found: Arrays, member: Numbers, documents: dict[str, str]) -> list[str]:
    """Give the document that alone states four fifths or more of the ties of each community, "" where none does.

    A tie counts as of one document where the first and the last graph that states it come of the same.
    """
    told = sorted({"", *(documents.get(graph, graph) for graph in found.graphs)})
    code = np.array([told.index(documents.get(graph, graph)) for graph in found.graphs], np.int64)
    alone = np.where(code[found.first] == code[found.last], code[found.first], 0)
    size = int(member.max()) + 1
    cells = np.concatenate([member[ends] * len(told) + alone for ends in (found.tails, found.heads)])
    counts = np.bincount(cells, minlength=size * len(told)).reshape(size, len(told))
    most = counts.argmax(axis=1)  # of equal counts the first by name, as they are sorted
    enough = counts[np.arange(size), most] >= ONE_SOURCE * counts.sum(axis=1)
    return [told[document] if sure else "" for document, sure in zip(most, enough, strict=True)]
