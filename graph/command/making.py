"""`build`, `load` and `import`: what ends in a validated, published snapshot."""

import shutil
from pathlib import Path

import click

from graph.build import build as build_facts
from graph.build import judge
from graph.command.options import data_option, echo_table, progress_bars
from graph.draw import draw
from graph.inputs import Facts, facts_of, shipped
from graph.load import load as load_files
from graph.quads import Tally
from graph.snapshot import DataDirectory, Snapshot, SnapshotError
from graph.sources import Source, source_of_files

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--facts", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="A folder of source folders; by default the facts that come with the package.")  # fmt: skip
@data_option
def build(facts: Path | None, data: DataDirectory) -> None:
    """Build the graph from facts, validate it, measure its networks, and publish it.

    \b
    partnergraph build
    partnergraph build --facts my-ecosystem/ --data-dir my-graph/
    """
    with progress_bars() as progress:
        read = Facts(facts.resolve(), data.path / "sources") if facts else shipped(data.path)
        snapshot, tallies = build_facts(read, data, progress=progress)
    show_tallies(tallies)
    show_published(snapshot)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--graph", help="IRI of the named graph for statements that stand in none.")
@data_option
def load(files: tuple[Path, ...], graph: str | None, data: DataDirectory) -> None:
    """Publish what RDF FILES hold, in place of the live graph (older versions are kept).

    Files of quads keep their graphs; without --graph, statements that stand in no graph make the snapshot a plain
    dataset whose default graph holds them.

    \b
    partnergraph load dump.nq
    partnergraph load a.ttl b.rdf --graph https://example.org/graph/mine
    """
    with progress_bars() as progress:
        snapshot = load_files(files, data, graph, progress)
    show_published(snapshot)


@click.command("import")
@click.argument("table", type=_FILE)
@click.option("--mapping", required=True, type=_FILE, help="A SPARQL CONSTRUCT, run over each row.")
@click.option("--source", "description", required=True, type=_FILE, help="A Turtle description of the source.")
@click.option("--dry-run", is_flag=True, help="Map and validate, and say what would happen; publish nothing.")
@data_option
def import_(table: Path, mapping: Path, description: Path, dry_run: bool, data: DataDirectory) -> None:
    """Add a TABLE of yours (.csv or .tsv) to the graph as a source of its own.

    \b
    partnergraph import resellers.csv --mapping resellers.rq --source resellers.ttl --dry-run
    """
    source = source_of_files(table, mapping, description)
    if data.current_id() and data.current().manifest.origin == "load":
        raise SnapshotError("the live graph was loaded from files; 'partnergraph build' first, then import")
    facts = facts_of(data.current().manifest, data.path) if data.current_id() else shipped(data.path)
    with progress_bars() as progress:
        if dry_run:
            drawn = draw(facts, [source], progress)
            show_import(source, next(t for t in drawn.tallies if t.source == source.slug))
            judge(drawn, progress)
            click.echo("dry run: it conforms; nothing was published")
            return
        snapshot, tallies = build_facts(facts, data, [source], progress)
    keep(source, data.path / "sources")
    show_import(source, next(t for t in tallies if t.source == source.slug))
    show_published(snapshot)


def keep(source: Source, folder: Path) -> None:
    """Copy the three files of an imported source below `folder`, where every later build finds them."""
    home = folder / source.slug
    home.mkdir(parents=True, exist_ok=True)
    suffix = ".tsv" if source.table.suffix == ".tsv" else ".csv"
    for path, name in ((source.table, f"facts{suffix}"), (source.mapping, "mapping.rq"),
                       (source.description, "source.ttl")):  # fmt: skip
        if path.resolve() != (home / name).resolve():
            shutil.copy(path, home / name)


def show_import(source: Source, tally: Tally) -> None:
    """Say what became of the rows of an imported table, each fault with its column and row."""
    click.echo(f"{source.table.name} as {source.slug}: {tally.rows} rows, {tally.mapped} mapped, "
               f"{tally.rejected} rejected, {sum(tally.left_out.values())} left out")  # fmt: skip
    for column in tally.unread:
        click.echo(f"  column {column}: no mapping reads it")
    for fault in tally.faults:
        click.echo(f"  {fault}")


def show_tallies(tallies: list[Tally]) -> None:
    """Say what became of every table's rows: the numbers add up to the table."""
    header = ["source", "rows", "mapped", "rejected", "left out"]
    rows = [
        [t.source, str(t.rows), str(t.mapped), str(t.rejected), str(sum(t.left_out.values()))] for t in tallies
    ]
    echo_table(header, rows)


def show_published(snapshot: Snapshot) -> None:
    """Say which version is live now."""
    found = snapshot.manifest
    doubts = ", ".join(f"{n} {severity}s" for severity, n in sorted(found.findings.items()) if n)
    click.echo(f"published {found.id}: {found.triples} triples in {len(found.graphs)} graphs"
               + (f" ({doubts}; see 'partnergraph validate')" if doubts else ""))  # fmt: skip


def ensure(data: DataDirectory) -> Snapshot:
    """Give the live snapshot, built first where there is none or where the facts or this package changed since."""
    facts = shipped(data.path)
    if data.current_id() is not None:
        live = data.current()
        own = live.manifest.origin == "load" or live.manifest.facts
        if own or (live.manifest.inputs == facts.fingerprint() and live.manifest.origin == "analysis"):
            return live
        click.echo("the facts changed since the graph was built: building again", err=True)
    with progress_bars() as progress:
        return build_facts(facts, data, progress=progress)[0]


