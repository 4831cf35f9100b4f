"""Places as lists: the locations of an area, or those beside a location, each with how many partners it has."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, NamedNode, Store

from graph.names import ONTOLOGY
from graph.naming import Namer, Value

if TYPE_CHECKING:
    from graph.columns.census import Census

_METRO = NamedNode(ONTOLOGY + "metro")
_PEERS = NamedNode(ONTOLOGY + "peersAt")
_UNION = DefaultGraph()


@dataclass(frozen=True, slots=True)
class Place:
    """A location and how many partners peer there."""

    value: Value
    partners: int


def places(store: Store, iri: str, census: "Census | None" = None) -> list[Place]:
    """Give the locations of the area `iri`, or of the area that the location `iri` lies in, by their names.

    Their partners are counted by `census`, where there is one.
    """
    node, namer = NamedNode(iri), Namer(store)
    areas = [q.object for q in store.quads_for_pattern(node, _METRO, None, _UNION) if isinstance(q.object, NamedNode)]
    found = {
        quad.subject
        for area in areas or [node]
        for quad in store.quads_for_pattern(None, _METRO, area, _UNION)
        if isinstance(quad.subject, NamedNode)
    }
    peering = None if census is None else census.leading([_PEERS.value])
    counted = [
        Place(
            namer.value(one),
            sum(1 for _ in store.quads_for_pattern(None, _PEERS, one, _UNION))
            if peering is None
            else peering.get(one.value, 0),
        )
        for one in found
    ]
    return sorted(counted, key=lambda place: place.value.key)
