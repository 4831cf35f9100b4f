"""The SPARQL 1.1 Graph Store Protocol, for reading (https://www.w3.org/TR/sparql11-http-rdf-update/).

Graphs are named indirectly (`/graphs?graph=IRI`, `/graphs?default`) or by their own address (`/graph/<slug>`, in
server/things.py). Writes are refused by name: this service has none.
"""

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph import export
from graph.formats import GRAPH_FORMATS, Format
from graph.snapshot import Snapshot
from graph.spool import Document
from graph.store import union
from server.negotiate import choose
from server.problems import Problem, bad_request, not_found
from server.service import Service
from server.things import document

_WRITES = ["PUT", "POST", "DELETE", "PATCH"]


def blueprint(service: Service) -> Blueprint:
    """Give the route `/graphs`."""
    room = Blueprint("graphs", __name__)

    @room.get("/graphs")
    def read() -> Response:
        snapshot = service.snapshot()
        iri = named()
        if iri is not None and not _holds(snapshot, iri):
            raise not_found(f"there is no graph <{iri}> here", graphs=sorted(snapshot.manifest.graphs))
        form = choose(request, GRAPH_FORMATS)
        name = "default" if iri is None else "graph"
        about = (name, iri or "")
        return document(snapshot, form, name, lambda: _statements(snapshot, iri, form), *about, negotiated=True)

    @room.route("/graphs", methods=_WRITES)
    def write() -> Response:
        raise Problem(403, "update-refused", "UPDATE is refused", "this service is read-only", {"refused": "UPDATE"})

    return room


def named() -> str | None:
    """Give the graph that the running request names, None for the default one. Raises Problem (400)."""
    graphs = request.args.getlist("graph")
    if ("default" in request.args) == bool(graphs) or len(graphs) > 1:
        raise bad_request("name one graph: ?graph=IRI, or ?default")
    return graphs[0] if graphs else None


def _holds(snapshot: Snapshot, iri: str) -> bool:
    try:
        return snapshot.store.contains_named_graph(NamedNode(iri))
    except ValueError as error:
        raise bad_request(f"{iri!r} is no absolute IRI") from error


def _statements(snapshot: Snapshot, iri: str | None, form: Format) -> Document:
    if iri is None:
        return export.write(union(snapshot.store), form)
    return export.named_graph(snapshot.store, iri, form)
