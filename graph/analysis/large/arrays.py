"""Networks from the columns into arrays: nodes and ties are numbers, terms only where a result names them.

The projection is the network's own query, compiled to SQL; of the evidence of each tie the first and the last graph
are taken, which tell whether one graph alone states it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.analysis.networks import Network, ProjectionError, last_part
from graph.columns.kinds import Kind
from graph.columns.opened import Columns
from graph.engine.sql.compile import Plan, compiled
from graph.engine.sql.fragments import NotCompiled
from graph.errors import Foreseen
from graph.names import PREFIXES

if TYPE_CHECKING:
    import igraph
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
_EVIDENCE: Final = re.compile(r"\(GROUP_CONCAT\(DISTINCT STR\(\?graph\)\) AS \?evidence\)")
_FIRST_AND_LAST: Final = "(MIN(?graph) AS ?evidence) (MAX(?graph) AS ?evidence_too)"
LARGEST_FOLDED: Final = 20_000_000  # pairs that share something, before they are summed up: 2 GiB of memory


class NotDrawn(Foreseen):
    """A network cannot be drawn into arrays: its query has no reading in SQL, or too many pairs would be tied."""


@dataclass(frozen=True)
class Arrays:
    """A network: `iris` of its nodes, sorted, and per tie, sorted, the places of its ends in them and its weight.

    `mode` says of each node whether it stands on the first side; without sides all do. `since` is the year of each tie,
    0 where it has none. `first` and `last` are the first and the last graph that states each tie, places in `graphs`.
    """

    iris: list[str]
    tails: Numbers
    heads: Numbers
    weights: Floats
    directed: bool
    mode: NDArray[np.bool_]
    since: Numbers
    first: Numbers
    last: Numbers
    graphs: list[str]

    @property
    def size(self) -> int:
        """The number of nodes."""
        return len(self.iris)

    @property
    def ties(self) -> int:
        """The number of ties."""
        return len(self.tails)

    @property
    def two_mode(self) -> bool:
        """Whether there are two sides."""
        return not bool(self.mode.all())

    @cached_property
    def graph(self) -> "igraph.Graph":
        """The network as igraph has it: vertex i is the i-th node."""
        from igraph import Graph

        ties = np.column_stack((self.tails, self.heads))
        return Graph(self.size, ties, directed=self.directed, edge_attrs={"weight": self.weights})

    @cached_property
    def plain(self) -> "igraph.Graph":
        """The same without directions and weights; opposite ties are one."""
        from igraph import Graph

        return Graph(self.size, np.column_stack(self.pairs))

    @cached_property
    def pairs(self) -> tuple[Numbers, Numbers]:
        """The ties without directions, the lower end first; opposite ones are one."""
        keys = np.unique(np.minimum(self.tails, self.heads) * self.size + np.maximum(self.tails, self.heads))
        return keys // self.size, keys % self.size

    @cached_property
    def near(self) -> "csr_array":
        """Who is tied to whom, directions ignored: ones in both directions."""
        low, high = self.pairs
        return _matrix(np.concatenate((low, high)), np.concatenate((high, low)), np.ones(2 * len(low)), self.size)

    @cached_property
    def matrix(self) -> "csr_array":
        """The weights as a matrix from tails to heads; where ties have no direction, both ways."""
        rows, columns, values = self.tails, self.heads, self.weights
        if not self.directed:
            rows, columns = np.concatenate((rows, columns)), np.concatenate((columns, rows))
            values = np.concatenate((values, values))
        return _matrix(rows, columns, values, self.size)

    @cached_property
    def degrees(self) -> Numbers:
        """Each node's number of neighbours, directions ignored."""
        low, high = self.pairs
        return np.bincount(low, minlength=self.size) + np.bincount(high, minlength=self.size)

    @cached_property
    def parts(self) -> Numbers:
        """The number of each node's separate part, directions ignored."""
        from scipy.sparse.csgraph import connected_components

        return np.asarray(connected_components(self.near, directed=False)[1], np.int64)


