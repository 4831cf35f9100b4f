"""Relationship analysis as pages: the networks, what is measured in them, who depends on whom, and how two are tied."""

import csv
import io
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, islice

import networkx as nx
from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from graph import analysis, search
from graph.analysis import Kept, Network, Row, Summary, Table
from graph.columns import LARGE
from graph.names import THING
from graph.naming import Namer
from graph.snapshot import Snapshot
from graph.terms import read_iri
from server.memo import Memo
from server.negotiate import cached
from server.problems import Problem, not_found, respond
from server.rendering import page_about
from server.service import Service

SHOWN = 10
PATHS = 3
SVG = "image/svg+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A network of the live version; `names` are the measures that it can be asked for."""

    network: Network
    summary: Summary
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
    _files(room, service, memo)
    _of_one_or_two(room, service, memo)
    room.register_error_handler(analysis.TooLarge, _not_measured)
    return room


def _not_measured(error: analysis.TooLarge) -> Response:
    return respond(Problem(404, "not-measured", "Not measured", str(error)))


def _networks(room: Blueprint, service: Service, memo: Memo) -> None:
    def drawn_as(name: str) -> Drawn:
        return memo.get(name, lambda _: draw(kept_of(memo), name))

    @room.get("/analysis")
    def index() -> Response:
        snapshot, kept = service.snapshot(), kept_of(memo)
        networks = memo.get("networks", lambda _: [_sized(kept, name) for name in analysis.names()])
        told = {
            "networks": networks,
            "partners": memo.get("partners", lambda _: kept.partners()),
            "structure": {one.network.name: analysis.published_structure(snapshot.store, one.network)
                          for one in networks},
            "query": query,
            "null": analysis.NULL,
            "late": late(snapshot),
        }  # fmt: skip
        return page_about(snapshot, "analysis.html", **told)

    @room.get("/analysis/<name>")
    def network(name: str) -> Response:
        snapshot, drawn = service.snapshot(), drawn_as(_checked(name))
        measure = request.args.get("measure", "")
        if measure and measure not in drawn.names:
            raise not_found(f"{measure!r} is not measured in this network")
        kept = kept_of(memo)
        if measure:
            chosen = [(analysis.definition(measure), memo.get((name, measure), lambda _: kept.rows(name, measure)))]
        else:
            chosen = [(analysis.definition(one), _first(rows)) for one, rows in
                      memo.get((name, "first"), lambda _: kept.first(name)).items()]
        told = {
            "drawn": drawn,
            "chosen": chosen,
            "measure": measure,
            "caption": memo.get((name, "caption"), lambda live: kept.caption(name, _date(live))),
            "whole": memo.get((name, "whole"), lambda _: kept.report(name, "whole")),
            "structure": analysis.published_structure(snapshot.store, drawn.network),
            "communities": analysis.published_communities(snapshot.store, drawn.network),
            "reports": analysis.reports(drawn.network),
            "forms": analysis.FORMATS,
            "query": query,
            "parameters": analysis.PARAMETERS,
            "late": late(snapshot),
        }
        return page_about(snapshot, "network.html", **told)

    @room.get("/analysis/<name>/<report>")
    def report(name: str, report: str) -> Response:
        snapshot, network = service.snapshot(), analysis.describe(_checked(name))
        plain, _, form = report.partition(".")
        if plain == "robustness" and form == "svg":
            made = memo.get((name, report), lambda live: _curve(kept_of(memo), name, _date(live)))
            return cached(Response(made, content_type=SVG), request, snapshot.id, request.path, negotiated=False)
        offered = analysis.reports(network)
        if plain not in offered or form not in ("", "csv"):
            why = " on a network of one side only" if plain in analysis.REPORTS and plain not in offered else ""
            raise not_found(f"there is no report {report!r}{why}", offered=list(offered))
        try:
            table = memo.get((name, plain), lambda _: kept_of(memo).report(name, plain))
        except ValueError as error:
            raise not_found(str(error)) from error
        if form == "csv":
            response = Response(_csv(table), content_type="text/csv; charset=utf-8")
            response.headers["Content-Disposition"] = f'attachment; filename="{name}-{plain}.csv"'
            return cached(response, request, snapshot.id, request.path, negotiated=False)
        told = {"network": network, "table": table, "report": plain, "query": query, "late": late(snapshot)}
        return page_about(snapshot, "analysis_report.html", asked=analysis.OF_REPORTS.get(plain, ""), **told)


