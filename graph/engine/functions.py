"""Functions that a query calls and the engine does not know (https://www.w3.org/TR/sparql11-query/#extensionFunctions).

A call of such a function is an error of its own expression: FILTER drops the solution, BIND leaves the variable
unbound, COALESCE goes on. The engine refuses the whole query instead, as it does a query that it cannot plan at all.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    Variable,
)

_UNKNOWN: Final = re.compile(r"The custom function <(.*)> is not supported", re.DOTALL)


def ask(
    store: Store,
    text: str,
    default: list[NamedNode | BlankNode | DefaultGraph] | None = None,
    named: list[NamedNode | BlankNode] | None = None,
    bound: dict[Variable, NamedNode | BlankNode | Literal | Triple] | None = None,
) -> QuerySolutions | QueryBoolean | QueryTriples:
    """Ask `store` the query `text` over its dataset; calls of unknown functions are errors where they stand.

    `bound` are values for variables that the query projects. Raises SyntaxError where the text is no query.
    """
    unknown: dict[NamedNode, Callable[..., Any]] = {}
    while True:
        try:
            return store.query(
                text, default_graph=default, named_graphs=named, substitutions=bound, custom_functions=unknown
            )
        except RuntimeError as error:  # the engine plans a query whole, so it names one such function after the other
            name = _UNKNOWN.fullmatch(str(error))
            if name is None or NamedNode(name[1]) in unknown:
                raise
            unknown[NamedNode(name[1])] = _no_value


def _no_value(*_: Any) -> None:
    """What an unknown function gives: the error of an expression."""
