"""Who depends on whom: places, organisations and whole parts of a network that hang by one thread."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import networkx as nx
from pyoxigraph import Store

from graph.analysis.measures import cut_off
from graph.analysis.networks import SOURCE_SIDE, TARGET_SIDE, project

PLACES: Final = "provider-location"
EXCHANGES: Final = "provider-via-provider"


class Reliance(NamedTuple):
    """A place or an organisation that has `through` and nobody else."""

    iri: str
    label: str
    through: str
    through_label: str


class ArticulationPoint(NamedTuple):
    """A node without which its part of `network` falls apart, `cut_off` nodes losing touch with the largest
    rest.
    """

    network: str
    iri: str
    label: str
    kind: str
    cut_off: int


class SinglePoints(NamedTuple):
    """The single points of failure: places with one provider, organisations with one way in, articulation
    points.
    """

    places: tuple[Reliance, ...]
    organizations: tuple[Reliance, ...]
    articulation: tuple[ArticulationPoint, ...]


def single_points(store: Store) -> SinglePoints:
    """Give the single points of failure of the networks of providers, each list sorted (articulation: worst
    first).

    An organisation has one way in when it connects via exactly one other and peers at no location itself.
    """
    places, exchanges = project(store, PLACES), project(store, EXCHANGES)
    peering = {node for node in places if places.nodes[node]["mode"] == SOURCE_SIDE}
    points = [*_articulation(PLACES, places), *_articulation(EXCHANGES, exchanges)]
    return SinglePoints(
        places=tuple(
            sorted(
                _reliance(places, node, next(iter(places[node])))
                for node in places
                if places.nodes[node]["mode"] == TARGET_SIDE and len(places[node]) == 1
            )
        ),
        organizations=tuple(
            sorted(
                _reliance(exchanges, node, next(iter(exchanges[node])))
                for node in exchanges
                if len(exchanges[node]) == 1 and node not in peering
            )
        ),
        articulation=tuple(sorted(points, key=lambda point: (-point.cut_off, point.network, point.iri))),
    )


def _reliance(graph: "nx.Graph[str]", node: str, through: str) -> Reliance:
    return Reliance(node, graph.nodes[node]["label"], through, graph.nodes[through]["label"])


def _articulation(network: str, graph: "nx.Graph[str]") -> Iterator[ArticulationPoint]:
    for node, lost in cut_off(graph).items():
        if lost:
            data = graph.nodes[node]
            yield ArticulationPoint(network, node, data["label"], data["kind"], int(lost))
