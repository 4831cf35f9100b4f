"""The results of the analysis as RDF, so that queries join them with the facts they were computed from.

Each network has a named graph `graph/analysis-<network>` with its pe:Network and a pe:Observation for each
node and measure; the measures' definitions stand once, in `graph/measures`; what these graphs are, what they
were derived from and how stands in the catalogue. Labels and types of the facts themselves are never repeated
here.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import networkx as nx
from pyoxigraph import Literal, NamedNode, Quad, Store

from graph.analysis.measures import MEASURES, Measure, Row, applicable, definition, measure
from graph.analysis.networks import Network, build, describe, names
from graph.names import PREFIXES, graph_iri, kind_and_slug, thing
from graph.progress import Progress, silent, tell

MEASURES_GRAPH: Final = graph_iri("measures")
CATALOGUE: Final = graph_iri("catalogue")
PUBLISHER: Final = thing("organization", "partnergraph")
DERIVED: Final = thing("concept", "derived")
LICENCE: Final = "https://creativecommons.org/publicdomain/zero/1.0/"

Value = str | int | Literal | NamedNode


def quads(store: Store, progress: Progress = silent) -> Iterator[Quad]:
    """Give the results of all networks over `store` with descriptions; a network without edges gives none.

    `progress` is told each network's name and how many of its measures are done. ValueError as in `project`.
    """
    used: set[str] = set()
    for name in names():
        network = describe(name)
        graph = build(network, store)
        if graph.number_of_edges():
            used.update(applicable(graph))
            yield from of_network(network, graph, progress)
            yield from _source(network.graph, _described(network, store))
    if used:
        for row in MEASURES:
            if row.name in used:
                yield from _metric(row)
        yield from _source(MEASURES_GRAPH, _of_measures())


def of_network(network: Network, graph: "nx.Graph[str]", progress: Progress = silent) -> Iterator[Quad]:
    """Give the pe:Network and the observations of `graph`, the projection of `network`."""
    yield from _say(
        network.iri,
        network.graph,
        ("rdf:type", _term("pe:Network")),
        ("rdfs:label", _english(network.title)),
        ("pe:projection", network.query),
        ("pe:nodeCount", graph.number_of_nodes()),
        ("pe:edgeCount", graph.number_of_edges()),
        ("pe:bias", _english(network.bias)),
    )
    measured = applicable(graph)
    for name in tell(progress, f"analyse {network.name}", measured, len(measured)):
        for row in measure(graph, name):
            yield from _observation(network, definition(name), row)


def observation_iri(network: str, measure_name: str, node: str) -> str:
    """Give the IRI of the observation of `node` (an IRI) by a measure in a network."""
    # A node that is no thing of ours has no short name; its digest keeps two whose slugs agree apart.
    parts = kind_and_slug(node) or (node, hashlib.sha256(node.encode()).hexdigest()[:16])
    return thing("observation", "analysis", network, measure_name, *parts)


def number(value: int | float) -> Literal:
    """Give `value` as xsd:integer, or as xsd:decimal in the canonical form in which the store keeps it."""
    if isinstance(value, int):
        return Literal(value)
    text = format(Decimal(repr(value)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Literal(text or "0", datatype=_term("xsd:decimal"))


def _observation(network: Network, of: Measure, row: Row) -> Iterator[Quad]:
    return _say(
        observation_iri(network.name, of.name, row.iri),
        network.graph,
        ("rdf:type", _term("pe:Observation")),
        ("rdfs:label", _english(f"{of.label} of {row.label} ({network.title})")),
        ("pe:inNetwork", NamedNode(network.iri)),
        ("pe:metric", NamedNode(thing("metric", of.name))),
        ("pe:about", NamedNode(row.iri)),
        ("pe:value", number(row.value)),
        ("pe:rank", row.rank),
        ("pe:population", row.population),
    )


def _metric(of: Measure) -> Iterator[Quad]:
    return _say(
        thing("metric", of.name),
        MEASURES_GRAPH,
        ("rdf:type", _term("pe:Metric")),
        ("rdfs:label", _english(of.label)),
        ("skos:definition", _english(of.definition)),
    )


def _described(network: Network, store: Store) -> list[tuple[str, Value]]:
    title = f"Analysis: {network.title}"
    return [
        ("rdfs:label", _english(title)),
        ("dcterms:title", _english(title)),
        ("dcterms:description", _english(f"Measures of every node of a network. {network.question}")),
        ("pe:ruleText", _english(network.rule)),
        ("pe:bias", _english(network.bias)),
        *(("prov:wasDerivedFrom", NamedNode(graph)) for graph in _stating(network, store)),
    ]


def _of_measures() -> list[tuple[str, Value]]:
    return [
        ("rdfs:label", _english("Measures of the analysis")),
        ("dcterms:title", _english("Measures of the analysis")),
        ("dcterms:description", _english("What each measure of a network's nodes means.")),
        (
            "pe:ruleText",
            _english("A measure is what its definition says, computed on the network it is given."),
        ),
        ("pe:bias", _english("The project chose the measures; others would rank otherwise.")),
    ]


def _source(graph: str, description: list[tuple[str, Value]]) -> Iterator[Quad]:
    return _say(
        graph,
        CATALOGUE,
        ("rdf:type", _term("pe:Source")),
        ("dcterms:publisher", NamedNode(PUBLISHER)),
        ("dcterms:license", NamedNode(LICENCE)),
        ("pe:evidence", NamedNode(DERIVED)),
        *description,
    )


def _stating(network: Network, store: Store) -> list[str]:
    """Give the named graphs that state the ties of the network, sorted."""
    stating = {
        graph.value
        for graph in store.named_graphs()
        for tie in network.ties
        if isinstance(graph, NamedNode) and any(store.quads_for_pattern(None, NamedNode(tie), None, graph))
    }
    return sorted(stating)


def _say(subject: str, graph: str, *statements: tuple[str, Value]) -> Iterator[Quad]:
    for property_, value in statements:
        object_ = Literal(value) if isinstance(value, str | int) else value
        yield Quad(NamedNode(subject), _term(property_), object_, NamedNode(graph))


def _term(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def _english(text: str) -> Literal:
    return Literal(text, language="en")
