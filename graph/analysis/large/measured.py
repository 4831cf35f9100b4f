"""A large network and all that is measured in it: what is published and shown, and the table of all its nodes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from graph.analysis.communities import Communities
from graph.analysis.correlation import Correlation
from graph.analysis.dependence import Removal
from graph.analysis.examined import mean_left, structured
from graph.analysis.large import groups, positions, structure
from graph.analysis.large.arrays import Arrays, Floats, documents, labels
from graph.analysis.large.cuts import bridges
from graph.analysis.large.whole import distribution, figures, slices, summary
from graph.analysis.measures import LARGEST_PRODUCT, MEASURES, Measure, Row
from graph.analysis.networks import Network, kind_of
from graph.analysis.summaries import Summary, rounded
from graph.analysis.whole import Figure, Slice
from graph.columns.opened import Columns

FIRST: Final = 1000  # nodes of each side that are named by each measure; all are in the table


@dataclass(frozen=True)
class Values:
    """The nodes' values by a measure, in the order of the nodes, and their standard errors where it was sampled."""

    of: Measure
    values: Floats
    errors: Floats | None = None


@dataclass(frozen=True)
class Measured:
    """What is measured in a network, its nodes named only where they are told; as `Examined` has it.

    `measures` are the first rows of each side; `origins` the graphs that state its ties, `said` what was estimated and
    left out, and `bridges`, `first_members` and `distribution` what its reports tell besides.
    """

    network: Network
    summary: Summary
    origins: tuple[str, ...]
    parameters: str
    said: str
    whole: tuple[Figure, ...]
    structure: tuple[Figure, ...]
    measures: Mapping[str, list[Row]]
    communities: Communities | None
    correlations: tuple[Correlation, ...]
    removal: tuple[Removal, ...]
    slices: tuple[Slice, ...]
    undated: int
    bridges: tuple[tuple[str, str, int, str, str], ...]
    all_bridges: int
    first_members: tuple[str, ...]
    distribution: tuple[tuple[str, int, int], ...]

    @property
    def nodes(self) -> int:
        """The number of nodes."""
        return self.summary.nodes

    @property
    def edges(self) -> int:
        """The number of ties."""
        return self.summary.edges


def applicable(found: Arrays) -> tuple[Measure, ...]:
    """Give the measures that mean something on `found`, as `graph.analysis.applicable` does."""
    fits = {
        "": True,
        "directed": found.directed,
        "pointed": found.directed or found.two_mode,
        "one-mode": not found.two_mode,
        "communities": found.ties > 1,
    }
    return tuple(row for row in MEASURES if fits[row.only])


def values(found: Arrays, of: Measure, parts: structure.Parted | None = None) -> Values:
    """Give the nodes' values by the measure `of`, settled as its rows are; `parts` are the communities, if known."""
    if of.only == "communities":
        parts = parts or structure.parted(found)
        assert parts is not None
        return Values(of, settled(positions.participation(found, parts.member)))
    if of.name in positions.SAMPLED and found.size * found.ties > LARGEST_PRODUCT:
        mean, error = positions.SAMPLED[of.name](found)
        return Values(of, settled(mean), settled(error))
    return Values(of, settled(positions.EXACT[of.name](found).astype(np.float64)))


def settled(numbers: Floats) -> Floats:
    """Give `numbers` with twelve significant digits, so that what differs only by rounding shares a rank."""
    with np.errstate(divide="ignore"):
        unit = 10.0 ** (11 - np.floor(np.log10(np.abs(numbers))))
    usable = np.isfinite(unit) & (unit > 0)
    return np.where(usable, np.round(numbers * np.where(usable, unit, 1)) / np.where(usable, unit, 1), numbers)


def first_rows(found: Arrays, of: Values, most: int | None = FIRST) -> list[tuple[int, Row]]:
    """Give the first nodes of each side by a measure, with their places; without labels, which `labelled` adds."""
    told = []
    for side, mode in ((found.mode, "source"), (~found.mode, "target")) if found.two_mode else ((found.mode, ""),):
        places = np.flatnonzero(side)
        own = of.values[places]
        order = places[np.argsort(-own, kind="stable")]
        ascending = np.sort(own)
        for node in order[:most].tolist():
            value = float(of.values[node])
            rank = len(own) - int(np.searchsorted(ascending, value, side="right")) + 1
            error = None if of.errors is None else rounded(float(of.errors[node]))
            told.append((node, Row(found.iris[node], "", int(value) if of.of.integer else rounded(value), rank,
                                   len(own), kind_of(found.iris[node]), mode, error)))  # fmt: skip
    return told


