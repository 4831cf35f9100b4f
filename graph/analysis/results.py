"""What is published of a network, read back: what took long to work out is not worked out again to be shown."""

from collections.abc import Iterator
from typing import NamedTuple

import networkx as nx
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, Store, Variable

from graph.analysis.examined import STRUCTURE, null_of
from graph.analysis.measures import MEASURES, Row
from graph.analysis.networks import Network, describe, label_of, names
from graph.analysis.publish import observation_iri
from graph.analysis.summaries import Summary
from graph.analysis.whole import Kind, counting
from graph.names import ONTOLOGY, PREFIXES, thing

_UNION = DefaultGraph()


class Published(NamedTuple):
    """A published figure of a network, with the null model it is compared with ("" where there is none)."""

    kind: Kind
    value: float
    null: str


class PublishedCommunity(NamedTuple):
    """A published community: its IRI, its label (which says where it is weak) and the number of its members."""

    iri: str
    label: str
    members: int


class Standing(NamedTuple):
    """Where a thing stands in a network by a measure."""

    network: Network
    measure: str
    label: str
    value: float
    rank: int
    population: int


def published_summary(store: Store, network: Network) -> Summary | None:
    """Give the published size of a network; None where this version has no analysis of it."""
    values = {
        name: _number(store, thing("observation", "analysis", network.name, name), "value")
        for name in ("nodes", "edges", "density", "components", "largest-component", "sources", "targets")
    }
    if values["nodes"] is None:
        return None
    nodes, edges, parts, largest, *sides = (
        int(values[name] or 0)
        for name in ("nodes", "edges", "components", "largest-component", "sources", "targets")
    )
    two = (sides[0], sides[1]) if values["sources"] is not None else None
    return Summary(nodes, edges, values["density"] or 0.0, parts, largest, two)


def published_structure(store: Store, network: Network) -> list[Published]:
    """Give the published figures of a network's structure; none where this version has no analysis."""
    found = []
    for name, kind in STRUCTURE.items():
        value = _number(store, thing("observation", "analysis", network.name, name), "value")
        if value is not None:
            found.append(Published(kind, value, null_of(name)))
    return found


def published_communities(store: Store, network: Network) -> list[PublishedCommunity]:
    """Give the published communities of a network, the largest first."""
    community = NamedNode(ONTOLOGY + "Community")
    found = []
    for quad in store.quads_for_pattern(None, NamedNode(ONTOLOGY + "inNetwork"), NamedNode(network.iri), _UNION):
        kind = next(
            store.quads_for_pattern(quad.subject, NamedNode(PREFIXES["rdf"] + "type"), community, _UNION), None
        )
        if kind is not None and isinstance(quad.subject, NamedNode):
            iri = quad.subject.value
            members = _number(store, iri, "memberCount") or 0
            found.append(PublishedCommunity(iri, label_of(store, iri), int(members)))
    return sorted(found, key=lambda one: (-one.members, len(one.iri), one.iri))


def published_rows(store: Store, network: Network, graph: "nx.Graph[str]") -> dict[str, list[Row]]:
    """Give the published rows of each measure, in the order of `measure`; `graph` is the network's projection.

    Of a large network these are the first of each side only. Empty where this version has no analysis.
    """
    solutions = store.query(counting("published"), substitutions={Variable("graph"): NamedNode(network.graph)})
    found: dict[str, list[Row]] = {}
    if not isinstance(solutions, QuerySolutions):
        raise ValueError("published.rq: it must be a SELECT query")
    names_of = {thing("metric", row.name): row for row in MEASURES}
    for solution in solutions:
        texts = {name: _text(solution[name]) for name in ("metric", "about", "value", "rank", "population", "error")}
        iri, of = texts["about"], names_of.get(texts["metric"])
        if of is not None and iri in graph:
            data = graph.nodes[iri]
            value = int(texts["value"]) if of.integer else float(texts["value"])
            error = float(texts["error"]) if texts["error"] else None
            place = int(texts["rank"]), int(texts["population"])
            row = Row(iri, data["label"], value, *place, data["kind"], data.get("mode", ""), error)
            found.setdefault(of.name, []).append(row)
    return {
        row.name: sorted(found[row.name], key=lambda one: (one.mode, one.rank, one.label.casefold(), one.iri))
        for row in MEASURES
        if row.name in found
    }


def _text(term: object) -> str:
    return term.value if isinstance(term, Literal | NamedNode) else ""


def standings(store: Store, iri: str) -> list[Standing]:
    """Give where the thing `iri` stands by every published measure, the best ranks first."""
    return sorted(_standings(store, iri), key=lambda one: (one.rank, one.network.name, one.measure))


def _standings(store: Store, iri: str) -> Iterator[Standing]:
    for network in map(describe, names()):
        for row in MEASURES:
            observation = observation_iri(network.name, row.name, iri)
            value = _number(store, observation, "value")
            rank, population = (_number(store, observation, name) for name in ("rank", "population"))
            if value is not None and rank is not None and population is not None:
                yield Standing(network, row.name, row.label, value, int(rank), int(population))


def _number(store: Store, subject: str, name: str) -> float | None:
    for quad in store.quads_for_pattern(NamedNode(subject), NamedNode(ONTOLOGY + name), None, _UNION):
        if isinstance(quad.object, Literal):
            return float(quad.object.value)
    return None
