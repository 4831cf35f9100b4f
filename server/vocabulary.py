"""The vocabulary at its own address: every term for people, the whole as RDF for programs."""

from flask import Blueprint, Response, request

from graph import export, vocabulary
from graph.describe import describe
from graph.formats import GRAPH_FORMATS, Format
from graph.names import ONTOLOGY
from server.memo import Memo
from server.negotiate import HTML, choose
from server.rendering import negotiated, page_about
from server.service import Service
from server.things import document

_OFFERED = (*GRAPH_FORMATS, HTML)


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/ontology` and `/ontology.<suffix>`.

    A term's IRI is the vocabulary's with a fragment: one document for all of them, and no redirect.
    """
    room = Blueprint("vocabulary", __name__)
    memo = Memo(service)

    @room.get("/ontology")
    def ontology() -> Response:
        return negotiated(_give(choose(request, _OFFERED)))

    @room.get("/ontology.<suffix>")
    def one_format(suffix: str) -> Response:
        return _give(choose(request, _OFFERED, suffix))

    def _give(form: Format) -> Response:
        snapshot = service.snapshot()
        if form != HTML:
            return document(snapshot, form, "ontology", lambda: export.ontology(form))
        sections = memo.get("vocabulary", lambda live: vocabulary.vocabulary(live.store, live.census))
        schemes = memo.get("schemes", lambda live: vocabulary.schemes(live.store))
        about = memo.get("ontology", lambda live: describe(live.store, ONTOLOGY.rstrip("#")))
        told = {"sections": sections, "schemes": schemes, "it": about, "formats": GRAPH_FORMATS}
        return page_about(snapshot, "ontology.html", **told)

    return room
