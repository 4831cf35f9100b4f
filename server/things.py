"""A page and documents for every thing and every named graph: 303 by Accept, then one address a format."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request, url_for
from pyoxigraph import NamedNode

from graph import card, export, search, whole
from graph.describe import Description, describe, nothing
from graph.formats import GRAPH_FORMATS, SHEET, Format
from graph.gone import Gone
from graph.labels import NotSerialisable
from graph.names import GRAPH, slug
from graph.naming import kind_words
from graph.snapshot import Snapshot
from graph.spool import Document
from server.entity import entity_page
from server.links import href, iri_of
from server.memo import Memo
from server.negotiate import HTML, cached, choose
from server.problems import Problem, not_found
from server.rendering import page_about, software
from server.service import Service

PENS = "pens"  # the application's semaphore of documents that are being written
MOST = 8  # of them
_PATIENCE = 2.0  # seconds that one more waits
_GONE: Final = {
    "removed": "this was removed; /history tells when, and an older version may still have it",
    "forgotten": "this was taken out of every version, for good",
}
# A program that takes anything gets data; browsers ask for HTML by name.
OFFERED: tuple[Format, ...] = (*GRAPH_FORMATS, HTML)


def blueprint(service: Service) -> Blueprint:
    """Give the routes below `/id/` and `/graph/`."""
    room = Blueprint("things", __name__)
    hubs = Memo(service)

    @room.get("/id/<kind>/<name>")
    def thing(kind: str, name: str) -> Response:
        snapshot = service.snapshot()
        stem, _, suffix = name.partition(".")
        iri = iri_of(kind, stem)
        if iri is None or not _known(snapshot, iri):
            if (moved := became(service, iri, suffix)) is not None:
                return moved
            raise not_found(
                f"this graph has no {kind_words(kind)} called “{stem}”", suggestions=suggested(snapshot, stem)
            )
        if not suffix:
            return see_other(url_for("things.thing", kind=kind, name=stem))
        form = choose(request, (*OFFERED, SHEET), suffix)
        if form == HTML:
            return entity_page(snapshot, iri, hubs)
        if form == SHEET:
            return document(snapshot, form, stem, lambda: card.table(_told(snapshot, iri)))
        return document(snapshot, form, stem, lambda: _entity(snapshot, iri, form))

    @room.get("/graph/<path:name>")
    def graph(name: str) -> Response:
        snapshot = service.snapshot()
        stem, suffix = _cut(name)
        iri = GRAPH + quote(stem, safe="/~!$&'()*+,;=:@")
        count = snapshot.manifest.graphs.get(iri, 0)
        if not count and not _known(snapshot, iri):
            became(service, iri)
            raise not_found(f"this graph has no source called “{stem}”", suggestions=suggested(snapshot, stem))
        if not suffix:
            return see_other(url_for("things.graph", name=stem))
        form = choose(request, OFFERED, suffix)
        if form == HTML:
            return page(snapshot, "graph.html", iri, count=count)
        return document(snapshot, form, stem, lambda: _graph(snapshot, iri, form))

    return room


def became(service: Service, iri: str | None, suffix: str = "") -> Response | None:
    """Give the 301 to what the thing `iri` was merged into; raise Problem (410) where it was taken away.

    None where nothing became of it. `suffix` is the format's that the address asks for.
    """
    fate = Gone(service.data.path).fate(iri) if iri is not None else None
    if fate is None:
        return None
    if fate.survivor:
        return Response(status=301, headers={"Location": href(fate.survivor) + (f".{suffix}" if suffix else "")})
    raise Problem(410, "gone", "Gone", _GONE[fate.why])


def see_other(path: str) -> Response:
    """Give the 303 from a thing to the document about it in the format that the request prefers."""
    form = choose(request, OFFERED)
    return Response(status=303, headers={"Location": path + form.suffix, "Vary": "Accept"})


def page(snapshot: Snapshot, template: str, iri: str, **more: object) -> Response:
    """Give the page that tells what is known of `iri`."""
    return page_about(snapshot, template, it=_told(snapshot, iri), formats=GRAPH_FORMATS, **more)


def document(
    snapshot: Snapshot, form: Format, name: str, make: Callable[[], Document], *about: str, negotiated: bool = False,
    digest: str | None = None,
) -> Response:
    """Give a document of statements that is the same, byte for byte, for the same statements.

    `about` says what it tells of where the path does not; with `negotiated`, the address has other formats too. What
    the client has already is not made again. Raises Problem: 404, or 406 where the format cannot say the statements.
    """
    parts = (digest or snapshot.manifest.digest, software(), form.name, *(about or (request.path,)))
    known = cached(Response(), request, *parts, negotiated=negotiated)
    if known.status_code == 304:
        return known
    try:
        made = _written(make)
    except LookupError as error:
        raise not_found(str(error)) from error
    except NotSerialisable as error:
        raise Problem(406, "not-acceptable", "Not acceptable", str(error), headers={"Vary": "Accept"}) from error
    response = Response(made, content_type=form.content_type)
    response.content_length = made.size
    response.headers["Content-Disposition"] = f'inline; filename="{_file(name, form)}"'
    return cached(response, request, *parts, negotiated=negotiated)


def _written(make: Callable[[], Document]) -> Document:
    """Make a document, a few at the same time: a whole graph takes its time, and room on the disk."""
    pens: threading.BoundedSemaphore = current_app.extensions[PENS]
    if not pens.acquire(timeout=_PATIENCE):
        raise Problem(503, "busy", "Busy", "too many documents are being written", None, {"Retry-After": "1"})
    try:
        return make()
    finally:
        pens.release()


def suggested(snapshot: Snapshot, words: str) -> list[dict[str, str]]:
    """Give things whose names hold some of `words`, as members of a problem document."""
    index = snapshot.index()
    try:
        found = search.suggest(index, words.replace("-", " "), 5)
    finally:
        index.close()
    return [{"iri": match.iri, "label": match.label, "kind": match.kind} for match in found]


def _told(snapshot: Snapshot, iri: str) -> Description:
    return describe(snapshot.store, iri) or nothing(snapshot.store, iri)


def _known(snapshot: Snapshot, iri: str) -> bool:
    node = NamedNode(iri)
    patterns: Sequence[Iterator[object]] = (
        snapshot.store.quads_for_pattern(node, None, None),
        snapshot.store.quads_for_pattern(None, None, node),
    )
    return any(next(quads, None) is not None for quads in patterns)


def _cut(name: str) -> tuple[str, str]:
    """Cut the suffix of an offered format off the name of a graph, which may itself hold full stops."""
    for form in OFFERED:
        if name.endswith(form.suffix):
            return name.removesuffix(form.suffix), form.suffix[1:]
    return name, ""


def _file(name: str, form: Format) -> str:
    try:
        return slug(name) + form.suffix
    except ValueError:
        return "graph" + form.suffix


def _graph(snapshot: Snapshot, iri: str, form: Format) -> Document:
    try:
        return whole.document(snapshot, export.Part(True, iri), form)
    except LookupError:
        return export.write([], form)  # only mentioned


def _entity(snapshot: Snapshot, iri: str, form: Format) -> Document:
    try:
        return export.entity(snapshot.store, iri, form)
    except LookupError:
        return export.write([], form)  # only mentioned: a document without statements is the truth about it
