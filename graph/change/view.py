"""The data as pySHACL sees it: an rdflib store that looks up each pattern in the engine, so that nothing is copied.

It reads the triples of the default graph, which in `union` mode is all there is; in `separate` mode, of all graphs.
"""

from collections.abc import Generator, Iterator
from typing import Any

import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store
from rdflib.store import Store as RdflibStore
from rdflib.term import Node

from graph.manifest import Mode
from graph.store import DEFAULT
from graph.validate import as_rdflib

Term = NamedNode | BlankNode | Literal
_WHOLE = rdflib.URIRef("urn:x-partnergraph:all")


class View(RdflibStore):
    """A read-only rdflib store over `store`, and over the triples `beside` it that judging needs (a vocabulary)."""

    context_aware = True
    graph_aware = True

    def __init__(self, store: Store, mode: Mode, beside: Store | None = None) -> None:
        super().__init__()
        self._stores = [(store, DEFAULT if mode == "union" else None)]
        if beside is not None:
            self._stores.append((beside, None))
        self._prefixes: dict[str, rdflib.URIRef] = {}
        self._whole = rdflib.Graph(store=self, identifier=_WHOLE)  # pySHACL asks in which graph a blank node stands

    def graph(self) -> rdflib.Graph:
        """Give the view as an rdflib graph."""
        return rdflib.Graph(store=self)

    def close(self, commit_pending_transaction: bool = False) -> None:
        """Let go of the engine: rdflib's graphs refer to each other, and would keep it open."""
        self._stores.clear()

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:
        """Give the triples that match, each once."""
        subject, predicate, object_ = (None if term is None else of_rdflib(term) for term in triple_pattern)
        if isinstance(subject, Literal) or (predicate is not None and not isinstance(predicate, NamedNode)):
            return
        seen: set[Any] = set()
        for store, graph in self._stores:
            for quad in store.quads_for_pattern(subject, predicate, object_, graph):
                triple = _triple(quad)
                if triple not in seen:
                    seen.add(triple)
                    yield triple, iter((self._whole,))

    def __len__(self, context: Any = None) -> int:
        """Give 1 where there is anything: pySHACL asks no more, at every result, and to count takes a pass over all."""
        return int(any(next(iter(store), None) is not None for store, _ in self._stores))

    def contexts(self, triple: Any = None) -> Generator[rdflib.Graph, None, None]:
        """Give the graphs: the view is one."""
        yield from ()

    def bind(self, prefix: str, namespace: rdflib.URIRef, override: bool = True) -> None:
        """Remember a prefix."""
        self._prefixes[prefix] = namespace

    def prefix(self, namespace: rdflib.URIRef) -> str | None:
        """Give the prefix of a namespace."""
        return next((p for p, n in self._prefixes.items() if n == namespace), None)

    def namespace(self, prefix: str) -> rdflib.URIRef | None:
        """Give the namespace of a prefix."""
        return self._prefixes.get(prefix)

    def namespaces(self) -> Iterator[tuple[str, rdflib.URIRef]]:
        """Give all prefixes."""
        return iter(tuple(self._prefixes.items()))


def of_rdflib(term: Node) -> Term:
    """Give an rdflib term as the engine's."""
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    assert isinstance(term, rdflib.Literal)
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype)) if term.datatype else None)


def _triple(quad: Quad) -> tuple[Node, Node, Node]:
    return as_rdflib(quad.subject), as_rdflib(quad.predicate), as_rdflib(quad.object)
