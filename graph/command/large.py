"""What `analyse` answers of a version so large that its networks are drawn from the columns."""

from pathlib import Path
from typing import Any

import click

from graph.analysis.large.arrays import draw, labels
from graph.analysis.large.measured import applicable, first_rows, labelled, measured, values
from graph.analysis.large.several import large_single_points
from graph.analysis.large.version import columns_of
from graph.analysis.large.whole import summary as summary_of
from graph.analysis.networks import describe, names
from graph.analysis.size import TooLarge
from graph.analysis.tables import REPORTS, reports, tabled
from graph.command.analyses import Answer, noted, of_points, of_table


def networks(folder: Path) -> Answer:
    """Give the networks with their sizes."""
    rows: list[list[Any]] = []
    with columns_of(folder) as columns:
        for name in names():
            found = draw(columns, describe(name))
            rows.append([name, describe(name).title, found.size, found.ties])
    return ["network", "what it is", "nodes", "edges"], rows


def summary(folder: Path, name: str) -> Answer:
    """Give what a network is, its size, and what it can be asked."""
    network = describe(name)
    with columns_of(folder) as columns:
        found = draw(columns, network)
    whole, told = summary_of(found), [*reports(network)]
    rows: list[list[Any]] = [["projection", network.rule], ["bias", network.bias]]
    if network.warning:
        rows.append(["warning", network.warning])
    rows += [[field, getattr(whole, field)] for field in ("nodes", "edges", "density", "components", "largest")]
    rows.append(["measures", ", ".join(row.name for row in applicable(found))])
    return ["of the network", name], [*rows, ["reports", ", ".join(told)]]


def measure(folder: Path, name: str, wanted: str) -> Answer:
    """Give the ranking by a measure, or a report; what was estimated, biases and null models go to stderr."""
    network = describe(name)
    with columns_of(folder) as columns:
        found = draw(columns, network)
        if wanted in REPORTS:
            try:
                table = tabled(measured(columns, network, found), wanted)
            except ValueError as error:
                raise click.BadParameter(str(error), param_hint="MEASURE") from error
            return of_table(table)
        fitting = {row.name: row for row in applicable(found)}
        if wanted not in fitting:
            raise click.BadParameter(f"{wanted!r} is none of {', '.join([*fitting, *REPORTS])}", param_hint="MEASURE")
        of = values(found, fitting[wanted])
        rows = [row for _, row in first_rows(found, of, None)]
        rows = labelled(rows, labels(columns, [row.iri for row in rows]))
    noted([f"Bias: {network.bias}", f"Warning: {network.warning}" if network.warning else ""])
    header = ["rank", "label", "kind", wanted, "of", "iri"]
    told: list[list[Any]] = [[r.rank, r.label, r.kind, r.value, r.population, r.iri] for r in rows]
    if of.errors is not None:
        return [*header, "standard error"], [[*row, r.error] for row, r in zip(told, rows, strict=True)]
    return header, told


def single_points(folder: Path) -> Answer:
    """Give who and what hangs on one thread, the first of each list."""
    with columns_of(folder) as columns:
        return of_points(large_single_points(columns))


def refuse(what: str) -> None:
    """Raise TooLarge: `what` is not to be had of such a version."""
    raise TooLarge(f"this version is too large for {what}; its networks are measured from the columns alone")