def _matrix(rows: Numbers, columns: Numbers, values: Floats, size: int) -> "csr_array":
    from scipy.sparse import csr_array

    return csr_array((values, (rows.astype(np.int32), columns.astype(np.int32))), shape=(size, size))


def draw(columns: Columns, network: Network) -> Arrays:
    """Give `network` over `columns`. Raises NotDrawn, and ProjectionError where a node stands on both sides."""
    try:
        plan = compiled(_EVIDENCE.sub(_FIRST_AND_LAST, network.query), columns)
    except NotCompiled as reason:
        raise NotDrawn(f"{network.name}: {reason}") from reason
    found = _fetched(columns, plan, network.name)
    tails, heads = found["source"], found["target"]
    if network.modes != "one" and len(both := np.intersect1d(tails, heads)):
        node = _texts(columns, both[:1])[0]
        raise ProjectionError(f"{network.name}: {node} stands on both sides of a two-mode network")
    if network.modes == "folded":
        found = folded(found, network.name)
        tails, heads = found["source"], found["target"]
    ids = np.unique(np.concatenate((tails, heads)))  # ids of IRIs are in the order of the IRIs
    graphs = np.unique(np.concatenate((found["evidence"], found["evidence_too"])))
    tails, heads = np.searchsorted(ids, tails), np.searchsorted(ids, heads)
    mode = np.ones(len(ids), bool)
    if network.two_mode:
        mode[heads] = False
    order = _order(tails, heads, len(ids), directed=network.directed)
    return Arrays(
        iris=_texts(columns, ids),
        tails=tails[order],
        heads=heads[order],
        weights=found["weight"][order].astype(np.float64),
        directed=network.directed,
        mode=mode,
        since=found["since"][order].astype(np.int64),
        first=np.searchsorted(graphs, found["evidence"])[order],
        last=np.searchsorted(graphs, found["evidence_too"])[order],
        graphs=_texts(columns, graphs),
    )


def _fetched(columns: Columns, plan: Plan, name: str) -> dict[str, NDArray[Any]]:
    """Give the columns of a projection: ends and graphs as ids, the weight and, 0 where there is none, the year."""
    place = {variable: f"c{n}" for n, variable in enumerate(plan.columns)}
    if not all(plan.columns[end].encoded for end in ("source", "target", "evidence", "evidence_too")):
        raise NotDrawn(f"{name}: its ends are computed")
    texts = {
        variable: f"(SELECT lex FROM terms WHERE id = {at})" if plan.columns[variable].encoded else f"{at}.lex"
        for variable, at in place.items()
    }
    wanted = [f"{place[end]}::BIGINT AS {end}" for end in ("source", "target", "evidence", "evidence_too")]
    wanted.append(f"{texts['weight']}::DOUBLE AS weight")
    wanted.append(f"coalesce({texts['since']}::BIGINT, 0) AS since" if "since" in place else "0::BIGINT AS since")
    first, last = columns.connection.execute(
        "SELECT min(id), max(id) FROM terms WHERE kind = ?", [int(Kind.IRI)]).fetchall()[0]  # fmt: skip
    only_iris = " AND ".join(f"{place[end]} BETWEEN {first or 0} AND {last or 0}" for end in ("source", "target"))
    return columns.connection.execute(
        f"SELECT {', '.join(wanted)} FROM ({plan.sql}) AS drawn({', '.join(place.values())}) WHERE {only_iris}"
    ).fetchnumpy()


def _order(tails: Numbers, heads: Numbers, size: int, *, directed: bool) -> Numbers:
    """Give the order of the ties; of one that is written both ways, without direction, the later counts."""
    if directed:
        return np.lexsort((heads, tails))
    order = np.lexsort((heads, tails))[::-1]
    low, high = np.minimum(tails, heads), np.maximum(tails, heads)
    return order[np.unique((low * size + high)[order], return_index=True)[1]]


