"""What a filter that holds says of its variables: kinds that its solutions cannot have are ruled out by name.

An order, a sum or a comparison after `FILTER(DATATYPE(?d) = xsd:date)` is then one of dates alone.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import URIRef

from graph.columns.kinds import DATATYPE_OF, LITERAL, TEXT, Kind
from graph.engine.sql.relation import Column
from graph.engine.sql.scope import variable_of
from graph.engine.sql.values import Kinds

_TESTS: Final[dict[str, Kinds]] = {
    "Builtin_isIRI": frozenset({Kind.IRI}),
    "Builtin_isURI": frozenset({Kind.IRI}),
    "Builtin_isBLANK": frozenset({Kind.BLANK}),
    "Builtin_isLITERAL": LITERAL,
}


def narrowed(columns: dict[str, Column], expression: Any) -> dict[str, Column]:
    """Give what is known of `columns` in the rows for which `expression` is true."""
    found = dict(columns)
    for part in _conjuncts(expression):
        told = _told(part)
        if told is not None and told[0] in found:
            variable, kinds = told
            left = found[variable].kinds & kinds  # none: no row is left either, and what is known stays as it is
            found[variable] = replace(found[variable], kinds=left or found[variable].kinds, certain=True)
    return found


def _conjuncts(expression: Any) -> Iterator[CompValue]:
    if isinstance(expression, CompValue) and expression.name == "ConditionalAndExpression":
        for part in (expression.expr, *expression.other):
            yield from _conjuncts(part)
    elif isinstance(expression, CompValue):
        yield expression


def _told(test: CompValue) -> tuple[str, Kinds] | None:
    """Give the variable that a test is about and the kinds for which it can be true; None where it rules out none."""
    if test.name in _TESTS:
        variable = variable_of(test.arg)
        return None if variable is None else (variable, _TESTS[test.name])
    if test.name != "RelationalExpression" or test.op != "=":
        return None
    for asked, datatype in ((test.expr, test.other), (test.other, test.expr)):
        if isinstance(asked, CompValue) and asked.name == "Builtin_DATATYPE" and isinstance(datatype, URIRef):
            variable = variable_of(asked.arg)
            return None if variable is None else (variable, _of_datatype(str(datatype)))
    return None


def _of_datatype(datatype: str) -> Kinds:
    """Give the kinds of literals of a datatype: its own, and those of forms not plain, which texts have not."""
    own = frozenset(kind for kind, iri in DATATYPE_OF.items() if iri == datatype)
    return own if own & TEXT else own | {Kind.OTHER, Kind.UNSURE}
