"""Groups and aggregates (https://www.w3.org/TR/sparql11-query/#aggregateAlgebra).

COUNT passes over errors; in the others one error makes the result an error. Sums and means are of exact numbers only:
what order inexact ones are added in changes them. MIN and MAX are of values that have one order.
"""

from typing import Any

from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Variable
from sqlglot import exp

from graph.columns.kinds import EXACT, Kind
from graph.engine.sql import expressions
from graph.engine.sql.arithmetic import divided, within
from graph.engine.sql.fragments import E, NotCompiled, as_sql, named, select, sql, subquery
from graph.engine.sql.order import group_of, keys
from graph.engine.sql.relation import Column, Relation, Row, name_of, of
from graph.engine.sql.scope import Scope
from graph.engine.sql.values import Value, exact, integer, packed

Made = tuple[E, Column]


def grouped(node: CompValue, scope: Scope) -> Relation:
    """Compile AggregateJoin over Group: a row a group, or one row where nothing is grouped by."""
    group = node.p
    inner: Relation = scope.pattern(group.p, scope)
    by = [str(variable) for variable in _keys(group.expr)]
    row = Row(inner)
    columns, known = [], {}
    for aggregate in node.A:
        name = str(aggregate.res)
        made, known[name] = _aggregate(aggregate, row, by, scope)
        columns.append(named(made, name_of(name)))
    # Variables grouped by are told apart by number in SQL: their values are the first columns.
    keys_of = [of(v, "r") if v in inner.columns else as_sql(None) for v in by]
    query = row.select([named(k, f"k{n}") for n, k in enumerate(keys_of)] + columns)
    bound = [k for v, k in zip(by, keys_of, strict=True) if v in inner.columns]
    if bound:
        query = query.group_by(*bound, copy=False)
    elif by:
        query = query.having(sql("count(*) > 0"), copy=False)
    return Relation(select([named(of(v, "g"), name_of(v)) for v in known], subquery(query, "g")), known)


def _keys(given: Any) -> list[Variable]:
    found = list(given or ())
    if not all(isinstance(key, Variable) for key in found):
        raise NotCompiled("GROUP BY an expression without a name")
    return found


def _aggregate(node: CompValue, row: Row, by: list[str], scope: Scope) -> Made:
    kind, distinct = node.name.removeprefix("Aggregate_"), bool(node.distinct)
    if kind == "Sample" and isinstance(node.vars, Variable) and str(node.vars) in by:
        name = str(node.vars)
        column = row.relation.columns.get(name)
        return (of(name, "r"), column) if column else (as_sql(None), Column(frozenset(), certain=False, encoded=False))
    if kind == "Count":
        return _made(_count(node.vars, distinct, row, scope))
    value = expressions.value(node.vars, row, scope) if kind in ("Sum", "Avg", "Min", "Max") else None
    if value is None:
        raise NotCompiled(f"the aggregate {kind.upper()}")
    if kind in ("Min", "Max"):
        return _extreme(kind, value)
    return _made(_total(kind, value, distinct))


def _made(value: Value) -> Made:
    return packed(value), Column(value.kinds, value.certain, encoded=False)


def _count(what: Any, distinct: bool, row: Row, scope: Scope) -> Value:
    if what == "*":
        if not distinct:
            return _certain(sql("count(*)"))
        columns = [of(v, "r") for v in row.relation.columns if not v.startswith("_:")]
        packs = exp.Anonymous(this="row", expressions=columns or [as_sql(1)])
        return _certain(sql("count(DISTINCT $x)", x=packs))
    value = expressions.value(what, row, scope)
    if not distinct:
        return _certain(sql("count(*)") if value.certain else sql("count(*) FILTER (WHERE $b)", b=value.bound))
    return _certain(sql("count(DISTINCT $x)", x=value.ident if value.ident is not None else packed(value)))


def _certain(number: E) -> Value:
    value = integer(number)
    value.certain = True
    return value


def _total(kind: str, value: Value, distinct: bool) -> Value:
    if not value.kinds <= EXACT:
        raise NotCompiled("a sum of what may be no exact number")
    kinds = value.kinds or frozenset({Kind.INTEGER})
    num = value.field("num")
    if distinct:
        if len(kinds) > 1:
            raise NotCompiled("a sum of distinct numbers of several kinds")
        total, count = sql("sum(DISTINCT $n)", n=num), sql("count(DISTINCT $n)", n=num)
    else:
        total, count = sql("sum($n)", n=num), sql("count(*)")
    total = sql("CAST(COALESCE($t, 0) AS HUGEINT)", t=total)
    if not value.certain:
        total = sql("CASE WHEN count(*) = count($n) THEN $t END", n=num, t=total)
    several = len(kinds) > 1
    which = sql("COALESCE(max($k), $i)", k=value.field("kind"), i=int(Kind.INTEGER)) if several else None
    if kind == "Sum":
        return within(total, kinds, which)
    if kinds != {Kind.INTEGER}:
        raise NotCompiled("a mean of decimals")
    mean = sql("CASE WHEN count(*) = 0 THEN 0 ELSE $m END", m=divided(total, count))
    zero = sql("CASE WHEN count(*) = 0 THEN $i ELSE $d END", i=int(Kind.INTEGER), d=int(Kind.DECIMAL))
    return exact(mean, EXACT, zero)


def _extreme(kind: str, value: Value) -> Made:
    if not value.certain and not value.kinds:
        raise NotCompiled(f"{kind.upper()} of nothing")
    if group_of(value.kinds) is None or value.kinds == EXACT or Kind.BLANK in value.kinds:
        raise NotCompiled(f"{kind.upper()} of values that have no one order")
    function = kind.lower()
    if value.ident is not None and len(value.kinds) == 1:
        found, column = sql(f"{function}($x)", x=value.ident), Column(value.kinds, certain=False)
    else:
        (key,) = keys(value)[-1:]
        found = sql(f"arg_{function}($p, $k)", p=packed(value), k=key)
        column = Column(value.kinds, certain=False, encoded=False)
        if len(keys(value)) > 1:
            raise NotCompiled(f"{kind.upper()} of values with several keys")
    if not value.certain:
        found = sql("CASE WHEN count(*) = count(*) FILTER (WHERE $b) THEN $f END", b=value.bound, f=found)
    return found, column
