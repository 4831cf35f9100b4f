"""Sequences of solutions (https://www.w3.org/TR/sparql11-query/#solutionModifiers): project, distinct, order, slice."""

from dataclasses import dataclass, replace
from typing import Any

from rdflib.plugins.sparql.parserutils import CompValue
from sqlglot import exp

from graph.engine.sql import expressions
from graph.engine.sql.fragments import NotCompiled, as_sql, named, subquery
from graph.engine.sql.order import keys
from graph.engine.sql.relation import Column, Relation, Row, kept, name_of, of
from graph.engine.sql.scope import Scope


@dataclass(frozen=True)
class Modifiers:
    """What stands around a pattern: the variables projected, DISTINCT, the order, and which part of it."""

    pattern: CompValue
    variables: list[str]
    distinct: bool
    order: list[Any]
    start: int
    length: int | None


def modifiers(node: CompValue) -> Modifiers:
    """Take the modifiers of a SELECT off its pattern."""
    start, length, distinct, order = 0, None, False, []
    if node.name == "Slice":
        start, length, node = int(node.start or 0), node.length, node.p
    if node.name in ("Distinct", "Reduced"):
        if node.name == "Reduced":
            raise NotCompiled("REDUCED")
        distinct, node = True, node.p
    if node.name != "Project":
        raise NotCompiled(f"{node.name} where a projection is wanted")
    variables, node = [str(v) for v in node.PV], node.p
    if node.name == "OrderBy":
        order, node = list(node.expr), node.p
    return Modifiers(node, variables, distinct, order, start, None if length is None else int(length))


def select(node: CompValue, scope: Scope) -> Relation:
    """Compile a SELECT of the query or within it."""
    found = modifiers(node)
    if isinstance(scope.graph, str) and scope.graph not in found.variables:
        raise NotCompiled("a subselect that leaves out the variable of its GRAPH")
    inside = replace(scope, outer=scope.outer & set(found.variables))
    return modified(found, scope.pattern(found.pattern, inside), scope)


def modified(found: Modifiers, inner: Relation, scope: Scope) -> Relation:
    """Give the solutions of `inner` as the modifiers say."""
    known = {v: inner.columns[v] for v in found.variables if v in inner.columns}
    if found.distinct:
        missing = {v for c in found.order for v in expressions.variables(c.expr) if v not in known}
        if missing & inner.columns.keys():
            raise NotCompiled("DISTINCT, ordered by what is not selected")
        query = exp.Select().select(*_columns(known), copy=False).from_(subquery(inner.query, "r"), copy=False)
        inner = Relation(query.distinct(copy=False), known)
    row = Row(inner)
    ordered = []
    for condition in found.order:
        down = condition.order == "DESC"
        value = expressions.value(condition.expr, row, scope)
        if isinstance(value.ident, exp.Literal | exp.Neg):
            continue  # a constant orders nothing, and SQL would take it for a column's number
        for key in keys(value) if value.kinds else []:
            ordered.append(exp.Ordered(this=key, desc=down, nulls_first=not down))
    query = row.select(_columns(known))
    if ordered:
        query = query.order_by(*ordered, copy=False)
    if found.length is not None:
        query = query.limit(as_sql(found.length), copy=False)
    if found.start:
        query = query.offset(as_sql(found.start), copy=False)
    return Relation(query, known)


def _columns(known: dict[str, Column]) -> list[Any]:
    return kept(known, "r") or [named(as_sql(1), "_")]


__all__ = ["Modifiers", "modified", "modifiers", "name_of", "of", "select"]
