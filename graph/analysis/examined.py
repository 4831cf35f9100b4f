"""All that is measured in one network, worked out once: what the graph publishes, pages show and checks compare."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

import networkx as nx
from pyoxigraph import Store

from graph.analysis.communities import SEEDS, Communities, communities, mark
from graph.analysis.correlation import Correlation, correlations
from graph.analysis.dependence import RANDOM_ORDERS, Removal, bridges, robustness
from graph.analysis.likeness import JOINED
from graph.analysis.measures import Row, applicable, measure
from graph.analysis.networks import Network, build, documents
from graph.analysis.nulls import NULL, NULLS, nulls
from graph.analysis.structure import CorePeriphery, Nestedness, core_periphery, nestedness
from graph.analysis.summaries import rounded
from graph.analysis.whole import Figure, Kind, Slice, distribution, figures, of_partners, slices
from graph.progress import Progress, silent

if TYPE_CHECKING:
    import igraph

    from graph.analysis.large.measured import Measured

Results: TypeAlias = "Examined | Measured"
"""All that is measured in a network, whichever way: what is published of it, and what its reports tell."""

LARGEST_KEPT: Final = 50_000  # ties

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


class Examined:
    """A network and all that is measured in it, each part worked out when it is first asked for, and once.

    `documents` are as in `communities`; `besides` are figures that the network alone does not tell.
    """

    def __init__(
        self,
        network: Network,
        graph: "nx.Graph[str]",
        documents: Mapping[str, str] | None = None,
        besides: Sequence[Figure] = (),
    ) -> None:
        self.network, self.graph, self._documents, self._besides = network, graph, documents, besides
        self._rows: dict[str, list[Row]] = {}

    @property
    def nodes(self) -> int:
        """The number of nodes."""
        return self.graph.number_of_nodes()

    @property
    def edges(self) -> int:
        """The number of ties."""
        return self.graph.number_of_edges()

    @property
    def parameters(self) -> str:
        """How often what is random was done."""
        return PARAMETERS

    @property
    def said(self) -> str:
        """What was estimated or left out: nothing."""
        return ""

    @cached_property
    def whole(self) -> tuple[Figure, ...]:
        """The figures of the network as a whole."""
        return (*figures(self.graph, acyclic=self.network.acyclic), *self._besides)

    @cached_property
    def _random(self) -> "Sequence[igraph.Graph] | None":
        # Kept for two comparisons, unless they would fill the memory: then each makes its own.
        return None if self.graph.number_of_edges() > LARGEST_KEPT else list(nulls(self.graph))

    @cached_property
    def communities(self) -> Communities | None:
        """The communities, None where there are too few ties."""
        return communities(self.graph, self._documents, against=self._random)

    @cached_property
    def core(self) -> CorePeriphery | None:
        """The core, None in a network of two sides."""
        return core_periphery(self.graph)

    @cached_property
    def nestedness(self) -> Nestedness | None:
        """The nestedness, None in a network of one side."""
        return nestedness(self.graph, self._random) if self.network.two_mode else None

    @cached_property
    def removal(self) -> tuple[Removal, ...]:
        """The curve of robustness."""
        return tuple(robustness(self.graph))

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        """What the network had by the end of each year."""
        return tuple(slices(self.graph))

    @property
    def undated(self) -> int:
        """The number of ties without a year."""
        return sum(not data.get("since") for *_, data in self.graph.edges(data=True))

    @cached_property
    def bridges(self) -> Sequence[tuple[str, str, int, str, str]]:
        """The ties whose loss parts the network: labels of both ends, nodes cut off, both ends."""
        return [(row.one_label, row.other_label, row.cut_off, row.one, row.other) for row in bridges(self.graph)]

    @property
    def all_bridges(self) -> int:
        """The number of bridges."""
        return len(self.bridges)

    @property
    def first_members(self) -> Sequence[str]:
        """The labels of the first five members of each community."""
        groups = self.communities.groups if self.communities else ()
        return [", ".join(str(self.graph.nodes[node]["label"]) for node in group.members[:5]) for group in groups]

    @property
    def distribution(self) -> Sequence[tuple[str, int, int]]:
        """How many nodes of each side have how many ties."""
        return distribution(self.graph)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The measures that have a meaning here; the nodes are marked with their communities, which one measures."""
        mark(self.graph, self.communities)
        return applicable(self.graph)

    def rows(self, name: str) -> list[Row]:
        """Give the nodes by the measure called `name`; raises as `measure` does."""
        if name not in self._rows:
            self._rows[name] = measure(self.graph, name)
        return self._rows[name]

    @property
    def measures(self) -> Mapping[str, list[Row]]:
        """The nodes by each measure."""
        return {name: self.rows(name) for name in self.names}

    @cached_property
    def correlations(self) -> tuple[Correlation, ...]:
        """How far each two measures say the same."""
        return tuple(correlations(self.measures))

    @property
    def structure(self) -> tuple[Figure, ...]:
        """The figures of structure, those that have a meaning here."""
        nested, core = self.nestedness, self.core
        values: dict[str, int | float | None] = {
            "robustness-random": mean_left([one.random for one in self.removal]),
            "robustness-targeted": mean_left([one.targeted for one in self.removal]),
        }
        if core is not None:
            values |= {"core-size": len(core.core), "core-density": core.inside, "periphery-density": core.outside}
        if nested is not None:
            values |= {
                "nestedness": nested.value,
                "nestedness-null-mean": nested.null_mean,
                "nestedness-z": nested.z,
            }
        return structured(values, self.communities)


def structured(
    values: Mapping[str, int | float | None], found: Communities | None, groups: int | None = None
) -> tuple[Figure, ...]:
    """Give the figures of structure of `values` and of the communities, `groups` of them, that have a meaning."""
    of_communities: dict[str, int | float | None] = {} if found is None else {
        "communities": len(found.groups) if groups is None else groups,
        "modularity": found.modularity,
        "modularity-null-mean": found.null_mean,
        "modularity-z": found.z,
        "stability": found.stability,
        "one-source-share": found.one_source,
    }  # fmt: skip
    told = {**values, **of_communities}
    return tuple(Figure(kind, value) for name, kind in STRUCTURE.items() if (value := told.get(name)) is not None)


def null_of(name: str) -> str:
    """Give the null model that the figure called `name` is compared with, "" where there is none."""
    return NULL if name in COMPARED else ""


def mean_left(shares: list[float]) -> float | None:
    """Give the mean of a robustness curve between its points (by trapezia); None for no curve."""
    if len(shares) < 2:
        return None
    return rounded((sum(shares) - (shares[0] + shares[-1]) / 2) / (len(shares) - 1))


def examine(found: Examined, progress: Progress = silent) -> Examined:
    """Work out all of `found` that takes long; `progress` is told its name and how many of the steps are done."""
    what = f"analyse {found.network.name}"
    parts: list[Callable[[], object]] = [lambda: found.communities, lambda: found.nestedness, lambda: found.removal]
    steps = len(parts) + len(applicable(found.graph)) + 1
    for done, part in enumerate(parts):
        progress(what, done, steps)
        part()
    for done, name in enumerate(found.names, start=len(parts)):
        progress(what, done, steps)
        found.rows(name)
    progress(what, steps, steps)
    return found


def of_store(store: Store, network: Network) -> Examined:
    """Give `network` over `store`, ready to be examined. ProjectionError as in `project`."""
    besides = of_partners(store) if network.name == JOINED else []
    return Examined(network, build(network, store), documents(store), besides)