def labelled(rows: Iterable[Row], named: Mapping[str, str]) -> list[Row]:
    """Give `rows` with their labels, in the order of `graph.analysis.measure`."""
    told = [row._replace(label=named[row.iri]) for row in rows]
    return sorted(told, key=lambda row: (row.mode, row.rank, row.label.casefold(), row.iri))


def measured(columns: Columns, network: Network, found: Arrays, table: Path | None = None) -> Measured:
    """Measure all of `found`; its nodes' values go to the file `table` (Parquet) where one is given."""
    parts = structure.parted(found)
    by_name = {of.name: values(found, of, parts) for of in applicable(found)}
    first = {name: [row for _, row in first_rows(found, own)] for name, own in by_name.items()}
    removal = tuple(structure.robustness(found))
    of_bridges = bridges(found)
    ends = [found.iris[node] for _, *pair in of_bridges[:FIRST] for node in pair]
    told = groups.shared(found, parts) + groups.first_members(parts) if parts else []
    shown = [found.iris[node] for nodes in told for node in nodes]
    named = labels(columns, [*(row.iri for rows in first.values() for row in rows), *ends, *shown])
    grouped = groups.communities(found, parts, documents(columns), named) if parts else None
    dated = tuple(slices(found))
    if table is not None:
        write(table, found, parts, by_name.values())
    return Measured(
        network=network,
        summary=summary(found),
        origins=tuple(found.graphs),
        parameters=f"{structure.effort(found)}{_sampling(by_name.values())}",
        said=_said(found, by_name.values(), parts),
        whole=tuple(figures(found, acyclic=network.acyclic)),
        structure=structured({
            "robustness-random": mean_left([one.random for one in removal]),
            "robustness-targeted": mean_left([one.targeted for one in removal]),
            **structure.core(found),
        }, grouped, int(parts.member.max()) + 1 if parts else 0),
        measures={name: labelled(rows, named) for name, rows in first.items()},
        communities=grouped,
        correlations=tuple(structure.correlations(found, {name: own.values for name, own in by_name.items()})),
        removal=removal,
        slices=dated,
        undated=int((found.since == 0).sum()),
        bridges=tuple((named[one], named[other], lost, one, other) for (lost, *_), one, other in
                      zip(of_bridges, ends[::2], ends[1::2], strict=False)),
        all_bridges=len(of_bridges),
        first_members=tuple(", ".join(named[found.iris[node]] for node in nodes)
                            for nodes in (groups.first_members(parts) if parts else ())),
        distribution=tuple(distribution(found)),
    )  # fmt: skip


def _sampling(measures: Iterable[Values]) -> str:
    how = {
        "betweenness": f"{positions.PIVOTS} start nodes of the paths of betweenness (seed 0)",
        "closeness": f"{positions.LANDMARKS} nodes of each part that the steps of closeness are counted to (seed 0)",
    }
    return "".join(f"; {how[own.of.name]}" for own in measures if own.errors is not None)


def _said(found: Arrays, measures: Iterable[Values], parts: structure.Parted | None) -> str:
    """Say what was estimated and what is left out of a network of this size."""
    estimated = [own.of.label for own in measures if own.errors is not None]
    said = [f"Estimated, each value with its standard error: {', '.join(estimated)}." if estimated else ""]
    said.append(f"The first {FIRST:,} nodes of each side are named by each measure; the table of all is beside the "
                "version.")  # fmt: skip
    if found.two_mode:
        said.append("Nestedness is left out: it takes the square of each side.")
    if parts is not None:
        said.append(f"Of {int(parts.member.max()) + 1:,} communities the {groups.TOLD} largest are told, "
                    "their members in the table alone.")  # fmt: skip
    return " ".join(filter(None, said))


def write(table: Path, found: Arrays, parts: structure.Parted | None, measures: Iterable[Values]) -> None:
    """Write the nodes with their side, community and values by each measure, sorted by IRI, as Parquet."""
    nodes: dict[str, NDArray[Any]] = {"iri": np.array(found.iris, object)}
    if found.two_mode:
        nodes["side"] = np.where(found.mode, "source", "target").astype(object)
    if parts is not None:
        nodes["community"] = parts.member + 1
    for own in measures:
        nodes[own.of.name] = own.values.astype(np.int64) if own.of.integer else own.values
        if own.errors is not None:
            nodes[f"{own.of.name} standard error"] = own.errors
    path = str(table).replace("'", "''")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("nodes", nodes)
        connection.execute(f"COPY (FROM nodes) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
