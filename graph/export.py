"""Statements as documents: every graph format, the same bytes for the same statements wherever and whenever.

All functions give an iterator of bytes (a Document, which knows its size) and do their work before they
return it: a fault is raised by the call, never half-way. `out.writelines(whole(store, TURTLE))` saves one.
Blank nodes are labelled anew by RDFC-1.0 in each document, so labels do not join two documents.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from importlib.resources import files

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize

from graph.formats import NQUADS, NTRIPLES, RDFXML, TRIG, TURTLE, Format
from graph.labels import NotSerialisable, canonical, has_blank
from graph.names import PREFIXES
from graph.ordering import Block, blocks, rank
from graph.rdfxml import rdfxml
from graph.spool import Chunks, Document, Spool, chunks, spooled
from graph.turtle import document

__all__ = [
    "NotSerialisable",
    "Part",
    "entities",
    "entity",
    "everything",
    "named_graph",
    "named_graphs",
    "ontology",
    "part",
    "room",
    "shapes",
    "whole",
    "write",
]

Graph = NamedNode | BlankNode | DefaultGraph


def write(
    quads: Iterable[Triple | Quad],
    form: Format,
    prefixes: Mapping[str, str] = PREFIXES,
    *,
    presorted: bool = False,
    largest: int | None = None,
) -> Document:
    """Give `quads` in the format `form`; formats for one graph drop the names of graphs.

    `presorted` as in `graph.ordering.blocks`. Raises NotSerialisable where the format cannot say it or
    blank nodes cannot be labelled, Overfull past `largest` bytes (prefixes not counted), ValueError where
    `form` is a format of query results.
    """
    return _written(blocks(quads, graphs=form.quads, presorted=presorted), form, prefixes, largest)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a snapshot is written: its `named` graphs, or the one of them called `graph`; else its default graph."""

    named: bool = False
    graph: str = ""


def everything(form: Format) -> Part:
    """Give what all of a snapshot is in `form`: its named graphs in a format for datasets, else their union."""
    return Part(named=form.quads)


