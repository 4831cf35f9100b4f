"""A document of statements, as the Graph Store Protocol sends one, read into the quads of a graph."""

from collections.abc import Iterator
from xml.parsers import expat

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from graph import formats
from graph.change.request import NotReadable
from graph.store import DEFAULT, Graph

_DEEPEST = 1000  # nested brackets of a document; the engine's stack is not without end


def statements(body: bytes, media_type: str, graph: str | None, *, several: bool = False) -> Iterator[Quad]:
    """Give what `body` says, as quads of `graph` (None: the default one); relative IRIs begin at the graph's.

    With `several`, what it says in named graphs is taken for the same.

    Its blank nodes get labels that no other document has. Raises NotReadable, and KeyError for a media type that is
    no RDF format.
    """
    row = formats.by_name(media_type)
    if row.rdf is None:
        raise KeyError(media_type)
    if row.rdf == RdfFormat.RDF_XML:
        _refuse_dtd(body)
    if row.rdf == RdfFormat.JSON_LD and _depth(body) > _DEEPEST:
        raise NotReadable(f"the document nests deeper than {_DEEPEST} levels")
    home: Graph = NamedNode(graph) if graph else DEFAULT
    base = graph if graph and not graph.startswith("urn:") else None
    try:
        for quad in parse(body, format=row.rdf, base_iri=base, rename_blank_nodes=True):
            if not several and not isinstance(quad.graph_name, DefaultGraph):
                raise NotReadable(f"the document names the graph {quad.graph_name}; a request is about one graph")
            yield Quad(quad.subject, quad.predicate, quad.object, home)
    except (SyntaxError, ValueError) as error:
        raise NotReadable(f"the document is no {row.label}: {error}") from error


def _refuse_dtd(body: bytes) -> None:
    """Raise NotReadable for XML with a DTD, whose entities the engine would expand without bound."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise NotReadable("RDF/XML with a DTD is not read")

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise NotReadable(f"the document is no RDF/XML: {error}") from error


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for byte in body:
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest
