"""Terms of the project's own vocabulary: a statement may use those alone that the ontology declares."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Triple

from graph.names import ONTOLOGY
from graph.validate import room_triples

Term = NamedNode | BlankNode | Literal | Triple | DefaultGraph
_NEAR: Final = 3  # terms that are offered for one that is not there


def undeclared(terms: Iterable[Term]) -> Iterator[NamedNode]:
    """Give those of `terms`, and of their datatypes, that are in the vocabulary's namespace and not declared there."""
    for given in terms:
        term = given.datatype if isinstance(given, Literal) else given
        if isinstance(term, NamedNode) and term.value.startswith(ONTOLOGY) and term.value not in _declared():
            yield term


def not_there(term: NamedNode) -> str:
    """Say that the vocabulary has no such term, and what is near it."""
    name = term.value.removeprefix(ONTOLOGY)
    near = get_close_matches(name, (iri.removeprefix(ONTOLOGY) for iri in _declared()), _NEAR, 0.7)
    offered = ", ".join(f"pe:{one}" for one in near)
    return f"the vocabulary has no pe:{name}" + (f"; near it: {offered}" if near else "")


@cache
def _declared() -> frozenset[str]:
    subjects = (triple.subject for triple in room_triples("ontology"))
    return frozenset(s.value for s in subjects if isinstance(s, NamedNode) and s.value.startswith(ONTOLOGY))
