"""Load: RDF files of anyone's become a validated, published snapshot, in place of the live one.

Files of quads keep their graphs. A file without graphs goes to the graph that the caller names, or, where none is
named, to the default graph: the snapshot is then a plain dataset (`separate` mode), else its default graph is the
union of its graphs (`union` mode).
"""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import Store

from graph import columns, facets, provenance, search
from graph.build import publish, refuse_violations
from graph.bulk import Rows, in_lines, load_lines, unite, unpacked
from graph.erasure import mentioning, reach
from graph.gone import Gone
from graph.manifest import Mode
from graph.progress import Progress, silent, tell
from graph.reading import read_file
from graph.screen.choice import judge_store
from graph.snapshot import DataDirectory, Snapshot
from graph.store import DEFAULT
from graph.validate import Report, room_triples


def load(files: Sequence[Path], data: DataDirectory, graph: str | None = None, progress: Progress = silent) -> Snapshot:
    """Publish what `files` hold. `graph` is the IRI for statements that stand in no graph.

    Raises LoadError where a file is no RDF, BuildError where the data breaks its shapes, and SnapshotError; the old
    version then stays live.
    """
    with data.writer():
        staging, forgotten = data.staging(), Gone(data.path).forgotten()
        with TemporaryDirectory(dir=staging, prefix=".load-") as place:
            mode, report = _filled(unpacked(files, Path(place)), graph, staging, Path(place), forgotten, progress)
        (staging / "report.ttl").write_text(report.turtle, encoding="utf-8")
        return publish(data, staging, report, "load", "", mode=mode)


def _filled(
    files: Mapping[Path, Path],
    graph: str | None,
    staging: Path,
    place: Path,
    forgotten: Collection[str],
    progress: Progress,
) -> tuple[Mode, Report]:
    """Fill `staging` with what `files` hold, but for what is forgotten, and judge it. Gives its mode and the report."""
    store, mode = Store(str(staging / "oxigraph")), None
    with Rows(store) as rows:
        if not forgotten and all(in_lines(path, graph) for path in files):
            mode = load_lines(rows, files, graph, staging, place, progress)
        else:
            _read(store, rows, files, graph, progress)
            for quad in list(mentioning(store, reach(store, forgotten))):
                store.remove(quad)
        if mode is None:
            mode = _united(store, staging, place, progress)
        progress("load: names and facets", 0, None)
        with closing(sqlite3.connect(staging / "index.sqlite")) as connection:
            connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            provenance.write(connection, ())
            search.write(connection, store, staging)
            connection.commit()
        rows.look()
        facets.beside(store, staging, rows.wait)
        rows.look()
        ontology = room_triples("ontology")
        report = judge_store(store, mode, staging, ontology, progress=progress, ready=rows.wait)
        progress("load: rows", 0, None)
        rows.wait()
    refuse_violations(report)
    store.flush()
    return mode, report


def _read(store: Store, rows: Rows, files: Mapping[Path, Path], graph: str | None, progress: Progress) -> None:
    """Read files of any form, one after the other; blank nodes of two files are never the same."""
    for number, (path, name) in enumerate(files.items()):
        progress(f"load {name.name}", 0, None)
        if in_lines(path, graph):
            rows.load(path, graph, name)
            rows.wait()
        else:
            store.bulk_extend(tell(progress, f"load {name.name}", read_file(name, graph, rename=number > 0)))


def _united(store: Store, staging: Path, place: Path, progress: Progress) -> Mode:
    """Lay the union of the named graphs into the default graph, unless something stands there; make the columns."""
    mode: Mode = "union"
    if next(iter(store.quads_for_pattern(None, None, None, DEFAULT)), None) is not None:
        mode = "separate"
    else:
        progress("load: default graph", 0, None)
        unite(store, place)
    store.optimize()
    columns.beside(store, staging, mode)
    return mode
