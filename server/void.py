"""VoID (https://www.w3.org/TR/void/) at `/.well-known/void`: what the dataset holds, counted from the snapshot."""

from collections import Counter
from collections.abc import Iterator

from flask import Blueprint, Response, request, url_for
from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from graph import export
from graph.formats import GRAPH_FORMATS
from graph.names import PREFIXES, THING
from graph.snapshot import Snapshot
from graph.store import DEFAULT
from server.memo import Memo
from server.negotiate import choose
from server.service import Service
from server.things import document

_COPIED = ("title", "description", "publisher", "license")


def blueprint(service: Service) -> Blueprint:
    """Give the route `/.well-known/void`."""
    room = Blueprint("void", __name__)
    memo = Memo(service)

    @room.get("/.well-known/void")
    def void() -> Response:
        snapshot = service.snapshot()
        form = choose(request, GRAPH_FORMATS)
        dataset = url_for("void.void", _external=True)
        endpoint = url_for("sparql.sparql", _external=True)
        triples = memo.get("void", lambda live: list(describe(live, "urn:dataset")))
        own = [_renamed(triple, dataset) for triple in triples]
        own.append(Triple(NamedNode(dataset), _void("sparqlEndpoint"), NamedNode(endpoint)))
        return document(snapshot, form, "void", lambda: export.write(own, form))

    return room


def describe(snapshot: Snapshot, dataset: str) -> Iterator[Triple]:
    """Give the description of the dataset called `dataset`: counts, partitions by class and property, its graphs."""
    store, node = snapshot.store, NamedNode(dataset)
    yield Triple(node, _a(), _void("Dataset"))
    yield Triple(node, _void("uriSpace"), Literal(THING))
    yield Triple(node, _void("vocabulary"), NamedNode(PREFIXES["pe"]))
    yield from _counts(node, store.quads_for_pattern(None, None, None, DEFAULT))
    yield from _partitions(node, store, dataset)
    for graph, count in snapshot.manifest.graphs.items():
        part = NamedNode(graph)
        yield Triple(node, _void("subset"), part)
        yield Triple(part, _a(), _void("Dataset"))
        yield Triple(part, _void("triples"), Literal(count))
        for name in _COPIED:
            term = NamedNode(PREFIXES["dcterms"] + name)
            yield from (quad.triple for quad in store.quads_for_pattern(part, term, None, DEFAULT))


def _counts(node: NamedNode, quads: Iterator[Quad]) -> Iterator[Triple]:
    total, subjects, objects = 0, set(), set()
    for quad in quads:
        total += 1
        subjects.add(quad.subject)
        objects.add(quad.object)
    yield Triple(node, _void("triples"), Literal(total))
    yield Triple(node, _void("distinctSubjects"), Literal(len(subjects)))
    yield Triple(node, _void("distinctObjects"), Literal(len(objects)))


def _partitions(node: NamedNode, store: Store, dataset: str) -> Iterator[Triple]:
    classes: Counter[NamedNode] = Counter()
    properties: Counter[NamedNode] = Counter()
    for quad in store.quads_for_pattern(None, None, None, DEFAULT):
        properties[quad.predicate] += 1
        if quad.predicate == _a() and isinstance(quad.object, NamedNode):
            classes[quad.object] += 1
    for kind, counted, number in (("class", classes, "entities"), ("property", properties, "triples")):
        for term in sorted(counted, key=lambda t: t.value):
            part = NamedNode(f"{dataset}#{kind}-{_local(term.value)}")
            yield Triple(node, _void(f"{kind}Partition"), part)
            yield Triple(part, _void(kind), term)
            yield Triple(part, _void(number), Literal(counted[term]))


def _local(iri: str) -> str:
    prefix = next((p for p, namespace in PREFIXES.items() if iri.startswith(namespace)), "other")
    return f"{prefix}-{iri.rstrip('/#').rsplit('#', 1)[-1].rsplit('/', 1)[-1]}"


def _renamed(triple: Triple, dataset: str) -> Triple:
    def own(term: object) -> object:
        if isinstance(term, NamedNode) and term.value.startswith("urn:dataset"):
            return NamedNode(dataset + term.value.removeprefix("urn:dataset"))
        return term

    return Triple(own(triple.subject), triple.predicate, own(triple.object))  # type: ignore[arg-type]


def _a() -> NamedNode:
    return NamedNode(PREFIXES["rdf"] + "type")


def _void(name: str) -> NamedNode:
    return NamedNode(PREFIXES["void"] + name)
