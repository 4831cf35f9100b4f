"""`log`, `diff`, `revert`, `forget`, `prune`, `verify`, `backup`, `restore`: the versions, kept and compared."""

from pathlib import Path

import click

from graph.command import NOT_CONFORM, NothingFound
from graph.command.making import show_published
from graph.command.options import FILE, ROWS, data_option, echo_rows, iri, leave
from graph.snapshot import KEPT, DataDirectory


@click.command(short_help="List the versions, who made each and why.")
@click.option("--limit", type=click.IntRange(1), help="Print the newest only.")
@click.option("--format", "name", default="table", show_default=True, type=click.Choice(ROWS), help="How to print it.")
@data_option
def log(limit: int | None, name: str, data: DataDirectory) -> None:
    """List the versions kept, the newest first: who made each, why, and how many statements came and went.

    \b
    partnergraph log
    partnergraph log --limit 5 --format json
    """
    from graph.history import chain

    header = ["version", "made by", "author", "message", "added", "removed", "statements"]
    rows: list[list[object]] = []
    for one in chain(data)[:limit]:
        told: list[list[object]] = [[c.author, c.message, c.added, c.removed] for c in one.changes]
        rows += [[one.id, one.origin, *change, one.quads] for change in told or [["", one.message, "", ""]]]
    echo_rows(header, rows, name)


@click.command(short_help="Print what changed from one version to another.")
@click.argument("old")
@click.argument("new", required=False)
@click.option("--format", "name", default="nquads", show_default=True, type=click.Choice(["nquads", "patch", "turtle"]),
              help="Signed N-Quads, RDF Patch, or Turtle by entity.")  # fmt: skip
@data_option
def diff(old: str, new: str | None, name: str, data: DataDirectory) -> None:
    """Print what changed from version OLD to version NEW, by default the live one. Exit code 1 where nothing did.

    \b
    partnergraph diff 20261122T200041671322-8918edb5
    partnergraph diff OLD NEW --format patch
    """
    from graph.change import patch
    from graph.history import between, by_entity

    delta = between(data, old, new or data.current().id)
    if name == "patch":
        click.echo("".join(patch.text([delta], parent=old)), nl=False)
    elif name == "turtle":
        click.echo("\n".join(by_entity(delta)))
    else:
        for sign, quads in (("-", delta.removed), ("+", delta.added)):
            for line in sorted(patch.lines(quads)):
                click.echo(f"{sign} {line}")
    leave(0 if delta else NOT_CONFORM)


@click.command(short_help="Publish again what an earlier version held.")
@click.argument("version")
@click.option("--message", default="", help="Why, for the log.")
@click.option("--author", default="", envvar="USER", help="Who, for the log.")
@data_option
def revert(version: str, message: str, author: str, data: DataDirectory) -> None:
    """Publish, as the next version, what VERSION held. The versions in between are kept.

    \b
    partnergraph revert 20261122T200041671322-8918edb5 --message 'the import was wrong'
    """
    from graph.history import revert as back

    show_published(back(data, version, author, message))


@click.command(short_help="Take something out of every version, for good.")
@click.argument("subject", metavar="KIND/SLUG|IRI", type=iri)
@click.option("--author", default="", envvar="USER", help="Who, for the log.")
@click.confirmation_option(prompt="It cannot be taken back. Go on?")
@data_option
def forget(subject: str, author: str, data: DataDirectory) -> None:
    """Take a thing, and what only ties it to others, out of every version kept; the log names the IRI alone.

    No build, load or change brings it back, and its page answers 410 for ever. Versions that told of it get new ids.
    Out of reach are backups made before, and the facts that builds are made of: mend them yourself.

    \b
    partnergraph forget organization/somebody
    """
    from graph.history import Unknown
    from graph.history import forget as erase

    try:
        live, remade = erase(data, subject, author)
    except Unknown as error:
        raise NothingFound(str(error)) from error
    click.echo(f"{remade} versions made anew without <{subject}>")
    show_published(live)


@click.command(short_help="Let go of the oldest versions.")
@click.option("--keep", type=click.IntRange(1), default=KEPT, show_default=True, help="Versions to keep.")
@data_option
def prune(keep: int, data: DataDirectory) -> None:
    """Let go of the oldest versions beyond --keep. The live one always stays.

    \b
    partnergraph prune --keep 10
    """
    with data.writer():
        gone = data.prune(keep)
    click.echo(f"{len(gone)} versions gone, {len(data.versions())} kept")


@click.command(short_help="Check the versions against their digests.")
@click.argument("versions", nargs=-1)
@data_option
def verify(versions: tuple[str, ...], data: DataDirectory) -> None:
    """Check VERSIONS, by default all, against their digests and counts. Exit code 1 where one is not as published.

    \b
    partnergraph verify
    """
    from graph.history import faults

    wrong = 0
    for version in versions or data.versions():
        found = list(faults(data.open(version)))
        wrong += bool(found)
        click.echo(f"{version}: {'; '.join(found) or 'as published'}")
    leave(NOT_CONFORM if wrong else 0)


@click.command(short_help="Write all versions to one file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def backup(file: Path, data: DataDirectory) -> None:
    """Write every version kept, and what was imported, to FILE (a .tar.gz). Nothing is published meanwhile.

    \b
    partnergraph backup graph.tar.gz
    """
    from graph.history import backup as write

    size = write(data, file)
    click.echo(f"{file}: {len(data.versions())} versions, {size} bytes")


@click.command(short_help="Put the versions of a backup back.")
@click.argument("file", type=FILE)
@data_option
def restore(file: Path, data: DataDirectory) -> None:
    """Put the versions of the backup FILE into a data directory in which nothing is published yet.

    \b
    partnergraph restore graph.tar.gz --data-dir restored/
    """
    from graph.history import restore as put_back

    show_published(put_back(data, file))
