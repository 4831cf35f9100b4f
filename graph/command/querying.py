"""`query`: a SPARQL query to the live graph, answered in a process that the deadline or an interrupt ends."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from graph import formats
from graph.command import NOT_CONFORM, Failed
from graph.command.options import data_option, echo_table, leave
from graph.formats import Format
from graph.names import curie
from graph.snapshot import DataDirectory

_NAMES = [row.name for row in formats.FORMATS]
_LARGEST = 1 << 40
_HOLDS = {"SELECT": formats.SOLUTION_FORMATS, "ASK": formats.BOOLEAN_FORMATS}


@click.command(short_help="Answer a SPARQL query.")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("-e", "--execute", "text", metavar="TEXT", help="The query itself.")
@click.option("--format", "name", default="table", show_default=True, type=click.Choice(["table", *_NAMES]),
              help="How to print the answer; 'table' prints a graph as Turtle.")  # fmt: skip
@click.option("--timeout", default=60.0, show_default=True, type=click.FloatRange(0, min_open=True),
              help="Seconds the query may run.")  # fmt: skip
@click.option("--memory", default=4096, show_default=True, type=click.IntRange(128), help="MiB the query may take.")
@click.option("--show", is_flag=True, help="Print the query with its PREFIX lines, as any client can run it.")
@data_option
def query(
    file: Path | None, text: str | None, name: str, timeout: float, memory: int, show: bool, data: DataDirectory
) -> None:
    """Answer the SPARQL query in FILE ('-' for standard input), or the one given with -e.

    PREFIX lines of the project's own prefixes may be left out. An ASK that is false, and a query without result, end
    with exit code 1.

    \b
    partnergraph query -e 'SELECT ?p { ?p a pe:Partner } LIMIT 5'
    partnergraph query --format csv partners.rq > partners.csv
    partnergraph query -e 'DESCRIBE <https://w3id.org/partner-ecosystem/id/organization/equinix>'
    """
    from graph.engine import policy
    from graph.engine.prefixes import with_prefixes

    whole = with_prefixes(_text(file, text))
    if show:
        click.echo(whole.rstrip("\n"))
        return
    reading = policy.read(whole)
    form = reading.form or "SELECT"
    offered = _HOLDS.get(form, formats.GRAPH_FORMATS)
    if name != "table" and formats.by_name(name) not in offered:
        names = ", ".join(row.name for row in offered)
        raise click.UsageError(f"--format {name} cannot hold what {form} gives; these can: table, {names}")
    row = formats.by_name(name) if name != "table" else formats.JSON if form in _HOLDS else formats.TURTLE
    graphs = (reading.from_graphs, reading.from_named) if reading.from_graphs or reading.from_named else (None, None)
    found = _answer(data, whole, row, graphs, timeout, memory)
    if name == "table" and form == "SELECT":
        echo_table(*_solutions(found))
    elif name == "table" and form == "ASK":
        click.echo("yes" if b"true" in found else "no")
    else:
        sys.stdout.buffer.write(found if found.endswith(b"\n") or not found else found + b"\n")
    leave(0 if _has_result(found, row) else NOT_CONFORM)


def _text(file: Path | None, text: str | None) -> str:
    if (file is None) == (text is None):
        raise click.UsageError("give the query in a FILE ('-' for standard input) or with -e TEXT")
    if file is not None:
        try:
            text = (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Failed(f"{file}: not UTF-8 at byte {error.start}") from error
    if not text or not text.strip():
        raise click.UsageError("the query is empty")
    return text


def _answer(
    data: DataDirectory,
    text: str,
    row: Format,
    graphs: tuple[tuple[str, ...] | None, tuple[str, ...] | None],
    timeout: float,
    memory: int,
) -> bytes:
    """Answer in a worker, so that the deadline holds and an interrupt ends it."""
    from graph.engine.question import Question, TooMuchMemory, TooSlow, UnknownGraph
    from graph.engine.worker import Worker

    snapshot = data.current()
    with tempfile.TemporaryDirectory(prefix="partnergraph-") as spool:
        worker = Worker(snapshot.path, Path(spool), memory)
        try:
            worker.wait_until_ready()
            return worker.ask(Question(text, row.name, *graphs, _LARGEST), time.monotonic() + timeout).take()
        except TooSlow as error:
            raise Failed(f"the query ran longer than {timeout:g} s; --timeout gives it more") from error
        except TooMuchMemory as error:
            raise Failed(f"the query needed more than {memory} MiB; --memory gives it more") from error
        except UnknownGraph as error:
            raise Failed(f"there is no graph <{error.args[0]}> here, and none is fetched") from error
        finally:
            worker.kill()


def _has_result(body: bytes, row: Format) -> bool:
    """Whether an answer says yes, or holds at least one solution or statement."""
    if row.rdf is not None:
        lenient = row.rdf in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
        return next(iter(parse(body, format=row.rdf, lenient=lenient)), None) is not None
    if row.results == QueryResultsFormat.CSV:  # which the engine does not read: something follows the header line
        return bool(body.partition(b"\n")[2])
    found = parse_query_results(body, format=row.results)
    return next(iter(found), None) is not None if isinstance(found, QuerySolutions) else bool(found)


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
