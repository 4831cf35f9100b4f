"""Relationship analysis as pages: the networks, what is measured in them, who depends on whom, and how two are tied."""

import csv
import io
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import networkx as nx
from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from graph import analysis, search
from graph.analysis import Network, Row, Summary, Table
from graph.names import PREFIXES, THING, thing
from graph.naming import Namer
from graph.snapshot import Snapshot
from graph.terms import read_iri
from server.memo import Memo
from server.negotiate import cached
from server.problems import not_found
from server.rendering import page_about
from server.service import Service

SHOWN = 10
PATHS = 3
SVG = "image/svg+xml; charset=utf-8"
# Fifty runs and fifty random networks are no work for a page: these are read from what is published.
_PUBLISHED_ONLY = ("communities", "structure")
REPORTS = tuple(name for name in analysis.REPORTS if name not in _PUBLISHED_ONLY)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A network of the live version; `names` are the measures that it can be asked for."""

    network: Network
    graph: "nx.Graph[str]"
    summary: Summary
    caption: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a path as the form names it: what was typed, the IRI it means, and others that it may
    mean.
    """

    text: str
    iri: str = ""
    label: str = ""
    others: tuple[search.Match, ...] = ()


def blueprint(service: Service) -> Blueprint:
    """Give the routes below `/analysis`."""
    room = Blueprint("analysis", __name__)
    memo = Memo(service)
    _networks(room, service, memo)
    _of_one_or_two(room, service, memo)
    return room


def _networks(room: Blueprint, service: Service, memo: Memo) -> None:
    def drawn_as(name: str) -> Drawn:
        return memo.get(name, lambda live: draw(live, name))

    @room.get("/analysis")
    def index() -> Response:
        store = service.snapshot().store
        networks = [drawn_as(name) for name in analysis.names()]
        told = memo.get("partners", lambda live: analysis.of_partners(live.store))
        structure = {one.network.name: analysis.published_structure(store, one.network) for one in networks}
        return page_about(service.snapshot(), "analysis.html", networks=networks, partners=told, structure=structure)

    @room.get("/analysis/<name>")
    def network(name: str) -> Response:
        drawn = drawn_as(_checked(name))
        measure = request.args.get("measure", "")
        if measure and measure not in drawn.names:
            raise not_found(f"{measure!r} is not measured in this network")
        if measure:
            rows = {measure: memo.get((name, measure), lambda _: analysis.measure(drawn.graph, measure))}
        else:
            rows = memo.get((name, "rows"), lambda live: _rows(live, drawn))
        chosen = [(analysis.definition(one), own) for one, own in rows.items()]
        store = service.snapshot().store
        return page_about(
            service.snapshot(),
            "network.html",
            drawn=drawn,
            chosen=chosen,
            measure=measure,
            shown=None if measure else SHOWN,
            whole=memo.get((name, "whole"), lambda live: analysis.report(live.store, drawn.network, "whole")),
            structure=analysis.published_structure(store, drawn.network),
            communities=analysis.published_communities(store, drawn.network),
            reports=[one for one in REPORTS if one in analysis.reports(drawn.network)],
            forms=analysis.FORMATS,
            asking=asking,
            parameters=analysis.PARAMETERS,
        )

    _files(room, service, memo, drawn_as)


def _files(room: Blueprint, service: Service, memo: Memo, drawn_as: Callable[[str], Drawn]) -> None:
    @room.get("/analysis/<name>.<form>")
    def exported(name: str, form: str) -> Response:
        graph = drawn_as(_checked(name)).graph
        media_types = {one.name: one.media_type for one in analysis.FORMATS} | {"svg": SVG}
        if form not in media_types:
            raise not_found(f"a network has no format {form!r}", offered=sorted(media_types))
        made = memo.get((name, form), lambda live: _written(live, graph, form))
        response = Response(made, content_type=media_types[form])
        if form != "svg":
            response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
        return cached(response, request, service.snapshot().manifest.digest, request.path, negotiated=False)

    @room.get("/analysis/<name>/<report>")
    def report(name: str, report: str) -> Response:
        drawn = drawn_as(_checked(name))
        plain, _, form = report.partition(".")
        if plain == "robustness" and form == "svg":
            made = memo.get((name, report), lambda live: _curve(live, drawn.graph))
            return cached(Response(made, content_type=SVG), request, service.snapshot().id, request.path,
                          negotiated=False)  # fmt: skip
        if plain not in REPORTS or form not in ("", "csv"):
            raise not_found(f"there is no report {report!r} on a network", offered=list(REPORTS))
        try:
            table = memo.get((name, plain), lambda live: analysis.report(live.store, drawn.network, plain))
        except ValueError as error:
            raise not_found(str(error)) from error
        if form == "csv":
            response = Response(_csv(table), content_type="text/csv; charset=utf-8")
            response.headers["Content-Disposition"] = f'attachment; filename="{name}-{plain}.csv"'
            return cached(response, request, service.snapshot().id, request.path, negotiated=False)
        told = {"drawn": drawn, "table": table, "report": plain}
        return page_about(service.snapshot(), "analysis_report.html", **told)


