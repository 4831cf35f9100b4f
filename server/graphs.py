"""The SPARQL 1.1 Graph Store Protocol (https://www.w3.org/TR/sparql11-http-rdf-update/).

Graphs are named indirectly (`/graphs?graph=IRI`, `/graphs?default`) or by their own address (`/graph/<slug>`, whose
reading is in server/things.py).
"""

import secrets
from typing import Final
from urllib.parse import quote, unquote

from flask import Blueprint, Response, request, url_for
from pyoxigraph import NamedNode

from graph import whole
from graph.change.request import Method, Request, Violated
from graph.export import Part
from graph.formats import GRAPH_FORMATS, Format, by_name
from graph.names import GRAPH
from graph.snapshot import Snapshot
from graph.spool import Document
from server.changes import about, begin, change, graph_digest, if_match, told, violated
from server.negotiate import choose
from server.problems import Problem, bad_request, not_found
from server.service import Service
from server.sparql import decoded
from server.things import document
from server.updates import UPDATE

_WRITES: Final = ["PUT", "POST", "DELETE", "PATCH"]
_METHODS: Final[dict[str, Method]] = {"PUT": "put", "POST": "post", "DELETE": "delete", "PATCH": "patch"}
_PARTS: Final = "multipart/form-data"  # several documents, each a file of one of the types (5.5)
_TYPES: Final = ", ".join(row.media_type for row in GRAPH_FORMATS)


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
        digest = graph_digest(snapshot.manifest.digest, snapshot.manifest.digests, iri)
        return document(
            snapshot, form, name, lambda: _statements(snapshot, iri, form), *about(iri), negotiated=True, digest=digest
        )

    @room.route("/graphs", methods=_WRITES)
    def write() -> Response:
        author, message = begin(service)
        if request.method == "POST" and "graph" not in request.args and "default" not in request.args:
            return _written(service, GRAPH + secrets.token_hex(8), author, message)
        iri = named()
        if iri is not None:
            _holds(service.snapshot(), iri)  # an IRI at all
        return _written(service, iri, author, message)

    @room.route("/graph/<path:name>", methods=_WRITES)
    def write_named(name: str) -> Response:
        author, message = begin(service)
        return _written(service, GRAPH + quote(name, safe="/~!$&'()*+,;=:@"), author, message)

    return room


def _written(service: Service, iri: str | None, author: str, message: str) -> Response:
    """Answer the running request, which writes to the graph `iri` (None: the default one)."""
    method = _METHODS[request.method]
    kind = request.mimetype
    if method == "patch" and kind != UPDATE:
        raise _unsupported(f"a patch is sent as {UPDATE}", {"Accept-Patch": UPDATE})
    parts = _parts() if method == "post" and kind == _PARTS else ()
    sent = [kind for _, kind in parts] or [kind]
    if method in ("put", "post") and any(_format(one) is None for one in sent):
        offered = f"{_TYPES}, {_PARTS}" if method == "post" else _TYPES
        raise _unsupported(f"the statements of a graph are sent as one of {offered}", {"Accept-Post": offered})
    body = b"" if parts else request.get_data()
    if method == "patch":
        decoded(body, "the body")
    asked = Request(method, body, kind, iri, author=author, message=message, parts=parts)
    try:
        snapshot, accepted = change(service, asked, if_match(iri, about_graph=True))
    except Violated as error:
        return violated(error)
    if accepted.existed or iri is None:
        return told(snapshot, accepted)
    return told(snapshot, accepted, 201, address(iri))


def _parts() -> tuple[tuple[bytes, str], ...]:
    return tuple((part.read(), part.mimetype) for _, files in request.files.lists() for part in files)


def address(iri: str) -> str:
    """Give where the graph `iri` is read: its own address, or the graph store's."""
    if iri.startswith(GRAPH):
        return url_for("things.graph", name=unquote(iri.removeprefix(GRAPH)))
    return url_for("graphs.read", graph=iri)


def _format(kind: str) -> Format | None:
    try:
        row = by_name(kind)
    except KeyError:
        return None
    return row if row in GRAPH_FORMATS else None


def _unsupported(detail: str, headers: dict[str, str]) -> Problem:
    sent = {"sent": request.mimetype}
    return Problem(415, "unsupported-media-type", "Unsupported media type", detail, sent, headers)


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
    return whole.document(snapshot, Part() if iri is None else Part(True, iri), form)
