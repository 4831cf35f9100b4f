"""Load: RDF files of anyone's become a validated, published snapshot, in place of the live one.

Files of quads keep their graphs. A file without graphs goes to the graph that the caller names, or, where none is
named, to the default graph: the snapshot is then a plain dataset (`separate` mode), else its default graph is the
union of its graphs (`union` mode).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from graph import formats, provenance, search
from graph.build import publish, refuse_violations
from graph.errors import Foreseen
from graph.progress import Progress, silent, tell
from graph.snapshot import DataDirectory, Mode, Snapshot
from graph.store import DEFAULT, union, with_union
from graph.validate import validate

_DTD = b"<!DOCTYPE"
_HEAD = 65536  # bytes in which a document type declaration can stand before the first element, generously


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
        for path in files:
            progress(f"load {path.name}", 0, None)
            store.bulk_extend(tell(progress, f"load {path.name}", read_file(path, graph)))
        mode: Mode = "separate" if _has_default(store) else "union"
        if mode == "union":
            store.bulk_extend(q for q in with_union(store) if q.graph_name == DEFAULT)
        store.optimize()
        progress("validate", 0, 1)
        report = validate(q.triple for q in store) if mode == "separate" else validate(union(store))
        progress("validate", 1, 1)
        refuse_violations(report)
        with closing(sqlite3.connect(staging / "index.sqlite")) as connection:
            provenance.write(connection, ())
            search.write(connection, store)
            connection.commit()
        (staging / "report.ttl").write_text(report.turtle, encoding="utf-8")
        store.flush()
        del store
        return publish(data, staging, report, "load", "", mode=mode)


def _has_default(store: Store) -> bool:
    return next(iter(store.quads_for_pattern(None, None, None, DEFAULT)), None) is not None


def read_file(path: Path, graph: str | None = None) -> Iterator[Quad]:
    """Give the statements of an RDF file; those in no graph go to `graph`, if one is named. Raises LoadError."""
    name = NamedNode(graph) if graph else None
    try:
        row = formats.by_name(path.suffix)
    except KeyError:
        raise LoadError(f"{path}: the suffix {path.suffix!r} is none of "
                        f"{', '.join(f.suffix for f in formats.GRAPH_FORMATS)}") from None  # fmt: skip
    if row.rdf is None:
        raise LoadError(f"{path}: {row.label} holds query results, not RDF statements")
    _refuse_dtd(path, row.rdf)
    try:
        for quad in parse(path=str(path), format=row.rdf):
            if name is not None and quad.graph_name == DEFAULT:
                quad = Quad(quad.subject, quad.predicate, quad.object, name)
            yield quad
    except (SyntaxError, OSError, ValueError) as error:
        raise LoadError(f"{path}: {error}") from error


def _refuse_dtd(path: Path, form: RdfFormat) -> None:
    # Entities of a DTD expand without bound in the engine's RDF/XML parser.
    try:
        with path.open("rb") as file:
            if form == RdfFormat.RDF_XML and _DTD in file.read(_HEAD).upper():
                raise LoadError(f"{path}: an RDF/XML file with a DTD is not read")
    except OSError as error:
        raise LoadError(f"{path}: {error.strerror}") from error
