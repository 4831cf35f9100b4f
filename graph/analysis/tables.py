"""Reports on one network as plain tables: the same rows for the command line, a page, a notebook and a CSV file."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pyoxigraph import Store

from graph.analysis.examined import Examined, Results, null_of, of_store
from graph.analysis.likeness import SUGGESTION, suggestions, trial
from graph.analysis.networks import Network
from graph.analysis.nulls import NULL

NO_NULL: Final = "Counted, not compared: there is no null model."


class Table(NamedTuple):
    """A report: `notes` are sentences that must be read with the numbers (null model, parameters, bias, what it is
    not).
    """

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    notes: tuple[str, ...] = ()


class Report(NamedTuple):
    """A kind of report: how it is made, and whether it has a meaning in networks of two sides only."""

    make: Callable[[Results], Table]
    two_sides: bool = False


def reports(network: Network) -> tuple[str, ...]:
    """Give the names of the reports that have a meaning on `network`."""
    return tuple(name for name, kind in REPORTS.items() if network.two_mode or not kind.two_sides)


def report(store: Store, network: Network, name: str) -> Table:
    """Give the report called `name` on `network`; raises as `tabled` does."""
    return tabled(of_store(store, network), name)


def tabled(found: Results, name: str) -> Table:
    """Give the report called `name`; KeyError where there is none, ValueError where it has no meaning."""
    kind, network = REPORTS[name], found.network
    if kind.two_sides and not network.two_mode:
        raise ValueError(f"{network.name} has one side only: {name} are for networks of two")
    table = kind.make(found)
    left_out = (found.said,) if found.said else ()
    said = (*left_out, f"Bias: {network.bias}", *((f"Warning: {network.warning}",) if network.warning else ()))
    return table._replace(notes=(*table.notes, *said))


def _whole(found: Results) -> Table:
    return Table(
        f"{found.network.title} as a whole",
        ("figure", "value", "meaning"),
        [(kind.label, value, kind.definition) for kind, value in found.whole],
        (NO_NULL,),
    )


def _degrees(found: Results) -> Table:
    title = f"Distribution of ties: {found.network.title}"
    return Table(title, ("side", "ties", "nodes"), list(found.distribution), (NO_NULL,))


def _slices(found: Results) -> Table:
    return Table(
        f"{found.network.title} by year",
        ("year", "nodes", "ties", "density"),
        [tuple(one) for one in found.slices],
        (f"Only dated ties count; {found.undated} of {found.edges} have no date.", NO_NULL),
    )


def _communities(of: Results) -> Table:
    found = of.communities
    title, columns = f"Communities: {of.network.title}", ("community", "members", "of one source", "first members")
    if found is None:
        return Table(title, columns, [], ("Fewer than two ties: there is nothing to part.",))
    z = "not to be told, since random networks are all alike" if found.z is None else f"{found.z:.1f}"
    return Table(
        title,
        columns,
        [
            (
                found.label(group),
                group.size,
                group.source.rsplit("/", 1)[-1],
                first,
            )
            for group, first in zip(found.groups, of.first_members, strict=True)
        ],
        (
            f"{found.algorithm}, {of.parameters}.",
            f"Modularity {found.modularity:.3f}, in random networks {found.null_mean:.3f}; deviations above chance: "
            f"{z}. Null model: {NULL}.",
            f"Stability {found.stability:.2f}: "
            + ("named by what members share." if found.stable else "weak, so the communities have no names."),
            f"{found.one_source:.0%} of nodes (of two sides: of the first) are in a community that one source makes.",
        ),
    )


def _structure(found: Results) -> Table:
    return Table(
        f"Structure: {found.network.title}",
        ("figure", "value", "meaning", "compared with"),
        [
            (kind.label, value, kind.definition, "random networks" if null_of(kind.name) else "nothing")
            for kind, value in found.structure
        ],
        (
            found.parameters,
            f"Null model, where one is compared with: {NULL}.",
            "The core follows from the degrees alone, so it has no null model.",
        ),
    )


def _robustness(found: Results) -> Table:
    return Table(
        f"Robustness: {found.network.title}",
        ("share gone", "largest part, gone at random", "largest part, most tied first"),
        [tuple(one) for one in found.removal],
        (found.parameters, "No null model: loss at random is what targeted loss is compared with."),
    )


def _bridges(found: Results) -> Table:
    return Table(
        f"Bridges: {found.network.title}",
        ("one end", "other end", "cut off", "iri", "other iri"),
        list(found.bridges),
        (NO_NULL, f"The first of {found.all_bridges:,}.") if found.all_bridges > len(found.bridges) else (NO_NULL,),
    )


def _correlation(found: Results) -> Table:
    return Table(
        f"Rank correlation of measures: {found.network.title}",
        ("side", "measure", "other measure", "nodes", "Spearman", "partial, given degree"),
        [tuple(one) for one in found.correlations],
        (
            "Partial: what two measures share beyond what both share with the number of ties.",
            "No null model: where two measures have nothing in common, the correlation is 0.",
        ),
    )


def _suggestions(found: Results) -> Table:
    if not isinstance(found, Examined):
        raise ValueError(f"{found.network.name} is too large to find suggestions in")
    tried = trial(found.graph)
    measured = (
        f"Of {tried.hidden} ties hidden from it, one scores above an absent tie with chance {tried.by_shared:.2f}. "
        f"Null model: by numbers of ties alone the chance is {tried.by_degree:.2f}; 0.5 is guessing."
        if tried
        else "Too few ties to try how well it finds hidden ones, so there is no null model."
    )
    return Table(
        f"Suggested ties: {found.network.title}",
        ("source", "target", "score", "because of", "kind"),
        [
            (row.source_label, row.target_label, row.score, ", ".join(row.because), "suggestion")
            for row in suggestions(found.graph)
        ],
        (SUGGESTION, measured),
    )


REPORTS: Final[dict[str, Report]] = {
    "whole": Report(_whole),
    "degrees": Report(_degrees),
    "slices": Report(_slices),
    "communities": Report(_communities),
    "structure": Report(_structure),
    "robustness": Report(_robustness),
    "bridges": Report(_bridges),
    "correlation": Report(_correlation),
    "suggestions": Report(_suggestions, two_sides=True),
}
