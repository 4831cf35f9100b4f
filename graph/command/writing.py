"""`export`: the graph, or a part of it, as deterministic files."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graph import formats
from graph.command import Failed, NothingFound
from graph.command.options import data_option, iri, progress_bars
from graph.labels import NotSerialisable
from graph.names import GRAPH
from graph.packing import SUFFIXES, packed, unpacked_name
from graph.progress import Progress
from graph.snapshot import DataDirectory

if TYPE_CHECKING:
    from graph.spool import Document

_NAMES = [row.name for row in formats.GRAPH_FORMATS]


@click.command(short_help="Write the graph, or a part of it, as reproducible RDF.")
@click.option("--graph", metavar="SLUG|IRI", help="Only this named graph.")
@click.option("--entity", type=iri, metavar="KIND/SLUG|IRI", help="Only what is said of this thing.")
@click.option("--room", type=click.Choice(["ontology", "shapes"]), help="The vocabulary or the shapes instead.")
@click.option("--format", "name", type=click.Choice(_NAMES),
              help="The format of a single document; by default what the suffix of -o says, else turtle.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="A file, or for the whole graph a new folder with one Turtle file a source.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace what is in that folder.")
@click.option("--pack", type=click.Choice(sorted(SUFFIXES.values())),
              help="Pack a document; by default what .gz or .zst at the end of -o says.")  # fmt: skip
@data_option
def export(
    graph: str | None,
    entity: str | None,
    room: str | None,
    name: str | None,
    output: Path | None,
    overwrite: bool,
    pack: str | None,
    data: DataDirectory,
) -> None:
    """Write the graph as sorted, reproducible RDF: to standard output, a file, or a folder.

    Formats for one graph (turtle, ntriples, rdfxml) hold the union of what all sources say; trig and nquads keep who
    said what, and so do a folder and, but with --entity, jsonld. Without a suffix and --format, -o names a folder. A
    file appears when it is whole. A large graph is sorted in 1 GiB of memory, and beyond that in the folder for
    temporary files.

    \b
    partnergraph export -o turtle/                      one file a source, ontology and shapes
    partnergraph export -o graph.nq                     the whole graph, who said what included
    partnergraph export -o graph.ttl.zst                packed
    partnergraph export --graph seed
    partnergraph export --entity organization/equinix --format jsonld
    """
    if sum(given is not None for given in (graph, entity, room)) > 1:
        raise click.UsageError("--graph, --entity and --room: give one")
    plain, packing = unpacked_name(output) if output is not None else (None, None)
    whole = graph is None and entity is None and room is None
    if whole and name is None and output is not None and (output.is_dir() or not output.suffix):
        if pack:
            raise click.UsageError("--pack is for a document; a folder has many")
        _folder(output, overwrite, data)
        return
    if overwrite:
        raise click.UsageError("--overwrite is for a folder; a file is always replaced")
    if output is not None and output.is_dir():
        raise click.UsageError(f"{output} is a folder; name a file")
    refuse_nowhere(output)
    row = formats.by_name(name or _by_suffix(plain))
    with progress_bars() as progress:
        if entity is None and room is None:
            found = _part(graph, row, data, progress, whole=output is None)
        else:
            found = _document(entity, room, row, data)
        save(packed(found, pack or packing), output)


def _folder(output: Path, overwrite: bool, data: DataDirectory) -> None:
    from graph.export import Part
    from graph.folder import directory
    from graph.whole import stream

    snapshot = data.current()

    def give(graph: str) -> tuple[int, Iterator[bytes]]:
        document = stream(snapshot, Part(True, graph), formats.TURTLE, progress=progress)
        return snapshot.manifest.graphs[graph], document

    try:
        with progress_bars() as progress:
            rows = directory(snapshot.store, output, overwrite=overwrite, give=give)
        for written in rows:
            click.echo(f"{written.file}\t{written.triples} triples")
    except FileExistsError as error:
        raise Failed(f"{output} is not empty: name another folder, or say --overwrite") from error


def _by_suffix(output: Path | None) -> str:
    found = [row.name for row in formats.GRAPH_FORMATS if output is not None and output.suffix == row.suffix]
    if output is not None and output.suffix and not found:
        known = ", ".join(row.suffix for row in formats.GRAPH_FORMATS)
        raise click.UsageError(f"the suffix of {output} is none of {known}; say --format")
    return found[0] if found else formats.TURTLE.name


def _document(entity: str | None, room: str | None, row: formats.Format, data: DataDirectory) -> "Document":
    from graph import export as writer

    if entity is None:
        return writer.ontology(row) if room == "ontology" else writer.shapes(row)
    try:
        return writer.entity(data.current().store, entity, row)
    except LookupError as error:
        raise NothingFound(str(error.args[0])) from error


def _part(
    graph: str | None, row: formats.Format, data: DataDirectory, progress: Progress, *, whole: bool
) -> Iterator[bytes]:
    """Give all of the live graph, or one named graph of it; with `whole`, nothing before all of it is written."""
    from graph.export import Part, everything
    from graph.whole import document, stream

    wanted = everything(row) if graph is None else Part(True, graph if ":" in graph else GRAPH + graph)
    try:
        yield from (document if whole else stream)(data.current(), wanted, row, progress=progress)
    except LookupError as error:
        raise NothingFound(str(error.args[0])) from error
    except NotSerialisable:
        raise
    except ValueError as error:  # --graph is no IRI
        raise click.BadParameter(str(error), param_hint="--graph") from error


def refuse_nowhere(output: Path | None) -> None:
    """Raise Failed where the folder of the file `output` does not exist."""
    if output is not None and not output.parent.is_dir():
        raise Failed(f"{output}: there is no folder {output.parent}")


def save(chunks: Iterable[bytes], output: Path | None) -> None:
    """Write `chunks` to standard output, or to the file `output`, which appears only when it is whole."""
    if output is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    refuse_nowhere(output)
    partial = output.with_name(output.name + ".part")
    try:
        with partial.open("wb") as file:
            file.writelines(chunks)
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
