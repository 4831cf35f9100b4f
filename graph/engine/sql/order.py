"""The order of terms (https://www.w3.org/TR/sparql11-query/#modOrderBy): unbound, blank nodes, IRIs, literals.

Literals have an order where they are of kinds that compare with each other; a mixture of others is left to the other
engine, whose order of them is not transitive.
"""

from typing import Final

from graph.columns.kinds import EXACT, INEXACT, NUMERIC, TEMPORAL, TEXT, Kind
from graph.engine.sql.fragments import E, NotCompiled, cases, sql
from graph.engine.sql.fragments import as_sql as number
from graph.engine.sql.values import Kinds, Value

_GROUPS: Final = (TEXT, NUMERIC - {Kind.FLOAT},
                  *(frozenset({k}) for k in (Kind.BOOLEAN, *sorted(TEMPORAL), Kind.FLOAT, Kind.OTHER)))  # fmt: skip
_NODES: Final = frozenset({Kind.BLANK, Kind.IRI})


def group_of(kinds: Kinds) -> Kinds | None:
    """Give the group of kinds that the literals among `kinds` are of; None where they are of several."""
    literals = kinds - _NODES
    return next((group for group in _GROUPS if literals <= group), None)


def keys(value: Value) -> list[E]:
    """Give what rows are sorted by, first key first; raises NotCompiled where the terms have no one order."""
    group = group_of(value.kinds)
    if group is None:
        raise NotCompiled("an order among literals of several kinds")
    literals = value.kinds - _NODES
    if value.ident is not None and not (literals & EXACT and literals & INEXACT):
        return [value.ident]  # ids of one group are in the order of their terms
    found = []
    if value.kinds & _NODES and len(value.kinds) > 1:
        ranks = [(value.is_one_of(frozenset({kind})), number(int(kind))) for kind in sorted(_NODES & value.kinds)]
        found.append(sql("CASE WHEN $b THEN $r END", b=value.bound, r=cases(ranks, number(2))))
    if literals & INEXACT:
        return [*found, value.field("dbl")]
    if literals and not literals <= TEXT | {Kind.OTHER}:
        return [*found, value.field("num"), *([value.field("lex")] if value.kinds & _NODES else [])]
    return [*found, value.field("lex"), *(value.field(n) for n in ("datatype", "lang") if len(value.kinds) > 1)]
