"""What goes when something is forgotten: every statement that has it as subject, object or graph, and what ties it.

A participation or a figure of a forgotten firm tells of it by its very name, so it goes along; so does what ties that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import NamedNode, Quad, Store

from graph.draw import Drawn
from graph.layout import TYING
from graph.names import kind_and_slug
from graph.provenance import Evidence
from graph.store import in_memory


def reach(store: Store, iris: Iterable[str]) -> set[str]:
    """Give `iris` and the things of `store` that only tie them to others."""
    found = set(iris)
    open_ = list(found)
    while open_:
        for quad in store.quads_for_pattern(None, None, NamedNode(open_.pop()), None):
            node = quad.subject
            if isinstance(node, NamedNode) and node.value not in found and _ties(node.value):
                found.add(node.value)
                open_.append(node.value)
    return found


def _ties(iri: str) -> bool:
    kind = kind_and_slug(iri)
    return kind is not None and kind[0] in TYING


def mentions(quad: Quad, iris: set[str]) -> bool:
    """Whether a quad has one of `iris` as subject, object or graph."""
    terms = (quad.subject, quad.object, quad.graph_name)
    return any(isinstance(term, NamedNode) and term.value in iris for term in terms)


def mentioning(store: Store, iris: Iterable[str]) -> Iterator[Quad]:
    """Give the quads of `store` that mention one of `iris`."""
    for node in map(NamedNode, iris):
        yield from store.quads_for_pattern(node, None, None, None)
        yield from store.quads_for_pattern(None, None, node, None)
        yield from store.quads_for_pattern(None, None, None, node)


def without(drawn: Drawn, iris: Iterable[str]) -> Drawn:
    """Give what was drawn without what must never be here again; rows that tell of it lose their cells."""
    gone = reach(drawn.store, iris)
    if not any(mentions(one.quad, gone) for one in drawn.said):
        return drawn
    places = {_place(one.evidence) for one in drawn.said if mentions(one.quad, gone)}
    said = [
        replace(one, evidence=replace(one.evidence, cells=None)) if _place(one.evidence) in places else one
        for one in drawn.said
        if not mentions(one.quad, gone)
    ]
    return Drawn(said, drawn.tallies, in_memory(one.quad for one in said))


def _place(evidence: Evidence) -> tuple[str, str, int | None]:
    return evidence.graph, evidence.file, evidence.row
