"""Constraints on one value node (https://www.w3.org/TR/shacl/#core-components) as conditions on a row of `terms`.

Each gives two: when the value may break the constraint, and when it surely does. Where columns and pySHACL might read
a value differently, the first holds and the second does not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

import rdflib
from rdflib.collection import Collection
from rdflib.namespace import SH, XSD
from rdflib.term import Node

from graph.columns.kinds import EXACT, LITERAL, SCALE, Kind
from graph.screen.data import Data
from graph.screen.paths import Unknown

_NODE_KINDS: Final = {
    SH.IRI: {Kind.IRI},
    SH.BlankNode: {Kind.BLANK},
    SH.Literal: LITERAL,
    SH.BlankNodeOrIRI: {Kind.BLANK, Kind.IRI},
    SH.BlankNodeOrLiteral: LITERAL | {Kind.BLANK},
    SH.IRIOrLiteral: LITERAL | {Kind.IRI},
}
_RANGES: Final = {SH.minInclusive: ">=", SH.minExclusive: ">", SH.maxInclusive: "<=", SH.maxExclusive: "<"}
# What Python and RE2 may read differently in a pattern; and in a text, for the patterns that are left.
_PATTERN: Final = re.compile(r"(?:[^\\{}]|\\[sS.\\/+*?()\[\]{}|^$-])*")
_REWRITTEN: Final = re.compile(r"\(\?|[*+?][+]|\[\[|\[:|&&|\|\||--|~~")
_TEXT: Final = ("[\\n\\r\\x0b\\x1c-\\x1f\\x{85}\\x{a0}\\x{130}\\x{131}\\x{17f}\\x{1680}\\x{2000}-\\x{200a}"
                "\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{212a}\\x{3000}]")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Broken:
    """SQL conditions on a term's row: when it may break a constraint, and when it surely does."""

    may: str
    must: str


def value_constraint(data: Data, shapes: rdflib.Graph, shape: Node, name: Node, given: Node) -> Broken | None:
    """Give when a value breaks the constraint `name` `given` of `shape`; None where it is not one on values alone.

    Raises Unknown where it has no reading here.
    """
    if name == SH["class"]:
        return _sure(f"id NOT IN ({data.members(given)})")
    if name == SH["in"]:
        return _listed(data, list(Collection(shapes, given)))
    if name == SH.languageIn:
        return _languages([str(tag).lower() for tag in Collection(shapes, given)])
    if name == SH.pattern:
        return _pattern(str(given), [str(one) for one in shapes.objects(shape, SH.flags)])
    if name in _RANGES:
        return _range(_RANGES[rdflib.URIRef(str(name))], given)
    reading = _READINGS.get(rdflib.URIRef(str(name)))
    return None if reading is None else reading(given)


def _sure(condition: str) -> Broken:
    return Broken(condition, condition)


def _datatype(given: Node) -> Broken:
    other = f"datatype IS DISTINCT FROM {_quoted(str(given))}"
    return Broken(f"({other} OR kind >= {Kind.OTHER:d})", other)


def _node_kind(given: Node) -> Broken:
    kinds = _NODE_KINDS.get(rdflib.URIRef(str(given)))
    if kinds is None:
        raise Unknown(f"the node kind {given}")
    return _sure(f"kind NOT IN ({', '.join(str(int(kind)) for kind in sorted(kinds))})")


def _length(compared: str) -> Callable[[Node], Broken]:
    def reading(given: Node) -> Broken:
        return _sure(f"(kind = {Kind.BLANK:d} OR length(lex) {compared} {int(str(given))})")

    return reading


_READINGS: Final[dict[rdflib.URIRef, Callable[[Node], Broken]]] = {
    SH.datatype: _datatype,
    SH.nodeKind: _node_kind,
    SH.minLength: _length("<"),
    SH.maxLength: _length(">"),
}


def _listed(data: Data, members: list[Node]) -> Broken:
    condition = f"id NOT IN ({', '.join(str(data.id(one)) for one in members) or 'NULL'})" if members else "true"
    return Broken(condition, condition if all(map(plain, members)) else "false")


def plain(term: Node) -> bool:
    """Whether a term of the shapes equals one of the data exactly if it is written alike: no number, no date."""
    return not isinstance(term, rdflib.Literal) or term.datatype in (None, XSD.string)


def _languages(tags: list[str]) -> Broken:
    if "*" in tags:
        raise Unknown("any language")
    fits = [f"lower(lang) = {_quoted(tag)} OR starts_with(lower(lang), {_quoted(tag + '-')})" for tag in tags]
    return _sure(f"NOT coalesce({' OR '.join(fits) or 'false'}, false)")


def _range(compared: str, given: Node) -> Broken:
    if not isinstance(given, rdflib.Literal) or given.datatype not in (XSD.integer, XSD.decimal):
        raise Unknown("a limit that is no exact number")
    try:
        limit = int(Decimal(str(given)) * SCALE)
    except InvalidOperation as error:
        raise Unknown("a limit that is no number") from error
    exact = f"kind IN ({', '.join(str(int(kind)) for kind in sorted(EXACT))})"
    fits = f"num {compared} {limit}::HUGEINT"
    return Broken(f"NOT coalesce({exact} AND {fits}, false)", f"coalesce({exact} AND NOT {fits}, false)")


def _pattern(pattern: str, flags: list[str]) -> Broken:
    known = pattern.isascii() and _PATTERN.fullmatch(pattern) and not _REWRITTEN.search(pattern)
    if not known or len(pattern) < 2 or flags not in ([], ["i"]):
        raise Unknown("a pattern that engines may read differently")
    found = f"regexp_matches(lex, {_quoted(('(?i)' if flags else '') + pattern)})"
    unsure = f"regexp_matches(lex, {_quoted(_TEXT)})"
    return Broken(f"(kind = {Kind.BLANK:d} OR {unsure} OR NOT {found})",
                  f"(kind = {Kind.BLANK:d} OR (NOT {unsure} AND NOT {found}))")  # fmt: skip


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
