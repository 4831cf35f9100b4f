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
from graph.errors import Foreseen
from graph.progress import Progress, silent, tell
from graph.screen.choice import judge_store
from graph.snapshot import DataDirectory, Mode, Snapshot
from graph.store import DEFAULT, with_union
from graph.validate import room_triples


class LoadError(Foreseen, ValueError):
    """A file cannot be read as RDF: its name, line and column are in the message."""


def load(
    files: Sequence[Path], data: DataDirectory, graph: str | None = None, progress: Progress = silent
) -> Snapshot:
    """Publish what `files` hold. `graph` is the IRI for statements that stand in no graph.

    Raises LoadError where a file is no RDF, BuildError where the data breaks its shapes, and SnapshotError; the old
    version then stays live.
    """
    with data.writer():
        staging = data.staging()
        store = Store(str(staging / "oxigraph"))
        for number, path in enumerate(files):
            progress(f"load {path.name}", 0, None)
            store.bulk_extend(tell(progress, f"load {path.name}", read_file(path, graph, rename=number > 0)))
        mode: Mode = "separate" if _has_default(store) else "union"
        if mode == "union":
            store.bulk_extend(q for q in with_union(store) if q.graph_name == DEFAULT)
        store.optimize()
        columns.beside(store, staging, mode, len(store))
        report = judge_store(store, mode, staging, room_triples("ontology"), progress=progress)
        refuse_violations(report)
        with closing(sqlite3.connect(staging / "index.sqlite")) as connection:
            provenance.write(connection, ())
            search.write(connection, store)
            facets.write(connection, store)
            connection.commit()
        (staging / "report.ttl").write_text(report.turtle, encoding="utf-8")
        store.flush()
        del store
        return publish(data, staging, report, "load", "", mode=mode)


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