def folded(found: dict[str, NDArray[Any]], name: str = "") -> dict[str, NDArray[Any]]:
    """Tie the sources that share a target as `graph.analysis.networks.fold` does: 1 / (k - 1) a pair of k.

    NotDrawn where more pairs share something than fit into the memory.
    """
    order = np.lexsort((found["source"], found["target"]))
    targets = found["target"][order]
    starts = np.flatnonzero(np.r_[True, targets[1:] != targets[:-1]]) if len(targets) else np.zeros(0, np.int64)
    counts = np.diff(np.r_[starts, len(targets)])
    pairs = int((counts * (counts - 1) // 2).sum())
    if pairs > LARGEST_FOLDED:
        raise NotDrawn(f"{name}: {pairs} pairs share something, which is more than fit")
    ones, others, shares = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for size in np.unique(counts[counts > 1]):
        members = order[starts[counts == size][:, None] + np.arange(size)]
        first, second = np.triu_indices(size, 1)
        ones.append(members[:, first].ravel())
        others.append(members[:, second].ravel())
        shares.append(np.full(len(ones[-1]), 1 / (size - 1)))
    last = -found["evidence_too"]
    one, other, share = np.concatenate(ones), np.concatenate(others), np.concatenate(shares)
    tied = np.column_stack((found["source"][one], found["source"][other]))
    keys, which = np.unique(tied, axis=0, return_inverse=True)
    return {
        "source": keys[:, 0],
        "target": keys[:, 1],
        "weight": np.array([float(f"{w:.12g}") for w in np.bincount(which, share, len(keys))]),
        "since": _least(which, np.where((found["since"][one] == 0) | (found["since"][other] == 0), 0,
                                        np.maximum(found["since"][one], found["since"][other])), len(keys)),
        "evidence": _least(which, np.minimum(found["evidence"][one], found["evidence"][other]), len(keys)),
        "evidence_too": -_least(which, np.minimum(last[one], last[other]), len(keys)),
    }  # fmt: skip


def _least(which: Numbers, values: Numbers, size: int) -> Numbers:
    """Give the least of the values of each group."""
    found = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(found, which, values)
    return found


def _texts(columns: Columns, ids: Numbers) -> list[str]:
    query = "SELECT lex FROM terms WHERE id IN (SELECT unnest(?::BIGINT[])) ORDER BY id"
    return [text for (text,) in columns.connection.execute(query, [ids.tolist()]).fetchall()]


def labels(columns: Columns, iris: Iterable[str]) -> dict[str, str]:
    """Give the label of each of `iris`, as `graph.analysis.networks.label_of` chooses it."""
    wanted = sorted(set(iris))
    found = columns.connection.execute(
        """
        SELECT node.lex, first(label.lex ORDER BY kind.lex = $second, coalesce(label.lang, 'en') <> 'en', label.lex)
        FROM (SELECT id, lex FROM terms WHERE lex IN (SELECT unnest($wanted::VARCHAR[])) AND kind = $iri) AS node
        JOIN triples ON triples.s = node.id
        JOIN (SELECT id, lex FROM terms WHERE lex IN ($first, $second) AND kind = $iri) AS kind ON kind.id = triples.p
        JOIN terms AS label ON label.id = triples.o AND label.datatype IS NOT NULL
        GROUP BY node.lex
        """,
        {"wanted": wanted, "first": PREFIXES["rdfs"] + "label", "second": PREFIXES["skos"] + "prefLabel",
         "iri": int(Kind.IRI)},
    ).fetchall()  # fmt: skip
    named = dict(found)
    return {iri: named.get(iri) or last_part(iri) for iri in wanted}


def documents(columns: Columns) -> dict[str, str]:
    """Give the document that each named graph was derived from, as `graph.analysis.networks.documents` does."""
    return dict(columns.connection.execute(
        """
        SELECT graph.lex, min(document.lex) FROM triples
        JOIN terms AS derived ON derived.id = triples.p AND derived.lex = $derived
        JOIN terms AS graph ON graph.id = triples.s AND graph.kind = $iri
        JOIN terms AS document ON document.id = triples.o AND document.kind = $iri GROUP BY graph.lex
        """, {"derived": PREFIXES["prov"] + "wasDerivedFrom", "iri": int(Kind.IRI)}).fetchall())  # fmt: skip