def _files(room: Blueprint, service: Service, memo: Memo) -> None:
    @room.get("/analysis/<name>.<form>")
    def exported(name: str, form: str) -> Response:
        media_types = {one.name: one.media_type for one in analysis.FORMATS} | {"svg": SVG}
        if form not in media_types:
            raise not_found(f"a network has no format {form!r}", offered=sorted(media_types))
        made = memo.get((_checked(name), form), lambda live: _written(kept_of(memo).network(name), form, _date(live)))
        response = Response(made, content_type=media_types[form])
        if form != "svg":
            response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
        return cached(response, request, service.snapshot().manifest.digest, request.path, negotiated=False)


def _of_one_or_two(room: Blueprint, service: Service, memo: Memo) -> None:
    @room.get("/analysis/single-points")
    def single_points() -> Response:
        points = memo.get("single-points", lambda _: kept_of(memo).single_points())
        return page_about(service.snapshot(), "single_points.html", points=points, networks=_described(),
                          carrying=analysis.CARRYING)  # fmt: skip

    @room.get("/analysis/white-space")
    def white_space() -> Response:
        cells = memo.get("white-space", lambda _: kept_of(memo).white_space())
        return page_about(service.snapshot(), "white_space.html", cells=cells, dimensions=analysis.DIMENSIONS)

    @room.get("/analysis/one")
    def one() -> Response:
        snapshot = service.snapshot()
        end = _end(snapshot, request.args.get("thing", "").strip()[:200])
        told: dict[str, object] = {"end": end, "standings": (), "losses": (), "likes": ()}
        if end.iri:
            told["standings"] = analysis.standings(snapshot.store, end.iri)
            kept = kept_of(memo)
            told["losses"] = analysis.without(snapshot.store, end.iri, kept.network)
            told["likes"] = analysis.similar_partners(snapshot.store, end.iri, network=kept.network)
        return page_about(snapshot, "one.html", networks=_described(), **told)

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


def kept_of(memo: Memo) -> Kept:
    """Give what is kept of the networks of the request's version.

    Problem (404) where nothing is, and the version is so large that nobody waits for what is worked out.
    """

    def kept(live: Snapshot) -> Kept:
        found = Kept(live.path, live.store)
        if live.manifest.triples >= LARGE and not found.is_whole:
            many = f"its {live.manifest.triples:,} statements are too many to do that while somebody waits"
            raise Problem(404, "not-measured", "Not measured", f"this version's networks were not measured, and {many}")
        return found

    return memo.get("kept", kept)


def draw(kept: Kept, name: str) -> Drawn:
    """Give the network called `name`, its size and its measures."""
    return Drawn(analysis.describe(name), kept.summary(name), kept.measures(name))


def _sized(kept: Kept, name: str) -> Drawn:
    return Drawn(analysis.describe(name), kept.summary(name), ())


def query(network: Network, name: str, metric: str = "") -> str:
    """Give the address of the stored query called `name` on a network (and a metric), as `analysis.asked` has it."""
    return url_for("sparql.sparql", query=analysis.asked(network, name, metric))


def late(snapshot: Snapshot) -> bool:
    """Whether the published results are those of an earlier version, which was changed since."""
    manifest = snapshot.manifest
    return manifest.origin in ("change", "revert") and any("/graph/analysis-" in name for name in manifest.graphs)


def _described() -> dict[str, Network]:
    return {name: analysis.describe(name) for name in analysis.names()}


def _first(rows: list[Row]) -> list[Row]:
    """Give the first rows of each side."""
    return [row for _, own in groupby(rows, key=lambda row: row.mode) for row in islice(own, SHOWN)]


def _written(graph: "nx.Graph[str]", form: str, date: str) -> bytes:
    return analysis.picture(graph, date) if form == "svg" else analysis.exported(graph, form)


def _curve(kept: Kept, name: str, date: str) -> bytes:
    removal = [analysis.Removal(*row) for row in kept.report(name, "robustness").rows]
    return analysis.curve(kept.network(name), removal, date)


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
        matches = search.find(index, text, 12)
    found = [one for one in matches if one.kind not in search.GROUPS][:6] or matches[:1]
    if not found:
        return End(text)
    return End(text, found[0].iri, found[0].label, tuple(found[1:]))
