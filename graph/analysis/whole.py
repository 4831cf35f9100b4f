"""The table of a network as a whole, and of the ecosystem's partners: each figure with its name and what it means."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, NamedTuple

import networkx as nx
from pyoxigraph import Literal, QuerySolutions, Store

from graph.analysis.networks import TARGET_SIDE
from graph.analysis.summaries import mode_of, rounded, summary, undirected

FIRST: Final = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of figure: its label, and its definition in words fit to stand beside the number."""

    name: str
    label: str
    definition: str


class Figure(NamedTuple):
    """A figure of a network or of all partners; `value` is None where it has no meaning there."""

    kind: Kind
    value: int | float | None


class Slice(NamedTuple):
    """What a network had by the end of a year, counted from its dated ties."""

    year: int
    nodes: int
    edges: int
    density: float


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("nodes", "nodes", "Number of nodes; each has one tie or more."),
        Kind("edges", "ties", "Number of ties."),
        Kind("sources", "nodes of the first side", "Number of nodes that ties run from, in a network of two sides."),
        Kind("targets", "nodes of the second side", "Number of nodes that ties run to, in a network of two sides."),
        Kind("density", "density", "Share of the possible ties that exist; of two sides, of those across."),
        Kind("components", "separate parts", "Number of parts with no tie between them, directions ignored."),
        Kind("largest-component", "nodes in the largest part", "Number of nodes in the largest separate part."),
        Kind(
            "centralization",
            "centralisation",
            "How far ties gather at one node: 1 for a star, 0 where all have as many; of two sides, among the first "
            "(Freeman 1978).",
        ),
        Kind("mean-degree", "ties a node", "Mean number of ties a node has."),
        Kind("median-degree", "ties of the middle node", "Number of ties that half of the nodes have at most."),
        Kind("most-degree", "most ties of one node", "Largest number of ties that a node has."),
        Kind(
            "assortativity",
            "assortativity",
            "Correlation of the numbers of ties at both ends of a tie: below 0 where hubs are tied to the small "
            "(Newman 2002).",
        ),
        Kind(
            "clustering",
            "clustering",
            "Share of the chances of a closed circle that are closed: triangles in one mode (transitivity), circles of "
            "four in two (Robins and Alexander 2004).",
        ),
        Kind(
            "concentration",
            "share of the first five",
            "Share of the ties that the five nodes with most ties have; of two sides, the five of the first side.",
        ),
        Kind(
            "target-concentration",
            "share of the first five of the second side",
            "Share of the ties that the five nodes of the second side with most ties have.",
        ),
        Kind(
            "circles",
            "circles",
            "Number of groups of nodes that depend on each other in a circle; none is expected.",
        ),
        Kind("partners", "partners", "Number of organisations that a source shows to be partners."),
        Kind("offering", "partners that offer a solution", "Number of partners with one solution or more."),
        Kind("mean-solutions", "solutions a partner", "Mean number of solutions of those that offer any."),
        Kind(
            "median-solutions",
            "solutions of the middle partner",
            "Number that half of those that offer have at most.",
        ),
        Kind("most-solutions", "most solutions of one partner", "Largest number of solutions that a partner offers."),
        Kind(
            "tied-partners",
            "share of partners tied to another",
            "Share of partners with a stated relationship to another partner: what lists of members do not show is "
            "missing.",
        ),
    )
}


def figures(graph: "nx.Graph[str]", *, acyclic: bool = False) -> list[Figure]:
    """Give the figures of `graph`; with `acyclic` also the number of circles where none is expected."""
    found = summary(graph)
    degrees = dict(undirected(graph).degree())
    sources = [count for node, count in degrees.items() if mode_of(graph, node) != TARGET_SIDE]
    targets = [count for node, count in degrees.items() if mode_of(graph, node) == TARGET_SIDE]
    sides = found.sides or (None, None)
    values: dict[str, int | float | None] = {
        "nodes": found.nodes,
        "edges": found.edges,
        "sources": sides[0],
        "targets": sides[1],
        "density": found.density,
        "components": found.components,
        "largest-component": found.largest,
        "centralization": centralization(sources, len(targets)),
        "mean-degree": _maybe(statistics.fmean, list(degrees.values())),
        "median-degree": _maybe(statistics.median_low, list(degrees.values())),
        "most-degree": max(degrees.values(), default=None),
        "assortativity": assortativity(graph),
        "clustering": clustering(graph),
        "concentration": concentration(sources),
        "target-concentration": concentration(targets),
        "circles": sum(len(part) > 1 for part in nx.strongly_connected_components(graph))
        if acyclic and isinstance(graph, nx.DiGraph)
        else None,
    }
    return listed(values)


def of_partners(store: Store) -> list[Figure]:
    """Give the figures of the ecosystem's partners: solutions each, and the share that is tied to another."""
    partners, offered, tied = (
        count(store, name) for name in ("partners", "solutions-per-partner", "ties-per-partner")
    )
    return partner_figures(len(partners), list(offered.values()), len(tied))