def whole(store: Store, form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give all of a snapshot."""
    return part(store, everything(form), form, prefixes)


def part(store: Store, wanted: Part, form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give a part of a snapshot. Raises LookupError where there is no such graph."""
    if wanted.graph:
        return named_graph(store, wanted.graph, form, prefixes)
    graphs: Sequence[Graph] = named_graphs(store) if wanted.named else [DefaultGraph()]
    return write(_ordered(store, graphs), form, prefixes, presorted=True)


def named_graph(store: Store, graph: str, form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give one named graph; TriG and N-Quads say its name. Raises LookupError where there is none."""
    name = NamedNode(graph)
    if not store.contains_named_graph(name):
        raise LookupError(f"there is no graph <{graph}>")
    found = blocks(_ordered(store, [name]), graphs=form in (TRIG, NQUADS), presorted=True)
    return _written(found, form, prefixes)


def entity(store: Store, iri: str, form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give the statements with the subject `iri`, each once; TriG and N-Quads say in which graphs they stand.

    Raises LookupError where there is none.
    """
    subject = NamedNode(iri)
    if form in (TRIG, NQUADS):
        quads = [
            quad
            for quad in store.quads_for_pattern(subject, None, None)
            if not isinstance(quad.graph_name, DefaultGraph)
        ]
    else:
        quads = list(store.quads_for_pattern(subject, None, None, DefaultGraph()))
    if not quads:
        raise LookupError(f"nothing is said about <{iri}>")
    return write(quads, form, prefixes)


def entities(store: Store, iris: Iterable[str], form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give the statements of the default graph with the subjects `iris`, in a format for graphs.

    Any number of them: one subject is held at a time. Blank nodes keep the labels that the engine has for them.
    """
    quads = (
        quad.triple
        for iri in sorted(iris)
        for quad in store.quads_for_pattern(NamedNode(iri), None, None, DefaultGraph())
    )
    return write(quads, form, prefixes, presorted=True)


def ontology(form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give the ontology and its concept schemes as the package has them."""
    return write(room("ontology"), form, prefixes)


def shapes(form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give the shapes as the package has them."""
    return write(room("shapes"), form, prefixes)


def _written(found: Iterable[Block], form: Format, prefixes: Mapping[str, str], largest: int | None = None) -> Document:
    if form.rdf is None:
        raise ValueError(f"{form.label} is no format for graphs")
    if form in (TURTLE, TRIG):
        return document(found, prefixes, largest)
    if form in (NTRIPLES, NQUADS):
        return Document(b"", spooled(_lines(found), largest))
    if form == RDFXML:
        return rdfxml(found, prefixes, largest)
    return _rewritten(_lines(found), form.rdf, largest)


def _lines(found: Iterable[Block]) -> Iterator[str]:
    for graph, subject, predicates in found:
        name = f" {graph}" if graph else ""
        for predicate, objects in predicates:
            for term in objects:
                yield f"{subject} {predicate} {term}{name} .\n"


def _rewritten(lines: Iterable[str], form: RdfFormat, largest: int | None) -> Document:
    """Give ordered N-Quads in another format of the engine, whose writers keep the order they get."""
    source = Chunks(chunks(lines))
    with ExitStack() as unless_whole:
        target = unless_whole.enter_context(closing(Spool(largest)))
        # Lenient: what the store holds was checked on its way in.
        serialize(parse(source, format=RdfFormat.N_QUADS, lenient=True), target, form)  # type: ignore[arg-type]
        unless_whole.pop_all()
    return Document(b"", target)


def named_graphs(store: Store) -> list[NamedNode | BlankNode]:
    """Give the names of the graphs in the order of exports."""
    return sorted(store.named_graphs(), key=lambda name: (isinstance(name, BlankNode), name.value))


def _ordered(store: Store, graphs: Iterable[Graph]) -> Iterator[Quad]:
    """Give the quads of `graphs` as `blocks(presorted=True)` wants them, holding their subjects only.

    Quads with blank nodes are held too: their labels depend on all of them.
    """
    subjects: dict[Graph, set[str]] = {}
    blank: list[Quad] = []
    for graph in graphs:
        names = subjects[graph] = set()
        if isinstance(graph, BlankNode):
            blank.extend(store.quads_for_pattern(None, None, None, graph))
            continue
        for quad in store.quads_for_pattern(None, None, None, graph):
            subject = quad.subject
            # The one loop over every quad: `has_blank` would take as long as all the rest of it.
            if isinstance(subject, NamedNode) and not isinstance(quad.object, BlankNode):
                names.add(subject.value)
            else:
                blank.append(quad)
    if blank:
        return _merged(store, subjects, canonical(blank))
    return (
        quad
        for graph, names in subjects.items()
        for name in sorted(names)
        for quad in store.quads_for_pattern(NamedNode(name), None, None, graph)
    )


def _merged(store: Store, subjects: Mapping[Graph, set[str]], relabelled: Iterable[Quad]) -> Iterator[Quad]:
    """Give the quads without blank nodes, from the store, and the `relabelled` ones in one order."""
    others: dict[Graph, dict[NamedNode | BlankNode, list[Quad]]] = {}
    for quad in relabelled:
        others.setdefault(quad.graph_name, {}).setdefault(_resource(quad), []).append(quad)
    for graph in sorted({*subjects, *others}, key=_rank):
        blank = others.get(graph, {})
        named = {NamedNode(name) for name in subjects.get(graph, ())}
        for subject in sorted({*named, *blank}, key=_rank):
            if subject in named:
                found = store.quads_for_pattern(subject, None, None, graph)
                yield from (quad for quad in found if not has_blank(quad))
            yield from blank.get(subject, ())


def _resource(quad: Quad) -> NamedNode | BlankNode:
    if isinstance(quad.subject, Triple):
        raise NotSerialisable(f"a triple term (RDF 1.2) is the subject of {quad}")
    return quad.subject


def _rank(term: Graph) -> tuple[int, int, str]:
    return rank("" if isinstance(term, DefaultGraph) else str(term))


def room(name: str) -> list[Quad]:
    """Give the statements of all Turtle files of a room of the package, in one graph."""
    quads: list[Quad] = []
    for file in sorted(files(name).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(TURTLE.suffix):
            # Two files may use one label for two blank nodes.
            quads += parse(file.read_bytes(), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return quads
