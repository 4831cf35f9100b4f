"""`propose`: rows for the register of organisations, for a person to review."""

from pathlib import Path

import click


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
