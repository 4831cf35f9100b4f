"""`sources` and `propose`: what the graph was made from, and which of its names a person must still decide on."""

from pathlib import Path

import click

from graph.command.options import ROWS, data_option, echo_rows
from graph.snapshot import DataDirectory


@click.command(short_help="List the sources with their counts, licences and bias.")
@click.option("--format", "name", default="table", show_default=True, type=click.Choice(ROWS), help="How to print it.")
@data_option
def sources(name: str, data: DataDirectory) -> None:
    """List every named graph as the source it is: what is stated first, then what is derived and judged.

    Statements are counted in the graph; rows by what became of them, and single cells that were left out, in the table
    that it was made from. A source is dated where it tells its own day; on the other it was read. A terminal too narrow
    for the words of the table gets a block of `heading: value` lines a source.

    \b
    partnergraph sources
    partnergraph sources --format csv > sources.csv
    """
    from graph.quality.sources import table

    told = table(data.current())
    echo_rows(told.columns, told.rows, name)


@click.command(short_help="Propose rows of the register for names that it does not hold.")
@click.option("--facts", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="A folder of source folders; by default the facts that come with the package.")  # fmt: skip
def propose(facts: Path | None) -> None:
    """Propose rows of the register of organisations for the names that it does not settle, as a table with tabs.

    The last column names firms to compare with, and why: same website, same name, a name alike. Review every row,
    drop that column, and add the rows to register.tsv. Prints the header alone where nothing is open.

    \b
    partnergraph propose
    partnergraph propose --facts my-ecosystem/ > proposals.tsv
    """
    from graph.inputs import Facts, shipped
    from graph.resolve import names_in, propose

    read = Facts(facts.resolve()) if facts else shipped()
    click.echo("name\tdomain\torganization\trelation\tevidence\tcandidates")
    for one in propose(names_in(read), read.register()):
        cells = (one.name, one.domain, one.organization, one.relation, one.evidence, "; ".join(one.candidates))
        click.echo("\t".join(cells))
