"""What `analyse` answers, as a header and rows to print."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graph.command import NothingFound
from graph.command.options import progress_bars

if TYPE_CHECKING:
    from pyoxigraph import Store

    from graph.analysis import SinglePoints, Step, Table

Answer = tuple[list[str], list[list[Any]]]


def known(network: str) -> None:
    """Raise click's error where there is no network of this name."""
    from graph import analysis

    if network not in analysis.names():
        raise click.BadParameter(f"{network!r} is none of {', '.join(analysis.names())}", param_hint="NETWORK")


def file(store: "Store", network: str, measure: str | None, form: str, created: str) -> bytes:
    """Give a network in a format of networks, or its picture (svg; with `robustness` its curve).

    `created` is when the version was made, as its manifest has it.
    """
    from graph import analysis

    graph = analysis.project(store, network)
    if form != "svg":
        return analysis.exported(graph, form)
    date = f"{created[:4]}-{created[4:6]}-{created[6:8]}"
    if measure == "robustness":
        return analysis.curve(graph, analysis.robustness(graph), date)
    if measure is not None:
        raise click.UsageError("svg is the picture of a NETWORK, or of its robustness")
    return analysis.picture(graph, date)


def networks(store: "Store") -> Answer:
    """Give the networks with their sizes."""
    from graph import analysis

    rows: list[list[Any]] = []
    for name in analysis.names():
        found = analysis.summary(analysis.project(store, name))
        rows.append([name, analysis.describe(name).title, found.nodes, found.edges])
    return ["network", "what it is", "nodes", "edges"], rows


def summary(store: "Store", network: str) -> Answer:
    """Give what a network is, its size, and what it can be asked."""
    from graph import analysis

    graph = analysis.project(store, network)
    described, found = analysis.describe(network), analysis.summary(graph)
    rows: list[list[Any]] = [["projection", described.rule], ["bias", described.bias]]
    if described.warning:
        rows.append(["warning", described.warning])
    rows += [[field, getattr(found, field)] for field in ("nodes", "edges", "density", "components", "largest")]
    rows.append(["measures", ", ".join([*analysis.applicable(graph), "participation"])])
    return ["of the network", network], [*rows, ["reports", ", ".join(analysis.reports(described))]]


def measure(store: "Store", network: str, measure: str) -> Answer:
    """Give the ranking by a measure, or a report; biases and null models go to stderr."""
    from graph import analysis

    described = analysis.describe(network)
    if measure in analysis.REPORTS:
        return _report(lambda: analysis.report(store, described, measure))
    graph = analysis.project(store, network)
    if measure == "participation":
        analysis.mark(graph, analysis.communities(graph))
    if measure not in analysis.applicable(graph):
        known = ", ".join([*analysis.applicable(graph), "participation", *analysis.REPORTS])
        raise click.BadParameter(f"{measure!r} is none of {known}", param_hint="MEASURE")
    noted([f"Bias: {described.bias}", f"Warning: {described.warning}" if described.warning else ""])
    found = analysis.measure(graph, measure)
    rows: list[list[Any]] = [[r.rank, r.label, r.kind, r.value, r.population, r.iri] for r in found]
    header = ["rank", "label", "kind", measure, "of", "iri"]
    if any(row.error is not None for row in found):
        header.append("standard error")
        rows = [[*row, "" if r.error is None else r.error] for row, r in zip(rows, found, strict=True)]
    return header, rows


def _report(make: "Callable[[], Table]") -> Answer:
    try:
        table = make()
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="MEASURE") from error
    return of_table(table)


def of_table(table: "Table") -> Answer:
    """Give the rows of a report; its notes go to stderr."""
    noted(table.notes)
    return list(table.columns), [["" if cell is None else cell for cell in row] for row in table.rows]


def noted(notes: Iterable[str]) -> None:
    """Print `notes` to stderr."""
    for note in filter(None, notes):
        click.echo(note, err=True)


def single_points(store: "Store") -> Answer:
    """Give who and what hangs on one thread."""
    from graph import analysis

    return of_points(analysis.single_points(store))


