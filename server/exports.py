"""The graph to take away: a page of downloads, and the whole graph, the vocabulary and the shapes in each
format.
"""

from collections.abc import Callable

from flask import Blueprint, Response, request

from graph import evidence, export, whole
from graph.formats import GRAPH_FORMATS, Format
from graph.snapshot import Snapshot
from graph.spool import Document
from server.memo import Memo
from server.negotiate import choose
from server.problems import not_found
from server.rendering import page_about
from server.service import Service
from server.things import document

Maker = Callable[[Snapshot, Format], Document]

# Name in the address, what it is called, and how it is made.
DOWNLOADS: tuple[tuple[str, str, Maker], ...] = (
    ("all", "The whole graph", lambda snapshot, form: whole.document(snapshot, export.everything(form), form)),
    ("ontology", "The vocabulary and its concept schemes", lambda _, form: export.ontology(form)),
    ("shapes", "The shapes", lambda _, form: export.shapes(form)),
)


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/export` and `/export/<name>.<suffix>`."""
    room = Blueprint("exports", __name__)
    memo = Memo(service)

    @room.get("/export")
    def index() -> Response:
        rows = memo.get("sources", lambda live: evidence.sources(live.store, live.manifest.graphs))
        told = {"downloads": DOWNLOADS, "formats": GRAPH_FORMATS, "sources": rows}
        return page_about(service.snapshot(), "export.html", **told)

    @room.get("/export/<name>.<suffix>")
    def download(name: str, suffix: str) -> Response:
        snapshot = service.snapshot()
        make = next((row[2] for row in DOWNLOADS if row[0] == name), None)
        if make is None:
            raise not_found(f"there is no export called {name!r}", offered=[row[0] for row in DOWNLOADS])
        form = choose(request, GRAPH_FORMATS, suffix)
        return document(snapshot, form, name, lambda: make(snapshot, form))

    return room
