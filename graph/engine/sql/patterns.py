"""Graph patterns (https://www.w3.org/TR/sparql11-query/#sparqlAlgebra): basic ones, joins, optional, union, minus."""

from dataclasses import replace
from typing import Any

from rdflib.paths import Path
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, Variable
from sqlglot import exp

from graph.columns.kinds import Kind
from graph.engine.sql import expressions, paths
from graph.engine.sql.fragments import (
    E,
    NotCompiled,
    all_of,
    any_of,
    as_sql,
    column,
    is_in,
    join,
    named,
    select,
    sql,
    subquery,
)
from graph.engine.sql.narrowed import narrowed
from graph.engine.sql.relation import (
    UNIT,
    Column,
    Relation,
    Row,
    alike,
    compatible,
    kept,
    looked_into,
    merged,
    name_of,
    natural_join,
    of,
    packed_of,
    shared,
    with_packed,
)
from graph.engine.sql.scope import Scope, variable_of
from graph.engine.sql.values import packed

Triple = tuple[Node, Node | Path, Node]


def basic(triples: list[Triple], scope: Scope) -> Relation:
    """Compile a basic graph pattern; property paths in it are joined on."""
    plain = [(s, p, o) for s, p, o in triples if not isinstance(p, Path)]
    found = _plain(plain, scope) if plain else None
    for subject, path, object_ in triples:
        if isinstance(path, Path):
            steps = paths.relation(subject, path, object_, scope)
            found = steps if found is None else natural_join(found, steps)
    return found if found is not None else nothing_matched(scope)


def nothing_matched(scope: Scope) -> Relation:
    """Give the one empty solution; none where the graph is not there; where it is a variable, one for each."""
    if scope.graph is None:
        return UNIT
    if isinstance(scope.graph, int):
        is_there = is_in(column("g", "n"), [scope.graph])
        return Relation(select([], subquery(scope.graph_names(), "n"), is_there), {})
    names = subquery(scope.graph_names(), "n")
    query = select([named(column("g", "n"), name_of(scope.graph))], names)
    return Relation(query, {scope.graph: Column(scope.columns.subject_kinds)})


def _plain(triples: list[tuple[Node, Node, Node]], scope: Scope) -> Relation:
    where: list[E] = []
    places: dict[str, E] = {}
    known: dict[str, Column] = {}
    query = None
    for number, triple in enumerate(triples):
        alias = f"t{number}"
        predicate = None if variable_of(triple[1]) is not None else scope.constant(triple[1]).id
        kinds = (scope.subjects(predicate), frozenset({Kind.IRI}), scope.objects(predicate))
        ends = [(place, term, kind) for place, term, kind in zip("spo", triple, kinds, strict=True)]
        if isinstance(scope.graph, str):
            ends.append(("g", Variable(scope.graph), scope.columns.subject_kinds))
        on = []
        for place, term, kind in ends:
            part, variable = column(place, alias), variable_of(term)
            if variable is None:
                where.append(sql("$a = $b", a=part, b=scope.constant(term).id))
            elif variable in places:
                on.append(sql("$a = $b", a=places[variable], b=part))
                known[variable] = Column(known[variable].kinds & kind)
            else:
                places[variable], known[variable] = part, Column(kind)
        source = scope.statements(alias)
        query = select([], source) if query is None else join(query, source, all_of(on))
        if number == 0:
            where += on
    assert query is not None
    columns = [named(part, name_of(variable)) for variable, part in places.items()]
    query.set("expressions", columns or [named(as_sql(1), "_")])
    condition = all_of(where)
    return Relation(query.where(condition, copy=False) if condition is not None else query, known)


def optional(node: CompValue, scope: Scope) -> Relation:
    """Compile LeftJoin(p1, p2, expr): https://www.w3.org/TR/sparql11-query/#defn_algLeftJoin."""
    left, right = alike(scope.pattern(node.p1, scope), scope.pattern(node.p2, scope))
    columns, known = merged(left, right, optional=True)
    on = [condition for condition in [compatible(left, right)] if condition is not None]
    if not _is_true(node.expr):
        used = expressions.variables(node.expr)
        left, right = (looked_into(side, used) for side in (left, right))
        on.append(_filter_between(node.expr, left, right, scope))
    query = join(select(columns, subquery(left.query, "l")), subquery(right.query, "r"), all_of(on), "left")
    return Relation(query, known)


def _is_true(expression: Any) -> bool:
    return isinstance(expression, CompValue) and expression.name == "TrueFilter"


