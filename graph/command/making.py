"""`build`, `load` and `import`: what ends in a validated, published snapshot."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graph.command import NOT_CONFORM, Failed
from graph.command.options import FILE, data_option, echo_table, iri, leave, progress_bars
from graph.manifest import SnapshotError
from graph.snapshot import DataDirectory, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graph.draw import Drawn
    from graph.inputs import Facts
    from graph.quads import Tally
    from graph.sources import Source
    from graph.validate import Report

TABLES = (".csv", ".tsv")
_OURS = ("catalogue", "measures", "ontology", "register")  # graphs that a build makes itself
_OUR_KINDS = ("analysis-", "rule-")
_DOUBTS = 20  # that a dry run tells


@click.command(short_help="Build the graph from facts and publish it.")
@click.option("--facts", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="A folder of source folders; by default the facts that come with the package.")  # fmt: skip
@data_option
def build(facts: Path | None, data: DataDirectory) -> None:
    """Build the graph from facts, validate it, measure its networks, and publish it.

    Tables imported into the data directory are built in; changes written to the live graph are left behind, and a
    warning says how many. Exit code 1 where a row cannot be mapped or a shape is violated: nothing is published then,
    and the live graph stays.

    \b
    partnergraph build
    partnergraph build --facts my-ecosystem/ --data-dir my-graph/
    """
    from graph.build import build as build_facts
    from graph.inputs import Facts, shipped

    warn_of_changes(data)
    with progress_bars() as progress:
        read = Facts(facts.resolve(), data.path / "sources") if facts else shipped(data.path)
        snapshot, tallies = build_facts(read, data, progress=progress)
    show_tallies(tallies)
    show_published(snapshot)


@click.command(short_help="Publish RDF files in place of the live graph.")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--graph", type=iri, help="IRI of the named graph for statements that stand in none.")
@data_option
def load(files: tuple[Path, ...], graph: str | None, data: DataDirectory) -> None:
    """Publish what RDF FILES hold, in place of the live graph (older versions are kept).

    Files of quads keep their graphs; without --graph, statements that stand in no graph make the snapshot a plain
    dataset whose default graph holds them. Exit code 1 where a shape is violated: nothing is published then.

    \b
    partnergraph load dump.nq
    partnergraph load a.ttl b.rdf --graph https://example.org/graph/mine
    """
    from graph.load import load as load_files

    with progress_bars() as progress:
        snapshot = load_files(files, data, graph, progress)
    show_published(snapshot)


@click.command("import", short_help="Add a table of yours as a source of its own.")
@click.argument("table", type=FILE)
@click.option("--mapping", required=True, type=FILE, help="A SPARQL CONSTRUCT, run over each row.")
@click.option("--source", "description", required=True, type=FILE, help="A Turtle description of the source.")
@click.option("--dry-run", is_flag=True, help="Map and validate, and say what would happen; publish nothing.")
@data_option
def import_(table: Path, mapping: Path, description: Path, dry_run: bool, data: DataDirectory) -> None:
    """Add a TABLE of yours (.csv or .tsv) to the graph as a source of its own.

    The three files are kept in the data directory, and every later build reads them. Importing the same source again
    replaces it. Changes written to the live graph are left behind, and a warning says how many. Exit code 1 where a
    row cannot be mapped or a shape is violated: nothing is published then.

    \b
    partnergraph import resellers.csv --mapping resellers.rq --source resellers.ttl --dry-run
    partnergraph import resellers.csv --mapping resellers.rq --source resellers.ttl
    """
    from graph.build import build as build_facts
    from graph.build import judge
    from graph.draw import draw
    from graph.inputs import facts_of, shipped
    from graph.sources import source_of_files

    if table.suffix not in TABLES:
        raise click.BadParameter(f"{table.name} is neither {' nor '.join(TABLES)}", param_hint="TABLE")
    source = source_of_files(table, mapping, description)
    live = data.current().manifest if data.current_id() else None
    if live is not None and not live.is_built:
        raise SnapshotError("the live graph was not built from facts; 'partnergraph build' first, then import")
    facts = facts_of(live, data.path) if live is not None else shipped(data.path)
    refuse_taken(source, facts)
    warn_of_changes(data)
    with progress_bars() as progress:
        if dry_run:
            drawn = draw(facts, [source], progress)
            tally = _of(drawn.tallies, source)
            show_import(source, tally)
            if tally.faults:
                click.echo("dry run: rows could not be mapped; nothing would be published", err=True)
                leave(NOT_CONFORM)
            show_doubts(source, drawn, judge(drawn, progress))
            click.echo("dry run: it conforms; nothing was published")
            return
        snapshot, tallies = build_facts(facts, data, [source], progress)
    keep(source, data.path)
    show_import(source, _of(tallies, source))
    show_published(snapshot)


def warn_of_changes(data: DataDirectory) -> None:
    """Say on standard error how many written changes of the live version a build leaves behind, and where they stay."""
    from graph.history import written

    try:
        changes = len(written(data))
    except SnapshotError:  # of another release: what it holds cannot be told, and a build is what mends it
        return
    if changes:
        live, these = data.current_id(), "1 written change" if changes == 1 else f"{changes} written changes"
        click.echo(f"Warning: building from facts leaves behind {these} of the live version {live}; 'partnergraph log' "
                   f"lists them, 'partnergraph revert {live}' brings that version back", err=True)  # fmt: skip


def refuse_taken(source: "Source", facts: "Facts") -> None:
    """Raise Failed where the graph of `source` is one that the facts or the build itself make."""
    taken = {one.slug for one, imported in facts.sources() if not imported}
    if source.slug in taken or source.slug in _OURS or source.slug.startswith(_OUR_KINDS):
        raise Failed(f"{source.description}: the graph <{source.graph}> is not yours; give your source another one")


def keep(source: "Source", data: Path) -> None:
    """Copy the three files of an imported source below `data`, where every later build finds them."""
    home, new = data / "sources" / source.slug, data / f".import-{source.slug}"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    shutil.copy(source.table, new / f"facts{source.table.suffix}")
    shutil.copy(source.mapping, new / "mapping.rq")
    shutil.copy(source.description, new / "source.ttl")
    if home.exists():
        shutil.rmtree(home)  # what was copied may have come from here: it is in `new` by now
    home.parent.mkdir(exist_ok=True)
    new.rename(home)


def _of(tallies: "Sequence[Tally]", source: "Source") -> "Tally":
    return next(tally for tally in tallies if tally.source == source.slug)


def show_import(source: "Source", tally: "Tally") -> None:
    """Say what became of the rows of an imported table, each fault with its column and row."""
    click.echo(f"{source.table.name} as {source.slug}: {tally.rows} rows, {tally.mapped} mapped, "
               f"{tally.rejected} rejected, {sum(tally.left_out.values())} left out")  # fmt: skip
    for column in tally.unread:
        click.echo(f"  column {column}: no mapping reads it")
    for line in _left_out(tally):
        click.echo(f"  {line}")
    for fault in tally.faults:
        click.echo(f"  {fault}")


def _left_out(tally: "Tally") -> "Iterator[str]":
    """Give a line for each reason why rows, and cells of rows, were left out."""
    for reason, count in sorted(tally.left_out.items()):
        yield f"left out, {count}: {reason}"
    for (column, reason), count in sorted(tally.cells_left_out.items()):
        yield f"cells of {column} left out, {count}: {reason}"


def show_doubts(source: "Source", drawn: "Drawn", report: "Report") -> None:
    """Say what the shapes doubt in what an imported source speaks of."""
    from graph.validate import own_nodes

    described = f"{source.description.parent.name}/{source.description.name}"
    own = (one.quad.triple for one in drawn.said
           if one.evidence.graph == source.graph or one.evidence.file == described)  # fmt: skip
    doubts = [finding for finding in report.about(own_nodes(own)).findings if finding.severity == "warning"]
    for finding in doubts[:_DOUBTS]:
        click.echo(f"  warning: {finding.focus}: {finding.message}")
    if len(doubts) > _DOUBTS:
        click.echo(f"  ... and {len(doubts) - _DOUBTS} more warnings, which 'partnergraph validate' lists later")


def show_tallies(tallies: "Sequence[Tally]") -> None:
    """Say what became of every table's rows: the numbers add up to the table."""
    header = ["source", "rows", "mapped", "rejected", "left out"]
    echo_table(header, [[t.source, t.rows, t.mapped, t.rejected, sum(t.left_out.values())] for t in tallies])
    for tally in tallies:
        for line in _left_out(tally):
            click.echo(f"  {tally.source}: {line}")
        if tally.facts:
            click.echo(f"  {tally.source}: its rows restate {len(tally.facts)} facts, {len(tally.facts_mapped)} mapped")


