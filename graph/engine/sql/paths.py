"""Property paths (https://www.w3.org/TR/sparql11-query/#propertypaths) as relations of ends x and y, and the graph g.

`+` and `*` are recursive queries from the end that is a constant, or from everything. A path of zero length joins
each node of the graph in force with itself; of a term that is in no statement there is none, as in the other engine.
"""

from dataclasses import dataclass

from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, Path, SequencePath
from rdflib.term import Node, URIRef, Variable
from sqlglot import exp

from graph.columns.kinds import Kind
from graph.engine.sql.fragments import E, NotCompiled, all_of, column, is_in, join, named, select, sql, subquery
from graph.engine.sql.relation import Column, Relation, name_of
from graph.engine.sql.scope import Scope, variable_of

Kinds = frozenset[Kind]


@dataclass(frozen=True)
class Steps:
    """The pairs of nodes that a path joins, as a query of x, y (and g), and the kinds that they may be of."""

    query: exp.Query
    first: Kinds
    last: Kinds


def relation(subject: Node, path: Path, object_: Node, scope: Scope) -> Relation:
    """Compile a path between two terms of a pattern."""
    steps = _steps(path, scope, _end(subject, scope), _end(object_, scope))
    where: list[E] = []
    places: dict[str, E] = {}
    known: dict[str, Column] = {}
    ends = [("x", subject, steps.first), ("y", object_, steps.last)]
    if isinstance(scope.graph, str):
        ends.append(("g", Variable(scope.graph), scope.columns.subject_kinds))
    for place, term, kinds in ends:
        variable, part = variable_of(term), column(place, "p")
        if variable is None:
            where.append(sql("$a = $b", a=part, b=scope.constant(term).id))
        elif variable in places:
            where.append(sql("$a = $b", a=part, b=places[variable]))
        else:
            places[variable], known[variable] = part, Column(kinds)
    columns = [named(part, name_of(variable)) for variable, part in places.items()]
    return Relation(select(columns, subquery(steps.query, "p"), all_of(where)), known)


def _end(term: Node, scope: Scope) -> int | None:
    return None if variable_of(term) is not None else scope.constant(term).id


def _graph(scope: Scope, alias: str) -> list[E]:
    return [named(column("g", alias), "g")] if isinstance(scope.graph, str) else []


def _steps(path: Path | URIRef, scope: Scope, first: int | None = None, last: int | None = None) -> Steps:
    """Compile a path; `first` and `last` are the ids of ends that are known, which only bounds the work."""
    if isinstance(path, URIRef):
        return _step(path, scope)
    if isinstance(path, InvPath):
        inner = _steps(path.arg, scope, last, first)
        columns = [named(column("y", "i"), "x"), named(column("x", "i"), "y"), *_graph(scope, "i")]
        return Steps(select(columns, subquery(inner.query, "i")), inner.last, inner.first)
    if isinstance(path, SequencePath):
        return _sequence(path, scope, first, last)
    if isinstance(path, AlternativePath):
        return _alternative(path, scope, first, last)
    if isinstance(path, NegatedPath):
        return _negated(path, scope)
    if isinstance(path, MulPath):
        return _repeated(path, scope, first, last)
    raise NotCompiled(f"a path of the kind {type(path).__name__}")


def _step(predicate: URIRef, scope: Scope) -> Steps:
    known = scope.constant(predicate).id
    columns = [named(column("s", "t"), "x"), named(column("o", "t"), "y"), *_graph(scope, "t")]
    query = select(columns, scope.statements("t"), is_in(column("p", "t"), [known]))
    return Steps(query, scope.subjects(known), scope.objects(known))


def _sequence(path: SequencePath, scope: Scope, first: int | None, last: int | None) -> Steps:
    ends = [first, *[None] * (len(path.args) - 1)], [*[None] * (len(path.args) - 1), last]
    parts = [_steps(part, scope, a, b) for part, a, b in zip(path.args, *ends, strict=True)]
    found = parts[0]
    for part in parts[1:]:
        columns = [named(column("x", "a"), "x"), named(column("y", "b"), "y"), *_graph(scope, "a")]
        on = [sql("$a = $b", a=column("y", "a"), b=column("x", "b"))]
        if isinstance(scope.graph, str):
            on.append(sql("$a = $b", a=column("g", "a"), b=column("g", "b")))
        query = join(select(columns, subquery(found.query, "a")), subquery(part.query, "b"), all_of(on))
        found = Steps(query, found.first, part.last)
    return found


