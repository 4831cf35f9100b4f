"""A query compiled: its text to rdflib's algebra, the algebra to one SQL query and what becomes of its rows."""

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import rdflib
from pyparsing.exceptions import ParseException
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, Variable
from sqlglot import exp

from graph.columns.opened import Columns
from graph.engine.sql import patterns, route, solutions
from graph.engine.sql.aggregates import grouped
from graph.engine.sql.fragments import NotCompiled, as_sql, named
from graph.engine.sql.fragments import select as sql_select
from graph.engine.sql.relation import UNIT, Column, Relation, natural_join
from graph.engine.sql.scope import Dataset, Scope, engine_term

_LOGGED: Final = logging.getLogger("rdflib.term")


@dataclass(frozen=True)
class Plan:
    """A compiled query: its form, the SQL, the variables asked for, what is known of each column, and its template."""

    form: str
    query: exp.Query
    variables: tuple[str, ...]
    columns: dict[str, Column]
    template: tuple[tuple[Node, Node, Node], ...] = ()

    @cached_property
    def sql(self) -> str:
        """The SQL as DuckDB takes it."""
        return self.query.sql(dialect="duckdb")


def compiled(text: str, columns: Columns, dataset: Dataset | None = None, *, routed: bool = False) -> Plan:
    """Compile a query that the engine's own parser has taken. `dataset` overrides the query's own FROM.

    Raises NotCompiled with the reason where this engine does not answer it; where it is `routed`, also where the
    other one is the quicker.
    """
    algebra = _algebra(text)
    quicker = route.by_statistics(algebra, columns) if routed else None
    if quicker is not None:
        raise NotCompiled(quicker)
    if dataset is None:
        dataset = _dataset(algebra, columns)
    scope = Scope(columns, dataset, _pattern)
    try:
        return _plan(algebra, scope)
    except RecursionError as error:
        raise NotCompiled("too deeply nested") from error


def _algebra(text: str) -> CompValue:
    normalise, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    disabled, _LOGGED.disabled = _LOGGED.disabled, True  # what strangers write would fill the operator's log
    try:
        found = translateQuery(parseQuery(text)).algebra
    except (ParseException, RecursionError) as error:
        raise NotCompiled(f"the other parser cannot read it: {error}") from error
    except Exception as error:
        raise NotCompiled(f"the other parser fails on it: {error}") from error
    finally:
        rdflib.NORMALIZE_LITERALS, _LOGGED.disabled = normalise, disabled
    assert isinstance(found, CompValue)
    return found


def _dataset(algebra: CompValue, columns: Columns) -> Dataset:
    clauses = algebra.datasetClause
    if not clauses:
        return Dataset()
    sides: dict[str, set[int]] = {"default": set(), "named": set()}
    for clause in clauses:
        for side, graphs in sides.items():
            if side in clause:
                graphs.add(columns.constant(engine_term(clause[side])).id)
    return Dataset(frozenset(sides["default"]), frozenset(sides["named"]))


def _plan(algebra: CompValue, scope: Scope) -> Plan:
    form = algebra.name.removesuffix("Query").upper()
    if form == "SELECT":
        found = solutions.select(algebra.p, scope)
        return Plan(form, found.query, tuple(str(v) for v in algebra.PV), found.columns)
    if form == "ASK":
        found = _whole(algebra.p, scope)
        query = sql_select([named(as_sql(1), "_")], found.query.subquery("r", copy=False)).limit(as_sql(1), copy=False)
        return Plan(form, query, (), {})
    if form == "CONSTRUCT":
        found = _whole(algebra.p, scope)
        if not algebra.template:
            raise NotCompiled("CONSTRUCT WHERE")
        template = tuple(tuple(triple) for triple in algebra.template)
        return Plan(form, found.query, (), found.columns, template)
    raise NotCompiled(form)


def _whole(node: CompValue, scope: Scope) -> Relation:
    """Compile the pattern of an ASK or CONSTRUCT, which may be ordered or sliced and projects everything."""
    start, length, order = 0, None, []
    if node.name == "Slice":
        start, length, node = int(node.start or 0), node.length, node.p
    if node.name == "Project":
        node = node.p
    if node.name == "OrderBy":
        order, node = list(node.expr), node.p
    inner = _pattern(node, scope)
    if not (start or length is not None or order):
        return inner
    found = solutions.Modifiers(node, list(inner.columns), False, order, start, length)
    return solutions.modified(found, inner, scope)


def _pattern(node: CompValue, scope: Scope) -> Relation:
    """Compile a pattern of rdflib's algebra."""
    name = node.name
    if name == "BGP":
        return patterns.basic(node.triples, scope)
    if name == "Join":
        left, right = _pattern(node.p1, scope), _pattern(node.p2, scope)
        return right if left is UNIT else left if right is UNIT else natural_join(left, right)
    if name == "LeftJoin":
        return patterns.optional(node, scope)
    if name == "Filter":
        return patterns.kept_where(_pattern(node.p, scope), node.expr, scope)
    if name == "Union":
        return patterns.union(_pattern(node.p1, scope), _pattern(node.p2, scope))
    if name == "Minus":
        return patterns.minus(_pattern(node.p1, scope), _pattern(node.p2, scope), scope)
    if name == "Extend":
        return patterns.extended(_pattern(node.p, scope), str(node.var), node.expr, scope)
    if name == "Graph":
        return _in_graph(node, scope)
    if name == "AggregateJoin":
        return grouped(node, scope)
    if name == "ToMultiSet":
        return _inner(node.p, scope)
    if name in ("Project", "Distinct", "Slice", "Reduced"):
        return solutions.select(node, scope)
    raise NotCompiled(name)


def _inner(node: CompValue, scope: Scope) -> Relation:
    if node.name != "values":
        return solutions.select(node, scope)
    variables = list(dict.fromkeys(str(v) for row in node.res for v in row))
    if len(node.res) > 500:
        raise NotCompiled("more than 500 rows of VALUES")
    return patterns.inline(node.res, variables, scope)


def _in_graph(node: CompValue, scope: Scope) -> Relation:
    term = node.term
    graph = str(term) if isinstance(term, Variable) else scope.constant(term).id
    if isinstance(graph, int) and scope.dataset.named is not None and graph not in scope.dataset.named:
        graph = -1
    if isinstance(graph, str) and scope.outer:
        raise NotCompiled("GRAPH with a variable within EXISTS")
    return _pattern(node.p, replace(scope, graph=graph))
