"""Reports on one network as plain tables: the same rows for the command line, a page, a notebook and a CSV file."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import networkx as nx
from pyoxigraph import Store

from graph.analysis.communities import communities
from graph.analysis.correlation import correlations
from graph.analysis.dependence import bridges, robustness
from graph.analysis.examined import PARAMETERS
from graph.analysis.likeness import JOINED, SUGGESTION, suggestions, trial
from graph.analysis.measures import applicable, measure
from graph.analysis.networks import Network, build, documents
from graph.analysis.nulls import NULL
from graph.analysis.publish import community_label
from graph.analysis.structure import core_periphery, nestedness
from graph.analysis.whole import distribution, figures, of_partners, slices


class Table(NamedTuple):
    """A report: `notes` are sentences that must be read with the numbers (null model, parameters, what it is not)."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    notes: tuple[str, ...] = ()


def report(store: Store, network: Network, name: str) -> Table:
    """Give the report called `name` on `network`; KeyError where there is none, ValueError where it has no meaning."""
    table = REPORTS[name](build(network, store), network, store)
    said = (f"Bias: {network.bias}", *((f"Warning: {network.warning}",) if network.warning else ()))
    return table._replace(notes=(*table.notes, *said))


def _whole(graph: "nx.Graph[str]", network: Network, store: Store) -> Table:
    found = [*figures(graph, acyclic=network.acyclic), *(of_partners(store) if network.name == JOINED else ())]
    return Table(
        f"{network.title} as a whole",
        ("figure", "value", "meaning"),
        [(kind.label, value, kind.definition) for kind, value in found],
    )


def _degrees(graph: "nx.Graph[str]", network: Network, _: Store) -> Table:
    return Table(f"Distribution of ties: {network.title}", ("side", "ties", "nodes"), list(distribution(graph)))


def _slices(graph: "nx.Graph[str]", network: Network, _: Store) -> Table:
    undated = sum(not data.get("since") for *_, data in graph.edges(data=True))
    return Table(
        f"{network.title} by year",
        ("year", "nodes", "ties", "density"),
        [tuple(one) for one in slices(graph)],
        (f"Only dated ties count; {undated} of {graph.number_of_edges()} have no date.",),
    )


def _communities(graph: "nx.Graph[str]", network: Network, store: Store) -> Table:
    found = communities(graph, documents(store))
    title, columns = f"Communities: {network.title}", ("community", "members", "of one source", "first members")
    if found is None:
        return Table(title, columns, [])
    z = "not to be told, since random networks are all alike" if found.z is None else f"{found.z:.1f}"
    return Table(
        title,
        columns,
        [
            (
                community_label(found, group),
                len(group.members),
                group.source.rsplit("/", 1)[-1],
                ", ".join(str(graph.nodes[node]["label"]) for node in group.members[:5]),
            )
            for group in found.groups
        ],
        (
            f"{found.algorithm}, {PARAMETERS}.",
            f"Modularity {found.modularity:.3f}, in random networks {found.null_mean:.3f}; deviations above chance: "
            f"{z}. "
            f"Null: {NULL}.",
            f"Stability {found.stability:.2f}: "
            + ("named by what members share." if found.stable else "weak, so the communities have no names."),
            f"{found.one_source:.0%} of nodes (of two sides: of the first) are in a community that one source makes.",
        ),
    )


def _structure(graph: "nx.Graph[str]", network: Network, _: Store) -> Table:
    core, nested = core_periphery(graph), nestedness(graph)
    rows: list[tuple[Any, ...]] = []
    if core is not None:
        rows += [
            ("nodes in the core", len(core.core), ""),
            ("density of the core", core.inside, ""),
            ("density of the periphery", core.outside, ""),
            ("pairs that spoil the split", core.errors, ""),
        ]
    if nested is not None:
        rows.append(("nestedness (NODF)", nested.value, f"random networks: {nested.null_mean:.4g}"))
        if nested.z is not None:
            rows.append(("nestedness against chance (z)", nested.z, ""))
    return Table(
        f"Core and nestedness: {network.title}",
        ("figure", "value", "compared"),
        rows,
        ("The core follows from the degrees alone, so it has no null model.", f"Null of nestedness: {NULL}."),
    )


def _robustness(graph: "nx.Graph[str]", network: Network, _: Store) -> Table:
    return Table(
        f"Robustness: {network.title}",
        ("share gone", "largest part, gone at random", "largest part, most tied first"),
        [tuple(one) for one in robustness(graph)],
        (PARAMETERS,),
    )


def _bridges(graph: "nx.Graph[str]", network: Network, _: Store) -> Table:
    return Table(
        f"Bridges: {network.title}",
        ("one end", "other end", "cut off", "iri", "other iri"),
        [(row.one_label, row.other_label, row.cut_off, row.one, row.other) for row in bridges(graph)],
    )


def _correlation(graph: "nx.Graph[str]", network: Network, _: Store) -> Table:
    rows = {name: measure(graph, name) for name in applicable(graph)}
    return Table(
        f"Rank correlation of measures: {network.title}",
        ("side", "measure", "other measure", "nodes", "Spearman", "partial, given degree"),
        [tuple(one) for one in correlations(rows)],
        ("Partial: what two measures share beyond what both share with the number of ties.",),
    )


def _suggestions(graph: "nx.Graph[str]", network: Network, _: Store) -> Table:
    if not network.two_mode:
        raise ValueError(f"{network.name} has one side only: suggestions are for networks of two")
    tried = trial(graph)
    measured = (
        f"Of {tried.hidden} ties hidden from it, one scores above an absent tie with chance {tried.by_shared:.2f} "
        f"({tried.by_degree:.2f} by numbers of ties alone, 0.5 is guessing)."
        if tried
        else "Too few ties to try how well it finds hidden ones."
    )
    return Table(
        f"Suggested ties: {network.title}",
        ("source", "target", "score", "because of", "kind"),
        [
            (row.source_label, row.target_label, row.score, ", ".join(row.because), "suggestion")
            for row in suggestions(graph)
        ],
        (SUGGESTION, measured),
    )


REPORTS: Final[dict[str, Callable[["nx.Graph[str]", Network, Store], Table]]] = {
    "whole": _whole,
    "degrees": _degrees,
    "slices": _slices,
    "communities": _communities,
    "structure": _structure,
    "robustness": _robustness,
    "bridges": _bridges,
    "correlation": _correlation,
    "suggestions": _suggestions,
}
