"""The service description (https://www.w3.org/TR/sparql11-service-description/), counted from the live snapshot."""

from collections.abc import Iterator

from flask import Response, request
from pyoxigraph import Literal, NamedNode, Triple, serialize

from graph import formats
from graph.formats import Format
from graph.names import PREFIXES
from server.service import Service

_SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"
_SIMPLE = "http://www.w3.org/ns/entailment/Simple"  # nothing is inferred when a query is answered
UNIQUE = {
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF_XML",
    "trig": "TriG",
    "nquads": "N-Quads",
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
}


def service_description(service: Service, row: Format) -> Response:
    """Give the description in the format `row`."""
    prefixes = {"sd": _SD, "void": PREFIXES["void"], "rdf": PREFIXES["rdf"]}
    body = serialize(_triples(service, request.base_url), format=row.rdf, prefixes=prefixes)
    response = Response(body, content_type=row.content_type)
    response.headers["Vary"] = "Accept"
    return response


def _triples(service: Service, endpoint: str) -> Iterator[Triple]:
    manifest = service.snapshot().manifest
    a = NamedNode(PREFIXES["rdf"] + "type")

    def sd(name: str) -> NamedNode:
        return NamedNode(_SD + name)

    node, dataset, default = NamedNode(endpoint), NamedNode(endpoint + "#dataset"), NamedNode(endpoint + "#default")
    yield Triple(node, a, sd("Service"))
    yield Triple(node, sd("endpoint"), node)
    yield Triple(node, sd("supportedLanguage"), sd("SPARQL11Query"))
    if manifest.mode == "union":
        yield Triple(node, sd("feature"), sd("UnionDefaultGraph"))
    if service.endpoints.names:
        yield Triple(node, sd("feature"), sd("BasicFederatedQuery"))
    for row in formats.FORMATS:
        yield Triple(node, sd("resultFormat"), NamedNode(FORMATS + UNIQUE[row.name]))
    yield Triple(node, sd("defaultEntailmentRegime"), NamedNode(_SIMPLE))
    yield Triple(node, sd("defaultDataset"), dataset)
    yield Triple(dataset, a, sd("Dataset"))
    yield Triple(dataset, sd("defaultGraph"), default)
    yield Triple(default, a, sd("Graph"))
    yield Triple(default, NamedNode(PREFIXES["void"] + "triples"), Literal(manifest.triples))
    for number, (name, count) in enumerate(sorted(manifest.graphs.items()), 1):
        named, graph = NamedNode(f"{endpoint}#named-{number}"), NamedNode(f"{endpoint}#graph-{number}")
        yield Triple(dataset, sd("namedGraph"), named)
        yield Triple(named, a, sd("NamedGraph"))
        yield Triple(named, sd("name"), NamedNode(name))
        yield Triple(named, sd("graph"), graph)
        yield Triple(graph, a, sd("Graph"))
        yield Triple(graph, NamedNode(PREFIXES["void"] + "triples"), Literal(count))
