"""VoID (https://www.w3.org/TR/void/) at `/.well-known/void`: what the dataset holds, counted from the snapshot."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from flask import Blueprint, Response, request, url_for
from pyoxigraph import Literal, NamedNode, Triple

from graph import export
from graph.columns.numbers import Numbers, walked
from graph.formats import GRAPH_FORMATS
from graph.names import PREFIXES, THING, curie
from graph.snapshot import Snapshot
from graph.store import DEFAULT
from server.description import FORMATS, UNIQUE
from server.memo import Memo
from server.negotiate import choose
from server.service import Service
from server.things import document

_COPIED = (
    *(PREFIXES["dcterms"] + name for name in ("title", "description", "publisher", "license", "issued", "modified")),
    PREFIXES["pe"] + "licenseNote",
)
_NUMBERS = ("triples", "distinctSubjects", "distinctObjects", "classes", "properties")
_OWN = "urn:dataset"  # stands for the dataset until a request says by which address it is asked for


def blueprint(service: Service) -> Blueprint:
    """Give the route `/.well-known/void`."""
    room = Blueprint("void", __name__)
    memo = Memo(service)

    @room.get("/.well-known/void")
    def void() -> Response:
        snapshot = service.snapshot()
        form = choose(request, GRAPH_FORMATS)
        dataset = url_for("void.void", _external=True)
        triples = memo.get("void", lambda live: list(describe(live, _OWN)))
        own = [_renamed(triple, dataset) for triple in triples]
        own += _ways_in(NamedNode(dataset))
        return document(snapshot, form, "void", lambda: export.write(own, form), "void", dataset, negotiated=True)

    return room


def describe(snapshot: Snapshot, dataset: str) -> Iterator[Triple]:
    """Give the description of the dataset called `dataset`: counts, partitions by class and property, its graphs."""
    store, node = snapshot.store, NamedNode(dataset)
    yield Triple(node, _a(), _void("Dataset"))
    yield Triple(node, _void("uriSpace"), Literal(THING))
    yield Triple(node, _void("vocabulary"), NamedNode(PREFIXES["pe"]))
    made = datetime.strptime(snapshot.id.partition("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    modified = Literal(made.isoformat(), datatype=NamedNode(PREFIXES["xsd"] + "dateTime"))
    yield Triple(node, NamedNode(PREFIXES["dcterms"] + "modified"), modified)
    yield from _counts(node, _numbers(snapshot), f"{dataset}#")
    for number, graph in enumerate(sorted(snapshot.manifest.graphs), 1):
        part = NamedNode(graph)
        yield Triple(node, _void("subset"), part)
        yield Triple(part, _a(), _void("Dataset"))
        yield from _counts(part, _numbers(snapshot, graph), f"{dataset}#subset-{number}-")
        for name in _COPIED:
            yield from (quad.triple for quad in store.quads_for_pattern(part, NamedNode(name), None, DEFAULT))


def _numbers(snapshot: Snapshot, graph: str | None = None) -> Numbers:
    return walked(snapshot.store, graph) if snapshot.census is None else snapshot.census.numbers(graph)


def _counts(node: NamedNode, found: Numbers, stem: str) -> Iterator[Triple]:
    """Describe the dataset `node` by its numbers; its partitions are called `stem` and more."""
    numbers = (found.triples, found.subjects, found.objects, len(found.classes), len(found.properties))
    for name, number in zip(_NUMBERS, numbers, strict=True):
        yield Triple(node, _void(name), Literal(number))
    yield from _partitions(node, "class", found.classes, "entities", stem)
    yield from _partitions(node, "property", found.properties, "triples", stem)


def _partitions(
    node: NamedNode, kind: str, counted: Mapping[str, int], number: str, stem: str
) -> Iterator[Triple]:
    for term in sorted(counted):
        part = NamedNode(f"{stem}{kind}-{_local(term)}")
        yield Triple(node, _void(f"{kind}Partition"), part)
        yield Triple(part, _void(kind), NamedNode(term))
        yield Triple(part, _void(number), Literal(counted[term]))


def _ways_in(node: NamedNode) -> Iterator[Triple]:
    """Give where the running request's client finds the data: the endpoint and the whole in each format."""
    yield Triple(node, _void("sparqlEndpoint"), NamedNode(url_for("sparql.sparql", _external=True)))
    for row in GRAPH_FORMATS:
        dump = url_for("exports.download", name="all", suffix=row.suffix[1:], _external=True)
        yield Triple(node, _void("dataDump"), NamedNode(dump))
        yield Triple(node, _void("feature"), NamedNode(FORMATS + UNIQUE[row.name]))


def _local(iri: str) -> str:
    """Give a name for `iri` in a fragment, another for each."""
    short = curie(iri)
    return short.replace(":", "-") if short else "other-" + sha256(iri.encode()).hexdigest()[:16]


def _renamed(triple: Triple, dataset: str) -> Triple:
    def own(term: object) -> object:
        if isinstance(term, NamedNode) and (term.value == _OWN or term.value.startswith(_OWN + "#")):
            return NamedNode(dataset + term.value.removeprefix(_OWN))
        return term

    return Triple(own(triple.subject), triple.predicate, own(triple.object))  # type: ignore[arg-type]


def _a() -> NamedNode:
    return NamedNode(PREFIXES["rdf"] + "type")


def _void(name: str) -> NamedNode:
    return NamedNode(PREFIXES["void"] + name)