def partner_figures(partners: int, solutions: list[int], tied: int) -> list[Figure]:
    """Give the figures of so many partners; `solutions` are those of each that offers any, `tied` those with a tie."""
    values: dict[str, int | float | None] = {
        "partners": partners,
        "offering": len(solutions),
        "mean-solutions": _maybe(statistics.fmean, solutions),
        "median-solutions": _maybe(statistics.median_low, solutions),
        "most-solutions": max(solutions, default=None),
        "tied-partners": rounded(tied / partners) if partners else None,
    }
    return listed(values)


def counting(name: str) -> str:
    """Give the query called `name` in `counts/`."""
    return (files("graph.analysis") / "counts" / f"{name}.rq").read_text(encoding="utf-8")


def count(store: Store, name: str) -> dict[str, int]:
    """Give ?count of ?partner by the query called `name` in `counts/`."""
    solutions = store.query(counting(name))
    if not isinstance(solutions, QuerySolutions):
        raise ValueError(f"{name}.rq: a count must be a SELECT query")
    return {
        str(solution["partner"]): int(number.value)
        for solution in solutions
        if isinstance(number := solution["count"], Literal)
    }


def distribution(graph: "nx.Graph[str]") -> list[tuple[str, int, int]]:
    """Give how many nodes of each side ("" in one mode) have how many ties: side, ties, nodes."""
    counted = Counter((mode_of(graph, node), count) for node, count in undirected(graph).degree())
    return [(mode, ties, nodes) for (mode, ties), nodes in sorted(counted.items())]


def slices(graph: "nx.Graph[str]") -> list[Slice]:
    """Give what the network had by the end of each year; nothing where no tie has a date. Undated ties are left out."""
    dated = [(data["since"], tail, head) for tail, head, data in graph.edges(data=True) if data.get("since")]
    found = []
    for year in sorted({year for year, _, _ in dated}):
        part = graph.edge_subgraph([(tail, head) for since, tail, head in dated if since <= year])
        whole = summary(part)
        found.append(Slice(year, whole.nodes, whole.edges, whole.density))
    return found


def assortativity(graph: "nx.Graph[str]") -> float | None:
    """Give the correlation of the degrees at both ends of a tie, directions ignored; None where all are alike.

    M. E. J. Newman, "Assortative mixing in networks", Physical Review Letters 89 (2002):
    `networkx.degree_assortativity_coefficient(graph.to_undirected())`.
    """
    plain = undirected(graph)
    ends = [(plain.degree[a], plain.degree[b]) for a, b in plain.edges()]
    ends += [(b, a) for a, b in ends]
    if not ends:
        return None
    mean = math.fsum(a for a, _ in ends) / len(ends)
    spread = math.fsum((a - mean) ** 2 for a, _ in ends)
    return rounded(math.fsum((a - mean) * (b - mean) for a, b in ends) / spread) if spread else None


def clustering(graph: "nx.Graph[str]") -> float:
    """Give the share of open chains that are closed: of two ties to a triangle; in two modes, of three to a circle.

    `networkx.transitivity` and `networkx.bipartite.robins_alexander_clustering` (G. Robins and M. Alexander, "Small
    worlds among interlocking directors", 2004: four times the circles over the chains), directions ignored.
    """
    plain = undirected(graph)
    if not any(mode_of(graph, node) for node in graph):
        return rounded(nx.transitivity(plain)) if plain.number_of_edges() else 0.0
    chains = sum((plain.degree[a] - 1) * (plain.degree[b] - 1) for a, b in plain.edges())
    shared: Counter[tuple[str, str]] = Counter()
    for node in plain:
        if mode_of(graph, node) == TARGET_SIDE:
            near = sorted(plain[node])
            shared.update((one, other) for i, one in enumerate(near) for other in near[i + 1 :])
    circles = sum(math.comb(both, 2) for both in shared.values())
    return rounded(4 * circles / chains) if chains else 0.0


def concentration(degrees: list[int]) -> float | None:
    """Give the share of all ends of ties that the five highest `degrees` hold; None where there are no more."""
    return rounded(sum(sorted(degrees)[-FIRST:]) / sum(degrees)) if len(degrees) > FIRST else None


def centralization(degrees: list[int], others: int) -> float | None:
    """Give Freeman's formula: the differences to the highest degree over the most that they can be, in a star.

    In a two-mode network with `others` on the other side, a star is one node tied to all of them and the rest to one.
    """
    n = len(degrees)
    most = (n - 1) * (others - 1) if others else (n - 1) * (n - 2)
    return rounded((n * max(degrees) - sum(degrees)) / most) if degrees and most > 0 else None


def _maybe(of: Callable[[list[int]], float], numbers: list[int]) -> float | None:
    return rounded(of(numbers)) if numbers else None


def listed(values: Mapping[str, int | float | None]) -> list[Figure]:
    """Give the figures of `values`, by the names of KINDS, that have a meaning."""

    def settled() -> Iterator[Figure]:
        for name, value in values.items():
            if value is not None:
                whole = isinstance(value, float) and name.startswith(("median", "most"))
                yield Figure(KINDS[name], int(value) if whole else value)

    return list(settled())
