"""The shortest paths between two entities, explained: each step with its statement and the graphs that make
it.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise, takewhile
from typing import Final, NamedTuple

import networkx as nx
from pyoxigraph import DefaultGraph, NamedNode, Store

from graph.analysis.networks import build, describe, kind_of, label_of
from graph.analysis.summaries import undirected
from graph.errors import Foreseen
from graph.names import ONTOLOGY, PREFIXES

LONGEST: Final = 8
MOST: Final = 500_000
FORWARD: Final = "forward"
BACKWARD: Final = "backward"

# Kinds that classify or document: nearly all things meet in them, so a path through one would tell nothing.
NEVER_PASSED: Final = frozenset(
    (
        "category",
        "community",
        "concept",
        "ecosystem",
        "metric",
        "network",
        "observation",
        "period",
        "role",
        "scheme",
        "source",
    )
)
_UNION = DefaultGraph()


class PathLimitError(Foreseen):
    """The search read as many statements as it may before it was sure of an answer."""


class Step(NamedTuple):
    """One edge of a path. `direction` is `forward` where the statement reads from `source` to `target`."""

    source: str
    source_label: str
    property: str
    property_label: str
    target: str
    target_label: str
    direction: str
    graphs: tuple[str, ...]


def path(
    store: Store,
    start: str,
    end: str,
    network: str | None = None,
    *,
    longest: int = LONGEST,
    most: int = MOST,
) -> list[Step] | None:
    """Give the steps of a shortest path between two IRIs, or None where none has `longest` edges or fewer.

    Without `network` every statement between two things counts, in either direction; the ecosystem's operator
    and the kinds in NEVER_PASSED may be an end of the path but are not passed through. With a network's name
    the path follows the network's edges, each explained by the statements behind it. Of several shortest
    paths it is always the same one.

    Raises as `paths` does.
    """
    found = paths(store, start, end, network, count=1, longest=longest, most=most)
    return found[0] if found else None


def paths(
    store: Store,
    start: str,
    end: str,
    network: str | None = None,
    *,
    count: int = 3,
    longest: int = LONGEST,
    most: int = MOST,
) -> list[list[Step]]:
    """Give up to `count` paths, the shortest first, no node twice in one; what counts as a path says `path`.

    Without a network, paths one step longer than the shortest are found too, none beyond; J. Y. Yen, "Finding the k
    shortest loopless paths in a network", Management Science 17 (1971), by `networkx.shortest_simple_paths`. Raises
    KeyError for an unknown network, ValueError for an end that is no IRI, and PathLimitError once `most` statements
    have been read without any path found.
    """
    if start == end:
        return [[]]
    if network is None:
        statements = _Statements(store, most, {start, end})
        chain = _chain(statements.neighbours, start, end, longest)
        if chain is None:
            return []
        chains = [chain]
        if count > 1:
            near = _between(statements.neighbours, start, end, min(len(chain), longest))
            chains = _simple(near, start, end, count, min(len(chain), longest)) if near else chains
        return [list(_explain(store, one, ())) for one in chains]
    described = describe(network)
    graph = undirected(build(described, store))
    if start not in graph or end not in graph:
        return []
    return [
        _along(store, one, described.ties, longest, most) for one in _simple(graph, start, end, count, longest)
    ]


def _along(store: Store, chain: list[str], ties: tuple[str, ...], longest: int, most: int) -> list[Step]:
    """Explain the edges of a network on a path by the statements behind each."""
    steps: list[Step] = []
    for tail, head in pairwise(chain):
        edge = _Statements(store, most, {tail, head}, ties)
        steps += _explain(store, _chain(edge.neighbours, tail, head, longest) or [], ties)
    return steps


def _simple(graph: "nx.Graph[str]", start: str, end: str, count: int, longest: int) -> list[list[str]]:
    """Give up to `count` paths of at most `longest` edges, the shortest first."""
    if start not in graph or not nx.has_path(graph, start, end):
        return []
    ordered = nx.shortest_simple_paths(graph, start, end)
    return list(islice(takewhile(lambda nodes: len(nodes) <= longest + 1, ordered), count))


def _between(
    neighbours: Callable[[str], Iterable[str]], start: str, end: str, longest: int
) -> "nx.Graph[str] | None":
    """Give a graph with every path of at most `longest` edges; None where too many statements lie between.

    Such a path's first half is found from its start, the rest from its end.
    """
    edges: set[tuple[str, str]] = set()
    try:
        for origin, depth in ((start, (longest + 1) // 2), (end, longest // 2)):
            seen, layer = {origin}, [origin]
            for _ in range(depth):
                following: set[str] = set()
                for node in layer:
                    found = set(neighbours(node)) - {node}
                    edges.update((min(node, other), max(node, other)) for other in found)
                    following |= found - seen
                seen |= following
                layer = sorted(following)
    except PathLimitError:
        return None
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from(sorted(edges))
    return graph


def _chain(
    neighbours: Callable[[str], Iterable[str]], start: str, end: str, longest: int
) -> list[str] | None:
    """Give the nodes of a shortest path, ends included, by a breadth-first search from both ends."""
    if start == end:
        return [start]
    seen: tuple[dict[str, str], dict[str, str]] = ({start: ""}, {end: ""})
    reached = [[start], [end]]
    for _ in range(longest):
        # The side with fewer nodes goes a whole level on, so that the first meeting is a shortest path.
        side = 0 if len(reached[0]) <= len(reached[1]) else 1
        found: list[str] = []
        for node in reached[side]:
            for neighbour in sorted(set(neighbours(node)) - seen[side].keys()):
                seen[side][neighbour] = node
                found.append(neighbour)
        reached[side] = sorted(found)
        meeting = [node for node in reached[side] if node in seen[1 - side]]
        if meeting:
            return [*reversed(_trace(meeting[0], seen[0])), *_trace(meeting[0], seen[1])[1:]]
        if not found:
            return None
    return None


class _Statements:
    """The statements between things, at most `most` of them; `ties` are the properties to follow.

    A thing not in `ends` is passed through only if it is neither an operator nor of a kind in NEVER_PASSED.
    """

    def __init__(self, store: Store, most: int, ends: set[str], ties: tuple[str, ...] = ()) -> None:
        self._store = store
        self._left = most
        self._ends = ends
        self._operators = frozenset(_operators(store))
        self._properties: list[NamedNode | None] = [NamedNode(tie) for tie in ties]

    def neighbours(self, node: str) -> Iterator[str]:
        """Give what a statement ties to `node`, either way; PathLimitError once too many were read."""
        here = NamedNode(node)
        for property_ in self._properties or [None]:
            said = self._store.quads_for_pattern(here, property_, None, _UNION)
            yield from self._passable(quad.object for quad in said)
            said = self._store.quads_for_pattern(None, property_, here, _UNION)
            yield from self._passable(quad.subject for quad in said)

    def _passable(self, terms: Iterable[object]) -> Iterator[str]:
        for term in terms:
            self._left -= 1
            if self._left < 0:
                raise PathLimitError("the search read too many statements before it found a path")
            if isinstance(term, NamedNode) and (kind := kind_of(term.value)):
                passed = kind not in NEVER_PASSED and term.value not in self._operators
                if passed or term.value in self._ends:
                    yield term.value


def _operators(store: Store) -> Iterator[str]:
    """Give the organisations that operate an ecosystem."""
    type_, operated = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(ONTOLOGY + "operatedBy")
    for one in store.quads_for_pattern(None, type_, NamedNode(ONTOLOGY + "Ecosystem"), _UNION):
        for quad in store.quads_for_pattern(one.subject, operated, None, _UNION):
            if isinstance(quad.object, NamedNode):
                yield quad.object.value


def _trace(node: str, seen: dict[str, str]) -> list[str]:
    """Give the nodes from `node` back to where the search began."""
    nodes = [node]
    while seen[nodes[-1]]:
        nodes.append(seen[nodes[-1]])
    return nodes


def _explain(store: Store, chain: list[str], ties: tuple[str, ...]) -> Iterator[Step]:
    for tail, head in pairwise(chain):
        forward = {(FORWARD, property_) for property_ in _properties(store, tail, head, ties)}
        backward = {(BACKWARD, property_) for property_ in _properties(store, head, tail, ties)}
        direction, property_ = min(forward or backward)
        subject, object_ = (tail, head) if direction == FORWARD else (head, tail)
        yield Step(
            source=tail,
            source_label=label_of(store, tail),
            property=property_,
            property_label=label_of(store, property_),
            target=head,
            target_label=label_of(store, head),
            direction=direction,
            graphs=tuple(_graphs(store, subject, property_, object_)),
        )


def _graphs(store: Store, subject: str, property_: str, object_: str) -> list[str]:
    """Give the named graphs that state a triple, sorted."""
    statement = NamedNode(subject), NamedNode(property_), NamedNode(object_)
    stating = (quad.graph_name for quad in store.quads_for_pattern(*statement, None))
    return sorted(graph.value for graph in stating if isinstance(graph, NamedNode))


def _properties(store: Store, subject: str, object_: str, ties: tuple[str, ...]) -> Iterator[str]:
    for quad in store.quads_for_pattern(NamedNode(subject), None, NamedNode(object_), _UNION):
        if not ties or quad.predicate.value in ties:
            yield quad.predicate.value
