"""`query`, `search`, `describe` and `why`: questions to the live graph."""

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import click
from pyoxigraph import BlankNode, NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from graph import export, formats, provenance, search
from graph.command import NOT_CONFORM
from graph.command.options import data_option, echo_table
from graph.describe import describe as describe_thing
from graph.engine import policy
from graph.engine.prefixes import with_prefixes
from graph.engine.question import Answer, Question
from graph.engine.worker import Worker
from graph.names import curie
from graph.snapshot import DataDirectory
from graph.terms import read_iri, read_term

T = TypeVar("T")

_NAMES = [row.name for row in formats.FORMATS]
_LARGEST = 1 << 40


@click.command()
@click.argument("file", required=False, type=click.File("r", encoding="utf-8"))
@click.option("-e", "--execute", "text", help="The query itself.")
@click.option("--format", "name", default="table", show_default=True, type=click.Choice(["table", *_NAMES]),
              help="How to print the answer.")  # fmt: skip
@click.option("--timeout", default=60.0, show_default=True, help="Seconds the query may run.")
@click.option("--memory", default=4096, show_default=True, help="MiB the query may take.")
@click.option("--show", is_flag=True, help="Print the query with its PREFIX lines, as any client can run it.")
@data_option
def query(
    file: Any, text: str | None, name: str, timeout: float, memory: int, show: bool, data: DataDirectory
) -> None:
    """Answer the SPARQL query in FILE ('-' for standard input), or the one given with -e.

    PREFIX lines of the project's own prefixes may be left out. An ASK that is false, and a SELECT or CONSTRUCT
    without result, end with exit code 1.

    \b
    partnergraph query -e 'SELECT ?p { ?p a pe:Partner } LIMIT 5'
    partnergraph query --format csv partners.rq > partners.csv
    partnergraph query --format turtle -e 'DESCRIBE <https://w3id.org/partner-ecosystem/id/organization/equinix>'
    """
    if (file is None) == (text is None):
        raise click.UsageError("give the query in a FILE ('-' for standard input) or with -e TEXT")
    whole = with_prefixes(text if text is not None else file.read())
    if show:
        click.echo(whole)
        return
    form = policy.read(whole).form
    row = formats.TSV if form == "SELECT" else formats.JSON if form == "ASK" else formats.TURTLE
    if name != "table":
        row = formats.by_name(name)
        offered = formats.GRAPH_FORMATS if form in ("CONSTRUCT", "DESCRIBE") else formats.SOLUTION_FORMATS
        if row not in offered:
            raise click.UsageError(f"--format {name} is for {'graphs' if row.rdf else 'solutions'}; this is a {form}")
    as_table = name == "table" and form == "SELECT"
    found = _answer(data, Question(whole, "json" if as_table else row.name, largest=_LARGEST), timeout, memory)
    if as_table:
        header, rows = _solutions(found)
        echo_table(header, rows)
        sys.exit(0 if rows else NOT_CONFORM)
    if name == "table" and form == "ASK":
        click.echo("yes" if b"true" in found else "no")
    else:
        sys.stdout.buffer.write(found)
        sys.stdout.buffer.flush()
    if form == "ASK" and b"true" not in found:
        sys.exit(NOT_CONFORM)


def _answer(data: DataDirectory, question: Question, timeout: float, memory: int) -> bytes:
    """Answer in a worker, so that the deadline holds and an interrupt ends it."""
    snapshot = data.current()
    with tempfile.TemporaryDirectory() as spool:
        worker = Worker(snapshot.path, Path(spool), memory)
        try:
            answer: Answer = worker.ask(question, time.monotonic() + timeout)
            return answer.file.read_bytes() if answer.file else answer.body
        finally:
            worker.kill()


def _solutions(body: bytes) -> tuple[list[str], list[list[str]]]:
    found = parse_query_results(body, format=QueryResultsFormat.JSON)
    if not isinstance(found, QuerySolutions):
        return [], []
    header = [variable.value for variable in found.variables]
    return header, [[_readable(solution[name]) for name in header] for solution in found]


def _readable(term: Any) -> str:
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return curie(term.value) or term.value
    return f"_:{term.value}" if isinstance(term, BlankNode) else str(term.value)


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", help="Only things of this kind (organization, program, location ...).")
@click.option("--limit", default=20, show_default=True, help="The most to print.")
@data_option
def search_(words: tuple[str, ...], kind: str | None, limit: int, data: DataDirectory) -> None:
    """Find things by name: beginnings of words, any case, with or without accents.

    \b
    partnergraph search telefonica
    partnergraph search --kind location wash
    """
    with closing(data.current().index()) as index:
        found = search.find(index, " ".join(words), limit, kind)
    echo_table(["label", "kind", "matched", "iri"], [[m.label, m.kind, f"{m.how}: {m.name}", m.iri] for m in found])
    sys.exit(0 if found else NOT_CONFORM)


@click.command()
@click.argument("thing")
@click.option("--format", "name", default="table", show_default=True,
              type=click.Choice(["table", *(row.name for row in formats.GRAPH_FORMATS)]), help="How to print it.")
@data_option
def describe(thing: str, name: str, data: DataDirectory) -> None:
    """Print what the graph says of THING (an IRI, kind/slug or prefix:name), and who says it.

    \b
    partnergraph describe organization/equinix
    partnergraph describe --format turtle organization/equinix
    """
    iri = _term(thing, read_iri)
    if name != "table":
        for chunk in export.entity(data.current().store, iri, formats.by_name(name)):
            sys.stdout.buffer.write(chunk)
        return
    found = describe_thing(data.current().store, iri)
    if found is None:
        click.echo(f"nothing is said of <{iri}>", err=True)
        sys.exit(NOT_CONFORM)
    rows = [
        [group.label, statement.value.text, ", ".join(g.rsplit("/", 1)[-1] for g in statement.graphs)]
        for section in found.sections
        for group in section.groups
        for statement in group.statements
    ]
    click.echo(f"{found.label}  <{iri}>")
    echo_table(["property", "value", "stated in"], rows)


@click.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
@data_option
def why(subject: str, predicate: str, object_: str, data: DataDirectory) -> None:
    """Print which rows of which sources make the statement SUBJECT PREDICATE OBJECT.

    Terms are IRIs, kind/slug, prefix:name, or literals as in N-Triples ('"1992"^^xsd:gYear').

    \b
    partnergraph why organization/equinix pe:peersAt location/amsterdam
    """
    about, said = _term(subject, read_iri), _term(predicate, read_iri)
    terms = (NamedNode(about), NamedNode(said), _term(object_, read_term))
    with closing(data.current().index()) as index:
        found = list(provenance.why(index, *terms))
    rows = [
        [one.graph, one.file, str(one.row or ""), "; ".join(f"{k}={v}" for k, v in (one.cells or {}).items())]
        for one in found
    ]
    echo_table(["graph", "file", "row", "the row says"], rows)
    sys.exit(0 if rows else NOT_CONFORM)


def _term(text: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}; a literal is written in double quotes, as in N-Triples") from error
