"""Pages that lead: programmes through the years, help by example, what no source tells, the editor's terms."""

import json
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph import unknown, vocabulary
from graph.classes import classes as classes_of
from graph.classes import members, number
from graph.names import ONTOLOGY, PREFIXES, curie
from graph.naming import Namer, Value
from graph.questions import questions
from graph.snapshot import Snapshot
from graph.timeline import timeline
from server.memo import Memo
from server.negotiate import cached
from server.rendering import STARTER, only_page, page_about, software
from server.service import Service

_PROGRAM: Final = ONTOLOGY + "Program"


def blueprint(service: Service) -> Blueprint:
    """Give the routes `/programmes`, `/help`, `/unknown` and `/terms.json`."""
    room = Blueprint("guide", __name__)
    memo = Memo(service)

    @room.get("/programmes")
    def programmes() -> Response:
        told = {"moments": memo.get("moments", lambda live: timeline(live.store)),
                "programmes": memo.get("programmes", _programmes)}  # fmt: skip
        return only_page(service.snapshot(), "programmes.html", **told)

    @room.get("/help")
    def help_() -> Response:
        simple = [one for one in questions() if not one.parameters][:8]
        return page_about(service.snapshot(), "help.html", example=STARTER, questions=simple)

    @room.get("/unknown")
    def not_told() -> Response:
        snapshot = service.snapshot()
        named = memo.get("partners", lambda live: number(live.store, ONTOLOGY + "Partner", live.census))
        listed = memo.get("classes", lambda live: classes_of(live.store, live.census))
        topics = unknown.within(unknown.topics(), {one.iri.removeprefix(ONTOLOGY) for one in listed})
        return page_about(snapshot, "unknown.html", topics=topics, named=named)

    @room.get("/terms.json")
    def terms() -> Response:
        found = memo.get("terms", _terms)
        told = json.dumps({"prefixes": PREFIXES, **found}, ensure_ascii=False)
        response = Response(told, content_type="application/json")
        return cached(response, request, service.snapshot().id, software(), request.path, negotiated=False)

    return room


def _programmes(live: Snapshot) -> list[tuple[Value, tuple[Value, ...], tuple[Value, ...], tuple[Value, ...]]]:
    """Give each programme with who operates it, what it replaced and when it was launched."""
    namer = Namer(live.store)
    rows = [
        (
            namer.value(NamedNode(iri)),
            namer.objects(iri, "pe:operatedBy"),
            namer.objects(iri, "dcterms:replaces"),
            namer.objects(iri, "pe:launched"),
        )
        for iri in members(live.store, _PROGRAM)
    ]
    return sorted(rows, key=lambda row: row[0].key)


def _terms(live: Snapshot) -> dict[str, list[dict[str, str]]]:
    """Give the classes and the properties that the vocabulary has, those in use first, as an editor completes them."""
    found: dict[str, list[dict[str, str]]] = {}
    for title, listed in vocabulary.vocabulary(live.store, live.census):
        kind = "classes" if title == "Classes" else "properties"
        for term in sorted(listed, key=lambda one: (-one.uses, one.label)):
            told = {"iri": term.iri, "name": curie(term.iri) or term.iri, "label": term.label}
            found.setdefault(kind, []).append(told)
    return found
