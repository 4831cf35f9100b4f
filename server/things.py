"""A page and documents for every thing and every named graph: 303 by Accept, then one address a format."""

from collections.abc import Callable, Iterator, Sequence

from flask import Blueprint, Response, request, url_for
from pyoxigraph import DefaultGraph, NamedNode

from graph import export, search
from graph.describe import describe
from graph.formats import GRAPH_FORMATS, Format
from graph.names import GRAPH, slug
from graph.naming import kind_words
from graph.snapshot import Snapshot
from server.links import iri_of
from server.negotiate import HTML, cached, choose
from server.problems import not_found
from server.rendering import page_about
from server.service import Service

# A program that takes anything gets data; browsers ask for HTML by name.
OFFERED: tuple[Format, ...] = (*GRAPH_FORMATS, HTML)


def blueprint(service: Service) -> Blueprint:
    """Give the routes below `/id/` and `/graph/`."""
    room = Blueprint("things", __name__)

    @room.get("/id/<kind>/<name>")
    def thing(kind: str, name: str) -> Response:
        snapshot = service.snapshot()
        stem, _, suffix = name.partition(".")
        iri = iri_of(kind, stem)
        if iri is None or not _known(snapshot, iri):
            raise not_found(
                f"this graph has no {kind_words(kind)} called “{stem}”", suggestions=suggested(snapshot, stem)
            )
        if not suffix:
            return see_other(url_for("things.thing", kind=kind, name=stem))
        form = choose(request, OFFERED, suffix)
        if form == HTML:
            return page(snapshot, "entity.html", iri)
        return document(snapshot, form, stem, lambda: _entity(snapshot, iri, form))

    @room.get("/graph/<name>")
    def graph(name: str) -> Response:
        snapshot = service.snapshot()
        stem, _, suffix = name.partition(".")
        iri = GRAPH + stem
        if not stem or iri not in snapshot.manifest.graphs:
            raise not_found(f"this graph has no source called “{stem}”", suggestions=suggested(snapshot, stem))
        if not suffix:
            return see_other(url_for("things.graph", name=stem))
        form = choose(request, OFFERED, suffix)
        if form == HTML:
            return page(snapshot, "graph.html", iri, count=snapshot.manifest.graphs[iri])
        return document(snapshot, form, stem, lambda: export.named_graph(snapshot.store, iri, form))

    return room


def see_other(path: str) -> Response:
    """Give the 303 from a thing to the document about it in the format that the request prefers."""
    form = choose(request, OFFERED)
    return Response(status=303, headers={"Location": path + form.suffix, "Vary": "Accept"})


def page(snapshot: Snapshot, template: str, iri: str, **more: object) -> Response:
    """Give the page that tells what is known of `iri`."""
    return page_about(snapshot, template, it=describe(snapshot.store, iri), formats=GRAPH_FORMATS, **more)


def document(snapshot: Snapshot, form: Format, name: str, make: Callable[[], Iterator[bytes]]) -> Response:
    """Give a document of statements that is the same, byte for byte, for the same statements."""
    try:
        response = Response(make(), content_type=form.content_type)
    except LookupError as error:
        raise not_found(str(error)) from error
    response.headers["Content-Disposition"] = f'inline; filename="{slug(name)}{form.suffix}"'
    return cached(response, request, snapshot.manifest.digest, request.path, negotiated=False)


def suggested(snapshot: Snapshot, words: str) -> list[dict[str, str]]:
    """Give things whose names hold some of `words`, as members of a problem document."""
    index = snapshot.index()
    try:
        found = search.suggest(index, words.replace("-", " "), 5)
    finally:
        index.close()
    return [{"iri": match.iri, "label": match.label, "kind": match.kind} for match in found]


def _known(snapshot: Snapshot, iri: str) -> bool:
    node, union = NamedNode(iri), DefaultGraph()
    patterns: Sequence[Iterator[object]] = (
        snapshot.store.quads_for_pattern(node, None, None, union),
        snapshot.store.quads_for_pattern(None, None, node, union),
    )
    return any(next(quads, None) is not None for quads in patterns)


def _entity(snapshot: Snapshot, iri: str, form: Format) -> Iterator[bytes]:
    try:
        return export.entity(snapshot.store, iri, form)
    except LookupError:
        return export.write([], form)  # only mentioned: a document without statements is the truth about it
