"""`export`: the graph, or a part of it, as deterministic files."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from graph import export as writer
from graph import formats
from graph.command.options import data_option
from graph.names import GRAPH
from graph.snapshot import DataDirectory
from graph.terms import read_iri

_NAMES = [row.name for row in formats.GRAPH_FORMATS]


@click.command()
@click.option("--graph", help="Only this named graph: its slug or IRI.")
@click.option("--entity", help="Only what is said of this thing: kind/slug or IRI.")
@click.option("--room", type=click.Choice(["ontology", "shapes"]), help="The vocabulary or the shapes instead.")
@click.option("--format", "name", default="turtle", show_default=True, type=click.Choice(_NAMES),
              help="The format of a single document.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="A file, or for the whole graph a new folder with one Turtle file a source.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace what is in that folder.")
@data_option
def export(
    graph: str | None,
    entity: str | None,
    room: str | None,
    name: str,
    output: Path | None,
    overwrite: bool,
    data: DataDirectory,
) -> None:
    """Write the graph as sorted, reproducible RDF: to standard output, a file, or a folder.

    \b
    partnergraph export -o turtle/                      one file a source, ontology and shapes
    partnergraph export --format nquads > graph.nq      the whole graph, who said what included
    partnergraph export --graph seed
    partnergraph export --entity organization/equinix --format jsonld
    """
    if sum(given is not None for given in (graph, entity, room)) > 1:
        raise click.UsageError("--graph, --entity and --room: give one")
    part = graph or entity or room
    if output is not None and part is None and not output.suffix:
        for written in writer.directory(data.current().store, output, overwrite=overwrite):
            click.echo(f"{written.file}\t{written.triples} triples")
        return
    save(_chunks(graph, entity, room, name, data), output)


def _chunks(
    graph: str | None, entity: str | None, room: str | None, name: str, data: DataDirectory
) -> Iterable[bytes]:
    row = formats.by_name(name)
    if room is not None:
        return writer.ontology(row) if room == "ontology" else writer.shapes(row)
    store = data.current().store
    if graph is not None:
        return writer.named_graph(store, graph if ":" in graph else GRAPH + graph, row)
    return writer.entity(store, read_iri(entity), row) if entity else writer.whole(store, row)


def save(chunks: Iterable[bytes], output: Path | None) -> None:
    """Write `chunks` to standard output, or to the file `output`, which appears only when it is whole."""
    if output is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    partial = output.with_name(output.name + ".part")
    try:
        with partial.open("wb") as file:
            file.writelines(chunks)
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
