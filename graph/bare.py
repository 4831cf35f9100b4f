"""A bare store: an empty, plain dataset for any RDF, judged by shapes of its owner's or by none."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import rdflib
from pyoxigraph import Store

from graph import index, provenance, search
from graph.build import publish, refuse_violations
from graph.change.view import View
from graph.errors import Foreseen
from graph.manifest import Judging
from graph.snapshot import DataDirectory, Snapshot
from graph.validate import Report, judge


class BareError(Foreseen):
    """A data directory, or a file of shapes, cannot be used for a bare store."""


def ensure_bare(data: DataDirectory, shapes: Path | None) -> Snapshot:
    """Give the live version of a bare store: an empty one where nothing is here yet, judged by `shapes`, if any.

    Other shapes than before make a version that they judge whole. Raises BareError, BuildError, SnapshotError.
    """
    read = _read(shapes)
    if data.current_id() is None:
        return _publish(data, None, shapes, Report((), ""))
    live = data.current()
    if (live.manifest.lineage or live.manifest.origin) != "bare":
        raise BareError(f"{data.path} holds a graph that is no bare store; give --bare a --data-dir of its own")
    held = live.path / "shapes.ttl"
    if read is None or (held.is_file() and shapes is not None and held.read_bytes() == shapes.read_bytes()):
        return live
    report = judge(View(live.store, "separate").graph(), read)
    refuse_violations(report)
    return _publish(data, live, shapes, report)


def _read(shapes: Path | None) -> rdflib.Graph | None:
    if shapes is None:
        return None
    try:
        return rdflib.Graph().parse(shapes, format="turtle")
    except (SyntaxError, OSError, ValueError) as error:
        raise BareError(f"{shapes}: no shapes in Turtle ({error})") from error


def _publish(data: DataDirectory, live: Snapshot | None, shapes: Path | None, report: Report) -> Snapshot:
    judging: Judging = "none" if shapes is None else "file"
    with data.writer():
        staging = data.staging()
        if live is not None:
            live.store.backup(str(staging / "oxigraph"))
            index.carry(live.path, staging)
        else:
            store = Store(str(staging / "oxigraph"))
            with closing(sqlite3.connect(staging / "index.sqlite")) as connection:
                provenance.write(connection, ())
                search.write(connection, store)
                connection.commit()
            store.flush()
            del store
        if shapes is not None:
            shutil.copyfile(shapes, staging / "shapes.ttl")
        (staging / "report.ttl").write_text(report.turtle, encoding="utf-8")
        return publish(data, staging, report, "bare", "", mode="separate", shapes=judging)
