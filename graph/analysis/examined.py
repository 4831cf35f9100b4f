"""All that is measured in one network, worked out once: what the graph publishes, pages show and checks compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx

from graph.analysis.communities import SEEDS, Communities, communities, mark
from graph.analysis.correlation import Correlation, correlations
from graph.analysis.dependence import RANDOM_ORDERS, Removal, robustness
from graph.analysis.measures import Row, applicable, measure
from graph.analysis.networks import Network
from graph.analysis.nulls import NULL, NULLS
from graph.analysis.structure import CorePeriphery, Nestedness, core_periphery, nestedness
from graph.analysis.summaries import rounded
from graph.analysis.whole import Figure, Kind, Slice, figures, slices
from graph.progress import Progress, silent

PARAMETERS: Final = (
    f"{SEEDS} runs of communities (seeds 0 to {SEEDS - 1}); {NULLS} random networks (seeds 0 to {NULLS - 1}); "
    f"{RANDOM_ORDERS} random orders of removal (seeds 0 to {RANDOM_ORDERS - 1})"
)

_NULL_MEAN: Final = "The same in random networks of the same degrees, on average."
_Z: Final = "How many standard deviations the value lies above that of random networks of the same degrees."

STRUCTURE: Final = {
    kind.name: kind
    for kind in (
        Kind(
            "communities",
            "communities",
            "Number of groups of nodes tied more closely with each other than chance has it.",
        ),
        Kind(
            "modularity",
            "modularity",
            "Share of the ties (by weight) within communities beyond what the degrees alone would bring, mean of "
            "all runs "
            "(Newman and Girvan 2004).",
        ),
        Kind("modularity-null-mean", "modularity of random networks", _NULL_MEAN),
        Kind("modularity-z", "modularity against chance", _Z),
        Kind(
            "stability",
            "stability of the communities",
            "How far runs from different seeds agree: 1 where all give the same communities, 0 where no more than by "
            "chance (mean adjusted Rand index, Hubert and Arabie 1985).",
        ),
        Kind(
            "one-source-share",
            "share in communities of one source",
            "Share of nodes (of two sides: of the first) in a community four fifths of whose ties one document "
            "alone states: "
            "the nearer to 1, the more the communities are the sources'.",
        ),
        Kind("core-size", "nodes in the core", "Number of nodes of the best core (Borgatti and Everett 1999)."),
        Kind("core-density", "density of the core", "Share of the possible ties within the core that exist."),
        Kind(
            "periphery-density",
            "density of the periphery",
            "Share of the possible ties within the periphery that exist.",
        ),
        Kind(
            "nestedness",
            "nestedness",
            "How far those that a node with few ties is tied to are among those of nodes with more, 0 to 100 (NODF: "
            "Almeida-Neto and others 2008).",
        ),
        Kind("nestedness-null-mean", "nestedness of random networks", _NULL_MEAN),
        Kind("nestedness-z", "nestedness against chance", _Z),
        Kind(
            "robustness-random",
            "robustness to random loss",
            "Mean share of the nodes in the largest part while all nodes go one after the other at random: 0.5 at most "
            "(Schneider and others 2011).",
        ),
        Kind(
            "robustness-targeted",
            "robustness to targeted loss",
            "The same while those with most ties go first.",
        ),
    )
}

COMPARED: Final = frozenset(("modularity", "modularity-z", "nestedness", "nestedness-z"))


@dataclass(frozen=True, slots=True)
class Examined:
    """A network and all that is measured in it; the nodes of `graph` are marked with their communities."""

    network: Network
    graph: "nx.Graph[str]"
    whole: tuple[Figure, ...]
    communities: Communities | None
    core: CorePeriphery | None
    nestedness: Nestedness | None
    removal: tuple[Removal, ...]
    slices: tuple[Slice, ...]
    measures: Mapping[str, list[Row]]
    correlations: tuple[Correlation, ...]

    @property
    def structure(self) -> tuple[Figure, ...]:
        """The figures of structure, those that have a meaning here."""
        found, nested = self.communities, self.nestedness
        values: dict[str, int | float | None] = {
            "robustness-random": mean_left([one.random for one in self.removal]),
            "robustness-targeted": mean_left([one.targeted for one in self.removal]),
        }
        if self.core is not None:
            values |= {
                "core-size": len(self.core.core),
                "core-density": self.core.inside,
                "periphery-density": self.core.outside,
            }
        if found is not None:
            values |= {
                "communities": len(found.groups),
                "modularity": found.modularity,
                "modularity-null-mean": found.null_mean,
                "modularity-z": found.z,
                "stability": found.stability,
                "one-source-share": found.one_source,
            }
        if nested is not None:
            values |= {
                "nestedness": nested.value,
                "nestedness-null-mean": nested.null_mean,
                "nestedness-z": nested.z,
            }
        return tuple(
            Figure(kind, value) for name, kind in STRUCTURE.items() if (value := values.get(name)) is not None
        )


def null_of(name: str) -> str:
    """Give the null model that the figure called `name` is compared with, "" where there is none."""
    return NULL if name in COMPARED else ""


def mean_left(shares: list[float]) -> float | None:
    """Give the mean of a robustness curve between its points (by trapezia); None for no curve."""
    if len(shares) < 2:
        return None
    return rounded((sum(shares) - (shares[0] + shares[-1]) / 2) / (len(shares) - 1))


def examine(
    network: Network,
    graph: "nx.Graph[str]",
    documents: Mapping[str, str],
    besides: Sequence[Figure] = (),
    progress: Progress = silent,
) -> Examined:
    """Work out all that is measured in `graph`, the projection of `network`; it is marked with its communities.

    `documents` as in `communities`; `besides` are figures that the network alone does not tell. `progress` is told the
    network's name and how many of the steps are done.
    """
    what = f"analyse {network.name}"
    measured = [*applicable(graph), "participation"]
    steps = len(measured) + 2
    progress(what, 0, steps)
    found = communities(graph, documents)
    mark(graph, found)
    progress(what, 1, steps)
    nested = nestedness(graph)
    progress(what, 2, steps)
    rows = {}
    for done, name in enumerate(applicable(graph), start=3):
        rows[name] = measure(graph, name)
        progress(what, done, steps)
    progress(what, steps, steps)
    return Examined(
        network=network,
        graph=graph,
        whole=(*figures(graph, acyclic=network.acyclic), *besides),
        communities=found,
        core=core_periphery(graph),
        nestedness=nested,
        removal=tuple(robustness(graph)),
        slices=tuple(slices(graph)),
        measures=rows,
        correlations=tuple(correlations(rows)),
    )
