"""`analyse`: networks, what they measure, single points of failure, and the path between two."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import click

from graph import analysis
from graph.command import NOT_CONFORM
from graph.command.options import data_option, echo_table
from graph.command.writing import save
from graph.snapshot import DataDirectory
from graph.terms import read_iri


@click.command()
@click.argument("network", required=False)
@click.argument("measure", required=False)
@click.option("--path", "ends", nargs=2, metavar="FROM TO", help="The shortest path between two things, explained.")
@click.option("--single-points", is_flag=True, help="Who and what hangs on one thread.")
@click.option("--limit", type=int, help="Print the first rows only.")
@click.option("--format", "name", default="table", show_default=True,
              type=click.Choice(["table", "json", "csv", "tsv", "graphml"]), help="How to print it.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write to.")
@data_option
def analyse(
    network: str | None,
    measure: str | None,
    ends: tuple[str, str] | None,
    single_points: bool,
    limit: int | None,
    name: str,
    output: Path | None,
    data: DataDirectory,
) -> None:
    """Measure a NETWORK of the graph. Without arguments: list the networks.

    \b
    partnergraph analyse
    partnergraph analyse provider-location betweenness --limit 10
    partnergraph analyse provider-location --format graphml -o providers.graphml
    partnergraph analyse --path organization/cinia organization/equinix
    """
    store = data.current().store
    if network is not None and network not in analysis.names():
        raise click.BadParameter(f"{network!r} is none of {', '.join(analysis.names())}", param_hint="NETWORK")
    if name == "graphml":
        if network is None:
            raise click.UsageError("--format graphml is of one NETWORK")
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
    show(header, rows[:limit], name, output)
    sys.exit(0 if rows else NOT_CONFORM)


def _networks(store: Any) -> tuple[list[str], list[list[Any]]]:
    rows: list[list[Any]] = []
    for name in analysis.names():
        found = analysis.summary(analysis.project(store, name))
        rows.append([name, analysis.describe(name).title, found.nodes, found.edges])
    return ["network", "what it is", "nodes", "edges"], rows


def _summary(store: Any, network: str) -> tuple[list[str], list[list[Any]]]:
    graph = analysis.project(store, network)
    described, found = analysis.describe(network), analysis.summary(graph)
    rows: list[list[Any]] = [["projection", described.rule], ["bias", described.bias]]
    rows += [[field, getattr(found, field)] for field in ("nodes", "edges", "density", "components", "largest")]
    return ["of the network", network], [*rows, ["measures", ", ".join(analysis.applicable(graph))]]


def _measure(store: Any, network: str, measure: str) -> tuple[list[str], list[list[Any]]]:
    graph = analysis.project(store, network)
    if measure not in analysis.applicable(graph):
        known = ", ".join(analysis.applicable(graph))
        raise click.BadParameter(f"{measure!r} is none of {known}", param_hint="MEASURE")
    rows = [[r.rank, r.label, r.kind, r.value, r.population, r.iri] for r in analysis.measure(graph, measure)]
    return ["rank", "label", "kind", measure, "of", "iri"], rows


def _single_points(store: Any) -> tuple[list[str], list[list[Any]]]:
    found = analysis.single_points(store)
    rows: list[list[Any]] = [["one provider", p.label, p.through_label] for p in found.places]
    rows += [["one way in", o.label, o.through_label] for o in found.organizations]
    rows += [["cuts a network", a.label, f"{a.network}: cuts off {a.cut_off}"] for a in found.articulation]
    return ["what", "who", "hangs on"], rows


def _path(store: Any, ends: tuple[str, str], network: str | None) -> tuple[list[str], list[list[Any]]]:
    try:
        start, end = (read_iri(text) for text in ends)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--path") from error
    steps = analysis.path(store, start, end, network) or []
    rows: list[list[Any]] = [
        [s.source_label, ("" if s.direction == "forward" else "is, the other way, ") + s.property_label,
         s.target_label, ", ".join(g.rsplit("/", 1)[-1] for g in s.graphs)]
        for s in steps
    ]  # fmt: skip
    return ["from", "by", "to", "stated in"], rows


def show(header: list[str], rows: list[list[Any]], name: str, output: Path | None) -> None:
    """Print rows as a table, JSON, CSV or TSV, or write them to a file."""
    if name == "table" and output is None:
        echo_table(header, [[str(cell) for cell in row] for row in rows])
        return
    if name == "json":
        text = json.dumps([dict(zip(header, row, strict=True)) for row in rows], ensure_ascii=False, indent=2) + "\n"
    else:
        buffer = io.StringIO()
        table = csv.writer(buffer, delimiter="," if name == "csv" else "\t", lineterminator="\n")
        table.writerows([header, *rows])
        text = buffer.getvalue()
    save([text.encode("utf-8")], output)
