"""`explain`: which engine answers a query, why, and by what plan."""

from typing import TextIO

import click

from graph.command.options import data_option
from graph.snapshot import DataDirectory


@click.command(short_help="Say which engine answers a query, and how.")
@click.option("-e", "--execute", "text", metavar="TEXT", help="The query itself.")
@click.argument("file", required=False, type=click.File(encoding="utf-8"))
@data_option
def explain(text: str | None, file: TextIO | None, data: DataDirectory) -> None:
    """Say which engine answers the SPARQL query in FILE ('-' for standard input), or the one given with -e, and why.

    Where it is compiled, the SQL and DuckDB's plan for it follow. The query is not run.

    \b
    partnergraph explain -e 'SELECT ?c (COUNT(?p) AS ?n) { ?p pe:category ?c } GROUP BY ?c'
    """
    from graph.engine.evaluate import in_order_of_mention
    from graph.engine.explanation import explanation
    from graph.engine.prefixes import with_prefixes

    if (text is None) == (file is None):
        raise click.UsageError("give the query in a FILE ('-' for standard input) or with -e TEXT")
    query = with_prefixes(text or (file.read() if file else ""))
    found = explanation(in_order_of_mention(query), data.current().path)
    click.echo(f"engine: {found.engine}\nwhy: {found.why}")
    for title, body in (("SQL", found.sql), ("plan", found.plan)):
        if body:
            click.echo(f"\n{title}:\n{body}")

