"""Load: RDF files of anyone's become a validated, published snapshot, in place of the live one.

Files of quads keep their graphs. A file without graphs goes to the graph that the caller names, or, where none is
named, to the default graph: the snapshot is then a plain dataset (`separate` mode), else its default graph is the
union of its graphs (`union` mode).
"""

import gzip
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.parsers import expat

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from graph import columns, facets, formats, provenance, search
from graph.build import publish, refuse_violations
from graph.erasure import mentioning, reach
from graph.errors import Foreseen
from graph.gone import Gone
from graph.manifest import Mode
from graph.progress import Progress, silent, tell
from graph.screen.choice import judge_store
from graph.snapshot import DataDirectory, Snapshot
from graph.store import DEFAULT, named_quads
from graph.validate import room_triples

_LINES = {".nq": RdfFormat.N_QUADS, ".nt": RdfFormat.N_TRIPLES}
_LARGE = 1 << 24  # bytes; what is smaller is read as all files are, with its progress shown
_BLOCK = 1 << 20
_MANY = 100_000  # statements from which their file is written and read again by the engine alone ...
_GRAPHS = 20  # ... where they lie in few graphs


class LoadError(Foreseen, ValueError):
    """A file cannot be read as RDF: its name, line and column are in the message."""


def load(files: Sequence[Path], data: DataDirectory, graph: str | None = None, progress: Progress = silent) -> Snapshot:
    """Publish what `files` hold. `graph` is the IRI for statements that stand in no graph.

    Raises LoadError where a file is no RDF, BuildError where the data breaks its shapes, and SnapshotError; the old
    version then stays live.
    """
    with data.writer():
        staging = data.staging()
        store = Store(str(staging / "oxigraph"))
        for number, path in enumerate(files):
            progress(f"load {path.name}", 0, None)
            if not _taken_whole(store, path, graph):
                store.bulk_extend(tell(progress, f"load {path.name}", read_file(path, graph, rename=number > 0)))
        for quad in list(mentioning(store, reach(store, Gone(data.path).forgotten()))):
            store.remove(quad)
        mode: Mode = "separate" if _has_default(store) else "union"
        if mode == "union":
            progress("load: default graph", 0, None)
            unite(store, staging)
        store.optimize()
        columns.beside(store, staging, mode)
        report = judge_store(store, mode, staging, room_triples("ontology"), progress=progress)
        refuse_violations(report)
        progress("load: names and facets", 0, None)
        with closing(sqlite3.connect(staging / "index.sqlite")) as connection:
            provenance.write(connection, ())
            search.write(connection, store)
            connection.commit()
        facets.beside(store, staging)
        (staging / "report.ttl").write_text(report.turtle, encoding="utf-8")
        store.flush()
        del store
        return publish(data, staging, report, "load", "", mode=mode)


def _taken_whole(store: Store, path: Path, graph: str | None) -> bool:
    """Have the engine read a file of lines by itself, several times faster; give whether that gives the same.

    It renames blank nodes, so that their labels, and the digest, would differ each time: a file with any is not taken.
    """
    rdf = _LINES.get(path.suffix)
    if rdf is None or path.stat().st_size < _LARGE or (graph and rdf == RdfFormat.N_QUADS) or _has_blank_nodes(path):
        return False
    try:
        store.bulk_load(path=str(path), format=rdf, to_graph=NamedNode(graph) if graph else None)
    except (SyntaxError, ValueError) as error:
        raise LoadError(f"{path}: {error}") from error
    return True


def _has_blank_nodes(path: Path) -> bool:
    """Whether a file of lines may have a blank node."""
    with path.open("rb") as file:
        end = b""
        while block := file.read(_BLOCK):
            if b"_:" in end + block:
                return True
            end = block[-1:]
    return False


def unite(store: Store, folder: Path) -> None:
    """Add the triples of all named graphs of `store` to its default graph, by way of a file in `folder`."""
    file, names = folder / "graph.nt", list(store.named_graphs())
    if len(store) < _MANY or len(names) > _GRAPHS:
        store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in named_quads(store))
        return
    for name in names:
        store.dump(str(file), format=RdfFormat.N_TRIPLES, from_graph=name)
        if _has_blank_nodes(file):
            quads = store.quads_for_pattern(None, None, None, name)
            store.bulk_extend(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
        else:
            store.bulk_load(path=str(file), format=RdfFormat.N_TRIPLES, to_graph=DEFAULT)
        file.unlink()


def _has_default(store: Store) -> bool:
    return next(iter(store.quads_for_pattern(None, None, None, DEFAULT)), None) is not None


def read_file(path: Path, graph: str | None = None, *, rename: bool = False) -> Iterator[Quad]:
    """Give the statements of an RDF file, gzipped or not; those in no graph go to `graph`, if one is named.

    Raises LoadError. `rename` gives its blank nodes labels of their own, which no other file has.
    """
    try:
        name = NamedNode(graph) if graph else None
    except ValueError as error:
        raise LoadError(f"{graph!r} is no IRI for a graph: {error}") from error
    packed = path.suffix == ".gz"
    suffix = path.with_suffix("").suffix if packed else path.suffix
    try:
        row = formats.by_name(suffix)
    except KeyError:
        raise LoadError(f"{path}: the suffix {suffix!r} is none of "
                        f"{', '.join(f.suffix for f in formats.GRAPH_FORMATS)}") from None  # fmt: skip
    if row.rdf is None:
        raise LoadError(f"{path}: {row.label} holds query results, not RDF statements")
    if row.rdf == RdfFormat.RDF_XML:
        if packed:
            raise LoadError(f"{path}: RDF/XML is not read gzipped")
        _check_xml(path)
    try:
        source: dict[str, Any] = {"input": gzip.open(path)} if packed else {"path": str(path)}  # noqa: SIM115
        for quad in parse(format=row.rdf, rename_blank_nodes=rename, **source):
            if name is not None and quad.graph_name == DEFAULT:
                quad = Quad(quad.subject, quad.predicate, quad.object, name)
            yield quad
    except (SyntaxError, OSError, ValueError, EOFError, zlib.error) as error:
        raise LoadError(f"{path}: {error}") from error


def _check_xml(path: Path) -> None:
    """Raise LoadError where an XML file has a DTD or is not well-formed.

    The engine expands a DTD's entities without bound, and takes a file that breaks off for a whole one.
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise LoadError(f"{path}: an RDF/XML file with a DTD is not read")

    parser.StartDoctypeDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except OSError as error:
        raise LoadError(f"{path}: {error.strerror}") from error
    except expat.ExpatError as error:
        raise LoadError(f"{path}: {error}") from error
