"""What changes: the net difference from the version that a change begins with, kept while it is applied.

In `union` mode the default graph is the set union of the named ones: each addition and removal is carried over to it
at once, so that the next operation sees it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import DefaultGraph, Quad, Store, Triple

from graph.digest import by_graph
from graph.errors import Foreseen
from graph.manifest import Mode
from graph.store import DEFAULT, Graph, name_of

_MANY: Final = 100_000  # quads that are better written as a sorted file than in one transaction


class NotWritable(Foreseen):
    """A change cannot be made: `slug` says why (see the messages), nothing of it stays."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug, self.detail = slug, detail

    def __reduce__(self) -> tuple[type["NotWritable"], tuple[str, str]]:
        return NotWritable, (self.slug, self.detail)


@dataclass(slots=True)
class Delta:
    """A net difference: quads added and removed (of no derived default graph), graphs begun and dropped."""

    added: set[Quad] = field(default_factory=set)
    removed: set[Quad] = field(default_factory=set)
    begun: set[Graph] = field(default_factory=set)
    dropped: set[Graph] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.begun or self.dropped)

    def absorb(self, later: "Delta") -> None:
        """Make this the net difference of itself and then `later`."""
        for gained, lost, more, less in (
            (self.added, self.removed, later.added, later.removed),
            (self.begun, self.dropped, later.begun, later.dropped),
        ):
            _absorb(gained, lost, more, less)

    def inverse(self) -> "Delta":
        """Give the difference the other way round."""
        return Delta(set(self.removed), set(self.added), set(self.dropped), set(self.begun))

    def triples(self) -> set[Triple]:
        """Give the triples of the quads that come or go."""
        return {quad.triple for quad in (*self.added, *self.removed)}

    def counts(self) -> Counter[str]:
        """Give by how many quads each graph grows; the default graph is ""."""
        found = Counter(name_of(quad.graph_name) for quad in self.added)
        found.subtract(name_of(quad.graph_name) for quad in self.removed)
        return found

    def digests(self) -> dict[str, int]:
        """Give what each changed graph's digest grows by, modulo 2^256; the default graph is ""."""
        found: dict[str, int] = {}
        for quads, sign in ((self.added, 1), (self.removed, -1)):
            for name, total in by_graph(quads).items():
                found[name] = found.get(name, 0) + sign * total
        return found


def _absorb(gained: set, lost: set, more: set, less: set) -> None:  # type: ignore[type-arg]
    for one in less:
        if one in gained:
            gained.discard(one)
        else:
            lost.add(one)
    for one in more:
        if one in lost:
            lost.discard(one)
        else:
            gained.add(one)


class Working:
    """A store under change, and the difference made so far. `closed` are graphs that requests may not write."""

    def __init__(self, store: Store, mode: Mode, closed: frozenset[str] = frozenset()) -> None:
        self.store, self.mode, self.closed = store, mode, closed
        self.delta = Delta()
        self.triples = 0  # by how many the default graph grew

    def change(self, removed: Iterable[Quad], added: Iterable[Quad], largest: int) -> None:
        """Remove, then add, as one operation of a request. Raises NotWritable."""
        gone = {quad for quad in removed if quad in self.store}
        new = set(added)
        if len(gone) + len(new) > largest:
            raise NotWritable("too-large", f"an operation changes more than {largest} statements")
        for name in {quad.graph_name for quad in (*gone, *new)}:
            self.admit(name)
        kept = gone & new
        self._apply(Delta({q for q in new - kept if q not in self.store}, gone - kept))

    def admit(self, graph: Graph) -> None:
        """Raise NotWritable where requests may not write to `graph`."""
        if self.mode == "union" and isinstance(graph, DefaultGraph):
            raise NotWritable("default-graph-derived", "the default graph is the union of the named graphs here: "
                              "name the graph that the statements are of (GRAPH, WITH, ?graph=)")  # fmt: skip
        if name_of(graph) in self.closed:
            raise NotWritable("graph-derived", f"<{name_of(graph)}> is made by the build or by rules: change "
                              "what it follows from, or say what is yours in a graph of your own")  # fmt: skip

    def derive(self, removed: set[Quad], added: set[Quad]) -> None:
        """Change what is derived, which no request may."""
        self._apply(Delta({quad for quad in added - removed if quad not in self.store}, removed - added))

    def replay(self, delta: Delta) -> None:
        """Apply a difference that was made before, what is derived included."""
        self._apply(
            Delta({q for q in delta.added if q not in self.store}, {q for q in delta.removed if q in self.store})
        )
        for graph in delta.begun:
            self.begin(graph)
        for graph in delta.dropped:
            if not isinstance(graph, DefaultGraph) and self.store.contains_named_graph(graph):
                self.store.remove_graph(graph)
                self.delta.absorb(Delta(dropped={graph}))

    def begin(self, graph: Graph) -> None:
        """Let `graph` be there, empty where nothing is added."""
        if not isinstance(graph, DefaultGraph) and not self.store.contains_named_graph(graph):
            self.store.add_graph(graph)
            self.delta.absorb(Delta(begun={graph}))

    def drop(self, graph: Graph, largest: int) -> None:
        """Remove `graph` with its statements."""
        self.admit(graph)
        self.change(self.of(graph), (), largest)
        if not isinstance(graph, DefaultGraph) and self.store.contains_named_graph(graph):
            self.store.remove_graph(graph)
            self.delta.absorb(Delta(dropped={graph}))

    def of(self, graph: Graph) -> list[Quad]:
        """Give the statements of `graph`."""
        return list(self.store.quads_for_pattern(None, None, None, graph))

    def undo(self) -> None:
        """Take back the difference made so far."""
        back = self.delta.inverse()
        for graph in back.begun:
            self.store.add_graph(graph)
        self._apply(Delta(back.added, back.removed))
        for graph in back.dropped:
            self.store.remove_graph(graph)
        self.delta.absorb(Delta(begun=back.begun, dropped=back.dropped))

    def _apply(self, delta: Delta) -> None:
        for quad in delta.removed:
            self.store.remove(quad)
        for graph in {quad.graph_name for quad in delta.added}:
            self.begin(graph)
        self._add(delta.added)
        self.delta.absorb(delta)
        if self.mode == "union":
            self._carry_over(delta)

    def _carry_over(self, delta: Delta) -> None:
        """Make the default graph the union again."""
        gone = {quad.triple for quad in delta.removed} - {quad.triple for quad in delta.added}
        for triple in gone:
            left = self.store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
            if all(quad.graph_name == DEFAULT for quad in left):
                self.store.remove(Quad(triple.subject, triple.predicate, triple.object))
                self.triples -= 1
        plain = {Quad(q.subject, q.predicate, q.object) for q in delta.added}
        new = {quad for quad in plain if quad not in self.store}
        self._add(new)
        self.triples += len(new)

    def _add(self, quads: set[Quad]) -> None:
        if len(quads) > _MANY:
            self.store.bulk_extend(quads)
        else:
            self.store.extend(quads)
