"""The pages that stand alone: home, search, sources, who says so, and what the shapes ask for."""

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from graph import analysis, evidence, front, search, unknown
from graph.classes import classes as classes_of
from graph.evidence import Provider, provider
from graph.formats import TABLE_FORMATS
from graph.manifest import SnapshotError
from graph.naming import Namer, kind_words
from graph.provenance import Evidence
from graph.provenance import why as rows_of
from graph.quality import rows as tallies
from graph.quality.findings import shapes
from graph.quality.sources import table
from graph.questions import questions
from graph.snapshot import Snapshot
from graph.terms import read_iri, read_term
from server.links import href
from server.memo import Memo
from server.negotiate import HTML, cached, choose
from server.parameters import only_once
from server.problems import Problem, bad_parameter, bad_request
from server.rendering import helpers, negotiated, only_page, page_about, software, table_document
from server.service import Service

FOUND = 50
FEW = 5  # found: names that come near are shown too
COMPLETED = 8


@dataclass(frozen=True, slots=True)
class Witness:
    """A named graph that makes a statement, and the rows of its table that do."""

    provider: Provider
    rows: tuple[Evidence, ...]


def blueprint(service: Service) -> Blueprint:
    """Give `/`, `/search`, `/search.json`, `/sources` and its formats, `/why` and `/shape`, and what pages may use."""
    room = Blueprint("pages", __name__)
    memo = Memo(service)

    # Globals, not context: macros that are imported see them too.
    room.record_once(lambda state: state.app.jinja_env.globals.update(helpers()))

    @room.app_context_processor
    def known_everywhere() -> dict[str, Any]:
        try:
            found = memo.get("ecosystems", lambda live: front.ecosystems(live.store))
            return {"snapshot": service.snapshot().manifest, "ecosystems": found}
        except SnapshotError:  # the page that says so must still be drawn
            return {"snapshot": None, "ecosystems": []}

    @room.get("/")
    def home() -> Response:
        classes = memo.get("classes", lambda live: classes_of(live.store, live.census))
        ways = memo.get("ways", lambda live: front.ways_in(live.store, classes, census=live.census))
        networks = [(name, analysis.describe(name).title) for name in analysis.names()]
        told = {"held": front.held(classes), "ways": ways, "networks": networks, "questions": questions()[:6]}
        return page_about(service.snapshot(), "home.html", **told)

    @room.get("/search")
    def find() -> Response:
        snapshot = service.snapshot()
        text, kind = _looked_for()
        with closing(snapshot.index()) as index:
            counts, many = search.kinds(index, text), search.are_many(index, text)
            found = search.find(index, text, FOUND, kind or None)
            near = search.suggest(index, text, 8, kind or None) if text and len(found) < FEW else []
        known = {match.iri for match in found}
        near = [match for match in near if match.iri not in known]
        told = {"q": text, "kind": kind, "counts": counts, "found": found, "near": near, "most": FOUND, "many": many}
        told["unknown"] = unknown.asked_about(text)
        return page_about(snapshot, "search.html", **told)

    @room.get("/search.json")
    def complete() -> Response:
        snapshot = service.snapshot()
        text, kind = _looked_for()
        with closing(snapshot.index()) as index:
            found = search.best(index, text, COMPLETED, kind or None)
        told = [{"iri": one.iri, "href": href(one.iri), "label": one.label, "kind": kind_words(one.kind),
                 "name": one.name, "how": one.how} for one in found]  # fmt: skip
        response = Response(json.dumps(told, ensure_ascii=False), content_type="application/json")
        return cached(response, request, snapshot.id, software(), request.url, negotiated=False)

    @room.get("/sources")
    def sources() -> Response:
        snapshot = service.snapshot()
        if (form := choose(request, (HTML, *TABLE_FORMATS))) != HTML:
            return table_document(snapshot, form, memo.get("sources table", table))
        told = memo.get("sources", lambda live: evidence.sources(live.store, live.manifest.graphs))
        with closing(snapshot.index()) as index:
            tables = {table.graph: table for table in tallies.read(index)}
        return negotiated(page_about(snapshot, "sources.html", sources=told, tables=tables))

    @room.get("/sources.<suffix>")
    def sources_as(suffix: str) -> Response:
        form = choose(request, TABLE_FORMATS, suffix)
        return table_document(service.snapshot(), form, memo.get("sources table", table))

    @room.get("/why")
    def why() -> Response:
        snapshot = service.snapshot()
        if not any(request.args.get(name) for name in "spo"):
            return only_page(snapshot, "why.html", asked=False)
        subject, predicate, object_ = _statement()
        namer = Namer(snapshot.store)
        told = witnesses(snapshot, namer, subject, predicate, object_)
        terms = (namer.value(subject), namer.property(predicate.value), namer.value(object_))
        return only_page(snapshot, "why.html", asked=True, terms=terms, predicate=predicate.value, told=told)

    @room.get("/shape")
    def shape() -> Response:
        rows = memo.get("shapes", lambda live: shapes(Namer(live.store)))
        return page_about(service.snapshot(), "shapes.html", shapes=rows)

    return room


def witnesses(
    snapshot: Snapshot, namer: Namer, subject: NamedNode, predicate: NamedNode, object_: NamedNode | Literal
) -> list[Witness]:
    """Give the named graphs that make a statement, each with the files and rows that say so."""
    with closing(snapshot.index()) as index:
        rows = list(rows_of(index, subject, predicate, object_))
    found = []
    for quad in snapshot.store.quads_for_pattern(subject, predicate, object_, None):
        name = quad.graph_name
        if isinstance(name, NamedNode):
            own = tuple(row for row in rows if row.graph == name.value)
            found.append(Witness(provider(snapshot.store, namer, name.value), own))
    return sorted(found, key=lambda one: (one.provider.is_ours, one.provider.title))


def _looked_for() -> tuple[str, str]:
    only_once("q", "kind")
    kind = request.args.get("kind", "")
    if kind and kind not in search.NAMED_KINDS:
        offered = sorted(search.NAMED_KINDS)
        raise bad_parameter("kind", f"no kind of thing that has a name is called {kind[:40]!r}", offered)
    return request.args.get("q", "").strip()[:200], kind


def _statement() -> tuple[NamedNode, NamedNode, NamedNode | Literal]:
    try:
        subject, predicate = (NamedNode(read_iri(request.args.get(name, ""))) for name in "sp")
        return subject, predicate, read_term(request.args.get("o", ""))
    except ValueError as error:
        raise _unreadable(str(error)) from error


def _unreadable(detail: str) -> Problem:
    form = "a statement is asked for by s, p and o: IRIs, prefix:name, kind/slug, or a literal as in N-Triples"
    return bad_request(f"{detail}; {form}")
