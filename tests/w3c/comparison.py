"""Whether two results are the same: graphs up to isomorphism, solutions as multisets up to their blank nodes."""

import math
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.compare import isomorphic
from rdflib.term import Node

from tests.w3c.readers import Result, Row, Solutions, Term

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_EXACT: Final = frozenset(_XSD + name for name in ("integer", "decimal"))
_FLOATING: Final = frozenset(_XSD + name for name in ("double", "float"))
_TIMES: Final = frozenset(_XSD + name for name in ("date", "dateTime", "time", "gYear", "gYearMonth"))
_BOOLEANS: Final = {"1": "true", "0": "false"}


def same(expected: Result, found: Result, *, ordered: bool = False, lax: bool = False, by_value: bool = False) -> bool:
    """Whether `found` is what was `expected`.

    `ordered`: rows in this order. `lax`: duplicates may be missing. `by_value`: numbers, booleans and times of one
    datatype are equal where their values are, as "1.0" and "1" of xsd:decimal.
    """
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, Solutions) and isinstance(found, Solutions):
        return set(expected.variables) == set(found.variables) and _same_rows(
            _canonical(expected.rows, by_value), _canonical(found.rows, by_value), ordered=ordered, lax=lax
        )
    if isinstance(expected, Solutions) or isinstance(found, Solutions):
        return False
    return isomorphic(_graph(expected, by_value), _graph(found, by_value))


def _canonical(rows: Sequence[Row], by_value: bool) -> list[Row]:
    return [{name: _term(term, by_value) for name, term in row.items()} for row in rows]


def _term(term: Term, by_value: bool) -> Term:
    if not isinstance(term, Literal):
        return term
    if term.language:
        return Literal(term.value, language=term.language.lower())
    return Literal(_value(term.value, term.datatype.value), datatype=term.datatype) if by_value else term


def _value(text: str, datatype: str) -> str:
    """Give one lexical form for all of a value, `text` itself where it is none of the datatype's."""
    try:
        if datatype in _EXACT:
            return f"{Decimal(text).normalize():f}"
        if datatype in _FLOATING:
            value = float(text.replace("INF", "inf"))
            return str(value) if math.isfinite(value) else text
    except (ValueError, InvalidOperation):
        return text
    if datatype in _TIMES and text[-6:] in ("+00:00", "-00:00"):
        return text[:-6] + "Z"
    return _BOOLEANS.get(text, text) if datatype == _XSD + "boolean" else text


def _same_rows(expected: list[Row], found: list[Row], *, ordered: bool, lax: bool) -> bool:
    if lax:
        return _is_reduced(expected, found)
    if len(expected) != len(found):
        return False
    if ordered:
        return _in_order(expected, found)
    return _as_multisets(expected, found)


def _is_reduced(expected: list[Row], found: list[Row]) -> bool:
    wanted, got = Counter(map(_shape, expected)), Counter(map(_shape, found))
    return set(wanted) == set(got) and all(got[shape] <= wanted[shape] for shape in wanted)


def _in_order(expected: list[Row], found: list[Row]) -> bool:
    names: dict[Term, Term] = {}
    back: dict[Term, Term] = {}
    for left, right in zip(expected, found, strict=True):
        added = _match(left, right, names, back)
        if added is None:
            return False
        for one, other in added:
            names[one], back[other] = other, one
    return True


def _shape(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, "_:" if isinstance(term, BlankNode) else str(term)) for name, term in row.items()))


def _as_multisets(expected: list[Row], found: list[Row]) -> bool:
    if Counter(map(_shape, expected)) != Counter(map(_shape, found)):
        return False

    def nodes(rows: list[Row]) -> list[Row]:
        return [row for row in rows if any(isinstance(term, BlankNode) for term in row.values())]

    return _assign(nodes(expected), nodes(found), {}, {})


def _assign(left: list[Row], right: list[Row], names: dict[Term, Term], back: dict[Term, Term]) -> bool:
    """Find a renaming of blank nodes that makes the rows of one side those of the other, by trying."""
    if not left:
        return True
    first, rest = left[0], left[1:]
    for i, candidate in enumerate(right):
        added = _match(first, candidate, names, back)
        if added is None:
            continue
        more = {**names, **dict(added)}
        more_back = {**back, **{other: one for one, other in added}}
        if _assign(rest, right[:i] + right[i + 1 :], more, more_back):
            return True
    return False


def _match(left: Row, right: Row, names: dict[Term, Term], back: dict[Term, Term]) -> list[tuple[Term, Term]] | None:
    """Give the pairs of blank nodes that make the two rows one beyond those known, None where nothing does."""
    if set(left) != set(right):
        return None
    added: dict[Term, Term] = {}
    taken: dict[Term, Term] = {}
    for name, one in left.items():
        other = right[name]
        if not isinstance(one, BlankNode) or not isinstance(other, BlankNode):
            if one != other:
                return None
            continue
        known, known_back = names.get(one, added.get(one)), back.get(other, taken.get(other))
        if (known is None) != (known_back is None) or (known is not None and known != other):
            return None
        if known is None:
            added[one], taken[other] = other, one
    return list(added.items())


def _graph(triples: frozenset[Triple], by_value: bool) -> Graph:
    graph = Graph()
    for triple in triples:
        graph.add((_node(triple.subject, by_value), _node(triple.predicate, by_value), _node(triple.object, by_value)))
    return graph


def _node(term: Term, by_value: bool) -> Node:
    term = _term(term, by_value)
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    assert isinstance(term, Literal), "RDF 1.1 graphs hold no triple terms"
    datatype = None if term.language else URIRef(term.datatype.value)
    return RdflibLiteral(term.value, datatype=datatype, lang=term.language, normalize=False)
