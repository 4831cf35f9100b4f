"""`validate`: SHACL, of the live graph or of files, with exit code 1 for violations."""

import json
import sys
from pathlib import Path

import click
import rdflib
from pyoxigraph import Triple

from graph.command import NOT_CONFORM
from graph.command.options import data_option, echo_table, progress_bars
from graph.load import read_file
from graph.snapshot import DataDirectory
from graph.store import union
from graph.validate import Report, room_triples
from graph.validate import validate as judge

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, type=_FILE)
@click.option("--shapes", multiple=True, type=_FILE, help="Shapes of your own, in place of the project's.")
@click.option("--format", "name", default="table", show_default=True,
              type=click.Choice(["table", "json", "turtle"]), help="How to print the report.")  # fmt: skip
@data_option
def validate(files: tuple[Path, ...], shapes: tuple[Path, ...], name: str, data: DataDirectory) -> None:
    """Judge the live graph, or FILES of RDF, by the shapes. Exit code 1 where a shape is violated.

    \b
    partnergraph validate
    partnergraph validate mine.ttl --shapes my-shapes.ttl --format turtle
    """
    own = None
    if shapes:
        own = rdflib.Graph()
        for path in shapes:
            own.parse(path)
    with progress_bars() as progress:
        progress("validate", 0, 1)
        report = judge(_triples(files) if files else union(data.current().store), own)
        progress("validate", 1, 1)
    show(report, name)
    sys.exit(0 if report.conforms else NOT_CONFORM)


def _triples(files: tuple[Path, ...]) -> list[Triple]:
    triples = list(room_triples("ontology"))
    for path in files:
        triples += [quad.triple for quad in read_file(path)]
    return triples


def show(report: Report, name: str) -> None:
    """Print a report as a table, JSON lines of findings, or the SHACL report graph."""
    if name == "turtle":
        click.echo(report.turtle)
    elif name == "json":
        findings = [
            {"severity": f.severity, "shape": f.shape, "focus": f.focus, "path": f.path, "value": f.value,
             "message": f.message}
            for f in report.findings
        ]  # fmt: skip
        document = {"conforms": report.conforms, "counts": report.counts(), "findings": findings}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        order = {"violation": 0, "warning": 1, "info": 2}
        findings_ = sorted(report.findings, key=lambda f: order[f.severity])
        rows = [[f.severity, f.focus, f.path or "", f.message] for f in findings_]
        echo_table(["severity", "focus node", "path", "message"], rows)
        counts = ", ".join(f"{n} {severity}" for severity, n in report.counts().items())
        click.echo(f"{'conforms' if report.conforms else 'does not conform'}: {counts}", err=True)


