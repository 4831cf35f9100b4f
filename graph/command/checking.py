"""`validate`: SHACL, of the live graph or of files, with exit code 1 for violations."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graph.command import NOT_CONFORM, Failed
from graph.command.options import FILE, data_option, echo_table, leave, progress_bars
from graph.snapshot import DataDirectory

if TYPE_CHECKING:
    import rdflib

    from graph.progress import Progress
    from graph.validate import Report

_ORDER = {"violation": 0, "warning": 1, "info": 2}


@click.command(short_help="Judge the live graph, or files, by the shapes.")
@click.argument("files", nargs=-1, type=FILE)
@click.option("--shapes", multiple=True, type=FILE, help="Shapes of your own, in place of the project's.")
@click.option("--report", "whole", is_flag=True, help="The live graph's quality: findings with the rows that they are "
              "about, rows mapped and left out, coverage, disagreements, merged names and candidates.")  # fmt: skip
@click.option("--format", "name", default="table", show_default=True,
              type=click.Choice(["table", "json", "turtle"]), help="How to print the report.")  # fmt: skip
@data_option
def validate(files: tuple[Path, ...], shapes: tuple[Path, ...], whole: bool, name: str, data: DataDirectory) -> None:
    """Judge the live graph, or FILES of RDF, by the shapes. Exit code 1 where a shape is violated.

    The summary goes to standard error, the findings to standard output.

    \b
    partnergraph validate
    partnergraph validate --report
    partnergraph validate mine.ttl --shapes my-shapes.ttl --format turtle
    """
    if whole:
        if files or shapes or name == "turtle":
            raise click.UsageError("--report is of the live graph, as a table or as JSON")
        show_quality(data, name)
        return
    own = _shapes(shapes) if shapes else None
    with progress_bars() as progress:
        report = _judged(files, own, progress) if files else _judged_live(data, own, progress)
    try:
        show(report, name)
    except BrokenPipeError:
        if report.conforms:
            raise
    leave(0 if report.conforms else NOT_CONFORM)


def _shapes(files: Sequence[Path]) -> "rdflib.Graph":
    import rdflib
    from pyoxigraph import RdfFormat, serialize
    from rdflib.namespace import RDF, SH

    from graph.reading import read_file

    shapes = rdflib.Graph()
    for path in files:
        triples = (quad.triple for quad in read_file(path))
        shapes.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    if not any((None, RDF.type, kind) in shapes for kind in (SH.NodeShape, SH.PropertyShape)):
        raise Failed(f"no sh:NodeShape or sh:PropertyShape in {', '.join(map(str, files))}")
    return shapes


def _judged(files: tuple[Path, ...], shapes: "rdflib.Graph | None", progress: "Progress") -> "Report":
    from graph.columns import FEWEST
    from graph.reading import read_file
    from graph.screen.choice import judge_store
    from graph.store import in_memory_triples
    from graph.validate import room_triples, validate

    triples, known = [quad.triple for path in files for quad in read_file(path)], list(room_triples("ontology"))
    if len(triples) >= FEWEST:
        return judge_store(in_memory_triples(triples), "separate", None, known, shapes, progress=progress)
    progress("validate", 0, 1)
    report = validate(triples, beside=known) if shapes is None else validate([*known, *triples], shapes)
    progress("validate", 1, 1)
    return report


def _judged_live(data: DataDirectory, shapes: "rdflib.Graph | None", progress: "Progress") -> "Report":
    from graph.screen.choice import judge_store
    from graph.validate import room_triples

    live = data.current()
    beside = () if live.manifest.is_built else room_triples("ontology")
    return judge_store(live.store, live.manifest.mode, live.path, beside, shapes, progress=progress)


def show(report: "Report", name: str) -> None:
    """Print a report as a table, as one JSON document, or as the SHACL report graph in Turtle."""
    counts = ", ".join(f"{n} {severity}{'s' if n != 1 else ''}" for severity, n in report.counts().items())
    click.echo(f"{'conforms' if report.conforms else 'does not conform'}: {counts}", err=True)
    if report.beyond:
        click.echo(
            f"{len(report.findings)} findings are listed; of the rest, the counts say at most how many nodes", err=True
        )
    findings = sorted(report.findings, key=lambda f: _ORDER[f.severity])
    if name == "turtle":
        click.echo(report.turtle.rstrip("\n"))
    elif name == "json":
        rows = [
            {"severity": f.severity, "shape": f.shape, "focus": f.focus, "path": _named(f.path), "value": f.value,
             "message": f.message}
            for f in findings
        ]  # fmt: skip
        document = {"conforms": report.conforms, "counts": report.counts(), "findings": rows}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        header = ["severity", "focus node", "path", "message"]
        echo_table(header, [[f.severity, f.focus, _named(f.path) or "", f.message] for f in findings])


def show_quality(data: DataDirectory, name: str) -> None:
    """Print the report on the live graph's quality as tables under headings, or as one JSON document."""
    from graph.quality.report import report

    sections = report(data.current())
    if name == "json":
        document = {one.name: one.records for one in sections}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for number, one in enumerate(sections):
        click.echo(f"{'' if not number else chr(10)}# {one.title}")
        echo_table(one.columns, one.rows)


def _named(path: str | None) -> str | None:
    """Give a path that is one property; a compound one is a blank node, whose label says nothing outside the report."""
    return None if path is None or path.startswith("_:") else path
