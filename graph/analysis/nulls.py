"""Random networks to compare with: the same degrees, the ties thrown anew.

A number about structure means little by itself: a network of few hubs has "communities" and is "nested" by its degrees
alone. The null keeps every node's degree (in a directed network both, and in a two-mode network the sides), throws
the ties and then deals the weights out anew.
"""

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import networkx as nx

from graph.analysis.networks import TARGET_SIDE
from graph.analysis.positions import as_igraph
from graph.analysis.summaries import mode_of

if TYPE_CHECKING:
    import igraph

NULLS: Final = 50
SWAPS_PER_TIE: Final = 10
NULL: Final = (
    f"{NULLS} random networks with every node's degree kept (in a directed network both degrees, in one of two sides "
    f"also the sides), by {SWAPS_PER_TIE} swaps a tie, the weights dealt out anew"
)


def seeded(seed: int) -> None:
    """Make igraph's random choices follow from `seed`. They are the process's, so this is not for threads."""
    import igraph

    igraph.set_random_number_generator(random.Random(seed))


def nulls(graph: "nx.Graph[str]", count: int = NULLS) -> Iterator["igraph.Graph"]:
    """Give `count` random networks with the degrees of `graph`, vertices in its order, without directions.

    Each follows from its number alone. Swaps that would double a tie or tie a node to itself are not made (R. Milo et
    al., "On the uniform generation of random graphs with prescribed degree sequences", 2003).
    """
    oriented = graph
    if not graph.is_directed() and any(mode_of(graph, node) for node in graph):
        # Swaps that keep in- and out-degrees keep the sides, where every tie points from one to the other.
        oriented = nx.DiGraph()
        oriented.add_nodes_from(graph)
        for tail, head, data in graph.edges(data=True):
            pair = (head, tail) if mode_of(graph, tail) == TARGET_SIDE else (tail, head)
            oriented.add_edge(*pair, weight=data.get("weight", 1))
    made = as_igraph(oriented)
    for number in range(count):
        seeded(number)
        null = made.copy()
        null.rewire(n=SWAPS_PER_TIE * null.ecount(), allowed_edge_types="simple")
        null.to_undirected(mode="each")
        weights = list(made.es["weight"])
        random.Random(number).shuffle(weights)
        null.es["weight"] = weights
        yield null


def z_score(value: float, among: list[float]) -> tuple[float, float, float | None]:
    """Give the mean and standard deviation of `among`, and how many deviations `value` lies above the mean.

    The last is None where all are alike, so that nothing can be said. ValueError for fewer than two.
    """
    if len(among) < 2:
        raise ValueError("a deviation needs two values or more")
    mean = sum(among) / len(among)
    deviation = (sum((one - mean) ** 2 for one in among) / (len(among) - 1)) ** 0.5
    return mean, deviation, (value - mean) / deviation if deviation > 1e-12 else None
