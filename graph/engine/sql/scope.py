"""Where a pattern is matched: the columns, the dataset, the graph in force, and what an EXISTS is asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import Literal, NamedNode
from rdflib.term import BNode, Node, URIRef, Variable
from rdflib.term import Literal as RdflibLiteral

from graph.columns.kinds import Kind
from graph.columns.opened import Columns, Constant
from graph.engine.sql.fragments import E, NotCompiled, as_sql, column, hugeint, is_in, select, sql, subquery, table
from graph.engine.sql.values import Value

# rdflib's names of the patterns of the algebra; others are of the grammar, not translated yet.
PATTERNS: Final = frozenset(
    "BGP Join LeftJoin Filter Union Minus Extend Graph ToMultiSet values Group AggregateJoin OrderBy Project Distinct "
    "Reduced Slice".split()
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs of a query by id: None stands for the snapshot's own default graph, or all its named graphs."""

    default: frozenset[int] | None = None
    named: frozenset[int] | None = None


@dataclass(frozen=True)
class Scope:
    """What a pattern is compiled in.

    `graph` is None for the default graph, an id for a named one, a variable's name where it runs over the named ones.
    `outer` are the variables of the solution that an EXISTS is asked for. `pattern` compiles a pattern in a scope.
    """

    columns: Columns
    dataset: Dataset
    pattern: Callable[[Any, "Scope"], Any]
    graph: int | str | None = None
    outer: frozenset[str] = field(default_factory=frozenset)

    def constant(self, term: Node) -> Constant:
        """Look a term of the query up."""
        return self.columns.constant(engine_term(term))

    def value(self, term: Node) -> Value:
        """Give a term of the query as a value."""
        found = self.constant(term)
        fields = {
            "kind": as_sql(int(found.kind)),
            "lex": as_sql(found.lex),
            "datatype": as_sql(found.datatype),
            "lang": as_sql(found.lang),
            "num": as_sql(None) if found.num is None else hugeint(found.num),
            "dbl": as_sql(None) if found.dbl is None else _double(found.dbl),
        }
        return Value(frozenset({found.kind}), fields, certain=True, ident=as_sql(found.id), absent=not found.known)

    def statements(self, alias: str) -> E:
        """Give the statements in force as a table of p, s, o; and g where the graph is a variable."""
        if self.graph is None:
            return self._default(alias)
        wanted = [column(name) for name in ("g", "p", "s", "o")]
        if isinstance(self.graph, int):
            return subquery(select(wanted, table("quads", "q"), is_in(column("g"), [self.graph])), alias)
        if self.dataset.named is None:
            return table("quads", alias)
        return subquery(select(wanted, table("quads", "q"), _among(self.dataset.named)), alias)

    def _default(self, alias: str) -> E:
        graphs = self.dataset.default
        if graphs is None:
            return table("triples", alias)
        query = select([column(name) for name in ("p", "s", "o")], table("quads", "q"), _among(graphs))
        return subquery(query if len(graphs) == 1 else query.distinct(copy=False), alias)

    def graph_names(self) -> E:
        """Give a query of the ids of the named graphs, as g."""
        where = None if self.dataset.named is None else _among(self.dataset.named)
        return select([column("g")], table("quads", "q"), where).distinct(copy=False)

    def subjects(self, predicate: int | None) -> frozenset[Kind]:
        """Give the kinds that subjects may be of, with this predicate or with any."""
        if predicate is None:
            return self.columns.subject_kinds
        known = self.columns.predicates.get(predicate)
        return known.subject_kinds if known else frozenset()

    def objects(self, predicate: int | None) -> frozenset[Kind]:
        """Give the kinds that objects may be of, with this predicate or with any."""
        if predicate is None:
            return self.columns.object_kinds
        known = self.columns.predicates.get(predicate)
        return known.object_kinds if known else frozenset()


def _among(graphs: frozenset[int]) -> E:
    return is_in(column("g"), graphs) if graphs else as_sql(False)


def _double(number: float) -> E:
    return sql("CAST($n AS DOUBLE)", n=repr(number))


def variable_of(term: Node) -> str | None:
    """Give the name of a variable, or of a blank node of a pattern, which is one too; None for a constant."""
    if isinstance(term, Variable):
        return str(term)
    return f"_:{term}" if isinstance(term, BNode) else None


def engine_term(term: Node) -> NamedNode | Literal:
    """Give a constant of rdflib's as the engine's."""
    if isinstance(term, URIRef):
        return _iri(term)
    if isinstance(term, RdflibLiteral):
        if term.language:
            return Literal(str(term), language=term.language)
        return Literal(str(term), datatype=_iri(term.datatype)) if term.datatype else Literal(str(term))
    raise NotCompiled(f"a {type(term).__name__} in the query")


def _iri(term: URIRef) -> NamedNode:
    """Give an IRI without the escapes of its local name (https://www.w3.org/TR/sparql11-query/#rPN_LOCAL_ESC), which
    rdflib leaves in; no IRI holds a backslash of its own.
    """
    return NamedNode(str(term).replace("\\", ""))
