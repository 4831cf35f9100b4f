"""Relationship analysis as pages: the networks, their measures, who depends on whom, and how two are tied."""

from contextlib import closing
from dataclasses import dataclass

import networkx as nx
from flask import Blueprint, Response, request

from graph import analysis, search
from graph.analysis import Measure, Network, Row, Summary
from graph.names import THING
from graph.naming import Namer
from graph.snapshot import Snapshot
from graph.terms import read_iri
from server.memo import Memo
from server.negotiate import cached
from server.problems import not_found
from server.rendering import page_about
from server.service import Service

SHOWN = 15


@dataclass(frozen=True, slots=True)
class Drawn:
    """A network of the live version with what was measured in it."""

    network: Network
    graph: "nx.Graph[str]"
    summary: Summary
    measures: tuple[tuple[Measure, list[Row]], ...]


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

    def drawn_as(name: str) -> Drawn:
        return memo.get(name, lambda live: draw(live, name))

    @room.get("/analysis")
    def index() -> Response:
        return page_about(service.snapshot(), "analysis.html", networks=[drawn_as(n) for n in analysis.names()])

    @room.get("/analysis/<name>")
    def network(name: str) -> Response:
        drawn = drawn_as(_checked(name))
        measure = request.args.get("measure", "")
        chosen = [pair for pair in drawn.measures if not measure or pair[0].name == measure]
        if not chosen and measure:
            raise not_found(f"{measure!r} is not measured in this network")
        told = {"drawn": drawn, "chosen": chosen, "measure": measure, "shown": None if measure else SHOWN}
        return page_about(service.snapshot(), "network.html", **told)

    @room.get("/analysis/<name>.graphml")
    def graphml(name: str) -> Response:
        drawn = drawn_as(_checked(name))
        response = Response(analysis.graphml(drawn.graph), content_type="application/graphml+xml")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.graphml"'
        return cached(response, request, service.snapshot().manifest.digest, request.path, negotiated=False)

    @room.get("/analysis/single-points")
    def single_points() -> Response:
        points = memo.get("single-points", lambda live: analysis.single_points(live.store))
        titles = {name: analysis.describe(name).title for name in analysis.names()}
        return page_about(service.snapshot(), "single_points.html", points=points, titles=titles)

    @room.get("/analysis/path")
    def path() -> Response:
        snapshot = service.snapshot()
        start, end = (_end(snapshot, request.args.get(name, "").strip()[:200]) for name in ("from", "to"))
        told: dict[str, object] = {"start": start, "end": end, "steps": None, "gave_up": False}
        if start.iri and end.iri and start.iri != end.iri:
            try:
                told["steps"] = analysis.path(snapshot.store, start.iri, end.iri)
            except analysis.PathLimitError:
                told["gave_up"] = True
        namer = Namer(snapshot.store)
        told["graph_label"] = namer.label
        return page_about(snapshot, "path.html", **told)

    return room


def draw(snapshot: Snapshot, name: str) -> Drawn:
    """Give the network called `name` with all that is measured in it."""
    graph = analysis.project(snapshot.store, name)
    rows = tuple((analysis.definition(one), analysis.measure(graph, one)) for one in analysis.applicable(graph))
    return Drawn(analysis.describe(name), graph, analysis.summary(graph), rows)


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
