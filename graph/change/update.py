"""An operation of SPARQL 1.1 Update as the quads it removes and adds, found by the engine's own reading and answers.

The engine does not report what an update changes, so it is never asked to update: a template is read as data whose
variables are names of their own, its pattern is asked as a query, and the solutions are put in their places
(https://www.w3.org/TR/sparql11-update/#deleteInsert).
"""

import secrets
from collections.abc import Iterator, Sequence

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, QuerySolution, QuerySolutions, Store, Triple

from graph.change.delta import NotWritable, Working
from graph.change.operations import Operation, Slice
from graph.engine.evaluate import merged
from graph.engine.functions import ask
from graph.engine.question import BadQuery
from graph.store import DEFAULT, Graph

Term = NamedNode | BlankNode | Literal | Triple
Dataset = tuple[tuple[str, ...], tuple[str, ...]]


def execute(
    working: Working, operation: Operation, largest: int, dataset: Dataset | None = None, within: str | None = None
) -> None:
    """Apply `operation` to `working`, changing `largest` statements at most.

    `dataset` are the protocol's default and named graphs for patterns; `within` is a graph that stands for the
    default one in templates and patterns. Raises NotWritable, and BadQuery where the engine cannot evaluate it.
    """
    if operation.form in ("CLEAR", "DROP"):
        _clear(working, operation, largest, within)
    elif operation.form == "CREATE":
        _create(working, operation)
    elif operation.form in ("COPY", "MOVE", "ADD"):
        _transfer(working, operation, largest, within)
    else:
        context = operation.within or within
        home = NamedNode(context) if context else DEFAULT
        mark = f"urn:variable:{secrets.token_hex(8)}:"
        gone = _template(operation.prologue, operation.delete, mark, home)
        new = _template(operation.prologue, operation.insert, mark, home)
        if operation.where is None:
            working.change(gone, new, largest)
            return
        removed: set[Quad] = set()
        added: set[Quad] = set()
        for number, solution in enumerate(_solutions(working.store, operation, dataset, within, gone + new, mark)):
            removed.update(_filled(gone, solution, mark, number))
            added.update(_filled(new, solution, mark, number))
            if len(removed) + len(added) > largest:
                raise NotWritable("too-large", f"an operation changes more than {largest} statements")
        working.change(removed, added, largest)


def _template(prologue: str, block: Slice | None, mark: str, home: Graph) -> list[Quad]:
    """Read a template as data: each variable is an IRI that begins with `mark`; what names no graph is in `home`."""
    if block is None:
        return []
    pieces, at = [], block.tokens[0].at
    start = at
    for token in block.tokens:
        if token.kind == "variable":
            pieces += [block.text[at - start : token.at - start], f"<{mark}{token.text[1:]}>"]
            at = token.at + len(token.text)
    pieces.append(block.text[at - start :])
    scratch = Store()
    scratch.update(f"{prologue}\nINSERT DATA {''.join(pieces)}")
    return [
        Quad(q.subject, q.predicate, q.object, home if isinstance(q.graph_name, DefaultGraph) else q.graph_name)
        for q in scratch
    ]


def _solutions(
    store: Store, operation: Operation, dataset: Dataset | None, within: str | None, quads: Sequence[Quad], mark: str
) -> Iterator[QuerySolution]:
    if operation.where is None:
        return
    names = sorted({name for quad in quads for name in _variables(quad, mark)})
    # Each solution counts, whatever it binds: a template's blank nodes are new ones in each.
    chosen = " ".join(f"?{name}" for name in names) or f"(1 AS ?{mark.replace(':', '')})"
    default: list[NamedNode | BlankNode | DefaultGraph] | None = None
    named: list[NamedNode | BlankNode] | None = None
    asked = dataset or ((operation.using, operation.using_named) if operation.using or operation.using_named else None)
    if asked is not None:
        store, default, named = merged(store, *([NamedNode(iri) for iri in part] for part in asked))
    elif operation.within or within:
        default = [NamedNode(operation.within or within or "")]
    text = f"{operation.prologue}\nSELECT {chosen} WHERE {operation.where.text}"
    try:
        found = ask(store, text, default, named)
    except (SyntaxError, RuntimeError, PermissionError) as error:
        raise BadQuery(f"the engine cannot answer the pattern: {error}") from error
    if isinstance(found, QuerySolutions):
        yield from found


def _variables(quad: Quad, mark: str) -> Iterator[str]:
    for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
        if isinstance(term, NamedNode) and term.value.startswith(mark):
            yield term.value.removeprefix(mark)


def _filled(template: Sequence[Quad], solution: QuerySolution, mark: str, number: int) -> Iterator[Quad]:
    """Give the template's quads for one solution; one with an unbound or misplaced term is left out."""
    for quad in template:
        subject, predicate, object_, graph = (
            _term(term, solution, mark, number)
            for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
        )
        if (
            isinstance(subject, (NamedNode, BlankNode))
            and isinstance(predicate, NamedNode)
            and isinstance(object_, (NamedNode, BlankNode, Literal, Triple))
            and isinstance(graph, (NamedNode, BlankNode, DefaultGraph))
        ):
            yield Quad(subject, predicate, object_, graph)


def _term(term: Term | DefaultGraph, solution: QuerySolution, mark: str, number: int) -> Term | DefaultGraph | None:
    if isinstance(term, NamedNode) and term.value.startswith(mark):
        return solution[term.value.removeprefix(mark)]  # type: ignore[no-any-return]
    if isinstance(term, BlankNode):
        return BlankNode(f"{term.value}n{number}")
    return term


def _named(name: str, within: str | None) -> Graph:
    if name == "DEFAULT":
        return NamedNode(within) if within else DEFAULT
    return NamedNode(name)


def _there(working: Working, graph: Graph) -> bool:
    return isinstance(graph, DefaultGraph) or working.store.contains_named_graph(graph)


def _clear(working: Working, operation: Operation, largest: int, within: str | None) -> None:
    name = operation.graphs[0]
    graphs: list[Graph] = list(working.store.named_graphs()) if name in ("NAMED", "ALL") else [_named(name, within)]
    if name == "ALL":
        graphs.append(DEFAULT)
    for graph in graphs:
        working.admit(graph)
    for graph in graphs:
        if not _there(working, graph):
            if not operation.silent:
                raise NotWritable("no-such-graph", f"there is no graph {graph} here")
        elif operation.form == "DROP":
            working.drop(graph, largest)
        else:
            working.change(working.of(graph), (), largest)


def _create(working: Working, operation: Operation) -> None:
    graph = NamedNode(operation.graphs[0])
    working.admit(graph)
    if not _there(working, graph):
        working.begin(graph)
    elif not operation.silent:
        raise NotWritable("graph-exists", f"the graph {graph} is here already")


def _transfer(working: Working, operation: Operation, largest: int, within: str | None) -> None:
    source, target = (_named(name, within) for name in operation.graphs)
    if not _there(working, source):
        if not operation.silent:
            raise NotWritable("no-such-graph", f"there is no graph {source} here")
        return
    if source == target:
        return
    moved = [Quad(q.subject, q.predicate, q.object, target) for q in working.of(source)]
    before = [] if operation.form == "ADD" else working.of(target)
    working.admit(target)
    working.change(before, moved, largest)
    working.begin(target)
    if operation.form == "MOVE":
        working.drop(source, largest)
