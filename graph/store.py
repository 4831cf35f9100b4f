"""How a dataset lies in the engine: named graphs, and the default graph as their materialised set union.

The engine's own union does not merge (a triple in two graphs would count twice), so the union is stored.
"""

from collections.abc import Iterable, Iterator

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

Graph = NamedNode | BlankNode | DefaultGraph

DEFAULT = DefaultGraph()


def name_of(graph: Graph | Triple) -> str:
    """Give a graph's name as text: its IRI, a blank node's label as N-Quads has it, "" for the default graph."""
    if isinstance(graph, NamedNode):
        return graph.value
    return "" if isinstance(graph, DefaultGraph) else str(graph)


def with_union(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Give each quad of a named graph, and its triple once more in the default graph."""
    for quad in quads:
        yield quad
        yield Quad(quad.subject, quad.predicate, quad.object)


def in_memory(quads: Iterable[Quad]) -> Store:
    """Give a store in memory that holds `quads` of named graphs and their union."""
    store = Store()
    store.bulk_extend(with_union(quads))
    return store


def in_memory_triples(triples: Iterable[Triple]) -> Store:
    """Give a store in memory whose default graph holds `triples`."""
    store = Store()
    store.extend(Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return store


def named_quads(store: Store) -> Iterator[Quad]:
    """Give every statement of every named graph of `store`."""
    for graph in store.named_graphs():
        yield from store.quads_for_pattern(None, None, None, graph)


def union(store: Store) -> Iterator[Triple]:
    """Give every triple of the default graph, which in `union` mode is the union of all named graphs."""
    for quad in store.quads_for_pattern(None, None, None, DEFAULT):
        yield quad.triple


def graph_names(store: Store) -> list[NamedNode]:
    """Give the names of the store's graphs, sorted."""
    return sorted((g for g in store.named_graphs() if isinstance(g, NamedNode)), key=lambda g: g.value)
