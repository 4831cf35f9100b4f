"""Expressions (https://www.w3.org/TR/sparql11-query/#expressions): logic, comparison, arithmetic, EXISTS, calls.

Errors are NULL, and SQL's logic of three values is SPARQL's of true, false and error.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from rdflib.plugins.sparql.algebra import translateGroupGraphPattern
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Literal, URIRef, Variable
from sqlglot import exp

from graph.columns.kinds import NUMERIC, Kind
from graph.engine.sql import functions
from graph.engine.sql.arithmetic import arithmetic, negated
from graph.engine.sql.comparison import compared, equal, same_term
from graph.engine.sql.fragments import E, NotCompiled, all_of, any_of, as_sql, cases, select, sql, subquery
from graph.engine.sql.relation import Relation, Row, looked_into, of, packed_of
from graph.engine.sql.scope import PATTERNS, Scope
from graph.engine.sql.values import NOTHING, Value, boolean, choose, unpacked

__all__ = ["truth", "unpacked", "value", "variables"]


def truth(node: Any, row: Row, scope: Scope) -> E:
    """Compile an expression to its effective boolean value (https://www.w3.org/TR/sparql11-query/#ebv)."""
    return effective(value(node, row, scope))


def effective(found: Value) -> E:
    """Give the effective boolean value; NULL where the value has none."""
    ways: list[tuple[frozenset[Kind], Callable[[], E]]] = [
        (frozenset({Kind.BOOLEAN}), lambda: found.truth),
        (frozenset({Kind.INTEGER, Kind.DECIMAL}), lambda: sql("$n <> 0", n=found.field("num"))),
        (frozenset({Kind.FLOAT, Kind.DOUBLE}), lambda: sql("$n <> 0 AND NOT isnan($n)", n=found.field("dbl"))),
        (frozenset({Kind.STRING}), lambda: sql("$x <> ''", x=found.field("lex"))),
    ]
    if Kind.UNSURE in found.kinds:
        raise NotCompiled("the truth of a value of an unusual kind")
    possible = [(kinds, make) for kinds, make in ways if kinds & found.kinds]
    if len(possible) == 1 and found.kinds <= possible[0][0]:
        return possible[0][1]()
    return cases([(found.is_one_of(kinds), make()) for kinds, make in possible], sql("CAST(NULL AS BOOLEAN)"))


def value(node: Any, row: Row, scope: Scope) -> Value:
    """Compile an expression to the term that it gives."""
    if isinstance(node, Variable):
        return _variable(str(node), row, scope)
    if isinstance(node, URIRef | Literal):
        return scope.value(node)
    if not isinstance(node, CompValue):
        raise NotCompiled(f"a {type(node).__name__} in an expression")
    if node.name in _FORMS:
        return _FORMS[node.name](node, row, scope)
    if node.name.startswith("Builtin_"):
        given = [value(argument, row, scope) for argument in functions.arguments(node)]
        return functions.called(node.name.removeprefix("Builtin_"), given)
    if node.name == "Function":
        return functions.cast(str(node.iri), [value(argument, row, scope) for argument in node.expr])
    raise NotCompiled(node.name)


def _variable(name: str, row: Row, scope: Scope) -> Value:
    known = row.relation.columns.get(name)
    if name in scope.outer and (known is None or not known.certain):
        raise NotCompiled("EXISTS looks at a variable of the solution around it")
    return row.value(name)


def _logic(join: Callable[[list[E]], E | None]) -> Callable[[CompValue, Row, Scope], Value]:
    def compiled(node: CompValue, row: Row, scope: Scope) -> Value:
        found = join([truth(part, row, scope) for part in (node.expr, *node.other)])
        assert found is not None
        return boolean(found)

    return compiled


def _not(node: CompValue, row: Row, scope: Scope) -> Value:
    return boolean(sql("NOT $x", x=truth(node.expr, row, scope)))


def _relational(node: CompValue, row: Row, scope: Scope) -> Value:
    left = value(node.expr, row, scope)
    if node.op in ("IN", "NOT IN"):
        among = [equal(left, value(other, row, scope)) for other in _listed(node.other)]
        found = any_of(among) or (as_sql(False) if left.certain else sql("CASE WHEN $b THEN FALSE END", b=left.bound))
        return boolean(found if node.op == "IN" else sql("NOT $x", x=found))
    right = value(node.other, row, scope)
    if node.op == "=":
        return boolean(equal(left, right))
    if node.op == "!=":
        return boolean(sql("NOT $x", x=equal(left, right)))
    return boolean(compared(node.op, left, right))


def _listed(other: Any) -> list[Any]:
    return [] if other == URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#nil") else list(other)


def _sums(node: CompValue, row: Row, scope: Scope) -> Value:
    found = value(node.expr, row, scope)
    for operator, other in zip(node.op, node.other, strict=True):
        found = arithmetic(str(operator), found, value(other, row, scope))
    return found


def _minus(node: CompValue, row: Row, scope: Scope) -> Value:
    return negated(value(node.expr, row, scope))


def _plus(node: CompValue, row: Row, scope: Scope) -> Value:
    found = value(node.expr, row, scope)
    if not found.kinds <= NUMERIC:
        raise NotCompiled("unary plus of what may be no number")
    return found


def _bound(node: CompValue, row: Row, scope: Scope) -> Value:
    return boolean(_variable(str(node.arg), row, scope).bound)


def _if(node: CompValue, row: Row, scope: Scope) -> Value:
    condition = truth(node.arg1, row, scope)
    then, otherwise = (value(part, row, scope) for part in (node.arg2, node.arg3))
    return choose([(sql("$c IS NULL", c=condition), NOTHING), (condition, then)], otherwise)


def _coalesce(node: CompValue, row: Row, scope: Scope) -> Value:
    found = [value(argument, row, scope) for argument in node.arg]
    return choose([(one.bound, one) for one in found], NOTHING, certain=any(one.certain for one in found))


def _same_term(node: CompValue, row: Row, scope: Scope) -> Value:
    return boolean(same_term(value(node.arg1, row, scope), value(node.arg2, row, scope)))


def _exists(node: CompValue, row: Row, scope: Scope) -> Value:
    """Whether the pattern has a solution that is compatible with the row.

    That is what substituting the row's bindings gives, as long as the pattern binds for certain what it shares. Its
    filter may look at what the row alone binds.
    """
    around = row.relation
    graph = node.graph if node.graph.name in PATTERNS else translateGroupGraphPattern(node.graph)
    within = replace(scope, outer=scope.outer | around.columns.keys())
    inner, on = _filtered(graph, row, within) if graph.name == "Filter" and not scope.outer else (None, [])
    if inner is None:
        inner = scope.pattern(graph, within)
    for variable in around.columns:
        if variable not in inner.columns:
            continue
        mine, theirs = around.columns[variable], inner.columns[variable]
        if not theirs.certain or not mine.encoded or not theirs.encoded:
            raise NotCompiled("EXISTS shares a variable that is not a plain match")
        a, b = of(variable, "r"), of(variable, "e")
        on.append(sql("$a = $b", a=a, b=b) if mine.certain else sql("$a IS NULL OR $a = $b", a=a, b=b))
    query = select([as_sql(1)], subquery(inner.query, "e"), all_of(on))
    found: E = exp.Exists(this=query)
    return boolean(found)


def _filtered(graph: CompValue, row: Row, scope: Scope) -> tuple[Relation | None, list[E]]:
    """Give the pattern of a Filter and its condition between rows `r` and `e`; None where it sees none of `r` alone."""
    bare: Relation = scope.pattern(graph.p, scope)
    used = variables(graph.expr)
    if not used & (row.relation.columns.keys() - bare.columns.keys()):
        return None, []

    class Both(Row):
        def value(self, variable: str) -> Value:
            known = bare.columns.get(variable)
            if known is None:
                return row.value(variable)
            found = unpacked(packed_of(variable, "e"), known.kinds, certain=known.certain)
            found.ident = of(variable, "e") if known.encoded else None
            return found

    both = Both(Relation(bare.query, {**row.relation.columns, **bare.columns}))
    seen = replace(scope, pattern=_no_exists, outer=scope.outer & bare.columns.keys())
    return looked_into(bare, used), [truth(graph.expr, both, seen)]


def _no_exists(*_: Any) -> Any:
    raise NotCompiled("EXISTS in a filter that looks at the solution around it")


def _not_exists(node: CompValue, row: Row, scope: Scope) -> Value:
    return boolean(sql("NOT $x", x=_exists(node, row, scope).truth))


_FORMS: Final[dict[str, Callable[[CompValue, Row, Scope], Value]]] = {
    "ConditionalOrExpression": _logic(any_of),
    "ConditionalAndExpression": _logic(all_of),
    "UnaryNot": _not,
    "UnaryMinus": _minus,
    "UnaryPlus": _plus,
    "RelationalExpression": _relational,
    "AdditiveExpression": _sums,
    "MultiplicativeExpression": _sums,
    "Builtin_BOUND": _bound,
    "Builtin_IF": _if,
    "Builtin_COALESCE": _coalesce,
    "Builtin_sameTerm": _same_term,
    "Builtin_EXISTS": _exists,
    "Builtin_NOTEXISTS": _not_exists,
}


def variables(node: Any) -> set[str]:
    """Give the names of the variables that an expression mentions."""
    if isinstance(node, Variable):
        return {str(node)}
    if isinstance(node, CompValue):
        return set[str]().union(*(variables(part) for key, part in node.items() if key != "_vars"))
    return set[str]().union(*(variables(part) for part in node)) if isinstance(node, list | tuple) else set()
