"""Categories in which no organisation is named: that nothing points to them is said, not left to be noticed."""

from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Store

from graph.classes import with_subclasses
from graph.names import term_of

NO_MEMBER: Final = "No organisation is named in this category."
_UNION: Final = DefaultGraph()
_TYPE: Final = NamedNode(term_of("rdf:type"))
_CATEGORY: Final = NamedNode(term_of("pe:category"))
_BROADER: Final = NamedNode(term_of("skos:broader"))


def remark(store: Store, iri: str) -> str:
    """Give NO_MEMBER where `iri` is a category that names nobody, nor does a narrower one; else ""."""
    kinds = with_subclasses(store, term_of("pe:PartnerCategory"))
    types = {quad.object for quad in store.quads_for_pattern(NamedNode(iri), _TYPE, None, _UNION)}
    if types.isdisjoint(map(NamedNode, kinds)):
        return ""
    seen, waiting = {NamedNode(iri)}, [NamedNode(iri)]
    while waiting:
        one = waiting.pop()
        if any(isinstance(q.subject, NamedNode) for q in store.quads_for_pattern(None, _CATEGORY, one, _UNION)):
            return ""
        narrower = (quad.subject for quad in store.quads_for_pattern(None, _BROADER, one, _UNION))
        near = {term for term in narrower if isinstance(term, NamedNode)} - seen
        seen |= near
        waiting += near
    return NO_MEMBER
