"""`search`, `describe` and `why`: what the live graph holds under a name, says of a thing, and from where."""

from contextlib import closing

import click
from pyoxigraph import Literal, NamedNode

from graph import formats, provenance
from graph import search as finder
from graph.command import NothingFound
from graph.command.options import ROWS, data_option, echo_heading, echo_rows, echo_table, iri
from graph.names import KINDS
from graph.snapshot import DataDirectory
from graph.terms import read_term

_GRAPHS = [row.name for row in formats.GRAPH_FORMATS]


@click.command(short_help="Find things by name.")
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(sorted(KINDS)), metavar="KIND",
              help="Only things of this kind (organization, program, location ...).")  # fmt: skip
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="The most to print.")
@click.option("--format", "name", default="table", show_default=True, type=click.Choice(ROWS), help="How to print it.")
@data_option
def search(words: tuple[str, ...], kind: str | None, limit: int, name: str, data: DataDirectory) -> None:
    """Find things by name: beginnings of words, any case, with or without accents.

    Exit code 1 where nothing is called so.

    \b
    partnergraph search telefonica
    partnergraph search --kind location wash
    partnergraph search --format json equinix
    """
    text = " ".join(words)
    with closing(data.current().index()) as index:
        found = finder.find(index, text, limit, kind)
        near = [] if found else list(dict.fromkeys(match.label for match in finder.suggest(index, text, 3)))
    if not found:
        of_kind = f" of the kind {kind}" if kind else ""
        raise NothingFound(f"nothing{of_kind} is called {text!r}" + (f"; near it: {', '.join(near)}" if near else ""))
    header = ["label", "kind", "matched", "iri"]
    echo_rows(header, [[m.label, m.kind, f"{m.how}: {m.name}", m.iri] for m in found], name)


@click.command(short_help="Print what the graph says of a thing.")
@click.argument("thing", type=iri)
@click.option("--format", "name", default="table", show_default=True, type=click.Choice(["table", *_GRAPHS]),
              help="How to print it.")  # fmt: skip
@data_option
def describe(thing: str, name: str, data: DataDirectory) -> None:
    """Print what the graph says of THING (an IRI, kind/slug or prefix:name), and who says it.

    Exit code 1 where nothing is said of it.

    \b
    partnergraph describe organization/equinix
    partnergraph describe --format turtle organization/equinix
    """
    from graph.describe import describe as describe_thing
    from graph.unnamed import remark

    store = data.current().store
    if name != "table":
        from graph import export
        from graph.command.writing import save

        try:
            document = export.entity(store, thing, formats.by_name(name))
        except LookupError as error:
            raise NothingFound(str(error.args[0])) from error
        save(document, None)
        return
    found = describe_thing(store, thing)
    if found is None:
        raise NothingFound(f"nothing is said of <{thing}>")
    rows = [
        [group.label, statement.value.text, ", ".join(g.rsplit("/", 1)[-1] for g in statement.graphs)]
        for section in found.sections
        for group in section.groups
        for statement in group.statements
    ]
    echo_heading(found.label, f"<{thing}>")
    echo_table(["property", "value", "stated in"], rows)
    if note := remark(store, thing):
        click.echo(note, err=True)


@click.command(short_help="Print which rows of which sources make a statement.")
@click.argument("subject", type=iri)
@click.argument("predicate", type=iri)
@click.argument("object_", metavar="OBJECT")
@click.option("--format", "name", default="table", show_default=True, type=click.Choice(ROWS), help="How to print it.")
@data_option
def why(subject: str, predicate: str, object_: str, name: str, data: DataDirectory) -> None:
    """Print which rows of which sources make the statement SUBJECT PREDICATE OBJECT, and under which licence.

    Terms are IRIs, kind/slug or prefix:name; a literal is written in double quotes, as in
    N-Triples. Exit code 1 where nobody makes the statement.

    \b
    partnergraph why organization/equinix pe:peersAt location/amsterdam
    partnergraph why observation/seed-partners pe:value '"640000"^^xsd:integer'
    """
    from graph.evidence import provider
    from graph.naming import Namer

    terms = NamedNode(subject), NamedNode(predicate), _term(object_)
    snapshot = data.current()
    with closing(snapshot.index()) as index:
        found = list(provenance.why(index, *terms))
    if not found:
        raise NothingFound(f"no source says {' '.join(map(str, terms))}")
    namer = Namer(snapshot.store)
    rows = []
    for one in found:
        said = provider(snapshot.store, namer, one.graph)
        licence = "; ".join(value.text for value in said.licences)
        cells = "; ".join(f"{k}={v}" for k, v in (one.cells or {}).items())
        publisher = "; ".join(value.text for value in said.publishers)
        evidence = said.evidence or "not described"
        rows.append([one.graph, one.place, str(one.row or ""), evidence, publisher, licence, cells or said.rule])
    echo_rows(["graph", "file", "row", "evidence", "published by", "licence", "the row says"], rows, name)


def _term(text: str) -> NamedNode | Literal:
    try:
        return read_term(text)
    except ValueError as error:
        hint = f"{error}; a literal is written in double quotes, as in N-Triples"
        raise click.BadParameter(hint, param_hint="OBJECT") from error
