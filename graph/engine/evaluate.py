"""One question, evaluated: the query over the snapshot's store, serialised whole, or the error that says why not."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    Store,
    Triple,
    Variable,
    serialize,
)

from graph import export, formats
from graph.bound import bound
from graph.engine import federation, policy
from graph.engine.explanation import explained
from graph.engine.faults import bad_query
from graph.engine.functions import ask
from graph.engine.question import BadQuery, NotExpressible, Question, TooLarge, UnknownGraph
from graph.engine.tokens import Token, tokens
from graph.spool import Overfull
from graph.terms import read_term

if TYPE_CHECKING:
    from graph.engine.sql.answer import ColumnEngine


class Output(Protocol):
    """What an answer is written to."""

    def write(self, data: bytes, /) -> int:
        """Take `data`."""

    def flush(self) -> None:
        """Write through."""


class Limited:
    """A writer that raises TooLarge past `largest` bytes."""

    def __init__(self, out: Output, largest: int) -> None:
        self._out, self._largest, self.written = out, largest, 0

    def write(self, data: bytes) -> int:
        """Write `data`, or raise TooLarge."""
        self.written += len(data)
        if self.written > self._largest:
            raise TooLarge(f"the answer is larger than {self._largest} bytes")
        return self._out.write(data)

    def flush(self) -> None:
        """Write through."""
        self._out.flush()


Found = QuerySolutions | QueryBoolean | Iterable[Triple]


def evaluate(store: Store, question: Question, out: Output, columns: "ColumnEngine | None" = None) -> tuple[int, str]:
    """Answer `question` from `store`, or from its `columns` where they are quicker, into `out`.

    Give the number of bytes and the engine's name.

    Raises BadQuery, UnknownGraph, NotExpressible or TooLarge; what was written to `out` by then is no answer.
    """
    text = in_order_of_mention(_federated(question) if question.fetched else question.text)
    if question.explained:
        told = explained(text, columns, question.default_graphs, question.named_graphs)
        return out.write(json.dumps(asdict(told), ensure_ascii=False, indent=2).encode() + b"\n"), told.engine
    found = _from_columns(columns, store, question, text)
    engine = "columns"
    if found is None:
        engine, found = "rows", _asked(store, question, text)
    writer = Limited(out, question.largest)
    row = formats.by_name(question.format)
    if isinstance(found, QuerySolutions | QueryBoolean):
        found.serialize(writer, format=row.results)  # type: ignore[arg-type]
    elif row in (formats.NTRIPLES, formats.NQUADS):
        serialize(found, writer, format=row.rdf)  # type: ignore[arg-type]
    else:
        try:
            document = export.write(found, row, largest=question.largest)
        except Overfull as error:
            raise TooLarge(f"the answer is larger than {question.largest} bytes") from error
        except export.NotSerialisable as error:
            raise NotExpressible(f"{row.label} cannot say this answer: {error}") from error
        for chunk in document:
            writer.write(chunk)
    return writer.written, engine


def _from_columns(columns: "ColumnEngine | None", store: Store, question: Question, text: str) -> Found | None:
    """Give the answer of the column engine; None where there is none, or the other is to answer."""
    if columns is None or question.fetched:
        return None
    _graphs(store, question)
    if question.bindings:
        if not columns.is_large:  # the other engine answers sooner than the query with these values is compiled
            return None
        text = bound(text, {name: read_term(term) for name, term in question.bindings})
    plan = columns.plan(text, question.default_graphs, question.named_graphs)
    return None if isinstance(plan, str) else columns.answer(plan)


def _asked(store: Store, question: Question, text: str) -> Found:
    store, default, named = _dataset(store, question)
    try:
        return ask(store, text, default, named, {Variable(name): read_term(term) for name, term in question.bindings})
    except SyntaxError as error:
        raise bad_query(question.text, str(error)) from error
    except (RuntimeError, PermissionError) as error:  # the latter: a SERVICE, which the sandbox stops
        raise BadQuery(f"the engine cannot answer this: {error}") from error


def _federated(question: Question) -> str:
    """Give the text with the solutions of its SERVICE calls; BadQuery where it holds another call all the same."""
    try:
        policy.read(federation.without_calls(question.text, question.fetched))
    except policy.Refused as refusal:
        raise BadQuery(refusal.detail) from refusal
    return federation.with_solutions(question.text, question.fetched)


def _dataset(
    store: Store, question: Question
) -> tuple[Store, list[NamedNode | BlankNode | DefaultGraph] | None, list[NamedNode | BlankNode] | None]:
    """Give the store to ask and its dataset; several default graphs are merged, which the engine does not do."""
    if question.default_graphs is None and question.named_graphs is None:
        return store, None, None
    return merged(store, *_graphs(store, question))


def _graphs(store: Store, question: Question) -> tuple[list[NamedNode], list[NamedNode]]:
    """Give the default and the named graphs that the question asks for; raises UnknownGraph."""
    default = [_graph(iri) for iri in question.default_graphs or ()]
    named = [_graph(iri) for iri in question.named_graphs or ()]
    for graph in (*default, *named):
        if not store.contains_named_graph(graph):
            raise UnknownGraph(graph.value)
    return default, named


def merged(
    store: Store, default: Sequence[NamedNode], named: Sequence[NamedNode]
) -> tuple[Store, list[NamedNode | BlankNode | DefaultGraph], list[NamedNode | BlankNode]]:
    """Give the store to ask over these graphs and its dataset: several default graphs are laid together in one."""
    if len(default) < 2:
        return store, [*default], [*named]
    together = Store()
    for graph in default:
        together.bulk_extend(
            Quad(q.subject, q.predicate, q.object) for q in store.quads_for_pattern(None, None, None, graph)
        )
    for graph in named:
        together.bulk_extend(store.quads_for_pattern(None, None, None, graph))
    return together, [DefaultGraph()], [*named]


def _graph(iri: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise BadQuery(f"the dataset names a graph by {iri!r}, which is no absolute IRI: {error}") from error


def in_order_of_mention(text: str) -> str:
    """Give `text` with the `*` of an outer SELECT written out, its variables in the order of their first mention.

    The engine gives the columns of `SELECT *` in alphabetical order. Raises BadQuery where the text is no query.
    """
    if "*" not in text:
        return text
    found = [*tokens(text), *(Token("mark", "", len(text)),) * 3]
    start = next((i for i, t in enumerate(found) if t.is_word("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")), None)
    if start is None or not found[start].is_word("SELECT"):
        return text
    star = found[start + 2] if found[start + 1].is_word("DISTINCT", "REDUCED") else found[start + 1]
    if star.text != "*":
        return text
    try:
        empty = ask(Store(), text)
    except SyntaxError as error:
        raise bad_query(text, str(error)) from error
    if not isinstance(empty, QuerySolutions):
        return text
    mentioned = {t.text[1:]: t.at for t in reversed(found) if t.kind == "variable"}
    names = sorted((v.value for v in empty.variables), key=lambda name: mentioned.get(name, len(text)))
    if not names:
        return text
    return f"{text[: star.at]}{' '.join(f'?{name}' for name in names)} {text[star.at + 1 :]}"