def _of_one_or_two(room: Blueprint, service: Service, memo: Memo) -> None:
    @room.get("/analysis/single-points")
    def single_points() -> Response:
        points = memo.get("single-points", lambda live: analysis.single_points(live.store))
        titles = {name: analysis.describe(name).title for name in analysis.names()}
        return page_about(service.snapshot(), "single_points.html", points=points, titles=titles)

    @room.get("/analysis/white-space")
    def white_space() -> Response:
        cells = memo.get("white-space", lambda live: analysis.white_space(live.store))
        return page_about(service.snapshot(), "white_space.html", cells=cells, dimensions=analysis.DIMENSIONS)

    @room.get("/analysis/one")
    def one() -> Response:
        snapshot = service.snapshot()
        end = _end(snapshot, request.args.get("thing", "").strip()[:200])
        told: dict[str, object] = {"end": end, "standings": (), "losses": (), "likes": ()}
        if end.iri:
            told["standings"] = analysis.standings(snapshot.store, end.iri)
            told["losses"] = analysis.without(snapshot.store, end.iri)
            told["likes"] = analysis.similar_partners(snapshot.store, end.iri)
        told["titles"] = {name: analysis.describe(name).title for name in analysis.names()}
        return page_about(snapshot, "one.html", **told)

    @room.get("/analysis/path")
    def path() -> Response:
        snapshot = service.snapshot()
        start, end = (_end(snapshot, request.args.get(name, "").strip()[:200]) for name in ("from", "to"))
        told: dict[str, object] = {"start": start, "end": end, "paths": None, "gave_up": False}
        if start.iri and end.iri and start.iri != end.iri:
            try:
                found = analysis.paths(snapshot.store, start.iri, end.iri, count=PATHS)
                told["paths"] = [(steps, Markup(analysis.chain(steps))) for steps in found]
            except analysis.PathLimitError:
                told["gave_up"] = True
        namer = Namer(snapshot.store)
        told["graph_label"] = namer.label
        return page_about(snapshot, "path.html", **told)


def draw(snapshot: Snapshot, name: str) -> Drawn:
    """Give the network called `name`, its size, and what its picture says."""
    graph = analysis.project(snapshot.store, name)
    said = analysis.caption(graph, _date(snapshot)) if len(graph) else ""
    names = analysis.applicable(graph) if len(graph) else ()
    return Drawn(analysis.describe(name), graph, analysis.summary(graph), said, names)


def _rows(snapshot: Snapshot, drawn: Drawn) -> dict[str, list[Row]]:
    """Give what is published of a network's nodes; all of it worked out where this version has no analysis yet."""
    published = analysis.published_rows(snapshot.store, drawn.network, drawn.graph)
    return published or {name: analysis.measure(drawn.graph, name) for name in drawn.names}


def asking(network: Network, metric: str) -> str:
    """Give the address of the query that answers with the published values of a metric in a network."""
    query = (
        f"PREFIX pe: <{PREFIXES['pe']}>\nPREFIX rdfs: <{PREFIXES['rdfs']}>\n\n"
        "SELECT ?about ?label ?value ?rank WHERE {\n"
        f"  ?observation pe:inNetwork <{network.iri}> ;\n"
        f"    pe:metric <{thing('metric', metric)}> ;\n    pe:about ?about ; pe:value ?value .\n"
        "  OPTIONAL { ?observation pe:rank ?rank }\n  OPTIONAL { ?about rdfs:label ?label }\n}\nORDER BY ?rank ?label\n"
    )
    return url_for("sparql.sparql", query=query)


def _written(snapshot: Snapshot, graph: "nx.Graph[str]", form: str) -> bytes:
    return analysis.picture(graph, _date(snapshot)) if form == "svg" else analysis.exported(graph, form)


def _curve(snapshot: Snapshot, graph: "nx.Graph[str]") -> bytes:
    return analysis.curve(graph, analysis.robustness(graph), _date(snapshot))


def _date(snapshot: Snapshot) -> str:
    created = snapshot.manifest.created
    return f"{created[:4]}-{created[4:6]}-{created[6:8]}"


def _csv(table: Table) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([table.columns, *table.rows])
    return file.getvalue()


def _checked(name: str) -> str:
    if name not in analysis.names():
        raise not_found(f"there is no network called {name!r}", offered=list(analysis.names()))
    return name


def _end(snapshot: Snapshot, text: str) -> End:
    """Read one end of a path: an IRI, kind/slug, or a name, for which the best match is taken and the others
    told.
    """
    if not text:
        return End("")
    try:
        iri = read_iri(text)
    except ValueError:
        iri = ""
    if iri.startswith(THING):
        return End(text, iri, Namer(snapshot.store).label(iri))
    with closing(snapshot.index()) as index:
        found = search.find(index, text, 6)
    if not found:
        return End(text)
    return End(text, found[0].iri, found[0].label, tuple(found[1:]))
