"""`analyse`: networks, what they measure, single points of failure, and the path between two."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graph.command import NothingFound
from graph.command.options import ROWS, data_option, echo_rows, iri, rows_text
from graph.command.writing import save
from graph.snapshot import DataDirectory

if TYPE_CHECKING:
    from pyoxigraph import Store

_SUFFIXES = {".json": "json", ".csv": "csv", ".tsv": "tsv", ".graphml": "graphml"}


@click.command(short_help="Measure networks; find paths and single points of failure.")
@click.argument("network", required=False)
@click.argument("measure", required=False)
@click.option("--path", "ends", nargs=2, type=iri, metavar="FROM TO",
              help="The shortest path between two things, explained.")  # fmt: skip
@click.option("--single-points", is_flag=True, help="Who and what hangs on one thread.")
@click.option("--limit", type=click.IntRange(1), help="Print the first rows only.")
@click.option("--format", "name", type=click.Choice([*ROWS, "graphml"]),
              help="How to print it; by default what the suffix of -o says, else table.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write to.")
@data_option
def analyse(
    network: str | None,
    measure: str | None,
    ends: tuple[str, str] | None,
    single_points: bool,
    limit: int | None,
    name: str | None,
    output: Path | None,
    data: DataDirectory,
) -> None:
    """Measure a NETWORK of the graph. Without arguments: list the networks.

    With --path, exit code 1 where no path joins the two; a NETWORK keeps the search within it.

    \b
    partnergraph analyse
    partnergraph analyse provider-location
    partnergraph analyse provider-location betweenness --limit 10
    partnergraph analyse provider-location -o providers.graphml
    partnergraph analyse --path organization/cinia organization/equinix
    partnergraph analyse --single-points
    """
    from graph import analysis

    if name is None:
        name = _SUFFIXES.get(output.suffix, "table") if output is not None else "table"
    if sum((ends is not None, single_points, measure is not None, name == "graphml")) > 1:
        raise click.UsageError("a MEASURE, --path, --single-points and graphml: ask for one at a time")
    if single_points and network is not None:
        raise click.UsageError("--single-points are of the whole graph; leave NETWORK out")
    if network is not None and network not in analysis.names():
        raise click.BadParameter(f"{network!r} is none of {', '.join(analysis.names())}", param_hint="NETWORK")
    store = data.current().store
    if name == "graphml":
        if network is None or limit is not None:
            raise click.UsageError("graphml is of one NETWORK, whole")
        save([analysis.graphml(analysis.project(store, network))], output)
        return
    if ends:
        header, rows = _path(store, ends, network)
    elif single_points:
        header, rows = _single_points(store)
    elif network is None:
        header, rows = _networks(store)
    elif measure is None:
        header, rows = _summary(store, network)
    else:
        header, rows = _measure(store, network, measure)
    if output is None:
        echo_rows(header, rows[:limit], name)
    else:
        save([rows_text(header, rows[:limit], name).encode("utf-8")], output)


def _networks(store: "Store") -> tuple[list[str], list[list[Any]]]:
    from graph import analysis

    rows: list[list[Any]] = []
    for name in analysis.names():
        found = analysis.summary(analysis.project(store, name))
        rows.append([name, analysis.describe(name).title, found.nodes, found.edges])
    return ["network", "what it is", "nodes", "edges"], rows


def _summary(store: "Store", network: str) -> tuple[list[str], list[list[Any]]]:
    from graph import analysis

    graph = analysis.project(store, network)
    described, found = analysis.describe(network), analysis.summary(graph)
    rows: list[list[Any]] = [["projection", described.rule], ["bias", described.bias]]
    rows += [[field, getattr(found, field)] for field in ("nodes", "edges", "density", "components", "largest")]
    return ["of the network", network], [*rows, ["measures", ", ".join(analysis.applicable(graph))]]


def _measure(store: "Store", network: str, measure: str) -> tuple[list[str], list[list[Any]]]:
    from graph import analysis

    graph = analysis.project(store, network)
    if measure not in analysis.applicable(graph):
        known = ", ".join(analysis.applicable(graph))
        raise click.BadParameter(f"{measure!r} is none of {known}", param_hint="MEASURE")
    rows = [[r.rank, r.label, r.kind, r.value, r.population, r.iri] for r in analysis.measure(graph, measure)]
    return ["rank", "label", "kind", measure, "of", "iri"], rows


def _single_points(store: "Store") -> tuple[list[str], list[list[Any]]]:
    from graph import analysis

    found = analysis.single_points(store)
    rows: list[list[Any]] = [["one provider", p.label, p.through_label] for p in found.places]
    rows += [["one way in", o.label, o.through_label] for o in found.organizations]
    rows += [["cuts a network", a.label, f"{a.network}: cuts off {a.cut_off}"] for a in found.articulation]
    return ["what", "who", "hangs on"], rows


def _path(store: "Store", ends: tuple[str, str], network: str | None) -> tuple[list[str], list[list[Any]]]:
    from pyoxigraph import NamedNode

    from graph import analysis

    steps = analysis.path(store, *ends, network)
    if not steps:
        for end in map(NamedNode, ends):
            if not any(next(store.quads_for_pattern(*at), None) for at in ((end, None, None), (None, None, end))):
                raise NothingFound(f"nothing is said of {end}")
        where = f" in {network}" if network else ""
        same = "they are the same" if ends[0] == ends[1] else f"nothing joins them{where}"
        raise NothingFound(f"no path from <{ends[0]}> to <{ends[1]}>: {same}")
    rows: list[list[Any]] = [
        [s.source_label, ("" if s.direction == "forward" else "is, the other way, ") + s.property_label,
         s.target_label, ", ".join(g.rsplit("/", 1)[-1] for g in s.graphs)]
        for s in steps
    ]  # fmt: skip
    return ["from", "by", "to", "stated in"], rows
