"""What pages show of a version's networks, worked out with the analysis and kept beside the graph.

`analysis.sqlite` holds every network, its size, its nodes by every measure and its reports, as compressed JSON. Where a
version has none (it was changed, loaded, or not analysed yet), sizes and first ranks are those published in the graph,
if any, and the rest is worked out when it is asked for. A change leaves the file behind: it would be untrue of the next
version.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import networkx as nx
from pyoxigraph import Quad, Store

from graph.analysis.dependence import ArticulationPoint, Reliance, SinglePoints, single_points
from graph.analysis.examined import Examined, Results, of_store
from graph.analysis.exchange import node_link
from graph.analysis.figures import caption, captioned
from graph.analysis.likeness import Cell, white_space
from graph.analysis.measures import Row, applicable
from graph.analysis.networks import describe
from graph.analysis.publish import described, quads, quads_of
from graph.analysis.results import published_rows, published_summary
from graph.analysis.size import TooLarge, is_large
from graph.analysis.summaries import COMMUNITY, Summary, summary
from graph.analysis.tables import Table, reports, tabled
from graph.analysis.whole import KINDS, Figure, of_partners
from graph.index import read_only
from graph.progress import Progress, silent

FILE: Final = "analysis.sqlite"


class Entry(NamedTuple):
    """Something kept of a network ("" for what is of several), compressed."""

    network: str
    name: str
    body: bytes


def entries(found: Results) -> Iterator[Entry]:
    """Give what is kept of a network. A report that would take too long is left out, as is a large network itself."""

    def entry(name: str, told: object) -> Entry:
        return Entry(found.network.name, name, _packed(told))

    if not isinstance(found, Examined):
        whole = found.summary
    else:
        graph = found.graph.copy()
        for _, data in graph.nodes(data=True):
            data.pop(COMMUNITY, None)  # a mark of this examination, not of the network
        yield Entry(found.network.name, "graph", zlib.compress(node_link(graph)))
        whole = summary(graph)
    yield entry("summary", [whole.nodes, whole.edges, whole.density, whole.components, whole.largest, whole.sides])
    measures = found.measures if found.nodes else {}
    yield entry("measures", list(measures))
    for name, rows in measures.items():
        yield entry(f"measure {name}", rows)
    for name in reports(found.network):
        try:
            yield entry(f"report {name}", tabled(found, name))
        except ValueError:
            continue


def entries_of_several(store: Store) -> Iterator[Entry]:
    """Give what is kept of several networks together."""
    points = single_points(store)
    yield Entry("", "single points", _packed([points.places, points.organizations, points.articulation]))
    yield Entry("", "white space", _packed(white_space(store)))
    yield Entry("", "partners", _packed([(kind.name, value) for kind, value in of_partners(store)]))


def of_version(
    folder: Path, store: Store, digest: str, tables: Path, progress: Progress = silent
) -> tuple[list[Quad], list[Entry]]:
    """Measure the version in `folder`, whose facts have this digest: what to publish, and what to keep beside it.

    Where the version is large, the values of all nodes of each network go into the folder `tables` (Parquet).
    ValueError as in `project`.
    """
    if is_large(folder):
        from graph.analysis.large.version import every, left_out

        found, reasons = every(folder, tables, progress)
        published = quads_of(((one, one.origins) for one in found), digest, left_out(reasons))
        kept = [*(entry for one in found for entry in entries(one)), *entries_of_several_large(folder)]
        return [*published, *described(store)], kept
    kept = []
    published = quads(store, progress, digest, lambda one: kept.extend(entries(one)))
    return [*published, *described(store)], [*kept, *entries_of_several(store)]


def entries_of_several_large(folder: Path) -> Iterator[Entry]:
    """Give what is kept of several networks of the large version in `folder`: without the cells of white space."""
    from graph.analysis.large.several import large_single_points, partners
    from graph.analysis.large.version import columns_of

    with columns_of(folder) as columns:
        points = large_single_points(columns)
        yield Entry("", "single points", _packed([points.places, points.organizations, points.articulation]))
        yield Entry("", "partners", _packed([(kind.name, value) for kind, value in partners(columns)]))


def keep(folder: Path, kept: Iterable[Entry]) -> None:
    """Write `kept` into the version that is made in `folder`."""
    with closing(sqlite3.connect(folder / FILE)) as connection:
        connection.execute("CREATE TABLE kept (network TEXT, name TEXT, body BLOB, PRIMARY KEY (network, name))")
        connection.executemany("INSERT INTO kept VALUES (?, ?, ?)", kept)
        connection.commit()


class Kept:
    """Answers about the networks of the version in `folder`, whose graph is `store`: as kept, else worked out."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._file, self._store = folder / FILE, store
        self._large = is_large(folder)
        self._examined: dict[str, Examined] = {}

    @property
    def is_whole(self) -> bool:
        """Whether all of it is kept, so that nothing needs to be worked out."""
        return self._file.is_file()

    def network(self, name: str) -> "nx.Graph[str]":
        """Give the network called `name`, as `project` does; KeyError where there is none, TooLarge of a large one."""
        told = self._read(name, "graph")
        if told is None:
            return self._anew(name).graph
        graph: nx.Graph[str] = nx.node_link_graph(told, edges="links")
        return graph

    def caption(self, name: str, date: str) -> str:
        """Say what the network called `name` is, as its picture would; "" where it has no tie."""
        if not self._large:
            graph = self.network(name)
            return caption(graph, date) if len(graph) else ""
        network, whole = describe(name), self.summary(name)
        said = {"title": network.title, "rule": network.rule, "bias": network.bias}
        first = sorted(self.rows(name, "degree"), key=lambda row: (-row.value, row.iri))[:5] if whole.nodes else []
        said |= {"warning": network.warning} if network.warning else {}
        return captioned(said, whole, [(row.label, int(row.value)) for row in first], date) if first else ""

    def summary(self, name: str) -> Summary:
        """Give the size of the network called `name`."""
        told = self._read(name, "summary")
        if told is None:
            found = published_summary(self._store, describe(name))
            if found is None and self._large and self._file.is_file():
                return Summary(0, 0, 0.0, 0, 0, None)  # it was measured, and this network has no tie
            return found or summary(self.network(name))
        nodes, edges, density, components, largest, sides = told
        return Summary(nodes, edges, density, components, largest, tuple(sides) if sides else None)

    def measures(self, name: str) -> tuple[str, ...]:
        """Give the names of the measures of the network called `name`, none where it has no tie."""
        told = self._read(name, "measures")
        if told is None:
            if self._large and self._file.is_file():
                return ()
            graph = self.network(name)
            return applicable(graph) if len(graph) else ()
        return tuple(told)

    def rows(self, name: str, measure: str) -> list[Row]:
        """Give the nodes of a network by a measure; raises as `measures.measure` does."""
        told = self._read(name, f"measure {measure}")
        return self._anew(name).rows(measure) if told is None else [Row(*row) for row in told]

    def first(self, name: str) -> dict[str, list[Row]]:
        """Give the nodes of a network by each measure; of a version that keeps none, those that are published."""
        if self._read(name, "measures") is None:
            if self._large and self._file.is_file():
                return {}
            published = published_rows(self._store, describe(name), self.network(name))
            if published:
                return published
        return {measure: self.rows(name, measure) for measure in self.measures(name)}

    def report(self, name: str, report: str) -> Table:
        """Give a report on the network called `name`; raises as `tables.tabled` does."""
        told = self._read(name, f"report {report}")
        if told is None:
            return tabled(self._anew(name), report)
        title, columns, rows, notes = told
        return Table(title, tuple(columns), [tuple(row) for row in rows], tuple(notes))

    def single_points(self) -> SinglePoints:
        """Give the single points of failure."""
        told = self._read("", "single points")
        if told is None:
            self._refuse_large()
            return single_points(self._store)
        places, organizations, articulation = told
        return SinglePoints(
            tuple(Reliance(*row) for row in places),
            tuple(Reliance(*row) for row in organizations),
            tuple(ArticulationPoint(*row) for row in articulation),
        )

    def white_space(self) -> list[Cell]:
        """Give the combinations with few partners."""
        told = self._read("", "white space")
        if told is None:
            self._refuse_large()
            return white_space(self._store)
        return [Cell(tuple(parts), tuple(labels), *numbers) for parts, labels, *numbers in told]

    def partners(self) -> list[Figure]:
        """Give the figures of all partners."""
        told = self._read("", "partners")
        return of_partners(self._store) if told is None else [Figure(KINDS[name], value) for name, value in told]

    def _refuse_large(self) -> None:
        """Raise TooLarge where the version is one: nobody waits that long for a page."""
        if self._large:
            raise TooLarge("this version is too large to work that out for a page: shown is what its analysis keeps, "
                           "which is not networks themselves, white space and suggestions")  # fmt: skip

    def _anew(self, name: str) -> Examined:
        self._refuse_large()
        if name not in self._examined:
            self._examined[name] = of_store(self._store, describe(name))
        return self._examined[name]

    def _read(self, network: str, name: str) -> Any:
        """Give what is kept, None where it is not."""
        if not self._file.is_file():
            return None
        with closing(read_only(self._file)) as connection:
            row = connection.execute("SELECT body FROM kept WHERE network = ? AND name = ?", (network, name)).fetchone()
        return None if row is None else json.loads(zlib.decompress(row[0]))


def _packed(told: object) -> bytes:
    return zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8"))