def _filter_between(expression: Any, left: Relation, right: Relation, scope: Scope) -> E:
    """Compile the filter of an OPTIONAL, which sees both sides, as a condition between rows `l` and `r`."""
    both = merged(left, right)[1]

    class Between(Row):
        def value(self, variable: str) -> Any:
            if variable not in both:
                return super().value(variable)
            sides = [a for a, side in (("l", left), ("r", right)) if variable in side.columns]
            parts = [packed_of(variable, alias) for alias in sides]
            part = parts[0] if len(parts) == 1 else sql("COALESCE($a, $b)", a=parts[0], b=parts[1])
            return expressions.unpacked(part, both[variable].kinds, certain=both[variable].certain)

    return expressions.truth(expression, Between(Relation(left.query, both)), replace(scope, pattern=_no_exists))


def _no_exists(*_: Any) -> Any:
    raise NotCompiled("EXISTS in the filter of an OPTIONAL")


def union(left: Relation, right: Relation) -> Relation:
    """Give the solutions of both."""
    left, right = alike(left, right)
    known: dict[str, Column] = {}
    for variable in {**left.columns, **right.columns}:
        a, b = left.columns.get(variable), right.columns.get(variable)
        only = a or b
        assert only is not None
        kinds = only.kinds | b.kinds if b is not None else only.kinds
        known[variable] = Column(kinds, bool(a and b and a.certain and b.certain), only.encoded)
    sides = []
    for side in (left, right):
        columns = [named(of(v, "r") if v in side.columns else as_sql(None), name_of(v)) for v in known]
        sides.append(select(columns, subquery(side.query, "r")))
    return Relation(exp.Union(this=sides[0], expression=sides[1], distinct=False), known)


def minus(left: Relation, right: Relation, scope: Scope) -> Relation:
    """Compile Minus: https://www.w3.org/TR/sparql11-query/#defn_algMinus."""
    if isinstance(scope.graph, str) or scope.outer:
        raise NotCompiled("MINUS where the graph is a variable, or within EXISTS")
    common = shared(left, right)
    if not common:
        return left
    left, right = alike(left, right)
    sides = (left, right)
    conditions = [c for c in [compatible(left, right)] if c is not None]
    if not any(all(side.columns[v].certain for side in sides) for v in common):
        bound = [sql("NOT $a IS NULL AND NOT $b IS NULL", a=of(v, "l"), b=of(v, "r")) for v in common]
        some = any_of(bound)
        assert some is not None
        conditions.append(some)
    query = join(select(kept(left.columns, "l"), subquery(left.query, "l")), subquery(right.query, "r"),
                 all_of(conditions), "anti")  # fmt: skip
    return Relation(query, left.columns)


def kept_where(relation: Relation, expression: Any, scope: Scope) -> Relation:
    """Compile Filter: the rows for which the expression is true."""
    row = Row(relation)
    condition = expressions.truth(expression, row, scope)
    return Relation(row.select(kept(relation.columns, "r"), condition), narrowed(relation.columns, expression))


def extended(relation: Relation, variable: str, expression: Any, scope: Scope) -> Relation:
    """Compile Extend: a variable more, unbound where the expression is an error."""
    if variable in relation.columns:
        raise NotCompiled("BIND of a variable in use")
    row = Row(relation)
    value = expressions.value(expression, row, scope)
    if scope.outer:
        value.certain = value.certain and variable not in scope.outer
    encoded = value.ident is not None and not value.absent
    part = value.ident if encoded and value.ident is not None else packed(value)
    columns = [*kept(relation.columns, "r"), named(part, name_of(variable))]
    known = {**relation.columns, variable: Column(value.kinds, value.certain, encoded)}
    return Relation(row.select(columns), known)


def inline(rows: list[dict[Node, Node]], variables: list[str], scope: Scope) -> Relation:
    """Compile VALUES: constants, as ids where the dictionary has them all."""
    if isinstance(scope.graph, str):
        raise NotCompiled("VALUES where the graph is a variable")
    known: dict[str, Column] = {}
    cells: dict[str, list[E]] = {}
    for variable in variables:
        terms = [row.get(Variable(variable)) for row in rows]
        given = [t for t in terms if t is not None and not (isinstance(t, str) and t == "UNDEF")]
        found = [scope.constant(t) for t in given]
        encoded = all(c.known for c in found)
        known[variable] = Column(frozenset(c.kind for c in found), len(given) == len(rows), encoded)
        cells[variable] = [
            as_sql(None) if t is None or (isinstance(t, str) and t == "UNDEF")
            else as_sql(scope.constant(t).id) if encoded else packed(scope.value(t))
            for t in terms
        ]  # fmt: skip
    queries = [select([named(cells[v][n], name_of(v)) for v in variables]) for n in range(len(rows))]
    query: Any = queries[0] if queries else select([named(as_sql(None), name_of(v)) for v in variables],
                                                   None, as_sql(False))  # fmt: skip
    for other in queries[1:]:
        query = exp.Union(this=query, expression=other, distinct=False)
    return Relation(query, known)


__all__ = ["basic", "extended", "inline", "kept_where", "minus", "nothing_matched", "optional", "union", "with_packed"]