def show_published(snapshot: Snapshot) -> None:
    """Say which version is live now."""
    found = snapshot.manifest
    doubts = ", ".join(f"{n} {severity}s" for severity, n in sorted(found.findings.items()) if n)
    click.echo(f"published {found.id}: {found.triples} triples in {len(found.graphs)} graphs"
               + (f" ({doubts}; see 'partnergraph validate')" if doubts else ""))  # fmt: skip


def ensure(data: DataDirectory) -> Snapshot:
    """Give the live snapshot, its facts built first where there are none, or where they or this package changed since.

    What is built here has no analysis yet (origin `facts`): `analyse_later` is for a process beside the service.
    """
    from graph.inputs import shipped

    facts = shipped(data.path)
    if data.current_id() is not None:
        try:
            live = data.current()
        except SnapshotError as error:
            click.echo(f"the graph here is of another release and is built again ({error})", err=True)
            return _facts(data, facts)
        if not live.manifest.is_built or live.manifest.facts or live.manifest.inputs == facts.fingerprint():
            return live
        if live.manifest.origin in ("change", "revert", "forget"):
            click.echo("the facts changed since the graph was built; changes were made to it, so it is served as it is "
                       "('partnergraph build' builds it again, without them)", err=True)  # fmt: skip
            return live
        click.echo("the facts changed since the graph was built: building again", err=True)
    else:
        click.echo("no graph here yet: building it", err=True)
    return _facts(data, facts)


def _facts(data: DataDirectory, facts: "Facts") -> Snapshot:
    from graph.build import publish_facts

    with progress_bars() as progress, data.writer():
        return publish_facts(facts, data, progress=progress)[0]
