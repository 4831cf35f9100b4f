"""The column engine as a worker uses it: a query routed, compiled once, run, and its answer as the other engine's."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

import duckdb
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    Store,
    Triple,
    parse_query_results,
)
from rdflib.term import BNode, Node

from graph.columns import LARGE
from graph.columns.kinds import DATATYPE_OF, Kind
from graph.columns.opened import Columns
from graph.engine.sql.compile import Plan, compiled
from graph.engine.sql.fragments import NotCompiled
from graph.engine.sql.route import by_tokens
from graph.engine.sql.run import Term, order_of, rows
from graph.engine.sql.scope import Dataset, engine_term, variable_of

_PLANS: Final = 256  # plans kept
Named = tuple[str, ...] | None
EngineTerm = NamedNode | BlankNode | Literal


class ColumnEngine:
    """Answers what it compiles; what it does not, it leaves with the reason."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._plans: OrderedDict[tuple[str, Named, Named], Plan | str] = OrderedDict()

    @property
    def is_large(self) -> bool:
        """Whether it holds so much that a walk over its statements takes longer than compiling any query."""
        return sum(predicate.statements for predicate in self.columns.predicates.values()) >= LARGE

    def plan(self, text: str, default: Named = None, named: Named = None) -> Plan | str:
        """Give the plan for a query that the other engine's parser takes; or why that engine answers it."""
        key = (text, default, named)
        found = self._plans.get(key)
        if found is None:
            found = self._planned(text, default, named)
            self._plans[key] = found
            if len(self._plans) > _PLANS:
                self._plans.popitem(last=False)
        self._plans.move_to_end(key)
        return found

    def _planned(self, text: str, default: Named, named: Named) -> Plan | str:
        reason = by_tokens(text)
        if reason is not None:
            return reason
        try:
            Store().query(text)
        except (SyntaxError, RuntimeError, OSError):
            return "the other engine says what is wrong with it"
        dataset = None
        if default is not None or named is not None:
            dataset = Dataset(self._ids(default), self._ids(named))
        try:
            return compiled(text, self.columns, dataset, routed=True)
        except NotCompiled as error:
            return str(error)

    def _ids(self, graphs: Named) -> frozenset[int]:
        return frozenset(self.columns.constant(NamedNode(graph)).id for graph in graphs or ())

    def answer(self, plan: Plan) -> QuerySolutions | QueryBoolean | Iterator[Triple] | None:
        """Run a plan whole; None where it cannot be run, and the other engine answers."""
        try:
            if plan.form == "CONSTRUCT":
                return _constructed(plan, rows(plan, self.columns, term_of))
            found = rows(plan, self.columns, _written)
        except duckdb.Error:
            return None
        if plan.form == "ASK":
            text = b'{"head":{},"boolean":%s}' % (b"true" if next(found, None) is not None else b"false")
            return parse_query_results(text, format=QueryResultsFormat.JSON)
        return parse_query_results(_table(plan, found), format=QueryResultsFormat.TSV)


def _table(plan: Plan, found: Iterator[tuple[str | None, ...]]) -> bytes:
    """Give the rows as a table of terms in N-Triples, which the other engine reads and writes in any format."""
    order = order_of(plan)
    lines = ["\t".join(f"?{variable}" for variable in plan.variables)]
    if order == list(range(len(order))):
        lines += ["\t".join([cell or "" for cell in row]) for row in found]
    else:
        lines += ["\t".join([(row[n] or "") if n is not None else "" for n in order]) for row in found]
    return ("\n".join(lines) + "\n").encode()


def term_of(found: Term) -> EngineTerm:
    """Give the engine's own term for the fields of one."""
    if found.kind == Kind.IRI:
        return NamedNode(found.lex)
    if found.kind == Kind.BLANK:
        return BlankNode(found.lex)
    if found.lang:
        return Literal(found.lex, language=found.lang)
    return Literal(found.lex, datatype=NamedNode(found.datatype or DATATYPE_OF[Kind(found.kind)]))


def _written(found: Term) -> str:
    return f"<{found.lex}>" if found.kind == Kind.IRI else str(term_of(found))


def _constructed(plan: Plan, found: Iterator[tuple[EngineTerm | None, ...]]) -> Iterator[Triple]:
    """Give the triples of the template, once each; its blank nodes are new in every solution."""
    names = list(plan.columns)
    given: set[Triple] = set()
    for row in found:
        solution = dict(zip(names, row, strict=True))
        fresh: dict[str, BlankNode] = {}
        for triple in plan.template:
            subject, predicate, object_ = (_filled(term, solution, fresh) for term in triple)
            if not isinstance(subject, NamedNode | BlankNode) or not isinstance(predicate, NamedNode) or not object_:
                continue
            made = Triple(subject, predicate, object_)
            if made not in given:
                given.add(made)
                yield made


def _filled(term: Node, solution: dict[str, EngineTerm | None], fresh: dict[str, BlankNode]) -> EngineTerm | None:
    name = variable_of(term)
    if name is None:
        return engine_term(term)
    if isinstance(term, BNode):
        return fresh.setdefault(name, BlankNode())
    return solution.get(name)