def _alternative(path: AlternativePath, scope: Scope, first: int | None, last: int | None) -> Steps:
    parts = [_steps(part, scope, first, last) for part in path.args]
    # The engine gives each end of an alternative once for each start, whichever branch leads there.
    query: exp.Query = parts[0].query
    for part in parts[1:]:
        query = exp.Union(this=query, expression=part.query, distinct=True)
    kinds = (frozenset[Kind]().union(*(getattr(part, side) for part in parts)) for side in ("first", "last"))
    return Steps(select([exp.Star()], subquery(query, "u")), *kinds)


def _negated(path: NegatedPath, scope: Scope) -> Steps:
    forward: list[int] = []
    backward: list[int] = []
    for part in path.args:
        iri = part.arg if isinstance(part, InvPath) else part
        if not isinstance(iri, URIRef):  # rdflib loses what is inverted in a negated set
            raise NotCompiled("a negated set of more than predicates")
        (backward if isinstance(part, InvPath) else forward).append(scope.constant(iri).id)
    sides = []
    for predicates, (x, y) in ((forward, "so"), (backward, "os")):
        if predicates:
            columns = [named(column(x, "t"), "x"), named(column(y, "t"), "y"), *_graph(scope, "t")]
            where = sql("NOT $c", c=is_in(column("p", "t"), predicates))
            sides.append(select(columns, scope.statements("t"), where))
    query: exp.Query = sides[0]
    for other in sides[1:]:
        query = select([exp.Star()], subquery(exp.Union(this=query, expression=other, distinct=True), "u"))
    both = scope.subjects(None) | scope.objects(None) if backward else None
    return Steps(query, both or scope.subjects(None), both or scope.objects(None))


def _repeated(path: MulPath, scope: Scope, first: int | None, last: int | None) -> Steps:
    inner = _steps(path.path, scope)
    once = exp.Subquery(this=inner.query, alias=exp.TableAlias(this=exp.to_identifier("e")))
    some = select([exp.Star()], once).distinct(copy=False)
    pairs = _closure(inner.query, scope, first, last) if path.more else some
    kinds = inner.first | inner.last
    if not path.zero:
        return Steps(pairs, inner.first, inner.last)
    both = exp.Union(this=pairs, expression=_zero(scope, first if first is not None else last), distinct=True)
    everything = kinds | scope.subjects(None) | scope.objects(None)
    return Steps(select([exp.Star()], subquery(both, "z")), everything, everything)


def _closure(steps: exp.Query, scope: Scope, first: int | None, last: int | None) -> exp.Query:
    """Give the pairs that one or more steps join: forwards from `first`, backwards from `last`, or all."""
    back = first is None and last is not None
    grown, kept = ("x", "y") if back else ("y", "x")
    known = last if back else first
    where = None if known is None else is_in(column(kept, "e"), [known])
    names = ["x", "y", *(["g"] if isinstance(scope.graph, str) else [])]
    start = select([column(n, "e") for n in names], subquery(steps, "e"), where)
    columns = {grown: column(grown, "e"), kept: column(kept, "c"), "g": column("g", "c")}
    on = [sql("$a = $b", a=column(grown, "c"), b=column(kept, "e"))]
    if "g" in names:
        on.append(sql("$a = $b", a=column("g", "c"), b=column("g", "e")))
    more = join(select([named(columns[n], n) for n in names], exp.Table(this=exp.to_identifier("closure"),
                alias=exp.TableAlias(this=exp.to_identifier("c")))), subquery(steps, "e"), all_of(on))  # fmt: skip
    both = exp.Union(this=start, expression=more, distinct=True)
    query = select([column(n, "k") for n in names], exp.Table(this=exp.to_identifier("closure"),
                   alias=exp.TableAlias(this=exp.to_identifier("k"))))  # fmt: skip
    return query.with_("closure", as_=both, recursive=True, copy=False)


def _zero(scope: Scope, only: int | None) -> exp.Query:
    """Give every node of the graph in force beside itself; or the one node that is asked for."""
    sides = []
    for place in "so":
        node = column(place, "t")
        where = None if only is None else is_in(node, [only])
        columns = [named(node, "x"), named(node, "y"), *_graph(scope, "t")]
        sides.append(select(columns, scope.statements("t"), where))
    return exp.Union(this=sides[0], expression=sides[1], distinct=True)