def of_points(found: "SinglePoints") -> Answer:
    """Give the rows of single points of failure."""
    from graph import analysis

    noted([f"Bias: {analysis.describe(name).bias}" for name in analysis.CARRYING])
    rows: list[list[Any]] = [["one provider", p.label, p.through_label] for p in found.places]
    rows += [["one way in", o.label, o.through_label] for o in found.organizations]
    rows += [["cuts a network", a.label, f"{a.network}: cuts off {a.cut_off}"] for a in found.articulation]
    return ["what", "who", "hangs on"], rows


def without(store: "Store", thing: str) -> Answer:
    """Give who loses what without a thing."""
    from graph import analysis

    rows: list[list[Any]] = [
        [loss.label, loss.what, loss.steps, loss.network, loss.iri] for loss in analysis.without(store, thing)
    ]
    if not rows:
        _told(store, thing)
        noted(["Nobody loses anything by the networks of this version."])
    return ["who", "what", "steps", "network", "iri"], rows


def like(store: "Store", thing: str) -> Answer:
    """Give who is like a thing; NothingFound where it has no ties."""
    from graph import analysis

    found = analysis.similar_partners(store, thing)
    if not found:
        _told(store, thing)
        raise NothingFound(f"<{thing}> is in no network of partners")
    noted(["Likeness comes from what the sources list: alike in the lists, not necessarily in the market."])
    rows = [[one.label, one.score, one.share, ", ".join(one.reasons), one.iri] for one in found]
    return ["who", "score", "share of ties in common", "because of", "iri"], rows


def white_space(store: "Store") -> Answer:
    """Give the combinations with few partners."""
    from graph import analysis

    noted(["Expected were category, product and place independent; an empty cell is as likely a gap in the lists."])
    rows = [[*cell.labels, cell.partners, cell.expected] for cell in analysis.white_space(store)]
    return [*analysis.DIMENSIONS, "partners", "expected"], rows


def check(store: "Store", folder: Path) -> Answer:
    """Give how what is published compares with what is worked out anew; the first row says whether it agrees."""
    from graph import analysis

    with progress_bars() as progress:
        found = analysis.check(store, progress, folder)
    rows: list[list[Any]] = [
        ["agrees", "yes" if found.agrees else "no"],
        ["digest of the facts", found.facts],
        ["digest of the facts analysed", found.facts_named],
        ["digest of the analysis", found.analysis],
        ["statements compared", found.compared],
        ["values that differ by rounding", found.rounding],
    ]
    rows += [["made with other versions", versions] for versions in found.software]
    rows += [["missing", str(quad)] for quad in found.missing]
    return ["what", "value"], rows + [["unexpected", str(quad)] for quad in found.unexpected]


def paths(store: "Store", ends: tuple[str, str], network: str | None, count: int) -> Answer:
    """Give the steps of the shortest paths; NothingFound where there is none."""
    from graph import analysis

    found = analysis.paths(store, *ends, network, count=count)
    if not found or not found[0]:
        for end in ends:
            _told(store, end)
        where = f" in {network}" if network else ""
        same = "they are the same" if ends[0] == ends[1] else f"nothing joins them{where}"
        raise NothingFound(f"no path from <{ends[0]}> to <{ends[1]}>: {same}")
    header = ["from", "by", "to", "stated in"]
    if count == 1:
        return header, [_step(step) for step in found[0]]
    return ["path", *header], [[at, *_step(step)] for at, steps in enumerate(found, start=1) for step in steps]


def _step(step: "Step") -> list[Any]:
    way = "" if step.direction == "forward" else "is, the other way, "
    graphs = ", ".join(graph.rsplit("/", 1)[-1] for graph in step.graphs)
    return [step.source_label, way + step.property_label, step.target_label, graphs]


def _told(store: "Store", thing: str) -> None:
    """Raise NothingFound where nothing is said of `thing`."""
    from pyoxigraph import NamedNode

    end = NamedNode(thing)
    if not any(next(store.quads_for_pattern(*at), None) for at in ((end, None, None), (None, None, end))):
        raise NothingFound(f"nothing is said of {end}")
