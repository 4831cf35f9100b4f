"""Statements as documents: every graph format, the same bytes for the same statements wherever and whenever.

All functions give an iterator of bytes (a Document, which knows its size) and do their work before they
return it: a fault is raised by the call, never half-way. `out.writelines(whole(store, TURTLE))` saves one.
Blank nodes are labelled anew by RDFC-1.0 in each document, so labels do not join two documents.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize

from graph.formats import NQUADS, NTRIPLES, RDFXML, TRIG, TURTLE, Format
from graph.labels import NotSerialisable, canonical, has_blank
from graph.names import GRAPH, PREFIXES, slug
from graph.ordering import Block, blocks, rank
from graph.rdfxml import rdfxml
from graph.spool import Chunks, Document, Spool, chunks, spooled
from graph.turtle import document

__all__ = [
    "NotSerialisable",
    "Written",
    "directory",
    "entities",
    "entity",
    "named_graph",
    "ontology",
    "shapes",
    "whole",
    "write",
]

Graph = NamedNode | BlankNode | DefaultGraph

INDEX: Final = "index.tsv"
ROOMS: Final = ("ontology", "shapes")


class Written(NamedTuple):
    """A file of an exported directory: its name, its named graph ("" for none), its size and its digest."""

    file: str
    graph: str
    triples: int
    sha256: str


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


def whole(store: Store, form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give all of a snapshot: in a format for datasets its named graphs, else their union."""
    graphs: Sequence[Graph] = _named_graphs(store) if form.quads else [DefaultGraph()]
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
    return write(_room("ontology"), form, prefixes)


def shapes(form: Format, prefixes: Mapping[str, str] = PREFIXES) -> Document:
    """Give the shapes as the package has them."""
    return write(_room("shapes"), form, prefixes)


def directory(store: Store, folder: Path, *, overwrite: bool = False) -> list[Written]:
    """Write each named graph, the ontology and the shapes to a Turtle file of its own, and `index.tsv`.

    A new folder appears whole or not at all. With `overwrite`, an existing one gets each file whole, the
    index last; files of an earlier export that this one does not have are removed, other files are left
    alone. Raises FileExistsError where `folder` has something in it and `overwrite` is false,
    NotSerialisable (nothing is written) where a graph has no IRI or cannot be written.
    """
    folder = folder.absolute()
    if folder.exists() and not overwrite and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: name another folder or overwrite it")
    home = folder if folder.exists() else folder.parent
    with TemporaryDirectory(prefix=".export-", dir=home) as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        rows = _fill(store, new)
        if folder.exists():
            _replace(new, folder, rows)
        else:
            new.rename(folder)
    return rows


def _written(
    found: Iterable[Block], form: Format, prefixes: Mapping[str, str], largest: int | None = None
) -> Document:
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
    source, target = Chunks(chunks(lines)), Spool(largest)
    try:
        # Lenient: what the store holds was checked on its way in.
        serialize(parse(source, format=RdfFormat.N_QUADS, lenient=True), target, form)  # type: ignore[arg-type]
    except BaseException:
        target.close()
        raise
    return Document(b"", target)


def _named_graphs(store: Store) -> list[NamedNode | BlankNode]:
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


def _room(name: str) -> list[Quad]:
    """Give the statements of all Turtle files of a room of the package, in one graph."""
    quads: list[Quad] = []
    for file in sorted(files(name).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(TURTLE.suffix):
            # Two files may use one label for two blank nodes.
            quads += parse(file.read_bytes(), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return quads


def _fill(store: Store, folder: Path) -> list[Written]:
    """Write all files of an export to the empty `folder`; give their rows, in the order of the index."""
    rows = []
    taken = {*ROOMS, "index"}
    for graph in _named_graphs(store):
        if not isinstance(graph, NamedNode):
            raise NotSerialisable(f"the graph {graph} has no IRI, so no file can be named after it")
        name = _file_name(graph.value, taken)
        count = sum(1 for _ in store.quads_for_pattern(None, None, None, graph))
        rows.append(_save(named_graph(store, graph.value, TURTLE), folder / name, graph.value, count))
    for room in ROOMS:
        quads = _room(room)
        rows.append(_save(write(quads, TURTLE), folder / f"{room}{TURTLE.suffix}", "", len(set(quads))))
    lines = ["\t".join(Written._fields), *("\t".join(map(str, row)) for row in rows)]
    (folder / INDEX).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return rows


def _file_name(graph: str, taken: set[str]) -> str:
    """Give a file name for a named graph: its slug, and part of a digest where that is taken."""
    local = graph.removeprefix(GRAPH)
    try:
        name = slug(local)
    except ValueError:
        name = "graph"
    name = name[:100]
    if name in taken:
        name += "-" + hashlib.sha256(graph.encode()).hexdigest()[:12]
    taken.add(name)
    return name + TURTLE.suffix


def _save(chunks: Iterable[bytes], file: Path, graph: str, count: int) -> Written:
    digest = hashlib.sha256()
    with file.open("xb") as out:
        for chunk in chunks:
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return Written(file.name, graph, count, digest.hexdigest())


def _replace(new: Path, folder: Path, rows: Iterable[Written]) -> None:
    """Move the files of `new` into `folder`, the index last, and remove what only the old index lists."""
    index = folder / INDEX
    old = set()
    if index.is_file():
        old = {line.split("\t")[0] for line in index.read_text(encoding="utf-8").splitlines()[1:]}
    kept = {row.file for row in rows}
    for file in sorted(kept):
        (new / file).replace(folder / file)
    (new / INDEX).replace(index)
    for file in old - kept:
        # Only plain names of files of ours: an index that somebody edited must not reach elsewhere.
        if Path(file).name == file and file.endswith(TURTLE.suffix):
            (folder / file).unlink(missing_ok=True)
